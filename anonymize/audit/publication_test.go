package audit

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// purchases is a problem of files, euros and hours, all additive, at least zero.
func purchases(values ...[3]int64) tabular.Problem {
	p := tabular.Problem{Measures: []tabular.Measure{
		{Name: "files", Whole: true, AtMost: -1},
		{Name: "euros", Decimals: 2, AtMost: -1},
		{Name: "hours", AtMost: -1},
	}}
	for _, v := range values {
		p.Cells = append(p.Cells, tabular.Cell{Values: v[:]})
	}
	return p
}

// zerosOf checks and gives the faults by kind, cell and measure, and the zeros counted.
func zerosOf(t *testing.T, p tabular.Problem, hidden []bool) (faults [][3]any, zeros int) {
	t.Helper()
	r, err := Check(p, hidden, Options{ZerosKnown: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Faults {
		faults = append(faults, [3]any{f.Kind, f.Cell, f.Measure})
	}
	if len(faults) == 0 && r.Witnessed+r.Zeros != r.Secrets {
		t.Errorf("%d witnessed and %d zeros of %d", r.Witnessed, r.Zeros, r.Secrets)
	}
	return faults, r.Zeros
}

// TestZeros: that those who stay secret brought nothing may be told; that there are
// none may not, nor what is not zero.
func TestZeros(t *testing.T) {
	row := func(values ...[3]int64) tabular.Problem {
		p := purchases(append([][3]int64{{}}, values...)...)
		for _, v := range values {
			for m := range v {
				p.Cells[0].Values[m] += v[m]
			}
		}
		for i := range values {
			p.Equations = append(p.Equations, tabular.Equation{Total: 0, Members: []int32{}})
			p.Equations = p.Equations[:1]
			p.Equations[0].Members = append(p.Equations[0].Members, int32(i+1))
		}
		return p
	}
	for _, c := range []struct {
		name   string
		rows   [][3]int64
		secret []int
		want   [][3]any
		zeros  int
	}{
		{"no hours are known in a row", [][3]int64{{3, 500, 0}, {4, 700, 0}, {20, 9000, 400}}, []int{1, 2}, nil, 2},
		{"hours of one are the difference", [][3]int64{{3, 500, 0}, {4, 700, 6}, {20, 9000, 400}}, []int{1, 2}, nil, 0},
		{"neither euros nor hours", [][3]int64{{3, 0, 0}, {4, 0, 0}, {20, 9000, 400}}, []int{1, 2}, nil, 4},
		{"nobody, and the euros are free", [][3]int64{{0, 0, 0}, {0, 700, 6}, {20, 9000, 400}}, []int{1}, [][3]any{{Pinned, int32(1), int32(0)}}, 0},
		{"nothing at all", [][3]int64{{0, 0, 0}, {0, 0, 0}, {20, 9000, 400}}, []int{1}, [][3]any{{Pinned, int32(1), int32(0)}, {Pinned, int32(1), int32(1)}, {Pinned, int32(1), int32(2)}}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := row(c.rows...)
			hidden := hide(&p, c.secret, 1, 2)
			faults, zeros := zerosOf(t, p, hidden)
			if diff := cmp.Diff(c.want, faults); diff != "" || zeros != c.zeros {
				t.Errorf("%d zeros, want %d; faults (-want +got):\n%s", zeros, c.zeros, diff)
			}
		})
	}
}

// TestZeroWithLevel: a zero with a level of its own is a secret as any other.
func TestZeroWithLevel(t *testing.T) {
	p := purchases([3]int64{27, 10200, 400}, [3]int64{3, 500, 0}, [3]int64{4, 700, 0}, [3]int64{20, 9000, 400})
	sum(&p, 0, 1, 2, 3)
	hidden := hide(&p, []int{1}, 2)
	p.Cells[1].Levels = []tabular.Level{{}, {}, {Up: 2}}
	faults, zeros := zerosOf(t, p, hidden)
	if diff := cmp.Diff([][3]any{{Pinned, int32(1), int32(2)}}, faults); diff != "" || zeros != 0 {
		t.Errorf("%d zeros, faults (-want +got):\n%s", zeros, diff)
	}
}

// TestZerosOfContributors: who is alone behind a cell may learn that others brought
// nothing, not what they brought.
func TestZerosOfContributors(t *testing.T) {
	p := purchases([3]int64{24, 9900, 405}, [3]int64{1, 200, 5}, [3]int64{1, 300, 0}, [3]int64{2, 400, 0}, [3]int64{20, 9000, 400})
	sum(&p, 0, 1, 2, 3, 4)
	p.Rules = []tabular.Rule{{MinFrequency: 3, Alone: true}}
	for c, numbers := range [][]uint64{many(1, 9), many(1, 1), many(2, 1), many(3, 2), many(50, 9)} {
		p.Cells[c].Holders = []tabular.Holders{{Count: int64(len(numbers)), Smallest: numbers}}
	}
	hidden := hide(&p, []int{1, 2, 3})
	if faults, _ := zerosOf(t, p, hidden); faults != nil {
		t.Errorf("faults %v, want none: 1 knows that 2 and 3 have no hours, and no more", faults)
	}
}

// TestSecondary: who is alone behind a cell may work out what only an earlier mask hides,
// readers may not; and what is said to be hidden for others alone must pass the rules.
func TestSecondary(t *testing.T) {
	table := func() tabular.Problem { // 1 is one person's own; 3 is 2 and he
		p := counts(40, 1, 11, 12, 28)
		sum(&p, 0, 3, 4)
		sum(&p, 3, 1, 2)
		p.Rules = []tabular.Rule{{MinFrequency: 3, Alone: true}}
		for c := range p.Cells {
			p.Cells[c].Holders = []tabular.Holders{{Count: p.Cells[c].Values[0]}}
		}
		p.Cells[1].Sensitive, p.Cells[3].Sensitive = true, true
		return p
	}
	p := table()
	hidden := []bool{false, true, false, true, true}
	if got := kinds(t, p, hidden, Options{ZerosKnown: true}); !cmp.Equal(got, []string{"contributor 3"}) {
		t.Errorf("a secret for its own sake: %v", got)
	}
	p = table()
	p.Cells[3].Secondary = true
	if got := kinds(t, p, hidden, Options{ZerosKnown: true}); len(got) > 0 {
		t.Errorf("hidden by an earlier mask: %v", got)
	}
	if got := kinds(t, p, []bool{false, true, false, true, false}, Options{ZerosKnown: true}); len(got) == 0 {
		t.Error("readers work out what an earlier mask hides, and nobody is told")
	}
	p = table()
	p.Cells[1].Secondary = true
	if got := kinds(t, p, hidden, Options{ZerosKnown: true}); !cmp.Equal(got, []string{"contributor 3", "rule 1"}) {
		t.Errorf("said to pass the rules: %v", got)
	}
}

// TestDifferences: how few of a group are elsewhere is a secret though no table prints
// it, zero included.
func TestDifferences(t *testing.T) {
	// All of 12 are in cell 1; cell 2 is what is left, 0.
	parent := func(total, child, left int64) tabular.Problem {
		p := counts(total, child, left, 20, total+20, child)
		sum(&p, 0, 1, 2)
		sum(&p, 4, 0, 3)
		sum(&p, 1, 5)
		p.Cells[2].Sensitive, p.Cells[2].Unprinted = true, true
		return p
	}
	for _, left := range []int64{0, 1} {
		p := parent(12, 12-left, left)
		if got := kinds(t, p, []bool{false, false, false, false, false, false}, Options{ZerosKnown: true}); !cmp.Equal(got, []string{"determined 2"}) {
			t.Errorf("all printed: %v", got)
		}
		// The child is hidden, but is printed elsewhere.
		if got := kinds(t, p, []bool{false, true, false, false, false, false}, Options{ZerosKnown: true}); !cmp.Equal(got, []string{"determined 2"}) {
			t.Errorf("child printed elsewhere: %v", got)
		}
		if got := kinds(t, p, []bool{false, true, false, false, false, true}, Options{ZerosKnown: true}); len(got) > 0 {
			t.Errorf("child hidden everywhere: %v", got)
		}
		if got := kinds(t, p, []bool{true, false, false, true, false, false}, Options{ZerosKnown: true}); len(got) > 0 {
			t.Errorf("total hidden with another: %v", got)
		}
	}
}

// TestHiddenBefore: a cell that an earlier layer hid is attacked though no rule is
// against it.
func TestHiddenBefore(t *testing.T) {
	p := counts(100, 40, 35, 25)
	sum(&p, 0, 1, 2, 3)
	rule(&p, tabular.Rule{MinFrequency: 5}, many(1, 100), many(1, 40), many(50, 35), many(90, 25))
	p.Remainder = true
	if got := kinds(t, p, hide(&p, []int{1}), Options{ZerosKnown: true}); !cmp.Equal(got, []string{"determined 1"}) {
		t.Errorf("alone: %v", got)
	}
	if got := kinds(t, p, hide(&p, []int{1}, 2), Options{ZerosKnown: true}); len(got) > 0 {
		t.Errorf("with another: %v", got)
	}
}

// people is a problem of one measure that does not add up.
func people(values ...int64) tabular.Problem {
	p := counts(values...)
	p.Measures[0].Distinct = true
	return p
}

// TestPersonsAlone: distinct persons of a year by region, and of the country, with no
// figure that adds up.
func TestPersonsAlone(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []int64 // the country, and regions
		level  int64
		secret []int
		want   []string
	}{
		{"one region of three", []int64{100, 60, 50, 4}, 0, []int{3}, []string{}},
		{"nobody is in two regions", []int64{114, 60, 50, 4}, 0, []int{3}, []string{}},
		{"the country", []int64{100, 60, 50, 4}, 0, []int{0}, []string{}},
		{"all in one region, the only one hidden", []int64{4, 4}, 0, []int{1}, []string{"pinned 1"}},
		{"a country as large as its region", []int64{4, 4, 3}, 0, []int{0, 1}, []string{}},
		{"too near to the country", []int64{61, 60, 50, 4}, 3, []int{1}, []string{"narrow 1"}},
		{"far enough", []int64{70, 60, 50, 14}, 3, []int{1}, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := people(c.values...)
			p.Equations = []tabular.Equation{{Total: 0}}
			for i := 1; i < len(c.values); i++ {
				p.Equations[0].Members = append(p.Equations[0].Members, int32(i))
			}
			for i := range p.Cells {
				p.Cells[i].Levels = []tabular.Level{{Down: c.level, Up: c.level}}
			}
			if got := kinds(t, p, hide(&p, c.secret), Options{ZerosKnown: true}); !cmp.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestNothing: problems without cells, equations or secrets have no faults.
func TestNothing(t *testing.T) {
	lonely := counts(3, 4)
	for name, c := range map[string]struct {
		p      tabular.Problem
		hidden []bool
	}{
		"no cells":        {counts(), nil},
		"no equations":    {counts(3, 4), []bool{true, false}},
		"nothing hidden":  {counts(3, 4), []bool{false, false}},
		"a lonely secret": {lonely, hide(&lonely, []int{0})},
		"only persons":    {people(), nil},
		"persons, lonely": {people(3, 4), []bool{true, true}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, known := range []bool{true, false} {
				r, err := Check(c.p, c.hidden, Options{ZerosKnown: known, NonZero: known})
				if err != nil || !r.OK() || r.Cells != len(c.p.Cells) || r.Witnessed != r.Secrets {
					t.Errorf("%+v, %v", r, err)
				}
			}
		})
	}
	if r, err := Check(tabular.Problem{}, nil, Options{}); err == nil {
		t.Errorf("no measures: %+v", r)
	}
}

// TestKnown: figures from elsewhere are no secrets and hide nothing.
func TestKnown(t *testing.T) {
	p := counts(100, 40, 35, 3, 22)
	sum(&p, 0, 1, 2, 3, 4)
	hidden := hide(&p, []int{3, 4}, 2)
	for _, c := range []struct {
		known []bool
		want  []string
	}{
		{nil, []string{}},
		{[]bool{true, true, false, false, false}, []string{}},
		{[]bool{false, false, true, false, false}, []string{}},
		{[]bool{false, false, true, false, true}, []string{"determined 3"}},
		{[]bool{false, false, true, true, true}, []string{}},
	} {
		if got := kinds(t, p, hidden, Options{Known: c.known}); !cmp.Equal(got, c.want) {
			t.Errorf("known %v: got %v, want %v", c.known, got, c.want)
		}
	}
	if p.Cells[2].Known || p.Cells[4].Known {
		t.Error("the problem has changed")
	}
	if _, err := Check(p, hidden, Options{Known: make([]bool, 2)}); err == nil {
		t.Error("too few entries: no error")
	}
	// What is left of an equation without the known cells must pass the rules.
	rule(&p, tabular.Rule{MinFrequency: 5}, many(1, 100), many(1, 40), many(41, 35), many(76, 3), many(79, 22))
	p.Remainder = true
	if got := kinds(t, p, hidden, Options{Known: []bool{4: true}}); len(got) > 0 {
		t.Errorf("38 are left: %v", got)
	}
	if got := kinds(t, p, hidden, Options{Known: []bool{2: true, 4: true}}); !cmp.Equal(got, []string{"determined 3", "remainder 0"}) {
		t.Errorf("3 are left: %v", got)
	}
	// Printed all the same, a secret is shown.
	hidden[3] = false
	if got := kinds(t, p, hidden, Options{Known: []bool{3: true, 4: false}}); !cmp.Equal(got, []string{"rule 3", "shown 3"}) {
		t.Errorf("printed: %v", got)
	}
}
