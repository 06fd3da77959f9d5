package protect

import "slices"

// improve takes away some secondaries near one another and rebuilds, over and over. A
// mask that is a little dearer than the best is gone on from, less and less so (Dueck,
// New optimization heuristics, Journal of Computational Physics 104, 1993). It ends
// after so many rounds, or so many steps of walks; what it gives may need mending.
func (r *rough) improve(rounds, work int) {
	list := r.secondaries()
	if len(list) == 0 {
		return
	}
	allowance := 0.5 * r.spent / float64(len(list))
	best, mask := r.spent, slices.Clone(r.hidden)
	begin := r.work
	r.logging = true
	for round := 0; round < rounds && r.work-begin < work; round++ {
		if round%256 == 255 {
			list = r.secondaries()
		}
		first := list[r.r.below(len(list))]
		if !r.hidden[first] || r.joined[first] {
			continue
		}
		left := 1 - max(float64(round)/float64(rounds), float64(r.work-begin)/float64(work))
		if !r.rebuild(first) || r.spent > best+allowance*left {
			r.undo()
		}
		r.log = r.log[:0]
		if r.spent < best-1e-9 {
			best = r.spent
			copy(mask, r.hidden)
		}
	}
	r.logging = false
	r.restore(mask)
}

// restore goes back to a mask.
func (r *rough) restore(mask []bool) {
	for v := range int32(len(mask)) {
		switch {
		case mask[v]:
			r.hide(v)
		case r.hidden[v]:
			for _, i := range slices.Clone(r.usersOf(v)) {
				r.support(i, nil)
			}
			r.show(v)
		}
	}
	r.patch()
}

func (r *rough) secondaries() (list []int32) {
	for v, h := range r.hidden {
		if h && !r.system.hidden[v] {
			list = append(list, int32(v))
		}
	}
	return list
}

// rebuild takes away a secondary and some near it and mends; it reports whether it could.
func (r *rough) rebuild(first int32) bool {
	removed := r.near(first, 2+r.r.below(6))
	var broken []int32
	for _, v := range removed {
		broken = append(broken, r.usersOf(v)...)
		r.show(v)
	}
	slices.Sort(broken)
	broken = slices.Compact(broken)
	for _, i := range broken {
		r.support(i, nil)
	}
	varied := r.vary(removed)
	r.patch()
	r.prove(broken)
	for _, v := range varied {
		r.price[v] = r.usual[v]
	}
	if slices.ContainsFunc(broken, func(i int32) bool { return r.witness[i] == nil }) {
		return false
	}
	var touched []int32
	for _, c := range r.log {
		if c.variable >= 0 {
			touched = append(touched, c.variable)
		} else {
			touched = append(touched, r.witness[c.need]...)
		}
	}
	slices.Sort(touched)
	touched = slices.DeleteFunc(slices.Compact(touched), func(v int32) bool {
		return !r.hidden[v] || r.system.hidden[v] || r.joined[v]
	})
	r.spareAll(touched)
	return true
}

// near are some secondaries in the equations of a first one, and in the equations of
// those.
func (r *rough) near(first int32, most int) []int32 {
	list := []int32{first}
	for n := 0; n < len(list) && len(list) < most; n++ {
		var found []int32
		for _, i := range r.of[list[n]] {
			for _, v := range r.unknown[i] {
				if !r.system.hidden[v] && !r.joined[v] && !slices.Contains(list, v) && !slices.Contains(found, v) {
					found = append(found, v)
				}
				if r.system.hidden[v] {
					found = r.beyond(v, list, found)
				}
			}
		}
		for k := len(found) - 1; k > 0; k-- {
			j := r.r.below(k + 1)
			found[k], found[j] = found[j], found[k]
		}
		list = append(list, found[:min(len(found), most-len(list))]...)
	}
	return list
}

// beyond adds the secondaries in the equations of a secret.
func (r *rough) beyond(secret int32, list, found []int32) []int32 {
	const enough = 24
	for _, i := range r.of[secret] {
		for _, v := range r.unknown[i] {
			if len(found) < enough && !r.system.hidden[v] && !r.joined[v] && !slices.Contains(list, v) && !slices.Contains(found, v) {
				found = append(found, v)
			}
		}
	}
	return found
}

// vary makes prices around what was removed differ for a while.
func (r *rough) vary(removed []int32) (varied []int32) {
	scale := 2.5 * float64(r.r.below(1024)) / 1024
	for _, v := range removed {
		for _, i := range r.of[v] {
			for _, w := range append([]int32{r.equations[i].total}, r.equations[i].members...) {
				if r.price[w] == r.usual[w] {
					r.price[w] *= 1 + scale*float64(1+r.r.below(1024))/1024
					varied = append(varied, w)
				}
			}
		}
	}
	return varied
}

// undo takes back what the log has.
func (r *rough) undo() {
	log := r.log
	r.logging = false
	for _, c := range slices.Backward(log) {
		switch {
		case c.variable < 0:
			r.support(c.need, c.witness)
		case r.hidden[c.variable]:
			r.show(c.variable)
		default:
			r.hide(c.variable)
		}
	}
	r.logging = true
	for _, i := range r.queue {
		r.queued[i] = false
	}
	r.queue = r.queue[:0]
}
