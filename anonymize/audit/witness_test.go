package audit

import (
	"os"
	"strings"
	"testing"
)

// TestChecker: the checker takes a good witness and refuses bad ones.
func TestChecker(t *testing.T) {
	p := counts(10, 4, 6, 1<<53, 1<<53, 0)
	sum(&p, 0, 1, 2)
	sum(&p, 3, 4, 5)
	hidden := hide(&p, []int{1, 2}, 3, 4)
	a := attacker{p: &p, nonZero: true}
	c := newChecker(&p, hidden, a)
	m := func(cell int32, by int64) move { return move{figure{cell, 0}, by} }
	if err := c.check(witness{q: 1, tables: [2][]move{{m(1, -3), m(2, 3)}, {m(1, 5), m(2, -5)}}}); err != nil {
		t.Errorf("good witness: %v", err)
	}
	if err := c.check(witness{q: 3, tables: [2][]move{{m(1, -9), m(2, 9)}, nil}}); err != nil {
		t.Errorf("good witness in thirds: %v", err)
	}
	for name, w := range map[string]witness{
		"no denominator":        {q: 0},
		"large denominator":     {q: 513},
		"published cell moved":  {q: 1, tables: [2][]move{{m(0, 1), m(1, 1)}, nil}},
		"cell out of range":     {q: 1, tables: [2][]move{{m(9, 1)}, nil}},
		"measure out of range":  {q: 1, tables: [2][]move{nil, {{figure{1, 1}, 1}}}},
		"bound broken":          {q: 1, tables: [2][]move{{m(1, -4), m(2, 4)}, nil}},
		"equation broken":       {q: 1, tables: [2][]move{nil, {m(1, 1), m(2, -2)}}},
		"one cell alone":        {q: 1, tables: [2][]move{nil, {m(1, 1)}}},
		"fraction for whole":    {q: 2, tables: [2][]move{nil, {m(1, 1), m(2, -1)}}},
		"cell twice":            {q: 1, tables: [2][]move{nil, {m(1, 1), m(1, 1), m(2, -2)}}},
		"move too large":        {q: 1, tables: [2][]move{nil, {m(3, 1<<62), m(4, 1<<62)}}},
		"sum that wraps around": {q: 512, tables: [2][]move{nil, {m(3, -1<<63), m(4, -1<<63)}}},
	} {
		if c.check(w) == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestCheckerOverflow: a sum beyond 2⁶³ is refused even if it would wrap to zero.
func TestCheckerOverflow(t *testing.T) {
	p := counts(0, 0, 0, 0, 0, 0, 0, 0, 0)
	sum(&p, 0, 1, 2, 3, 4, 5, 6, 7, 8)
	hidden := hide(&p, []int{0, 1, 2, 3, 4, 5, 6, 7, 8})
	a := attacker{p: &p}
	c := newChecker(&p, hidden, a)
	var moves []move
	for i := range int32(8) {
		moves = append(moves, move{figure{i + 1, 0}, 1 << 61})
	}
	if c.check(witness{q: 1, tables: [2][]move{moves, nil}}) == nil {
		t.Error("no error")
	}
}

// TestCheckerIsShort: whoever doubts a publication reads the checker whole.
func TestCheckerIsShort(t *testing.T) {
	text, err := os.ReadFile("witness.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n >= 100 {
		t.Errorf("witness.go has %d lines", n)
	}
}
