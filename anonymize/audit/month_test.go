package audit

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/simplex"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// month is a synthetic month: counts of files by certification in domain and département
// in region, with all margins, and a crude mask: sensitive cells, and in each equation
// partners until the unknowns have room.
func month(certifications, files int) (tabular.Problem, []bool) {
	const departements, regions = 101, 18
	rng := rand.New(rand.NewPCG(1, uint64(certifications)))
	domains := certifications/25 + 1
	type key struct{ row, column int }
	row := func(c int) [3]int {
		return [3]int{c, certifications + c%domains, certifications + domains}
	}
	column := func(d int) [3]int {
		return [3]int{d, departements + d%regions, departements + regions}
	}
	values, smallest := map[key]int64{}, map[key][]uint64{}
	for range files {
		c := int(float64(certifications) * rng.Float64() * rng.Float64())
		d := int(departements * rng.Float64() * rng.Float64())
		person := rng.Uint64()
		for _, r := range row(c) {
			for _, k := range column(d) {
				values[key{r, k}]++
				if len(smallest[key{r, k}]) < 5 {
					smallest[key{r, k}] = append(smallest[key{r, k}], person)
				}
			}
		}
	}
	keys := make([]key, 0, len(values))
	for k := range values {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.column, b.column)) })
	p := tabular.Problem{
		Measures: []tabular.Measure{{Name: "n", Whole: true, AtMost: -1}},
		Rules:    []tabular.Rule{{MinFrequency: 5, Alone: true}},
	}
	number := map[key]int32{}
	for i, k := range keys {
		number[k] = int32(i)
		slices.Sort(smallest[k])
		p.Cells = append(p.Cells, tabular.Cell{
			Values: []int64{values[k]}, Sensitive: values[k] < 5,
			Holders: []tabular.Holders{{Count: values[k], Smallest: smallest[k]}},
		})
	}
	children := map[key][]int32{}
	var totals []key
	add := func(total, member key) {
		k := key{total.row*1000 + total.column, member.row - total.row}
		if member.row != total.row {
			k.column = -1
		} else {
			k.column = -2
		}
		if children[k] == nil {
			totals = append(totals, key{k.column, k.row})
		}
		children[k] = append(children[k], number[member])
	}
	for _, k := range keys {
		r, c := k.row, k.column
		switch {
		case r < certifications:
			add(key{row(r)[1], c}, k)
		case r < certifications+domains:
			add(key{certifications + domains, c}, k)
		}
		switch {
		case c < departements:
			add(key{r, column(c)[1]}, k)
		case c < departements+regions:
			add(key{r, departements + regions}, k)
		}
	}
	for _, t := range totals {
		p.Equations = append(p.Equations, tabular.Equation{
			Total: number[key{t.column / 1000, t.column % 1000}], Members: children[key{t.column, t.row}],
		})
	}
	return p, crude(&p)
}

// crude hides sensitive cells and, for each, the cells of one circuit through it,
// preferring hidden and small ones.
func crude(p *tabular.Problem) []bool {
	hidden, all := make([]bool, len(p.Cells)), make([]bool, len(p.Cells))
	for i := range all {
		all[i], hidden[i] = true, p.Cells[i].Sensitive
	}
	s := newSystem(p, all)
	a := attacker{p: p, nonZero: true}
	b := newBounds(s, a)
	f := newSearch(s)
	f.room = b.rooms(0)
	f.unit, f.dear = 1, make([]uint8, len(s.cells))
	for i, c := range p.Cells {
		if !hidden[i] {
			f.dear[i] = uint8(min(4+c.Values[0]/10, 16))
		}
	}
	served := make([]bool, len(p.Cells))
	for i := range int32(len(p.Cells)) {
		if !p.Cells[i].Sensitive || served[i] {
			continue
		}
		var moved []int32
		for _, f.effort = range []effort{{4000, 4, 0, true}, {40000, 0, 0, true}} {
			if f.circuit(i, 1) {
				moved = f.moved
				break
			}
		}
		if moved == nil {
			moved = cheapest(s, b, i, f.dear, 100)
		}
		for _, u := range moved {
			served[u], hidden[u], f.dear[u] = true, true, 0
		}
	}
	return hidden
}

// cheapest is the cells of a cheap vector through one, by linear programming.
func cheapest(s *system, b *bounds, i int32, dear []uint8, size int) []int32 {
	ball := newNeighbourhood(s).ball(i, size)
	g := newRegion(s, b, 0, ball, 1)
	for j, u := range ball {
		rows, sign := s.along.line(u)
		var index []int32
		var value []float64
		for n, r := range rows {
			index, value = append(index, g.rows[r]), append(value, -float64(sign[n]))
		}
		cost := 1 + float64(dear[u])
		g.model.SetCost(j, cost)
		g.model.SetBounds(j, 0, 1)
		g.model.AddColumn(index, value, cost, 0, max(0, -g.lo[j]))
	}
	g.model.SetBounds(0, 1, 1)
	g.model.SetBounds(len(ball), 0, 0)
	r := g.model.Solve(simplex.Limits{})
	if r.Status != simplex.Optimal {
		if size > 4000 {
			return nil
		}
		return cheapest(s, b, i, dear, 4*size)
	}
	var moved []int32
	for j, u := range ball {
		if r.X[j]+r.X[j+len(ball)] > 1e-6 {
			moved = append(moved, u)
		}
	}
	return moved
}
