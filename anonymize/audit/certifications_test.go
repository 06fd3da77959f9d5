package audit

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/anonymize/protect"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// scene says what a month is like.
type scene struct {
	certifications, files int
	// levels: amounts that could be guessed must be in doubt by as much as the rule asks.
	levels bool
	// part: a measure more, the part that a rare funder pays, mostly zero.
	part bool
}

// sparse and dense are months of about so many cells; sensitive are five cells in six,
// and three in five.
func sparse(cells int) scene { return scene{certifications: cells / 40, files: cells * 9 / 10} }
func dense(cells int) scene  { return scene{certifications: cells / 105, files: cells * 13 / 4} }

// make draws a month as it is published: files by certification in domain and
// département in region, with all margins; heavy tails. Measures: files, euros, persons
// and perhaps a part of the euros. Persons are counted in two ways that nearly agree, and
// the largest amounts of one person must not be guessed.
func (s scene) make() tabular.Problem {
	m := newMonth(s)
	rng := rand.New(rand.NewPCG(7, uint64(s.certifications)))
	all := make([]filing, s.files)
	for n := range all {
		f := filing{
			certification: int(float64(s.certifications) * math.Pow(rng.Float64(), 3)), departement: int(departements * math.Pow(rng.Float64(), 1.7)),
			person: rng.Uint64() | 1,
		}
		f.alias = f.person
		switch k := rng.IntN(100); {
		case k < 3 && n > 0: // another file of a person, in the same place or not
			other := all[rng.IntN(n)]
			f.person, f.alias = other.person, other.alias
			if k > 0 {
				f.departement = other.departement
			}
		case k < 4 && n > 0: // seen as another person in one way only
			f.alias = all[rng.IntN(n)].alias
		}
		if rng.IntN(25) > 0 {
			f.amount = int64(10000 * math.Exp(2+0.7*rng.NormFloat64()))
		}
		if rng.IntN(40) == 0 {
			f.part = f.amount / 2
		}
		m.enter(f)
		all[n] = f
	}
	return m.problem()
}

const departements, regions = 101, 18

// filing is one file of a month.
type filing struct {
	certification, departement int
	person, alias              uint64
	amount, part               int64
}

// place is a cell of a month: a certification, domain or all, and a département,
// region or all.
type place struct{ row, column int32 }

// content is what a cell holds.
type content struct {
	files, amount, part int64
	persons             map[uint64]int64
	aliases             map[uint64]bool
}

// newMonth has no files yet.
func newMonth(s scene) *monthTable {
	return &monthTable{scene: s, domains: s.certifications/25 + 1, at: map[place]*content{}}
}

// monthTable is a month while it is filled.
type monthTable struct {
	scene
	domains int
	at      map[place]*content
}

// above are the rows or columns that one is part of, itself first.
func above(n, fine, groups int) [3]int32 {
	return [3]int32{int32(n), int32(fine + n%groups), int32(fine + groups)}
}

// enter counts a file in all its cells.
func (m *monthTable) enter(f filing) {
	for _, r := range above(f.certification, m.certifications, m.domains) {
		for _, c := range above(f.departement, departements, regions) {
			x := m.at[place{r, c}]
			if x == nil {
				x = &content{persons: map[uint64]int64{}, aliases: map[uint64]bool{}}
				m.at[place{r, c}] = x
			}
			x.files, x.amount, x.part = x.files+1, x.amount+f.amount, x.part+f.part
			x.persons[f.person] += f.amount
			x.aliases[f.alias] = true
		}
	}
}

// threshold is the T of the month.
const threshold = 5

// cell is what the rules see of a content.
func (x *content) cell(s scene) tabular.Cell {
	shares := make([]tabular.Share, 0, len(x.persons))
	people, aliases := make([]uint64, 0, len(x.persons)), make([]uint64, 0, len(x.aliases))
	for n, amount := range x.persons {
		people, shares = append(people, n), append(shares, tabular.Share{Number: n, Amount: amount})
	}
	for n := range x.aliases {
		aliases = append(aliases, n)
	}
	slices.Sort(people)
	slices.Sort(aliases)
	slices.SortFunc(shares, func(a, b tabular.Share) int {
		return cmp.Or(cmp.Compare(b.Amount, a.Amount), cmp.Compare(a.Number, b.Number))
	})
	first := func(n []uint64) []uint64 { return slices.Clone(n[:min(len(n), threshold)]) }
	c := tabular.Cell{
		Values: []int64{x.files, x.amount, int64(len(people))},
		Holders: []tabular.Holders{
			{Count: int64(len(people)), Smallest: first(people), Largest: slices.Clone(shares[:min(len(shares), 3)])},
			{Count: int64(len(aliases)), Smallest: first(aliases)},
		},
	}
	if s.levels {
		rest := x.amount
		for _, h := range shares[:min(len(shares), 2)] {
			rest -= h.Amount
		}
		if l := (10*shares[0].Amount+99)/100 - rest; l > 0 {
			c.Levels = []tabular.Level{{}, {Down: min(l, x.amount), Up: l}, {}}
		}
	}
	if s.part {
		c.Values = append(c.Values, x.part)
		if c.Levels != nil {
			c.Levels = append(c.Levels, tabular.Level{})
		}
	}
	return c
}

