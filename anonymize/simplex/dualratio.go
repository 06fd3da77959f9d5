package simplex

import "math"

// ratioTest chooses the column that comes in at a step of the dual simplex.
type ratioTest struct {
	cand   []candidate
	passed []int32 // columns that move to their other bounds
	groups []int   // where each group of candidates starts
}

type candidate struct {
	j     int32
	size  float64 // |element of the row|
	ratio float64
}

// choose returns the column that comes in when the basic column that is outside its
// bounds by v leaves; −1 if there is none.
//
// Source: Harris, Pivot selection methods of the Devex LP code, 1973; Koberstein 2005,
// section 6.2.2 (bound flipping with tolerances).
//
// Notes: groups of breakpoints that the tolerance does not tell apart are passed as
// long as the slope stays positive; in the last group the largest element wins, or an
// earlier group if that element is poor.
func (t *ratioTest) choose(s *solver, v float64) int32 {
	t.collect(s, v)
	t.passed, t.groups = t.passed[:0], t.groups[:0]
	slope := math.Abs(v)
	flat := primalTol * min(1, slope)
	from := 0
	for from < len(t.cand) && slope > flat {
		to, fall := t.group(s, from)
		if to == from {
			return -1 // a ratio is no number
		}
		t.groups = append(t.groups, from)
		slope -= fall
		from = to
	}
	if slope > flat {
		return -1 // even the last breakpoint leaves the column outside
	}
	if from == 0 {
		return -1
	}
	g, end, q := len(t.groups)-1, from, int32(-1)
	chosen, best := g, 0.0
	for ; g >= 0; g-- {
		k := t.largest(t.groups[g], end)
		if t.cand[k].size > 10*best || q < 0 {
			chosen, best, q = g, t.cand[k].size, t.cand[k].j
		}
		if best >= 1e-4 {
			break
		}
		end = t.groups[g]
	}
	for _, c := range t.cand[:t.groups[chosen]] {
		t.passed = append(t.passed, c.j)
	}
	return q
}

// collect lists the columns whose reduced costs go to zero.
func (t *ratioTest) collect(s *solver, v float64) {
	t.cand = t.cand[:0]
	for _, j := range s.alpha.nz {
		a := s.alpha.val[j]
		if v < 0 {
			a = -a
		}
		if s.where[j] >= 0 || s.fixed(j) {
			continue
		}
		switch {
		case s.at[j] == atZero && math.Abs(a) > pivotTol:
			t.cand = append(t.cand, candidate{j, math.Abs(a), 0})
		case s.at[j] == atLower && a > pivotTol:
			t.cand = append(t.cand, candidate{j, a, max(s.d[j], 0) / a})
		case s.at[j] == atUpper && a < -pivotTol:
			t.cand = append(t.cand, candidate{j, -a, max(-s.d[j], 0) / -a})
		}
	}
}

// group moves the candidates with the least ratios to the front, from from on. It
// returns where they end and by how much passing them lowers the slope.
func (t *ratioTest) group(s *solver, from int) (to int, fall float64) {
	limit := math.Inf(1)
	for _, c := range t.cand[from:] {
		limit = min(limit, c.ratio+s.dualScale/c.size)
	}
	to = from
	for k := from; k < len(t.cand); k++ {
		c := t.cand[k]
		if c.ratio <= limit {
			t.cand[k], t.cand[to] = t.cand[to], c
			to++
			fall += c.size * (s.up[c.j] - s.lo[c.j])
		}
	}
	return to, fall
}

func (t *ratioTest) largest(from, to int) int {
	k := from
	for i := from + 1; i < to; i++ {
		if t.cand[i].size > t.cand[k].size {
			k = i
		}
	}
	return k
}
