package outsider

import (
	"maps"
	"slices"
	"strings"
)

// Texts that stand for the public columns of a member: their values with a separator
// in between, and a mark for null. Lump marks a member that stands for all those that
// no table lists.
const (
	separator = "\x1f"
	null      = "\x01"
	lump      = "\x02"
)

// none is no member, no cell.
const none int32 = -1

// members numbers the members of one dimension that occur in a period.
type members struct {
	ids    map[string]int32
	names  []string
	parent []int32 // where another dimension follows from this one; none if not known
}

func (m *members) id(name string) int32 {
	if id, ok := m.ids[name]; ok {
		return id
	}
	id := int32(len(m.names))
	m.ids[name] = id
	m.names = append(m.names, name)
	m.parent = append(m.parent, none)
	return id
}

func (m *members) isLump(id int32) bool { return strings.HasPrefix(m.names[id], lump) }

// values returns the public columns of a member.
func (m *members) values(id int32) []*string {
	parts := strings.Split(m.names[id], separator)
	values := make([]*string, len(parts))
	for i, part := range parts {
		if part != null {
			values[i] = &parts[i]
		}
	}
	return values
}

// all returns the numbers of the members.
func (m *members) all() []int32 {
	out := make([]int32, len(m.names))
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// dimension returns the members of a dimension.
func (s *system) dimension(name string) *members {
	m := s.members[name]
	if m == nil {
		m = &members{ids: map[string]int32{}}
		s.members[name] = m
	}
	return m
}

// child returns the dimension from which another follows.
func (s *system) child(within string) *members { return s.dimension(s.layout.parents[within]) }

// addLumps adds to the open dimension a member for all those that no table lists: one
// for each member of the dimension that follows from it. It may have no other.
func (s *system) addLumps() {
	if !slices.ContainsFunc(s.instances, func(in *instance) bool { return in.position(open) >= 0 }) {
		return
	}
	listed := s.dimension(open)
	for _, within := range slices.Sorted(maps.Keys(s.layout.parents)) {
		if s.layout.parents[within] == open && s.members[within] != nil {
			for _, w := range s.dimension(within).all() {
				listed.parent[listed.id(lump+s.dimension(within).names[w])] = w
			}
			return
		}
	}
	listed.id(lump)
}

// key identifies a cell in its instance: the members in the order of the dimensions.
type key [maxDimensions]int32

var emptyKey = key{none, none, none, none, none}

// position returns where a dimension stands in the key of a table; −1 if it does not.
func (t *table) position(dimension string) int { return slices.Index(t.dimensions, dimension) }
