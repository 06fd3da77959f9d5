package joint

import "slices"

// agree lowers counts of persons until they fit the sums: no part above its total, no total
// above what its parts add up to.
//
// Of each cell the smaller of two counts is published, so that a whole with two NIR under
// one name in one part and two names under one NIR in another has more persons than both
// together. A reader who takes persons for something that parts bound reckons with what he
// could not be shown; an attacker is granted the nearest figures that he could.
//
// Notes: the result is the greatest that fits, whatever the order of the equations; where
// the counts fit they stay as they are published. No count falls to zero.
func (q *problem) agree() {
	count := func(c int32) *int64 { return &q.Cells[c].Values[persons] }
	for changed := true; changed; {
		changed = false
		for _, e := range q.Equations {
			var sum int64
			for _, c := range e.Members {
				sum += *count(c)
			}
			total := count(e.Total)
			changed = changed || *total > sum
			*total = min(*total, sum)
			for _, c := range e.Members {
				changed = changed || *count(c) > *total
				*count(c) = min(*count(c), *total)
			}
		}
	}
}

// largest is the largest count of persons of some cells.
func (q *problem) largest(cells []int32) int64 {
	return q.Cells[slices.MaxFunc(cells, func(a, b int32) int {
		return int(q.Cells[a].Values[persons] - q.Cells[b].Values[persons])
	})].Values[persons]
}
