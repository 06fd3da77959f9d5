package audit

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// enumerate calls do for every whole-numbered table that agrees with what is published,
// values being at least least[i] and at most most.
func enumerate(p *tabular.Problem, unknown []int, least []int64, most int64, do func(values []int64)) {
	values := make([]int64, len(p.Cells))
	open := make([]int, len(p.Equations)) // unknowns not set yet
	of := make([][]int, len(p.Cells))
	is := map[int]bool{}
	for _, i := range unknown {
		is[i] = true
	}
	for i := range p.Cells {
		values[i] = p.Cells[i].Values[0]
	}
	for e := range p.Equations {
		for _, c := range append([]int32{p.Equations[e].Total}, p.Equations[e].Members...) {
			if is[int(c)] {
				open[e]++
				of[c] = append(of[c], e)
			}
		}
	}
	holds := func(e int) bool {
		s := values[p.Equations[e].Total]
		for _, c := range p.Equations[e].Members {
			s -= values[c]
		}
		return s == 0
	}
	var set func(n int)
	set = func(n int) {
		if n == len(unknown) {
			do(values)
			return
		}
		i := unknown[n]
		for _, e := range of[i] {
			open[e]--
		}
		for v := least[i]; v <= most; v++ {
			values[i] = v
			good := true
			for _, e := range of[i] {
				good = good && (open[e] > 0 || holds(e))
			}
			if good {
				set(n + 1)
			}
		}
		for _, e := range of[i] {
			open[e]++
		}
	}
	set(0)
}

// linked draws one or two small tables with margins, which may share their first row.
func linked(t *rapid.T) tabular.Problem {
	p := counts()
	value := rapid.Int64Range(0, 4)
	table := func(rows, columns int, first []int32) []int32 {
		at := make([][]int32, rows+1)
		for r := range at {
			at[r] = make([]int32, columns+1)
			for c := range at[r] {
				if r == 0 && first != nil {
					at[r][c] = first[c]
					continue
				}
				v := int64(0)
				switch {
				case r < rows && c < columns:
					v = value.Draw(t, "value")
				case r < rows:
					for _, k := range at[r][:columns] {
						v += p.Cells[k].Values[0]
					}
				default:
					for _, k := range at[:rows] {
						v += p.Cells[k[c]].Values[0]
					}
				}
				at[r][c] = int32(len(p.Cells))
				p.Cells = append(p.Cells, tabular.Cell{Values: []int64{v}})
			}
		}
		for r := range at {
			if r > 0 || first == nil {
				sum(&p, at[r][columns], at[r][:columns]...)
			}
		}
		for c := range columns + 1 {
			var members []int32
			for r := range rows {
				members = append(members, at[r][c])
			}
			sum(&p, at[rows][c], members...)
		}
		return at[0]
	}
	columns := rapid.IntRange(2, 3).Draw(t, "columns")
	first := table(rapid.IntRange(2, 3).Draw(t, "rows"), columns, nil)
	if rapid.Bool().Draw(t, "linked") {
		table(2, columns, first)
	}
	return p
}

// TestExhaustive: an attacker who writes down all tables learns what the audit says, no
// more and no less.
func TestExhaustive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := linked(t)
		o := Options{Threads: 1, NonZero: rapid.Bool().Draw(t, "zeros known")}
		hidden := make([]bool, len(p.Cells))
		var unknown []int
		least := make([]int64, len(p.Cells))
		most := int64(0)
		for _, i := range rapid.Permutation(sequence(len(p.Cells))).Draw(t, "order")[:rapid.IntRange(2, 8).Draw(t, "hidden")] {
			c := &p.Cells[i]
			if o.NonZero && c.Values[0] == 0 {
				continue
			}
			hidden[i], c.Sensitive = true, rapid.Bool().Draw(t, "sensitive")
			if o.NonZero {
				least[i] = 1
			}
			if rapid.Bool().Draw(t, "level") {
				c.Levels = []tabular.Level{{
					Down: rapid.Int64Range(0, min(2, c.Values[0])).Draw(t, "down"), Up: rapid.Int64Range(0, 2).Draw(t, "up"),
					Either: rapid.Bool().Draw(t, "either"),
				}}
			}
			unknown = append(unknown, i)
			most = max(most, c.Values[0]+4)
		}
		lo, hi := make([]int64, len(p.Cells)), make([]int64, len(p.Cells))
		for i := range p.Cells {
			lo[i], hi[i] = p.Cells[i].Values[0], p.Cells[i].Values[0]
		}
		enumerate(&p, unknown, least, most, func(values []int64) {
			for i, v := range values {
				lo[i], hi[i] = min(lo[i], v), max(hi[i], v)
			}
		})
		r, err := Check(p, hidden, o)
		if err != nil {
			t.Fatal(err)
		}
		at := map[int32]Kind{}
		for _, f := range r.Faults {
			at[f.Cell] = f.Kind
		}
		for _, i := range unknown {
			c := &p.Cells[i]
			l, v := level(c, 0), c.Values[0]
			down, up := lo[i] <= v-l.Down, hi[i] >= v+l.Up
			reached := down && up || l.Either && (down || up)
			disclosed := c.Sensitive && (lo[i] == hi[i] || !reached)
			if _, ok := at[int32(i)]; ok != disclosed {
				t.Fatalf("cell %d = %d, interval %d..%d, level %+v: disclosed %v, audit says %q", i, v, lo[i], hi[i], l, disclosed, at[int32(i)])
			}
			if at[int32(i)] == Unproven {
				t.Fatalf("cell %d is unproven", i)
			}
		}
	})
}

// sequence is 0..n−1.
func sequence(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
