package protect

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// chunk is how many needs one thread walks for before others hear of it, and chunks how
// many chunks a round has, whatever the number of threads: what is found does not depend
// on it.
const chunk, chunks = 256, 16

// found is a move for a need.
type found struct {
	need int32
	motion
}

// round walks over hidden variables for needs that have no move, in as many threads as
// there are processors.
func (r *rough) round(needs []int32, b walk) {
	needs = slices.DeleteFunc(slices.Clone(needs), func(i int32) bool { return r.witness[i] != nil })
	if len(needs) <= chunk {
		for _, i := range needs {
			if r.witness[i] == nil {
				r.try(i, b)
			}
		}
		return
	}
	parts := slices.Collect(slices.Chunk(needs, chunk))
	results, steps := make([][]found, len(parts)), make([]int, len(parts))
	for len(r.crew) < min(runtime.GOMAXPROCS(0), chunks) {
		r.crew = append(r.crew, r.newWalkers())
	}
	var next atomic.Int32
	var all sync.WaitGroup
	for _, walkers := range r.crew {
		all.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(parts); n = int(next.Add(1)) - 1 {
				results[n], steps[n] = r.part(walkers, parts[n], b)
			}
		})
	}
	all.Wait()
	for n, list := range results {
		r.work += steps[n]
		for _, f := range list {
			if r.witness[f.need] == nil {
				r.settle(f.need, f.motion)
			}
		}
	}
}

// part walks for some needs and changes nothing.
func (r *rough) part(walkers []*walker, needs []int32, b walk) (list []found, steps int) {
	type key struct {
		kind     int
		variable int32
	}
	mine := map[key]int64{}
	for _, i := range needs {
		n := &r.needs[i]
		far, there := mine[key{n.measure, n.column}]
		if there && len(n.avoid) == 0 && (motion{shift: far}).reaches(n.level) {
			continue
		}
		w := walkers[n.measure]
		m := w.meet(n, b)
		steps += w.walked
		if m.moved == nil {
			continue
		}
		m.moved = slices.Clone(m.moved)
		list = append(list, found{i, m})
		for _, v := range m.moved {
			k := key{n.measure, v}
			mine[k] = max(mine[k], m.shift)
		}
	}
	return list, steps
}
