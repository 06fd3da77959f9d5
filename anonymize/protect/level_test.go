package protect_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/anonymize/audit"
	"github.com/parvis-opendata/parvis/anonymize/protect"
	"github.com/parvis-opendata/parvis/anonymize/simplex"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// amounts is the measure of amounts in the tables below; the first counts files.
const amounts = 1

// least is the number of persons below which a cell of the tables below is secret.
const least = 3

// purchase is a file of one person, in two classifications and a place.
type purchase struct {
	first, second, place int
	person               uint64
	amount               int64
}

// linked makes the tables of two classifications by place, with their margins: the places
// and the total are common to both. Who of one or two contributors knows the other to
// within p % learns something.
func linked(files []purchase, p int64, interval bool) tabular.Problem {
	problem := tabular.Problem{
		Measures: []tabular.Measure{{Name: "files", Whole: true, AtMost: -1}, {Name: "amount", Decimals: 2, AtMost: -1}},
		Rules:    []tabular.Rule{{MinFrequency: least, PPercent: p, Measure: amounts, Levels: true, Interval: interval, Alone: true}},
	}
	const all = -1
	type key struct{ table, row, place int }
	number, behind := map[key]int32{}, [][]purchase{}
	at := func(table, row, place int) int32 {
		if row == all {
			table = 0
		}
		k := key{table, row, place}
		if _, found := number[k]; !found {
			number[k] = int32(len(behind))
			behind = append(behind, nil)
		}
		return number[k]
	}
	members := map[int32]map[int][]int32{} // by total and direction
	join := func(total int32, direction int, member int32) {
		if members[total] == nil {
			members[total] = map[int][]int32{}
		}
		if list := members[total][direction]; !slices.Contains(list, member) {
			members[total][direction] = append(list, member)
		}
	}
	for _, f := range files {
		for _, c := range []int32{at(0, all, f.place), at(0, all, all)} {
			behind[c] = append(behind[c], f)
		}
		join(at(0, all, all), 0, at(0, all, f.place))
		for table, row := range []int{f.first, f.second} {
			inner, margin := at(table, row, f.place), at(table, row, all)
			behind[inner], behind[margin] = append(behind[inner], f), append(behind[margin], f)
			join(margin, 0, inner)
			join(at(0, all, f.place), 1+table, inner)
			join(at(0, all, all), 1+table, margin)
		}
	}
	for c := range behind {
		problem.Cells = append(problem.Cells, cellOf(behind[c], p, interval))
		for direction := range 3 {
			if list := members[int32(c)][direction]; list != nil {
				problem.Equations = append(problem.Equations, tabular.Equation{Total: int32(c), Members: list})
			}
		}
	}
	return problem
}

// cellOf is a cell, sensitive by the rule of the tables and with its level.
func cellOf(files []purchase, p int64, interval bool) tabular.Cell {
	sums, total := map[uint64]int64{}, int64(0)
	for _, f := range files {
		sums[f.person], total = sums[f.person]+f.amount, total+f.amount
	}
	h := tabular.Holders{Count: int64(len(sums))}
	for n, amount := range sums {
		h.Smallest, h.Largest = append(h.Smallest, n), append(h.Largest, tabular.Share{Number: n, Amount: amount})
	}
	slices.Sort(h.Smallest)
	slices.SortFunc(h.Largest, func(a, b tabular.Share) int {
		return cmp.Or(cmp.Compare(b.Amount, a.Amount), cmp.Compare(a.Number, b.Number))
	})
	c := tabular.Cell{Values: []int64{int64(len(files)), total}, Holders: []tabular.Holders{h}, Sensitive: len(sums) < least, Levels: make([]tabular.Level, 2)}
	rest := total
	for _, x := range h.Largest[:min(2, len(h.Largest))] {
		rest -= x.Amount
	}
	if up := int64(math.Ceil(float64(p)*float64(h.Largest[0].Amount)/100)) - rest; up > 0 {
		c.Sensitive, c.Levels[amounts] = true, tabular.Level{Down: min(up, total), Up: up}
	}
	if n := int64(len(files)); interval && len(sums) < least && n < least {
		c.Levels[0] = tabular.Level{Down: n, Up: least - n, Either: true}
	}
	return c
}

