package audit

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// crowd is a small table with margins, drawn file by file: who filed is known of each
// cell, so that everything else can be counted by hand. Measures: files and persons.
type crowd struct {
	problem tabular.Problem
	people  []map[uint64]int // by cell: the files of each person
}

// drawCrowd draws files in rows and columns.
func drawCrowd(t *rapid.T) *crowd {
	rows, columns := rapid.IntRange(2, 3).Draw(t, "rows"), rapid.IntRange(2, 3).Draw(t, "columns")
	c := &crowd{problem: tabular.Problem{
		Measures: []tabular.Measure{
			{Name: "files", Whole: true, Lower: rapid.Int64Range(0, 1).Draw(t, "lower"), AtMost: -1},
			{Name: "persons", Whole: true, Distinct: true, AtMost: 0},
		},
		Rules:     []tabular.Rule{{MinFrequency: rapid.Int64Range(2, 4).Draw(t, "threshold"), Alone: true}},
		Remainder: true,
	}}
	at := func(row, column int) int { return row*(columns+1) + column }
	for range (rows + 1) * (columns + 1) {
		c.people = append(c.people, map[uint64]int{})
	}
	for row := range rows {
		for column := range columns {
			for range rapid.IntRange(1, 3).Draw(t, "files") {
				who := rapid.Uint64Range(1, 9).Draw(t, "person")
				for _, cell := range []int{at(row, column), at(row, columns), at(rows, column), at(rows, columns)} {
					c.people[cell][who]++
				}
			}
		}
	}
	for _, people := range c.people {
		files, all := int64(0), []uint64{}
		for who, n := range people {
			files, all = files+int64(n), append(all, who)
		}
		slices.Sort(all)
		c.problem.Cells = append(c.problem.Cells, tabular.Cell{
			Values: []int64{files, int64(len(all))}, Holders: []tabular.Holders{{Count: int64(len(all)), Smallest: all}},
		})
	}
	for row := range rows + 1 {
		var members []int32
		for column := range columns {
			members = append(members, int32(at(row, column)))
		}
		sum(&c.problem, int32(at(row, columns)), members...)
	}
	for column := range columns + 1 {
		var members []int32
		for row := range rows {
			members = append(members, int32(at(row, column)))
		}
		sum(&c.problem, int32(at(rows, column)), members...)
	}
	return c
}

// tables calls do for all pairs of tables of files and persons in which only some cells
// differ from the truth; values are at most a little above it.
func (c *crowd) tables(unknown []int, do func(files, persons []int64)) {
	files, persons := c.truth(0), c.truth(1)
	var most int64
	for _, i := range unknown {
		most = max(most, files[i]+3)
	}
	c.fill(files, unknown, c.problem.Measures[0].Lower, func(int) int64 { return most }, c.addsUp, func() {
		c.fill(persons, unknown, 0, func(i int) int64 { return files[i] }, c.isDistinct, func() { do(files, persons) })
	})
}

// truth are the true values of a measure.
func (c *crowd) truth(measure int) []int64 {
	all := make([]int64, len(c.problem.Cells))
	for i := range all {
		all[i] = c.problem.Cells[i].Values[measure]
	}
	return all
}

// fill calls do for all values of some cells that satisfy the equations.
func (c *crowd) fill(values []int64, open []int, least int64, most func(cell int) int64, holds func(e *tabular.Equation, values []int64) bool, do func()) {
	if len(open) == 0 {
		do()
		return
	}
	i, rest := open[0], open[1:]
	before := values[i]
	for v := least; v <= most(i); v++ {
		values[i] = v
		if c.settled(values, i, rest, holds) {
			c.fill(values, rest, least, most, holds, do)
		}
	}
	values[i] = before
}

// settled says whether the equations of a cell hold, as far as no cell is open in them.
func (c *crowd) settled(values []int64, cell int, open []int, holds func(e *tabular.Equation, values []int64) bool) bool {
	for n := range c.problem.Equations {
		e := &c.problem.Equations[n]
		all := append([]int32{e.Total}, e.Members...)
		if slices.Contains(all, int32(cell)) && !slices.ContainsFunc(open, func(i int) bool { return slices.Contains(all, int32(i)) }) && !holds(e, values) {
			return false
		}
	}
	return true
}

func (c *crowd) addsUp(e *tabular.Equation, values []int64) bool {
	s := values[e.Total]
	for _, m := range e.Members {
		s -= values[m]
	}
	return s == 0
}

func (c *crowd) isDistinct(e *tabular.Equation, values []int64) bool {
	s := int64(0)
	for _, m := range e.Members {
		if values[m] > values[e.Total] {
			return false
		}
		s += values[m]
	}
	return values[e.Total] <= s
}

// ranges are the smallest and largest figures of all tables, by measure and cell.
func (c *crowd) ranges(unknown []int) (lo, hi [2][]int64) {
	for m := range lo {
		lo[m], hi[m] = c.truth(m), c.truth(m)
	}
	c.tables(unknown, func(files, persons []int64) {
		for m, values := range [2][]int64{files, persons} {
			for i, v := range values {
				lo[m][i], hi[m][i] = min(lo[m][i], v), max(hi[m][i], v)
			}
		}
	})
	return lo, hi
}

// remainders are the equations whose unknown members rest on too few persons.
func (c *crowd) remainders(unknown []int) map[int32]bool {
	found := map[int32]bool{}
	for n, e := range c.problem.Equations {
		if slices.Contains(unknown, int(e.Total)) {
			continue
		}
		people := map[uint64]bool{}
		for _, m := range e.Members {
			if slices.Contains(unknown, int(m)) {
				for who := range c.people[m] {
					people[who] = true
				}
			}
		}
		if k := int64(len(people)); k > 0 && k < c.problem.Rules[0].MinFrequency {
			found[int32(n)] = true
		}
	}
	return found
}

