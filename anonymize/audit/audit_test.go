package audit

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// counts is a problem of one whole measure.
func counts(values ...int64) tabular.Problem {
	p := tabular.Problem{Measures: []tabular.Measure{{Name: "n", Whole: true, AtMost: -1}}}
	for _, v := range values {
		p.Cells = append(p.Cells, tabular.Cell{Values: []int64{v}})
	}
	return p
}

// amounts is a problem of one measure that is not whole.
func amounts(values ...int64) tabular.Problem {
	p := counts(values...)
	p.Measures[0].Whole = false
	return p
}

// sum adds an equation.
func sum(p *tabular.Problem, total int32, members ...int32) {
	p.Equations = append(p.Equations, tabular.Equation{Total: total, Members: members})
}

// hide marks cells as sensitive and hidden, and others as hidden only.
func hide(p *tabular.Problem, sensitive []int, secondary ...int) []bool {
	hidden := make([]bool, len(p.Cells))
	for _, i := range sensitive {
		p.Cells[i].Sensitive, hidden[i] = true, true
	}
	for _, i := range secondary {
		hidden[i] = true
	}
	return hidden
}

// rule puts a rule in force and gives each cell the contributors with its numbers.
func rule(p *tabular.Problem, r tabular.Rule, numbers ...[]uint64) {
	r.Alone = true
	p.Rules = []tabular.Rule{r}
	for i := range p.Cells {
		h := tabular.Holders{}
		if i < len(numbers) {
			h.Count, h.Smallest = int64(len(numbers[i])), numbers[i]
			for k, n := range numbers[i] {
				amount := p.Cells[i].Values[0] - int64(len(numbers[i])) + 1
				if k > 0 {
					amount = 1
				}
				h.Largest = append(h.Largest, tabular.Share{Number: n, Amount: amount})
			}
		}
		p.Cells[i].Holders = []tabular.Holders{h}
	}
}

// kinds lists kind and cell of each fault.
func kinds(t *testing.T, p tabular.Problem, hidden []bool, o Options) []string {
	t.Helper()
	r, err := Check(p, hidden, o)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{}
	for _, f := range r.Faults {
		s := fmt.Sprintf("%s %d", f.Kind, f.Cell)
		if len(all) == 0 || all[len(all)-1] != s {
			all = append(all, s)
		}
	}
	return all
}

// many are n contributors from a number on.
func many(from uint64, n int) []uint64 {
	all := make([]uint64, n)
	for i := range all {
		all[i] = from + uint64(i)
	}
	return all
}

