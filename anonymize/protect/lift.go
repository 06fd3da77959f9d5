package protect

import (
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// motion is what moves with a variable.
type motion struct {
	moved []int32 // the wanted one first; nil: nothing
	shift int64   // each of them can move so far, up and down; 0: by a little, up or down
}

// reaches reports whether each variable of a motion moves by a level.
func (m motion) reaches(l tabular.Level) bool {
	if l.Either {
		return m.shift >= min(l.Down, l.Up)
	}
	return m.shift >= max(l.Down, l.Up)
}

// meet finds a motion of a variable for a need.
func (w *walker) meet(n *need, bounds walk) motion {
	if n.level == (tabular.Level{}) {
		return motion{moved: w.through(n.column, n.avoid, bounds)}
	}
	w.begin(n.column, n.avoid)
	for range max(bounds.tries, 1) {
		if m := w.lift(n.column, n.level, bounds); m.moved != nil {
			return m
		}
	}
	return motion{}
}

// lift finds moves of a variable by a level: one that can be made either way, or some in
// each direction.
func (w *walker) lift(v int32, l tabular.Level, bounds walk) motion {
	far := max(l.Down, l.Up)
	if l.Either {
		far = min(l.Down, l.Up)
	}
	w.shift, w.either = max(far, w.unit), true
	moved := w.once(v, 1, bounds)
	if w.either = false; moved != nil {
		return motion{moved, w.shift}
	}
	if l.Either {
		if moved := w.climb(v, -1, l.Down, bounds); moved != nil {
			return motion{moved: moved}
		}
		return motion{moved: w.climb(v, 1, l.Up, bounds)}
	}
	up, down := []int32{v}, []int32{v}
	if l.Up > 0 {
		up = w.climb(v, 1, l.Up, bounds)
	}
	if l.Down > 0 && up != nil {
		down = w.climb(v, -1, l.Down, bounds)
	}
	if up == nil || down == nil {
		return motion{}
	}
	for _, x := range down {
		if !slices.Contains(up, x) {
			up = append(up, x)
		}
	}
	return motion{moved: up}
}

// climb moves a variable by so much, in one move or in several that add up, each by half as
// much as the one before where that is too far.
//
// Result: the variables that move, the wanted one first, or nil.
func (w *walker) climb(v int32, by int8, far int64, bounds walk) []int32 {
	all := []int32{v}
	defer func() {
		for _, x := range all {
			w.base[x] = 0
		}
	}()
	far = max(far, w.unit)
	unit := far
	for climbs := bounds.climbs; ; climbs-- {
		w.shift = unit
		if moved := w.once(v, by, bounds); moved != nil {
			far -= unit
			for i, x := range moved {
				w.base[x] += int64(w.signs[i]) * unit
				if !slices.Contains(all, x) {
					all = append(all, x)
				}
			}
		} else {
			unit = unit / 2 / w.unit * w.unit
		}
		if unit = min(unit, far); far == 0 {
			return all
		}
		if climbs == 0 || unit == 0 {
			return nil
		}
	}
}
