package protect

import (
	"cmp"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// union is what the rules see of the sum of several variables.
type union struct {
	system  *system
	values  []int64 // by rule: the value that contributions are parts of
	holders []tabular.Holders
}

func (s *system) union(variables []int32) *union {
	u := &union{system: s, values: make([]int64, len(s.problem.Rules)), holders: make([]tabular.Holders, len(s.problem.Rules))}
	for _, v := range variables {
		u.add(v)
	}
	return u
}

func (u *union) add(v int32) {
	p := u.system.problem
	cell := &p.Cells[u.system.cells[v][0]]
	for k, rule := range p.Rules {
		if rule.Measure < len(cell.Values) {
			u.values[k] += cell.Values[rule.Measure]
		}
		if k >= len(cell.Holders) {
			continue
		}
		own, sum := &cell.Holders[k], &u.holders[k]
		if own.Smallest != nil {
			sum.Smallest = mergeSmallest(sum.Smallest, own.Smallest, rule.MinFrequency)
			sum.Count = int64(len(sum.Smallest))
		} else {
			sum.Count += own.Count
		}
		if rule.DominancePercent > 0 || rule.PPercent > 0 {
			sum.Largest = mergeLargest(sum.Largest, own.Largest)
		}
	}
}

// mergeSmallest gives the smallest numbers of two lists; keep of them are enough.
func mergeSmallest(a, b []uint64, keep int64) []uint64 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	all = slices.Compact(all)
	return all[:min(len(all), int(max(keep, 2)))]
}

// mergeLargest gives the largest contributions of two lists, those of one contributor
// added up.
func mergeLargest(a, b []tabular.Share) []tabular.Share {
	all := slices.Clone(a)
	for _, x := range b {
		i := slices.IndexFunc(all, func(y tabular.Share) bool { return x.Number != 0 && x.Number == y.Number })
		if i >= 0 {
			all[i].Amount += x.Amount
		} else {
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, func(x, y tabular.Share) int {
		if c := cmp.Compare(y.Amount, x.Amount); c != 0 {
			return c
		}
		return cmp.Compare(x.Number, y.Number)
	})
	return all[:min(len(all), 8)]
}

// unsafe reports whether a rule makes the sum sensitive.
func (u *union) unsafe() bool {
	for k, rule := range u.system.problem.Rules {
		h, value := &u.holders[k], u.values[k]
		if rule.MinFrequency > 0 && h.Count >= 1 && h.Count < rule.MinFrequency {
			return true
		}
		if value <= 0 || len(h.Largest) == 0 {
			continue
		}
		first, second := h.Largest[0].Amount, int64(0)
		if len(h.Largest) > 1 {
			second = h.Largest[1].Amount
		}
		if rule.DominancePercent > 0 && 100*first > rule.DominancePercent*value {
			return true
		}
		if rule.PPercent > 0 && 100*(value-first-second) < rule.PPercent*first {
			return true
		}
	}
	return false
}

// safe reports whether the sum of several variables passes the rules.
func (s *system) safe(variables []int32) bool {
	concentrated := false
	for k := range s.problem.Rules {
		rule := &s.problem.Rules[k]
		concentrated = concentrated || rule.DominancePercent > 0 || rule.PPercent > 0
		if !s.crowd(variables, k) {
			return false
		}
	}
	return !concentrated || !s.union(variables).unsafe()
}

// crowd reports whether none or enough contributors stand behind some variables.
func (s *system) crowd(variables []int32, rule int) bool {
	var space [16]uint64
	seen, enough, others := space[:0], s.problem.Rules[rule].MinFrequency, int64(0)
	if enough == 0 {
		return true
	}
	for _, v := range variables {
		holders := s.problem.Cells[s.cells[v][0]].Holders
		if rule >= len(holders) {
			continue
		}
		h := &holders[rule]
		if h.Smallest == nil {
			others += h.Count
		}
		for _, x := range h.Smallest {
			if !slices.Contains(seen, x) {
				seen = append(seen, x)
			}
		}
		if others+int64(len(seen)) >= enough {
			return true
		}
	}
	return others == 0 && len(seen) == 0
}

// alone is the contributor who stands alone behind a variable, one for each rule; a
// contributor without number is taken to be another than all others.
func (s *system) alone(v int32) []holder { return s.lone[v] }

// own reports whether contributors who stand alone may know a variable: it rests on one of
// them, or passes every rule.
func (s *system) own(v int32, who []holder) bool {
	return !s.private[v] || slices.ContainsFunc(s.lone[v], func(h holder) bool { return slices.Contains(who, h) })
}

func (s *system) aloneBehind(v int32) (list []holder) {
	for _, c := range s.cells[v] {
		for k, h := range s.problem.Cells[c].Holders {
			if h.Count != 1 || !s.problem.Rules[k].Alone {
				continue
			}
			x := holder{rule: k, anonymous: v}
			if len(h.Smallest) > 0 {
				x = holder{rule: k, number: h.Smallest[0], anonymous: -1}
			}
			if !slices.Contains(list, x) {
				list = append(list, x)
			}
		}
	}
	return list
}

// holder names a contributor.
type holder struct {
	rule      int
	number    uint64
	anonymous int32 // the variable of a contributor without number; −1 for others
}
