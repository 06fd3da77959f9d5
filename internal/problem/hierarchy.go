package problem

import (
	"io/fs"
	"slices"
	"strings"
)

// maxDepth is the largest number of levels of a dimension below its total.
const maxDepth = 64

// dimension numbers the codes of a dimension as they are met: hierarchies first, then
// tables. Number 0 is the total.
type dimension struct {
	name      string
	codes     []string
	number    map[string]uint32
	groupings []*grouping
	// flat: there is no hierarchy, all codes add up to the total.
	flat bool
	// inner: the code is the sum of others in some grouping.
	inner []bool
	// above lists for each finest code met in a table all codes that it adds to, the
	// total last; nil before it is met.
	above [][]uint32
}

// grouping is one hierarchy file: by code, the code above it, and whether it is above
// others. Codes that the file does not have stand at noParent.
type grouping struct {
	file   string
	parent []int32
	inner  []bool
	line   []int32
}

const (
	total    = 0
	noParent = -1
)

func newDimension(name string, entry dimensionEntry) *dimension {
	d := &dimension{name: name, number: map[string]uint32{}, flat: len(entry.Hierarchies) == 0}
	d.add(entry.Total)
	return d
}

// add returns the number of a code, a new one if it is new.
func (d *dimension) add(code string) uint32 {
	if n, ok := d.number[code]; ok {
		return n
	}
	n := uint32(len(d.codes))
	code = strings.Clone(code)
	d.codes = append(d.codes, code)
	d.number[code] = n
	d.inner = append(d.inner, false)
	d.above = append(d.above, nil)
	return n
}

// readHierarchies reads the hierarchy files of a dimension.
func (d *dimension) readHierarchies(fsys fs.FS, files []string, f *faults) error {
	before := f.count()
	for _, file := range files {
		if err := d.readHierarchy(fsys, file, f); err != nil {
			return err
		}
	}
	if f.count() > before {
		return nil
	}
	for _, g := range d.groupings {
		g.grow(len(d.codes))
		d.checkCycles(g, f)
		for c, inner := range g.inner {
			d.inner[c] = d.inner[c] || inner
		}
	}
	if f.count() == before {
		d.checkDepth(f)
	}
	return nil
}

// readHierarchy reads one file of parent,child.
func (d *dimension) readHierarchy(fsys fs.FS, file string, f *faults) error {
	s, err := openSheet(fsys, file, f)
	if s == nil || err != nil {
		return err
	}
	parent, child := s.find("parent", "the code of the group", f), s.find("child", "the code in the group", f)
	if parent < 0 || child < 0 {
		return nil
	}
	g := &grouping{file: file}
	s.each(f, func(record []string, line int) {
		d.link(g, record[parent], record[child], line, f)
	})
	if len(g.line) == 0 && f.count() == 0 {
		f.addf(place{file: file}, "has no rows; add them, or leave the file out of hierarchies")
	}
	d.groupings = append(d.groupings, g)
	return nil
}

// link records that one code is in the group of another.
func (d *dimension) link(g *grouping, parent, child string, line int, f *faults) {
	switch at := (place{file: g.file, line: line}); {
	case parent == "":
		at.column = "parent"
		f.addf(at, "is empty; write the code above %q, or %q if it adds up to the total itself", child, d.codes[total])
		return
	case child == "":
		at.column = "child"
		f.addf(at, "is empty; write the code in the group %q", parent)
		return
	case child == d.codes[total]:
		at.column = "child"
		f.addf(at, "%q is the total of %s, which is in no group; remove the row", child, d.name)
		return
	}
	p, c := d.add(parent), d.add(child)
	g.grow(len(d.codes))
	if first := g.line[c]; first > 0 {
		at := place{file: g.file, line: line, column: "child"}
		if before := d.codes[g.parent[c]]; before == parent {
			f.addf(at, "%q in %q is in line %d already; remove one of the rows", child, parent, first)
		} else {
			f.addf(at, "%q has two parents, %q and, in line %d, %q; put each grouping in a file of its own", child, parent, first, before)
		}
		return
	}
	g.parent[c], g.line[c], g.inner[p] = int32(p), int32(line), true
	if g.parent[p] == noParent && p != total {
		g.parent[p] = total
	}
}

func (g *grouping) grow(n int) {
	for len(g.parent) < n {
		g.parent = append(g.parent, noParent)
		g.inner = append(g.inner, false)
		g.line = append(g.line, 0)
	}
}

