package protect_test

import (
	"math/rand/v2"
	"testing"

	"github.com/parvis-opendata/parvis/anonymize/audit"
	"github.com/parvis-opendata/parvis/anonymize/protect"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// quarter is a small quarter of users: département in region × gender × situation, four
// measures, of which the part of a funder is mostly zero.
func quarter(seed uint64) tabular.Problem {
	rng := rand.New(rand.NewPCG(7, seed))
	axes := []axis{regular(12, 4), regular(2), regular(5)}
	p := crossing(axes, draws(rng, axes, 900, []float64{1.8, 1, 2.5}), 5, 4)
	p.Remainder = true
	for m := range p.Measures {
		p.Measures[m].Lower = 0
	}
	return p
}

// attack protects a problem and gives the faults of its audit, without those about a
// figure that is zero in a cell where others are not: nobody stands behind it.
func attack(t *testing.T, p *tabular.Problem) (protect.Mask, []audit.Fault) {
	t.Helper()
	mask := protect.Protect(p, protect.Options{ZerosKnown: true})
	report, err := audit.Check(*p, mask.Hidden, audit.Options{ZerosKnown: true})
	if err != nil {
		t.Fatal(err)
	}
	var faults []audit.Fault
	for _, f := range report.Faults {
		if f.Measure >= 0 && p.Cells[f.Cell].Values[f.Measure] == 0 && p.Cells[f.Cell].Values[0] > 0 {
			continue
		}
		faults = append(faults, f)
	}
	if mask.Unmet > 0 {
		t.Errorf("%d secrets without protection", mask.Unmet)
	}
	for c := range p.Cells {
		if p.Cells[c].Sensitive && !mask.Hidden[c] {
			t.Errorf("cell %d is sensitive and published", c)
		}
	}
	return mask, faults
}

// Figures of which most are zero, distinct persons no more than files, persons counted in
// two ways: nothing is asked for that cannot be had.
func TestMeasuresOfThePublication(t *testing.T) {
	for seed := range uint64(2) {
		p := quarter(seed)
		mask, faults := attack(t, &p)
		if len(faults) > 0 {
			t.Errorf("faults %+v", faults)
		}
		// What is zero costs nothing, the few other parts something.
		q := quarter(seed)
		q.Measures = q.Measures[:2]
		for c := range q.Cells {
			q.Cells[c].Values = q.Cells[c].Values[:2]
		}
		less, _ := attack(t, &q)
		with, _ := secondaries(&p, mask.Hidden)
		without, _ := secondaries(&q, less.Hidden)
		if with > 3*without {
			t.Errorf("%d secondaries with the part, %d without", with, without)
		}
	}
}

// Cells that an earlier choice has hidden are sensitive, whatever their size; they cost
// nothing more.
func TestHiddenBefore(t *testing.T) {
	p := quarter(1)
	rng := rand.New(rand.NewPCG(8, 1))
	hidden := 0
	for c := range p.Cells {
		if !p.Cells[c].Sensitive && rng.IntN(3) == 0 {
			p.Cells[c].Sensitive = true
			hidden++
		}
	}
	mask, faults := attack(t, &p)
	if len(faults) > 0 {
		t.Errorf("faults %+v", faults)
	}
	if n, _ := secondaries(&p, mask.Hidden); n > 60+hidden/3 {
		t.Errorf("%d secondaries besides %d that were hidden before", n, hidden)
	}
}

// virtual adds, to a published total and its largest member, their difference, if few
// stand behind it: a secret that no table prints.
func virtual(p *tabular.Problem, few int64) (added int) {
	for i := range p.Equations {
		e := &p.Equations[i]
		largest := e.Members[0]
		for _, m := range e.Members {
			if p.Cells[m].Values[0] > p.Cells[largest].Values[0] {
				largest = m
			}
		}
		total, child := &p.Cells[e.Total], &p.Cells[largest]
		if len(e.Members) == 1 || total.Values[0]-child.Values[0] > few || child.Sensitive || total.Sensitive {
			continue
		}
		v := tabular.Cell{Sensitive: true, Unprinted: true, Holders: make([]tabular.Holders, len(p.Rules))}
		for m := range p.Measures {
			v.Values = append(v.Values, total.Values[m]-child.Values[m])
		}
		for _, m := range e.Members {
			for k := range v.Holders {
				h := &v.Holders[k]
				for _, x := range p.Cells[m].Holders[k].Smallest {
					if m != largest {
						h.Smallest = keep(h.Smallest, x, 5)
					}
				}
				h.Count = int64(len(h.Smallest))
			}
		}
		number := int32(len(p.Cells))
		p.Cells = append(p.Cells, v)
		added++
		p.Equations = append(p.Equations, tabular.Equation{Total: e.Total, Members: []int32{largest, number}})
	}
	return added
}

func TestDifferences(t *testing.T) {
	for seed := range uint64(2) {
		p := quarter(seed)
		if virtual(&p, 4) == 0 {
			continue
		}
		if _, faults := attack(t, &p); len(faults) > 0 {
			t.Errorf("faults %+v", faults)
		}
	}
	// All of a total are in one member; a sum hides it by hiding either.
	p := tabular.Problem{
		Measures: []tabular.Measure{{Whole: true, AtMost: -1}},
		Rules:    []tabular.Rule{{MinFrequency: 5}},
		Cells: []tabular.Cell{
			{Values: []int64{40}, Holders: []tabular.Holders{{Count: 40}}},
			{Values: []int64{12}, Holders: []tabular.Holders{{Count: 12}}},
			{Values: []int64{28}, Holders: []tabular.Holders{{Count: 28}}},
			{Values: []int64{12}, Holders: []tabular.Holders{{Count: 12}}},
			{Values: []int64{0}, Holders: []tabular.Holders{{}}, Sensitive: true, Unprinted: true},
		},
		Equations: []tabular.Equation{{Total: 0, Members: []int32{1, 2}}, {Total: 1, Members: []int32{3, 4}}},
	}
	mask, faults := attack(t, &p)
	if len(faults) > 0 {
		t.Errorf("faults %+v", faults)
	}
	if n, _ := secondaries(&p, mask.Hidden); n != 1 || !mask.Hidden[3] && !mask.Hidden[1] {
		t.Errorf("%d secondaries %v, want one of the two", n, mask.Hidden)
	}
}

// A difference that is told by the tables themselves has no protection, and that is said.
func TestDifferenceThatIsTold(t *testing.T) {
	p := tabular.Problem{
		Measures: []tabular.Measure{{Whole: true, AtMost: -1}},
		Rules:    []tabular.Rule{{MinFrequency: 5}},
		Cells: []tabular.Cell{
			{Values: []int64{12}, Holders: []tabular.Holders{{Count: 12}}},
			{Values: []int64{12}, Holders: []tabular.Holders{{Count: 12}}},
			{Values: []int64{0}, Holders: []tabular.Holders{{}}, Sensitive: true, Unprinted: true},
		},
		Equations: []tabular.Equation{{Total: 0, Members: []int32{1}}, {Total: 0, Members: []int32{1, 2}}},
	}
	if mask := protect.Protect(&p, protect.Options{ZerosKnown: true}); mask.Unmet == 0 {
		t.Error("the total is its only member, and nothing is said")
	}
}
