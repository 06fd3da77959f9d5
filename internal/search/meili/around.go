package meili

import "github.com/parvis-opendata/parvis/internal/search"

// namedScore is what a title that speaks of a distance counts for.
const namedScore = 30

// wish is what counts without being needed, and how much.
type wish struct {
	filter condition
	bonus  float64
}

// around returns what is needed besides words, and what only counts: levels, of which the
// last keeps all.
func (r *reading) around(a ask) (needed condition, levels []wish) {
	var conditions []condition
	var wished []wanted
	add := func(w wanted, optional bool) {
		if optional && !r.alone && len(a.terms)+len(a.guessed) > 0 {
			wished = append(wished, w)
		} else {
			conditions = append(conditions, w.in)
		}
	}
	for _, c := range r.codes {
		if departements := r.settings.Postcode(c); a.posts != postCode && departements != nil {
			add(r.place(search.Zone{Departements: departements}, nil), a.posts == postFree)
		} else {
			conditions = append(conditions, code(c))
		}
	}
	for _, w := range r.plan.Places {
		add(r.place(w.Zone, w.Words), r.plan.Distance != nil || a.free)
	}
	for _, zone := range a.near {
		add(r.place(zone, nil), a.free)
	}
	if r.plan.Distance != nil {
		is, called := in(search.Distance, "true"), r.called(r.plan.Distance)
		add(wanted{in: one(is, called), around: never, bonus: namedScore}, a.free)
		wished = append(wished, wanted{in: is, around: never, bonus: search.DistanceScore - namedScore})
	}
	return all(conditions...), ranked(wished)
}

// wanted is a place or the distance.
type wanted struct {
	in, around condition
	bonus      float64 // of being in it
}

func (r *reading) place(z search.Zone, words []string) wanted {
	return wanted{one(within(z), r.called(words)), in(search.Region, r.settings.Around(z)...), search.PlaceScore}
}

// called keeps what has all the words in its title or names.
func (r *reading) called(words []string) condition {
	if len(words) == 0 {
		return never
	}
	return found(words, search.AsIs, search.ByStem, widest, r.settings)
}

// ranked are the levels of what is wanted: all of it, each of it, near it, none of it.
func ranked(list []wanted) []wish {
	var whole wish
	var each, near []wish
	for _, w := range list {
		whole.filter, whole.bonus = all(whole.filter, w.in), whole.bonus+w.bonus
		each = append(each, wish{w.in, w.bonus})
		if w.around != never {
			near = append(near, wish{w.around, search.AroundScore})
		}
	}
	var levels []wish
	if len(list) > 1 {
		levels = append(levels, whole)
	}
	return append(append(append(levels, each...), near...), wish{})
}
