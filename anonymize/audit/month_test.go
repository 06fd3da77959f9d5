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
	return p, crude(&p, 40)
}

// crude hides sensitive cells, small margins and, in each equation that gives too
// little room, its smallest other member, or the total.
func crude(p *tabular.Problem, margin int64) []bool {
	hidden := make([]bool, len(p.Cells))
	for i := range p.Cells {
		hidden[i] = p.Cells[i].Sensitive
	}
	for _, e := range p.Equations {
		if p.Cells[e.Total].Values[0] < margin {
			hidden[e.Total] = true
		}
	}
	for again := true; again; {
		again = false
		for _, e := range p.Equations {
			unknowns, room := 0, int64(0)
			best := int32(-1)
			for _, m := range e.Members {
				switch v := p.Cells[m].Values[0]; {
				case hidden[m]:
					unknowns++
					room += v - 1
				case best < 0 || v < p.Cells[best].Values[0]:
					best = m
				}
			}
			switch {
			case hidden[e.Total] && unknowns > 0, !hidden[e.Total] && (unknowns == 0 || unknowns > 1 && room > 1):
				continue
			case best < 0:
				best = e.Total
			}
			hidden[best] = true
			again = true
		}
	}
	return hidden
}

func BenchmarkMonth(b *testing.B) {
	for _, size := range []struct {
		name                  string
		certifications, files int
	}{{"60000", 1000, 110000}, {"330000", 6000, 800000}} {
		b.Run(size.name, func(b *testing.B) {
			p, hidden := month(size.certifications, size.files)
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