// checkCycles finds codes that are in a group of themselves.
func (d *dimension) checkCycles(g *grouping, f *faults) {
	// walk[c] is the walk that came through the code first, from 1.
	walk := make([]uint32, len(g.parent))
	for start := range g.parent {
		c := int32(start)
		for c > total && walk[c] == 0 {
			walk[c] = uint32(start)
			c = g.parent[c]
		}
		if c > total && walk[c] == uint32(start) {
			f.addf(place{file: g.file, line: int(g.line[c]), column: "child"}, "%q is in a group of itself (a cycle: %s); correct the row", d.codes[c], d.cycle(g, c))
		}
	}
}

// cycle names the codes of a cycle, the first ones if they are many.
func (d *dimension) cycle(g *grouping, start int32) string {
	names := []string{d.codes[start]}
	for c := g.parent[start]; len(names) < 6; c = g.parent[c] {
		names = append(names, d.codes[c])
		if c == start {
			return strings.Join(names, " in ")
		}
	}
	return strings.Join(names, " in ") + " in …"
}

// checkDepth refuses cycles that run through several files and dimensions of too many
// levels. The groupings are sound by themselves.
func (d *dimension) checkDepth(f *faults) {
	n := len(d.codes)
	below, height := make([]int32, n), make([]int32, n)
	for _, g := range d.groupings {
		for _, p := range g.parent {
			if p > total {
				below[p]++
			}
		}
	}
	var ready []int32
	for c := n - 1; c > total; c-- {
		if below[c] == 0 {
			ready = append(ready, int32(c))
		}
	}
	done := 0
	for len(ready) > 0 {
		c := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		done++
		for _, g := range d.groupings {
			p := g.parent[c]
			if p <= total {
				continue
			}
			height[p] = max(height[p], height[c]+1)
			if below[p]--; below[p] == 0 {
				ready = append(ready, p)
			}
		}
	}
	if done < n-1 {
		c := slices.IndexFunc(below, func(b int32) bool { return b > 0 })
		f.addf(place{file: d.groupings[0].file}, "with the other hierarchies of %s, %q or a code in it is in a group of itself; make the files agree", d.name, d.codes[c])
		return
	}
	if top := slices.Max(height); top >= maxDepth {
		f.addf(place{file: d.groupings[0].file}, "%s has %d levels; make it at most %d", d.name, top+1, maxDepth)
	}
}

// meet readies a finest code that a row has, and returns what is wrong with it: each
// grouping must have it once, under each group that it adds to.
func (d *dimension) meet(c uint32) (problem string) {
	if d.above[c] != nil {
		return ""
	}
	if d.flat {
		d.above[c] = flatAbove
		return ""
	}
	above := d.climb(c)
	for _, g := range d.groupings {
		if problem = d.once(g, c, above); problem != "" {
			return problem
		}
	}
	d.above[c] = append(above, total)
	return ""
}

var flatAbove = []uint32{total}

// climb returns all codes above a code but the total, in all groupings.
func (d *dimension) climb(c uint32) []uint32 {
	list := []uint32{c}
	for i := 0; i < len(list); i++ {
		for _, g := range d.groupings {
			if p := g.parent[list[i]]; p > total && !slices.Contains(list, uint32(p)) {
				list = append(list, uint32(p))
			}
		}
	}
	return list[1:]
}

// once checks that a code adds to each of the codes above it once in one grouping.
func (d *dimension) once(g *grouping, c uint32, above []uint32) (problem string) {
	under := func(group uint32) (n int) {
		for i := -1; i < len(above); i++ {
			x := c
			if i >= 0 {
				x = above[i]
			}
			if g.parent[x] == int32(group) {
				n++
			}
		}
		return n
	}
	code := d.codes[c]
	switch n := under(total); {
	case n == 0:
		return quoted(code) + " of " + d.name + " is in no group of " + g.file + "; add a row with its parent there, or correct the code"
	case n > 1:
		return quoted(code) + " of " + d.name + " adds to the total twice in " + g.file + "; keep one group at the top for each code"
	}
	for _, group := range above {
		if g.inner[group] && under(group) != 1 {
			return quoted(code) + " of " + d.name + " is in " + quoted(d.codes[group]) + " by one hierarchy, but not once by " + g.file + "; make the files agree"
		}
	}
	return ""
}