// TestHoles are disclosures that known tools leave; the numbers are of
// sdcTools/UserSupport.
func TestHoles(t *testing.T) {
	known, secret := Options{NonZero: true}, Options{}
	five := tabular.Rule{MinFrequency: 5}
	for _, c := range []struct {
		name string
		o    Options
		make func() (tabular.Problem, []bool)
		want []string
	}{
		{"hidden zeros of a zero total (#194)", secret, func() (tabular.Problem, []bool) {
			p := counts(0, 0, 0, 0)
			sum(&p, 0, 1, 2, 3)
			return p, hide(&p, []int{1, 2})
		}, []string{"pinned 1", "pinned 2"}},
		{"nothing left for hidden cells (#194)", secret, func() (tabular.Problem, []bool) {
			p := counts(15, 10, 5, 0, 0)
			sum(&p, 0, 1, 2, 3, 4)
			return p, hide(&p, []int{3, 4})
		}, []string{"pinned 3", "pinned 4"}},
		{"one each left for hidden counts (#194)", known, func() (tabular.Problem, []bool) {
			p := counts(15, 10, 3, 1, 1)
			sum(&p, 0, 1, 2, 3, 4)
			return p, hide(&p, []int{3, 4})
		}, []string{"pinned 3", "pinned 4"}},
		{"the same, zeros secret", secret, func() (tabular.Problem, []bool) {
			p := counts(15, 10, 3, 1, 1)
			sum(&p, 0, 1, 2, 3, 4)
			return p, hide(&p, []int{3, 4})
		}, []string{}},
		{"remainder dominated by one firm (#160)", secret, func() (tabular.Problem, []bool) {
			p := amounts(200, 100, 95, 5)
			p.Remainder = true
			sum(&p, 0, 1, 2, 3)
			rule(&p, tabular.Rule{MinFrequency: 3, DominancePercent: 85}, many(10, 20), many(10, 19), many(50, 3), many(60, 3))
			p.Cells[0].Holders[0].Largest = []tabular.Share{{Number: 50, Amount: 93}}
			p.Cells[1].Holders[0].Largest = []tabular.Share{{Number: 10, Amount: 6}}
			return p, hide(&p, []int{2}, 3)
		}, []string{"remainder 0"}},
		{"linked tables protected one after the other (#136)", secret, func() (tabular.Problem, []bool) {
			// The first table hides 1 with 2, the second 1 with 3; the third equation gives 2.
			p := counts(30, 3, 7, 20, 28, 25, 50, 7, 25)
			sum(&p, 0, 1, 2, 3)
			sum(&p, 4, 1, 8)
			sum(&p, 5, 6)
			p.Cells[6].Values[0], p.Cells[5].Values[0] = 7, 7
			sum(&p, 7, 2)
			return p, hide(&p, []int{1}, 2, 8)
		}, []string{"determined 1"}},
		{"three cells of one contributor each, two of them the same (#135)", secret, func() (tabular.Problem, []bool) {
			p := amounts(60, 10, 20, 30)
			sum(&p, 0, 1, 2, 3)
			rule(&p, tabular.Rule{MinFrequency: 3}, many(1, 3), many(1, 1), many(1, 1), many(2, 1))
			return p, hide(&p, []int{1, 2, 3})
		}, []string{"contributor 3"}},
		{"three cells of one contributor each (#135)", secret, func() (tabular.Problem, []bool) {
			p := amounts(60, 10, 20, 30)
			p.Remainder = true
			sum(&p, 0, 1, 2, 3)
			rule(&p, five, many(1, 5), many(1, 1), many(2, 1), many(3, 1))
			return p, hide(&p, []int{1, 2, 3})
		}, []string{"remainder 0"}},
		{"two cells of one contributor each alone in a row", secret, func() (tabular.Problem, []bool) {
			p := amounts(60, 10, 20, 30)
			sum(&p, 0, 1, 2, 3)
			rule(&p, tabular.Rule{MinFrequency: 3}, many(1, 32), many(1, 1), many(2, 1), many(10, 30))
			return p, hide(&p, []int{1, 2})
		}, []string{"contributor 1", "contributor 2"}},
		{"two cells of the same contributor alone in a row", secret, func() (tabular.Problem, []bool) {
			p := amounts(60, 10, 20, 30)
			sum(&p, 0, 1, 2, 3)
			rule(&p, tabular.Rule{MinFrequency: 3}, many(1, 31), many(1, 1), many(1, 1), many(10, 30))
			return p, hide(&p, []int{1, 2})
		}, []string{}},
		{"a contributor's one leaves ones to the others", known, func() (tabular.Problem, []bool) {
			p := counts(14, 2, 1, 1, 10)
			p.Cells[1].Values[0], p.Cells[0].Values[0] = 3, 15
			sum(&p, 0, 1, 2, 3, 4)
			rule(&p, five, many(1, 9), many(1, 1), many(2, 2), many(4, 2), many(10, 10))
			return p, hide(&p, []int{1, 2, 3})
		}, []string{"contributor 2", "contributor 3"}},
		{"several files of one person", secret, func() (tabular.Problem, []bool) {
			p := counts(36, 30, 3, 3)
			p.Remainder = true
			sum(&p, 0, 1, 2, 3)
			rule(&p, five, many(1, 30), many(1, 30), many(7, 2), many(7, 2))
			return p, hide(&p, []int{2, 3})
		}, []string{"remainder 0"}},
		{"three and three persons that are three", secret, func() (tabular.Problem, []bool) {
			p := counts(36, 30, 3, 3)
			p.Remainder = true
			sum(&p, 0, 1, 2, 3)
			rule(&p, five, many(1, 30), many(1, 30), many(7, 3), many(7, 3))
			return p, hide(&p, []int{2, 3})
		}, []string{"remainder 0"}},
		{"three and three persons that are six", secret, func() (tabular.Problem, []bool) {
			p := counts(36, 30, 3, 3)
			p.Remainder = true
			sum(&p, 0, 1, 2, 3)
			rule(&p, five, many(1, 30), many(1, 30), many(7, 3), many(17, 3))
			return p, hide(&p, []int{2, 3})
		}, []string{}},
		{"one secret funder", secret, func() (tabular.Problem, []bool) {
			p := amounts(1000, 600, 300, 100)
			sum(&p, 0, 1, 2, 3)
			return p, hide(&p, []int{3})
		}, []string{"determined 3"}},
		{"a person published", secret, func() (tabular.Problem, []bool) {
			p := counts(4, 1, 3)
			sum(&p, 0, 1, 2)
			rule(&p, five, many(1, 4), many(1, 1), many(2, 3))
			return p, make([]bool, 3)
		}, []string{"rule 0", "rule 1", "rule 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, hidden := c.make()
			if diff := cmp.Diff(c.want, kinds(t, p, hidden, c.o)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDistinct: persons do not add up but bound one another and the files.
func TestDistinct(t *testing.T) {
	p := tabular.Problem{Measures: []tabular.Measure{
		{Name: "files", Whole: true, AtMost: -1},
		{Name: "persons", Whole: true, Distinct: true, AtMost: 0},
	}}
	for _, v := range [][]int64{{12, 9}, {5, 2}, {4, 4}, {3, 3}} {
		p.Cells = append(p.Cells, tabular.Cell{Values: v})
	}
	sum(&p, 0, 1, 2, 3)
	hidden := hide(&p, []int{2, 3})
	// 7 files, 7 persons at least: all files have a person of their own.
	r, err := Check(p, hidden, Options{NonZero: true})
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK() || r.Witnessed != 2 {
		t.Errorf("got %+v, want two witnesses that move persons along", r)
	}
	p.Cells[1].Values[1], p.Cells[0].Values[1] = 5, 5
	p.Cells[2].Values[1], p.Cells[3].Values[1] = 1, 1
	if r, err = Check(p, hidden, Options{NonZero: true}); err != nil || !r.OK() {
		t.Errorf("got %+v, %v, want no fault", r, err)
	}
}

// TestPrimes: the two moduli are prime and not 2⁶¹ − 1.
func TestPrimes(t *testing.T) {
	for _, f := range []field{first, second} {
		p := new(big.Int).SetUint64(f.prime())
		if !p.ProbablyPrime(40) || f.prime() == 1<<61-1 {
			t.Errorf("%v is no prime for the audit", p)
		}
	}
}

// TestField compares with big integers.
func TestField(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom([]field{first, second}).Draw(t, "field")
		p := new(big.Int).SetUint64(f.prime())
		a, b := rapid.Uint64Range(0, f.prime()-1).Draw(t, "a"), rapid.Uint64Range(1, f.prime()-1).Draw(t, "b")
		x, y := new(big.Int).SetUint64(a), new(big.Int).SetUint64(b)
		if got, want := f.mul(a, b), new(big.Int).Mod(new(big.Int).Mul(x, y), p).Uint64(); got != want {
			t.Fatalf("product %d, want %d", got, want)
		}
		if f.mul(f.inverse(b), b) != 1 || f.add(a, f.negative(a)) != 0 {
			t.Fatal("inverse or negative is wrong")
		}
		hi := rapid.Uint64Range(0, 1<<f.bits-1).Draw(t, "hi")
		z := new(big.Int).Add(new(big.Int).Lsh(new(big.Int).SetUint64(hi), 64), x)
		if got, want := f.reduce(hi, a), new(big.Int).Mod(z, p).Uint64(); got != want {
			t.Fatalf("remainder %d, want %d", got, want)
		}
	})
}

// TestInput: what is no problem is an error.
func TestInput(t *testing.T) {
	for name, spoil := range map[string]func(p *tabular.Problem){
		"sum":         func(p *tabular.Problem) { p.Cells[0].Values[0]++ },
		"bound":       func(p *tabular.Problem) { p.Cells[1].Values[0], p.Cells[2].Values[0] = -1, 4 },
		"cell number": func(p *tabular.Problem) { p.Equations[0].Members[0] = 9 },
		"twice":       func(p *tabular.Problem) { p.Equations[0].Members[0] = 2 },
		"large":       func(p *tabular.Problem) { p.Cells[0].Values[0] = math.MaxInt64 },
		"measures":    func(p *tabular.Problem) { p.Cells[0].Values = nil },
		"holders":     func(p *tabular.Problem) { p.Rules = []tabular.Rule{{MinFrequency: 3}} },
		"mask":        func(p *tabular.Problem) { p.Cells = p.Cells[:2] },
	} {
		t.Run(name, func(t *testing.T) {
			p := counts(3, 1, 2)
			sum(&p, 0, 1, 2)
			hidden := make([]bool, 3)
			if _, err := Check(p, hidden, Options{}); err != nil {
				t.Fatal(err)
			}
			spoil(&p)
			if _, err := Check(p, hidden, Options{}); err == nil {
				t.Error("no error")
			}
		})
	}
}

// small is a month that the audit accepts but for what contributors learn, with the
// unknown cells that are not sensitive.
func small(t *testing.T) (p tabular.Problem, hidden []bool, secondary []int) {
	t.Helper()
	p, hidden = month(20, 900)
	for i := range p.Cells {
		if hidden[i] && !p.Cells[i].Sensitive {
			secondary = append(secondary, i)
		}
	}
	return p, hidden, secondary
}

// TestSecondaries: publishing a needed secondary is found. Those that nobody needs may
// be published; a secondary is needed if that leaves a cell determined, by a second
// elimination of everything in fractions.
func TestSecondaries(t *testing.T) {
	p, hidden, secondary := small(t)
	p.Rules, p.Remainder = nil, false
	for i := range p.Cells {
		p.Cells[i].Holders = nil
	}
	r, err := Check(p, hidden, Options{NonZero: true})
	if err != nil || !r.OK() {
		t.Fatalf("mask is not accepted: %v, %d faults", err, len(r.Faults))
	}
	needed := 0
	for n, i := range secondary {
		if n%4 != 0 {
			continue
		}
		hidden[i] = false
		want := determined(&p, hidden)
		r, err := Check(p, hidden, Options{NonZero: true})
		if err != nil {
			t.Fatal(err)
		}
		got := map[int32]bool{}
		for _, f := range r.Faults {
			got[f.Cell] = got[f.Cell] || f.Kind == Determined
		}
		for _, c := range want {
			if !got[c] {
				t.Errorf("cell %d published: cell %d is determined and not found", i, c)
			}
			delete(got, c)
		}
		for c, d := range got {
			if d {
				t.Errorf("cell %d published: cell %d is said to be determined", i, c)
			}
		}
		if len(r.Faults) > 0 {
			needed++
		}
		hidden[i] = true
	}
	if needed == 0 {
		t.Error("no secondary is needed")
	}
}

// determined are the sensitive unknown cells that the equations determine, by dense
// elimination modulo 2³¹ − 1.
func determined(p *tabular.Problem, hidden []bool) []int32 {
	const prime = 1<<31 - 1
	column, cells := map[int32]int{}, []int32{}
	for i := range p.Cells {
		if hidden[i] && !p.Cells[i].Known {
			column[int32(i)] = len(cells)
			cells = append(cells, int32(i))
		}
	}
	var rows [][]int64
	for _, e := range p.Equations {
		row := make([]int64, len(cells))
		if j, ok := column[e.Total]; ok {
			row[j] = 1
		}
		for _, m := range e.Members {
			if j, ok := column[m]; ok {
				row[j] = prime - 1
			}
		}
		rows = append(rows, row)
	}
	rank := 0
	for j := range cells {
		k := rank
		for k < len(rows) && rows[k][j] == 0 {
			k++
		}
		if k == len(rows) {
			continue
		}
		rows[rank], rows[k] = rows[k], rows[rank]
		inverse := new(big.Int).ModInverse(big.NewInt(rows[rank][j]), big.NewInt(prime)).Int64()
		for c := range cells {
			rows[rank][c] = rows[rank][c] * inverse % prime
		}
		for i := range rows {
			if f := rows[i][j]; i != rank && f != 0 {
				for c := j; c < len(cells); c++ {
					rows[i][c] = (rows[i][c] + (prime-f)*rows[rank][c]) % prime
				}
			}
		}
		rank++
	}
	var all []int32
	for _, row := range rows[:rank] {
		last, n := -1, 0
		for c, v := range row {
			if v != 0 {
				last, n = c, n+1
			}
		}
		if n == 1 && p.Cells[cells[last]].Sensitive {
			all = append(all, cells[last])
		}
	}
	return all
}

// TestThreads: the report is the same whatever the number of threads.
func TestThreads(t *testing.T) {
	p, hidden, secondary := small(t)
	for n := 0; n < len(secondary); n += 9 {
		hidden[secondary[n]] = false
	}
	p.Remainder = true
	want, err := Check(p, hidden, Options{Threads: 1, NonZero: true})
	if err != nil || want.OK() {
		t.Fatalf("got %v, want faults", err)
	}
	for _, threads := range []int{2, 5, 16} {
		got, err := Check(p, hidden, Options{Threads: threads, NonZero: true})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d threads (-1 +%d):\n%s", threads, threads, diff)
		}
	}
}

// TestContributors compares with elimination for each contributor, in all tables that
// are small: what he learns from the equations is found, whatever the way.
func TestContributors(t *testing.T) {
	p, hidden, _ := small(t)
	// Number the persons so that many have several cells to themselves.
	for i := range p.Cells {
		if h := &p.Cells[i].Holders[0]; h.Count == 1 {
			h.Smallest = []uint64{h.Smallest[0]%40 + 1}
		}
	}
	r, err := Check(p, hidden, Options{NonZero: true})
	if err != nil {
		t.Fatal(err)
	}
	got := map[uint64]map[int32]bool{}
	for _, f := range r.Faults {
		if f.Kind == Contributor && f.Measure < 0 {
			n := p.Cells[f.By].Holders[0].Smallest[0]
			if got[n] == nil {
				got[n] = map[int32]bool{}
			}
			got[n][f.Cell] = true
		}
	}
	found := 0
	for person := uint64(1); person <= 40; person++ {
		know := append([]bool(nil), hidden...)
		for i := range p.Cells {
			if h := &p.Cells[i].Holders[0]; hidden[i] && h.Count == 1 && h.Smallest[0] == person {
				know[i] = false
			}
		}
		want := map[int32]bool{}
		for _, c := range determined(&p, know) {
			want[c] = true
			found++
		}
		if len(want) == 0 {
			want = nil
		}
		if diff := cmp.Diff(want, got[person]); diff != "" {
			t.Errorf("person %d (-want +got):\n%s", person, diff)
		}
	}
	if found == 0 {
		t.Error("no contributor learns anything")
	}
}