// problem makes cells and equations of what was entered.
func (m *monthTable) problem() tabular.Problem {
	p := tabular.Problem{
		Measures: []tabular.Measure{
			{Name: "files", Whole: true, Lower: 1, AtMost: -1},
			{Name: "euros", Decimals: 2, AtMost: -1},
			{Name: "persons", Whole: true, Lower: 1, Distinct: true, AtMost: 0},
		},
		Rules: []tabular.Rule{
			{MinFrequency: threshold, PPercent: 10, Measure: 1, Alone: true},
			{MinFrequency: threshold, Measure: 0, Alone: true},
		},
		Remainder: true,
	}
	if m.part {
		p.Measures = append(p.Measures, tabular.Measure{Name: "part", Decimals: 2, AtMost: -1})
	}
	places := make([]place, 0, len(m.at))
	for k := range m.at {
		places = append(places, k)
	}
	order := func(a, b place) int { return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.column, b.column)) }
	slices.SortFunc(places, order)
	type total struct {
		place
		rows bool
	}
	members := map[total][]int32{}
	number := make(map[place]int32, len(places))
	for i, k := range places {
		number[k] = int32(i)
		c := m.at[k].cell(m.scene)
		for r := range p.Rules {
			var u union
			u.merge(&c.Holders[r], c.Values[p.Rules[r].Measure])
			c.Sensitive = c.Sensitive || !u.passes(&p.Rules[r])
		}
		p.Cells = append(p.Cells, c)
		if up, ok := parent(k.row, m.certifications, m.domains); ok {
			t := total{place{up, k.column}, true}
			members[t] = append(members[t], int32(i))
		}
		if up, ok := parent(k.column, departements, regions); ok {
			t := total{place{k.row, up}, false}
			members[t] = append(members[t], int32(i))
		}
	}
	for _, k := range places {
		for _, rows := range []bool{true, false} {
			if list := members[total{k, rows}]; list != nil {
				p.Equations = append(p.Equations, tabular.Equation{Total: number[k], Members: list})
			}
		}
	}
	return p
}

// parent is the group of a row or column, or the total of a group.
func parent(n int32, fine, groups int) (int32, bool) {
	switch {
	case int(n) < fine:
		return int32(fine + int(n)%groups), true
	case int(n) < fine+groups:
		return int32(fine + groups), true
	}
	return 0, false
}

// generous hides all cells of a month but the largest.
func generous(p *tabular.Problem) []bool {
	hidden := make([]bool, len(p.Cells))
	for c := range p.Cells {
		hidden[c] = p.Cells[c].Sensitive || p.Cells[c].Values[0] < 60
	}
	return hidden
}

// TestCertifications: masks of months pass their audit, whatever the measures, and fail
// it when what they hide for the sake of others is printed.
func TestCertifications(t *testing.T) {
	for name, c := range map[string]struct {
		scene
		mask func(p *tabular.Problem) []bool
	}{
		"dense":  {dense(1200), protected},
		"levels": {scene{certifications: 30, files: 9000, levels: true}, generous},
		"sparse": {sparse(3000), generous},
		"part":   {scene{certifications: 30, files: 9000, part: true}, generous},
		"all":    {scene{certifications: 30, files: 9000, part: true, levels: true}, generous},
	} {
		t.Run(name, func(t *testing.T) {
			p := c.make()
			hidden := c.mask(&p)
			r, err := Check(p, hidden, Options{ZerosKnown: true})
			if err != nil {
				t.Fatal(err)
			}
			// The protection does not look for all that a contributor learns from bounds, or
			// from several figures, nor a generous mask for what is left of an equation.
			r.Faults = slices.DeleteFunc(r.Faults, func(f Fault) bool { return f.Kind == Contributor || f.Kind == Remainder })
			if !r.OK() || r.Witnessed+r.Zeros != r.Secrets {
				t.Errorf("%d of %d witnessed, %d zeros, faults %+v", r.Witnessed, r.Secrets, r.Zeros, r.Faults)
			}
			if (r.Zeros > 0) != c.part {
				t.Errorf("%d zeros", r.Zeros)
			}
			for c := range hidden {
				hidden[c] = p.Cells[c].Sensitive
			}
			if r, err = Check(p, hidden, Options{ZerosKnown: true}); err != nil || r.OK() {
				t.Errorf("no fault without secondaries, error %v", err)
			}
		})
	}
}

// protected is the mask of the engine.
func protected(p *tabular.Problem) []bool {
	return protect.Protect(p, protect.Options{ZerosKnown: true}).Hidden
}

// BenchmarkCertifications protects and audits months of four sizes, each twice the one
// before: time should grow about as the cells do. The heap is what the audit had at most,
// the problem included.
func BenchmarkCertifications(b *testing.B) {
	for range b.N {
		fmt.Printf("\n%9s %9s %9s %9s %9s %9s %9s %7s\n", "cells", "sensitive", "unknown", "protect s", "audit s", "CPU s", "heap MB", "faults")
		for _, cells := range []int{41000, 83000, 165000, 330000} {
			p := dense(cells).make()
			start := time.Now()
			hidden := protected(&p)
			first := time.Since(start)
			peak := watchHeap()
			start = time.Now()
			before := processorTime(b)
			r, err := Check(p, hidden, Options{ZerosKnown: true})
			if err != nil {
				b.Fatal(err)
			}
			second, busy := time.Since(start), processorTime(b)-before
			fmt.Printf("%9d %9d %9d %9.1f %9.1f %9.1f %9d %7d\n", r.Cells, r.Sensitive, r.Unknown, first.Seconds(), second.Seconds(), busy.Seconds(), peak()>>20, len(r.Faults))
		}
	}
}

// watchHeap looks at the heap every few milliseconds until the function that it gives is
// called, which says how large it was at most.
func watchHeap() func() uint64 {
	runtime.GC()
	stop, most := make(chan bool), make(chan uint64)
	go func() {
		high := uint64(0)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			high = max(high, m.HeapInuse)
			select {
			case <-stop:
				most <- high
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() uint64 {
		stop <- true
		return <-most
	}
}

// processorTime is what the process has used.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