// interval is what an attacker can compute of a figure by linear programming over all sums,
// as moves from the true one.
func interval(t *rapid.T, p *tabular.Problem, hidden []bool, cell, measure int) (down, up float64) {
	m := simplex.New(len(p.Equations), nil)
	column := -1
	for c := range p.Cells {
		var rows []int32
		var signs []float64
		for i, e := range p.Equations {
			switch {
			case e.Total == int32(c):
				rows, signs = append(rows, int32(i)), append(signs, -1)
			case slices.Contains(e.Members, int32(c)):
				rows, signs = append(rows, int32(i)), append(signs, 1)
			}
		}
		low, high := 0.0, 0.0
		if hidden[c] {
			low, high = -float64(p.Cells[c].Values[measure]), math.Inf(1)
		}
		if j := m.AddColumn(rows, signs, 0, low, high); c == cell {
			column = j
		}
	}
	ends := [2]float64{}
	for n, cost := range [2]float64{1, -1} {
		m.SetCost(column, cost)
		switch r := m.Solve(simplex.Limits{}); r.Status {
		case simplex.Optimal:
			ends[n] = r.X[column]
		case simplex.Unbounded:
			ends[n] = math.Inf(-int(cost))
		default:
			t.Fatalf("the program is %s", r.Status)
		}
	}
	return ends[0], ends[1]
}

// TestLevelsOfLinkedTables protects small random tables with the levels of the p % rule, and
// perhaps with counts that reach 0 or the threshold, quickly. The audit finds nothing that
// protection does not tell of, and an attacker with linear programs over all sums finds of
// amounts what the audit finds, no more and no less; of counts, of which only whole ones are
// possible, no more.
func TestLevelsOfLinkedTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var files []purchase
		for n := range rapid.IntRange(10, 60).Draw(t, "files") {
			files = append(files, purchase{
				first: rapid.IntRange(0, 3).Draw(t, "first"), second: rapid.IntRange(0, 2).Draw(t, "second"), place: rapid.IntRange(0, 3).Draw(t, "place"),
				person: uint64(n + 1), amount: rapid.SampledFrom([]int64{0, 1, 50, 100_00, 300_00, 1500_00, 8000_00}).Draw(t, "amount"),
			})
		}
		p := linked(files, rapid.Int64Range(1, 30).Draw(t, "p"), rapid.Bool().Draw(t, "interval"))
		p.Remainder = rapid.Bool().Draw(t, "remainder")
		mask := protect.Protect(&p, protect.Options{ZerosKnown: true, Effort: protect.Quick})
		agree(t, &p, mask)
	})
}

