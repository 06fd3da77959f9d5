package protect_test

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/anonymize/audit"
	"github.com/parvis-opendata/parvis/anonymize/protect"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
	"github.com/parvis-opendata/parvis/internal/problem"
)

func read(t *testing.T, name string) *problem.Input {
	t.Helper()
	in, err := problem.Read(os.DirFS("../testdata/problems/"+name), "problem.json")
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// The reference problems: no more secondaries than the best that is known of other
// tools, and nothing that the audit finds.
func TestReferenceProblems(t *testing.T) {
	for _, c := range []struct {
		name      string
		remainder bool
		most      int
		value     float64 // of the secondaries, at most; 0: any
	}{
		{name: "z1", most: 3},
		{name: "z2", most: 15},
		{name: "c30", most: 118},
		{name: "c60", most: 144},
		{name: "c120", most: 220},
		{name: "c30", remainder: true, most: 135},
		{name: "linked4", most: 285, value: 197e6},
	} {
		t.Run(fmt.Sprint(c.name, c.remainder), func(t *testing.T) {
			in := read(t, c.name)
			p := in.Problem
			p.Remainder = c.remainder
			mask := protect.Protect(&p, protect.Options{ZerosKnown: in.ZerosKnown})
			report, err := audit.Check(p, mask.Hidden, audit.Options{ZerosKnown: in.ZerosKnown})
			if err != nil || !report.OK() || mask.Unmet > 0 {
				t.Fatalf("unmet %d, faults %v, error %v", mask.Unmet, report.Faults, err)
			}
			count, value := secondaries(&p, mask.Hidden)
			if count > c.most || c.value > 0 && value > c.value {
				t.Errorf("%d secondaries worth %.0f, want at most %d and %.0f", count, value, c.most, c.value)
			}
			if c.name != "c30" {
				return
			}
			again := protect.Protect(&p, protect.Options{ZerosKnown: in.ZerosKnown})
			if !slices.Equal(again.Hidden, mask.Hidden) {
				t.Error("another run gave another mask")
			}
		})
	}
}

func secondaries(p *tabular.Problem, hidden []bool) (count int, value float64) {
	for c, h := range hidden {
		if h && !p.Cells[c].Sensitive {
			count++
			v := float64(p.Cells[c].Values[0])
			for range p.Measures[0].Decimals {
				v /= 10
			}
			value += v
		}
	}
	return count, value
}

// Whoever publishes a secondary that is needed is found out: in a mask from which
// nothing can be given back, that is any one of them.
func TestEverySecondaryIsNeeded(t *testing.T) {
	in := read(t, "z2")
	mask := protect.Protect(&in.Problem, protect.Options{ZerosKnown: true})
	for c, h := range mask.Hidden {
		if !h || in.Problem.Cells[c].Sensitive {
			continue
		}
		less := slices.Clone(mask.Hidden)
		less[c] = false
		report, err := audit.Check(in.Problem, less, audit.Options{ZerosKnown: true})
		if err != nil {
			t.Fatal(err)
		}
		if report.OK() {
			t.Errorf("%s is hidden for nothing", in.Name(c))
		}
	}
}

// draw makes linked tables: one to three dimensions of leaves, each with a total and
// perhaps regions, all margins crossed.
func draw(t *rapid.T) tabular.Problem {
	a, b := rapid.IntRange(2, 5).Draw(t, "rows"), rapid.IntRange(2, 6).Draw(t, "columns")
	split := rapid.IntRange(0, b-1).Draw(t, "split") // columns before it are one region, the others another
	groups := [][]int{}
	for j := range b {
		groups = append(groups, []int{j})
	}
	if split > 0 {
		groups = append(groups, seq(0, split), seq(split, b))
	}
	groups = append(groups, seq(0, b))
	values := map[[2]int]int64{}
	for i := range a {
		for j := range b {
			values[[2]int{i, j}] = int64(rapid.SampledFrom([]int{0, 1, 1, 1, 2, 3, 4, 7, 12}).Draw(t, "value"))
		}
	}
	rule := tabular.Rule{MinFrequency: int64(rapid.IntRange(2, 5).Draw(t, "threshold")), Alone: rapid.Bool().Draw(t, "alone")}
	p := tabular.Problem{
		Measures: []tabular.Measure{{Name: "n", Whole: true, AtMost: -1}}, Rules: []tabular.Rule{rule},
		Remainder: rapid.Bool().Draw(t, "remainder"),
	}
	cell := map[[2]int]int32{}
	for i := range a + 1 {
		for g, list := range groups {
			sum := int64(0)
			for _, j := range list {
				for _, r := range rowsOf(i, a) {
					sum += values[[2]int{r, j}]
				}
			}
			if sum > 0 {
				cell[[2]int{i, g}] = int32(len(p.Cells))
				p.Cells = append(p.Cells, tabular.Cell{
					Values: []int64{sum}, Sensitive: sum < rule.MinFrequency, Holders: []tabular.Holders{{Count: sum}},
				})
			}
		}
	}
	if len(p.Cells) > 0 && rapid.Bool().Draw(t, "after an earlier mask") {
		if c := &p.Cells[rapid.IntRange(0, len(p.Cells)-1).Draw(t, "hidden earlier")]; !c.Sensitive {
			c.Sensitive, c.Secondary = true, true
		}
	}
	add := func(total [2]int, members [][2]int) {
		t, found := cell[total]
		if !found {
			return
		}
		e := tabular.Equation{Total: t}
		for _, m := range members {
			if c, found := cell[m]; found {
				e.Members = append(e.Members, c)
			}
		}
		p.Equations = append(p.Equations, e)
	}
	for g := range groups {
		var members [][2]int
		for i := range a {
			members = append(members, [2]int{i, g})
		}
		add([2]int{a, g}, members)
	}
	for i := range a + 1 {
		for g, list := range groups[b:] {
			if g += b; g == len(groups)-1 && split > 0 {
				add([2]int{i, g}, [][2]int{{i, b}, {i, b + 1}})
				continue
			}
			var members [][2]int
			for _, j := range list {
				members = append(members, [2]int{i, j})
			}
			add([2]int{i, g}, members)
		}
	}
	return p
}

func seq(from, to int) (list []int) {
	for i := from; i < to; i++ {
		list = append(list, i)
	}
	return list
}

func rowsOf(i, a int) []int {
	if i == a {
		return seq(0, a)
	}
	return []int{i}
}

// What is protected passes the audit, or the audit is told why not: some secrets have
// no mask at all.
func TestMasksPassTheAudit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := draw(t)
		known := rapid.Bool().Draw(t, "zeros known")
		mask := protect.Protect(&p, protect.Options{ZerosKnown: known})
		report, err := audit.Check(p, mask.Hidden, audit.Options{ZerosKnown: known, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		if mask.Unmet > 0 && !p.Rules[0].Alone {
			t.Fatalf("%d secrets without protection, though hiding everything protects them", mask.Unmet)
		}
		if mask.Unmet == 0 && !report.OK() {
			t.Fatalf("faults %+v of %+v\nmask %v", report.Faults, p, mask.Hidden)
		}
		for c := range p.Cells {
			if p.Cells[c].Sensitive && !mask.Hidden[c] {
				t.Fatalf("cell %d is sensitive and published", c)
			}
		}
	})
}