// TestPeople: who writes down all tables of files and persons, with what is published,
// what is known from elsewhere and what one contributor knows of himself, learns what
// the audit says.
func TestPeople(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCrowd(t)
		n := len(c.problem.Cells)
		hidden, known := make([]bool, n), make([]bool, n)
		var unknown []int
		for _, i := range rapid.Permutation(sequence(n)).Draw(t, "order")[:rapid.IntRange(2, 8).Draw(t, "hidden")] {
			hidden[i], c.problem.Cells[i].Sensitive = true, rapid.Bool().Draw(t, "sensitive")
			if known[i] = rapid.IntRange(0, 4).Draw(t, "known") == 0; !known[i] {
				unknown = append(unknown, i)
			}
		}
		r, err := Check(c.problem, hidden, Options{Threads: 1, Known: known})
		if err != nil {
			t.Fatal(err)
		}
		secret := func(i int) bool { return slices.Contains(unknown, i) && c.problem.Cells[i].Sensitive }
		lo, hi := c.ranges(unknown)
		faults, remain := map[[2]int32]bool{}, map[int32]bool{}
		taught := map[[3]int32]bool{}
		for _, f := range r.Faults {
			switch f.Kind {
			case Determined:
				faults[[2]int32{f.Cell, 0}] = true
			case Pinned:
				faults[[2]int32{f.Cell, f.Measure}] = true
			case Remainder:
				remain[f.Equation] = true
			case Contributor:
				taught[[3]int32{f.By, f.Cell, max(f.Measure, 0)}] = true
			case RuleBroken:
			default:
				t.Fatalf("fault %+v", f)
			}
		}
		for i := range n {
			for m := range 2 {
				pinned := secret(i) && lo[m][i] == hi[m][i]
				if pinned != faults[[2]int32{int32(i), int32(m)}] && (m == 0 || !faults[[2]int32{int32(i), 0}]) {
					t.Fatalf("measure %d of cell %d is %d in %d..%d, faults %+v", m, i, c.problem.Cells[i].Values[m], lo[m][i], hi[m][i], r.Faults)
				}
			}
		}
		want := c.remainders(unknown)
		for e := range int32(len(c.problem.Equations)) {
			if want[e] != remain[e] {
				t.Fatalf("equation %d %+v: remainder %v, audit says %v", e, c.problem.Equations[e], want[e], remain[e])
			}
		}
		c.teach(t, unknown, lo[0], hi[0], secret, taught)
	})
}

// teach compares what each contributor learns of the files of others.
func (c *crowd) teach(t *rapid.T, unknown []int, lo, hi []int64, secret func(int) bool, taught map[[3]int32]bool) {
	for who := uint64(1); who <= 9; who++ {
		var mine, others []int
		for _, i := range unknown {
			if len(c.people[i]) == 1 && c.people[i][who] > 0 {
				mine = append(mine, i)
			} else {
				others = append(others, i)
			}
		}
		if len(mine) == 0 {
			continue
		}
		low, high := c.ranges(others)
		for _, i := range others {
			if !secret(i) || lo[i] == hi[i] {
				continue
			}
			says := slices.ContainsFunc(mine, func(j int) bool { return taught[[3]int32{int32(j), int32(i), 0}] })
			if learns := low[0][i] == high[0][i]; says != learns {
				t.Fatalf("%d, alone behind %v, has %d..%d for cell %d; the audit says that he learns it: %v", who, mine, low[0][i], high[0][i], i, says)
			}
		}
	}
}

// TestPersonsExhaustive: who writes down all tables of persons alone learns what the
// audit says.
func TestPersonsExhaustive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCrowd(t)
		p := &c.problem
		p.Measures, p.Rules, p.Remainder = []tabular.Measure{{Name: "persons", Whole: true, Distinct: true, AtMost: -1}}, nil, false
		n := len(p.Cells)
		hidden := make([]bool, n)
		for i := range p.Cells {
			p.Cells[i].Values, p.Cells[i].Holders = p.Cells[i].Values[1:], nil
		}
		unknown := rapid.Permutation(sequence(n)).Draw(t, "order")[:rapid.IntRange(1, 6).Draw(t, "hidden")]
		most := int64(0)
		for _, i := range unknown {
			hidden[i], p.Cells[i].Sensitive = true, true
			p.Cells[i].Levels = []tabular.Level{{
				Down: rapid.Int64Range(0, min(2, p.Cells[i].Values[0])).Draw(t, "down"), Up: rapid.Int64Range(0, 2).Draw(t, "up"),
				Either: rapid.Bool().Draw(t, "either"),
			}}
			most = max(most, p.Cells[i].Values[0]+3)
		}
		values, lo, hi := c.truth(0), c.truth(0), c.truth(0)
		c.fill(values, unknown, 0, func(int) int64 { return most }, c.isDistinct, func() {
			for _, i := range unknown {
				lo[i], hi[i] = min(lo[i], values[i]), max(hi[i], values[i])
			}
		})
		r, err := Check(*p, hidden, Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range unknown {
			v, l := p.Cells[i].Values[0], level(&p.Cells[i], 0)
			want := Kind("")
			switch {
			case lo[i] == hi[i]:
				want = Pinned
			case misses(l, lo[i] <= v-l.Down, hi[i] >= v+l.Up):
				want = Narrow
			}
			got := Kind("")
			for _, f := range r.Faults {
				if f.Cell == int32(i) {
					got = f.Kind
				}
			}
			if got != want {
				t.Fatalf("cell %d = %d in %d..%d, level %+v: audit says %q, want %q", i, v, lo[i], hi[i], l, got, want)
			}
		}
	})
}
