package audit

import (
	"cmp"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

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
		Rules:    []tabular.Rule{{MinFrequency: 5}},
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
	s := newSystem(p, func() []bool {
		for i := range all {
			all[i], hidden[i] = true, p.Cells[i].Sensitive
		}
		return all
	}())
	a := attacker{p: p, zerosKnown: true}
	f := newSearch(s, newBounds(s, a), a)
	f.unit, f.arcs = 1, 100000
	f.dear = make([]uint8, len(s.cells))
	for i, c := range p.Cells {
		if !hidden[i] {
			f.dear[i] = uint8(min(4+c.Values[0]/10, 16))
		}
	}
	served := make([]bool, len(p.Cells))
	for i := range p.Cells {
		if !hidden[i] || served[i] || !f.circuit(int32(i), 1) {
			continue
		}
		for _, u := range f.moved {
			served[u], hidden[u], f.dear[u] = true, true, 0
		}
	}
	for again := true; again; {
		again = false
		for _, e := range p.Equations {
			unknowns, best := 0, int32(-1)
			for _, m := range append(slices.Clone(e.Members), e.Total) {
				if hidden[m] {
					unknowns++
				} else if best < 0 || p.Cells[m].Values[0] < p.Cells[best].Values[0] {
					best = m
				}
			}
			if unknowns == 1 {
				hidden[best], again = true, true
			}
		}
	}
	return hidden
}

// repaired is a month whose mask the audit accepts, or nearly.
func repaired(tb testing.TB, certifications, files int) (tabular.Problem, []bool) {
	tb.Helper()
	p, hidden := month(certifications, files)
	totals := make([][]int32, len(p.Cells))
	for _, e := range p.Equations {
		for _, m := range e.Members {
			totals[m] = append(totals[m], e.Total)
		}
	}
	for range 8 {
		r, err := Check(p, hidden, Options{ZerosKnown: true})
		if err != nil {
			tb.Fatal(err)
		}
		if r.OK() {
			break
		}
		tb.Logf("%d faults", len(r.Faults))
		for _, f := range r.Faults {
			for _, t := range totals[f.Cell] {
				hidden[t] = true
				for _, u := range totals[t] {
					hidden[u] = hidden[u] || p.Cells[u].Values[0] < 1000
				}
			}
		}
	}
	return p, hidden
}

func BenchmarkMonth(b *testing.B) {
	for _, size := range []struct {
		name                  string
		certifications, files int
	}{{"60000", 1000, 110000}, {"330000", 6000, 800000}} {
		b.Run(size.name, func(b *testing.B) {
			p, hidden := repaired(b, size.certifications, size.files)
			var r Report
			var err error
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for b.Loop() {
				r, err = Check(p, hidden, Options{ZerosKnown: true})
			}
			runtime.ReadMemStats(&after)
			if err != nil {
				b.Fatal(err)
			}
			kinds := map[Kind]int{}
			for _, f := range r.Faults {
				kinds[f.Kind]++
			}
			b.Logf("%d cells, %d unknown, %d sensitive, %d witnessed, %d by LP, faults %v, heap taken from the system %d MB",
				r.Cells, r.Unknown, r.Sensitive, r.Witnessed, r.ByLP, kinds, (after.HeapSys-after.HeapReleased)>>20)
		})
	}
}