// agree checks a mask by the audit and by linear programs.
func agree(t *rapid.T, p *tabular.Problem, mask protect.Mask) {
	report, err := audit.Check(*p, mask.Hidden, audit.Options{ZerosKnown: true, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	type figure struct{ cell, measure int }
	at := map[figure]audit.Kind{}
	for _, f := range report.Faults {
		at[figure{int(f.Cell), int(f.Measure)}] = f.Kind
		if f.Kind == audit.Determined {
			at[figure{int(f.Cell), 0}], at[figure{int(f.Cell), amounts}] = f.Kind, f.Kind
		}
		if f.Kind == audit.Unproven || f.Kind == audit.Narrow && mask.Unmet == 0 {
			t.Errorf("fault %+v", f)
		}
	}
	for c := range p.Cells {
		for m, l := range p.Cells[c].Levels {
			if l == (tabular.Level{}) || !mask.Hidden[c] {
				continue
			}
			down, up := interval(t, p, mask.Hidden, c, m)
			falls, rises := down <= 1e-3-float64(l.Down), up >= float64(l.Up)-1e-3
			reached := falls && rises || l.Either && (falls || rises)
			if kind, fault := at[figure{c, m}]; reached == fault && (m == amounts || !reached) {
				t.Errorf("measure %d of cell %d, %d, moves by %v to %v, level %+v: audit says %q", m, c, p.Cells[c].Values[m], down, up, l, kind)
			}
		}
	}
}

// TestLevelKeepsAnAmountInDoubt: the cheapest partners of a secret have amounts so small
// that it is known to within 1 %; its level asks for others.
func TestLevelKeepsAnAmountInDoubt(t *testing.T) {
	p := tabular.Problem{Measures: []tabular.Measure{{Name: "amount", Decimals: 2, AtMost: -1}}}
	values := [4][4]int64{
		{1000_00, 2000_00, 3000_00, 0},
		{10_00, 10_00, 700_00, 0},
		{500_00, 400_00, 900_00, 0},
	}
	for r := range 3 {
		for c := range 3 {
			values[r][3] += values[r][c]
			values[3][c] += values[r][c]
			values[3][3] += values[r][c]
		}
	}
	for r := range 4 {
		for c := range 4 {
			price := 5.0
			if r == 1 {
				price = 1
			}
			if r == 3 || c == 3 {
				price = 100
			}
			p.Cells = append(p.Cells, tabular.Cell{Values: []int64{values[r][c]}, Price: price})
		}
		row := int32(4 * r)
		p.Equations = append(p.Equations, tabular.Equation{Total: row + 3, Members: []int32{row, row + 1, row + 2}},
			tabular.Equation{Total: 12 + int32(r), Members: []int32{int32(r), 4 + int32(r), 8 + int32(r)}})
	}
	p.Cells[0].Sensitive = true
	known := func() int64 {
		mask := protect.Protect(&p, protect.Options{Effort: protect.Quick})
		if mask.Unmet > 0 {
			t.Errorf("%d secrets without protection", mask.Unmet)
		}
		attacked := slices.Clone(p.Cells)
		attacked[0].Levels = []tabular.Level{{Down: 100_00, Up: 100_00}}
		q := p
		q.Cells = attacked
		report, err := audit.Check(q, mask.Hidden, audit.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if report.OK() {
			return 100_00
		}
		f := report.Faults[0]
		return max(p.Cells[0].Values[0]-f.Low, f.High-p.Cells[0].Values[0])
	}
	if by := known(); by != 10_00 {
		t.Errorf("without a level the amount is known to %d cents, want 1 %% of it", by)
	}
	p.Cells[0].Levels = []tabular.Level{{Down: 100_00, Up: 100_00}}
	if by := known(); by < 100_00 {
		t.Errorf("with its level the amount is known to %d cents", by)
	}
}

// TestMonthWithLevels: a month whose amounts have levels passes the audit, and its mask does
// not depend on the number of threads.
func TestMonthWithLevels(t *testing.T) {
	p := leveled(60, 6000)
	mask := protect.Protect(&p, protect.Options{ZerosKnown: true, Effort: protect.Quick})
	report, err := audit.Check(p, mask.Hidden, audit.Options{ZerosKnown: true})
	if err != nil || !report.OK() || mask.Unmet > 0 {
		t.Fatalf("unmet %d, faults %+v, error %v", mask.Unmet, report.Faults, err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if again := protect.Protect(&p, protect.Options{ZerosKnown: true, Effort: protect.Quick}); !slices.Equal(again.Hidden, mask.Hidden) {
		t.Error("one thread gives another mask than several")
	}
	some := 0
	for c := range p.Cells {
		if p.Cells[c].Levels[amounts].Up > 0 {
			some++
		}
	}
	if some < 500 {
		t.Errorf("%d cells with levels: the month is too tame", some)
	}
}

// leveled is a month of purchases by certification in two classifications and place.
func leveled(certifications, files int) tabular.Problem {
	rng := rand.New(rand.NewPCG(11, uint64(certifications)))
	var all []purchase
	for n := range files {
		all = append(all, purchase{
			first: int(float64(certifications) * math.Pow(rng.Float64(), 2)), second: int(8 * math.Pow(rng.Float64(), 2)), place: int(60 * math.Pow(rng.Float64(), 1.7)),
			person: uint64(n + 1), amount: int64(10000 * math.Exp(2+0.7*rng.NormFloat64())),
		})
	}
	p := linked(all, 10, false)
	p.Remainder = true
	return p
}
