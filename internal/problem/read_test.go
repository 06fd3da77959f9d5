package problem

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

const problems = "../../anonymize/testdata/problems/"

func TestReadOfTheTestProblems(t *testing.T) {
	for _, c := range []struct {
		name                                 string
		cells, equations, members, sensitive int
	}{
		{"z1", 45, 14, 76, 3},
		{"z2", 98, 70, 224, 9},
		{"c30", 1911, 951, 3670, 1226},
		{"c60", 3566, 1382, 6948, 2345},
		{"c120", 7309, 2621, 14371, 4842},
		{"linked4", 1493, 822, 2746, 260},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := readProblem(t, c.name)
			members := 0
			for _, e := range in.Problem.Equations {
				members += len(e.Members)
			}
			got := []int{len(in.Problem.Cells), len(in.Problem.Equations), members, in.Summary(sensitiveCells(in)).Sensitive}
			if diff := cmp.Diff([]int{c.cells, c.equations, c.members, c.sensitive}, got); diff != "" {
				t.Errorf("cells, equations, members, sensitive (-want +got):\n%s", diff)
			}
			checkSums(t, in)
			if len(in.Notes) > 0 {
				t.Errorf("notes: %v", in.Notes)
			}
		})
	}
}

func readProblem(t testing.TB, name string) *Input {
	t.Helper()
	in, err := Read(os.DirFS(problems+name), "problem.json")
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// mustRead reads a problem that is sound.
func mustRead(t testing.TB, files fstest.MapFS) *Input {
	t.Helper()
	in, err := Read(files, "problem.json")
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// fataler is a test, or one run of a property.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkSums checks that a problem is sound: each equation adds up and is there once,
// its total is no member, and no member is there twice.
func checkSums(t fataler, in *Input) {
	t.Helper()
	seen := map[string]bool{}
	for _, e := range in.Problem.Equations {
		var sum int64
		for k, m := range e.Members {
			sum += in.Problem.Cells[m].Values[0]
			if m == e.Total || slices.Contains(e.Members[:k], m) {
				t.Fatalf("%s: %s is a member twice, or the total", in.Name(int(e.Total)), in.Name(int(m)))
			}
		}
		if v := in.Problem.Cells[e.Total].Values[0]; sum != v {
			t.Fatalf("%s is %d, its members add up to %d", in.Name(int(e.Total)), v, sum)
		}
		text := sumText(in, e)
		if seen[text] {
			t.Fatalf("twice: %s", text)
		}
		seen[text] = true
	}
}

// sumText writes an equation in names of combinations, whatever tables they are in.
func sumText(in *Input, e tabular.Equation) string {
	var members []string
	for _, m := range e.Members {
		members = append(members, codes(in, int(m)))
	}
	slices.Sort(members)
	return codes(in, int(e.Total)) + " = " + strings.Join(members, " + ")
}

// codes names a combination by its codes that are not totals, in the order of the
// names of the dimensions.
func codes(in *Input, cell int) string {
	var parts []string
	for dim, d := range in.dims {
		if c := in.layout.code(in.cells.key[cell], dim); c != total {
			parts = append(parts, d.name+"="+d.codes[c])
		}
	}
	return strings.Join(parts, " ")
}

func sums(in *Input) []string {
	var list []string
	for _, e := range in.Problem.Equations {
		list = append(list, sumText(in, e))
	}
	slices.Sort(list)
	return list
}

// figures are the values of the cells by their codes.
func figures(in *Input) map[string]int64 {
	list := map[string]int64{}
	for i, c := range in.Problem.Cells {
		list[codes(in, i)] = c.Values[0]
	}
	return list
}

func TestReadMakesCellsAndEquations(t *testing.T) {
	in := mustRead(t, changed(t))
	want := map[string]int64{
		"dep=D1 sex=F": 105, "dep=D1 sex=M": 20, "dep=D3 sex=F": 70,
		"dep=D1": 125, "dep=D3": 70, "dep=R1": 125, "dep=R2": 70, "": 195,
		"dep=R1 sex=F": 105, "dep=R1 sex=M": 20, "dep=R2 sex=F": 70, "sex=F": 175, "sex=M": 20,
	}
	if diff := cmp.Diff(want, figures(in)); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		" = dep=R1 + dep=R2",
		" = sex=F + sex=M",
		"dep=D1 = dep=D1 sex=F + dep=D1 sex=M",
		"dep=D3 = dep=D3 sex=F",
		"dep=R1 = dep=D1",
		"dep=R1 = dep=R1 sex=F + dep=R1 sex=M",
		"dep=R1 sex=F = dep=D1 sex=F",
		"dep=R1 sex=M = dep=D1 sex=M",
		"dep=R2 = dep=D3",
		"dep=R2 = dep=R2 sex=F",
		"dep=R2 sex=F = dep=D3 sex=F",
		"sex=F = dep=R1 sex=F + dep=R2 sex=F",
		"sex=M = dep=R1 sex=M",
	}, sums(in)); diff != "" {
		t.Errorf("equations (-want +got):\n%s", diff)
	}
	wantMeasure := []tabular.Measure{{Name: "v", Decimals: 1, AtMost: -1}}
	if diff := cmp.Diff(wantMeasure, in.Problem.Measures); diff != "" {
		t.Errorf("measure (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]tabular.Rule{{MinFrequency: 3, Alone: true}}, in.Problem.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	for name, want := range map[string]tabular.Cell{
		"both: dep=D1, sex=F": {Values: []int64{105}, Holders: []tabular.Holders{{Count: 4, Largest: []tabular.Share{{Amount: 50}, {Amount: 30}}}}},
		"both: dep=D1, sex=M": {Values: []int64{20}, Sensitive: true, Holders: []tabular.Holders{{Count: 1, Largest: []tabular.Share{{Amount: 20}}}}},
		"both: dep=D3, sex=F": {Values: []int64{70}, Sensitive: true, Holders: []tabular.Holders{{Count: 3, Largest: []tabular.Share{{Amount: 30}, {Amount: 30}}}}},
		"both: dep=R2, sex=F": {Values: []int64{70}, Holders: []tabular.Holders{{Count: 3, Largest: []tabular.Share{{Amount: 30}, {Amount: 30}}}}},
		"both: dep=FR, sex=F": {Values: []int64{175}, Holders: []tabular.Holders{{Count: 7, Largest: []tabular.Share{{Amount: 50}, {Amount: 30}}}}},
	} {
		if diff := cmp.Diff(want, cellOf(t, in, name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// cellOf returns the cell of a name.
func cellOf(t testing.TB, in *Input, name string) tabular.Cell {
	t.Helper()
	return in.Problem.Cells[numberOf(t, in, name)]
}

func numberOf(t testing.TB, in *Input, name string) int {
	t.Helper()
	for i := range in.Problem.Cells {
		if in.Name(i) == name {
			return i
		}
	}
	t.Fatalf("there is no cell %q", name)
	return -1
}

// line is a problem with one table of one dimension, with margins.
func line(rows, more string) fstest.MapFS {
	return fstest.MapFS{
		"problem.json": {Data: []byte(`{"tables": [{"name": "t", "file": "t.csv"}], "dimensions": {"a": {"total": "T"}}, "value": "v", "frequency": "n"` + more + `}`)},
		"t.csv":        {Data: []byte("a,v,n\n" + rows)},
	}
}

func TestZeros(t *testing.T) {
	rows := "T,5,7\nx,5,5\ny,0,2\nz,0,0\n"
	in := mustRead(t, line(rows, `, "rules": {"min_frequency": 3}`))
	want := map[string]int64{"": 5, "a=x": 5, "a=y": 0}
	if diff := cmp.Diff(want, figures(in)); diff != "" {
		t.Errorf("cells with known zeros (-want +got):\n%s", diff)
	}
	if c := cellOf(t, in, "t: a=y"); !c.Known || !c.Sensitive || c.Unprinted {
		t.Errorf("a known zero with two contributors is %+v", c)
	}
	in = mustRead(t, line(rows, `, "zeros": "secret", "rules": {"min_frequency": 3}`))
	if c := cellOf(t, in, "t: a=y"); c.Known || !c.Sensitive || c.Unprinted {
		t.Errorf("a secret zero with two contributors is %+v", c)
	}
	if c := cellOf(t, in, "t: a=z"); c.Known || c.Sensitive || !c.Unprinted {
		t.Errorf("a secret zero is %+v", c)
	}
	if diff := cmp.Diff([]string{" = a=x + a=y + a=z"}, sums(in)); diff != "" {
		t.Errorf("equations (-want +got):\n%s", diff)
	}
}

func TestSecretZerosOfADetailedTable(t *testing.T) {
	files := changed(t, "problem.json", `"value" => "zeros": "secret", "value"`)
	in := mustRead(t, files)
	hidden := 0
	for i, c := range in.Problem.Cells {
		if (c.Values[0] == 0) != c.Unprinted {
			t.Errorf("%s is %+v", in.Name(i), c)
		}
		if c.Unprinted {
			hidden++
		}
	}
	// 6 codes of dep (FR, R1, R2, D1, D2, D3) by 3 of sex.
	if len(in.Problem.Cells) != 18 || hidden != 18-13 {
		t.Errorf("%d cells, %d of them secret zeros, want 18 and 5", len(in.Problem.Cells), hidden)
	}
	checkSums(t, in)
}

func TestNegativeFigures(t *testing.T) {
	in := mustRead(t, line("T,0,2\nx,5,1\ny,-5,1\n", `, "lower_bound": null`))
	if in.Problem.Measures[0].Lower != tabular.NoBound {
		t.Errorf("bound %d", in.Problem.Measures[0].Lower)
	}
	if len(in.Problem.Equations) != 1 || !cellOf(t, in, "t: a=T").Known {
		t.Errorf("%+v", in.Problem)
	}
	// Without a row the total is zero all the same.
	in = mustRead(t, line("x,5,1\ny,-5,1\n", `, "lower_bound": null`))
	if c := cellOf(t, in, "t: a=T"); len(in.Problem.Equations) != 1 || !c.Known || !c.Unprinted {
		t.Errorf("%+v", in.Problem)
	}
	in = mustRead(t, line("T,1,2\nx,5,1\ny,-4.5,1\nz,0.50,3\n", `, "lower_bound": -10.125, "protection_percent": 33.3, "rules": {"min_frequency": 2}`))
	m := in.Problem.Measures[0]
	if m.Decimals != 3 || m.Lower != -10125 {
		t.Errorf("measure %+v", m)
	}
	if diff := cmp.Diff([]tabular.Level{{Down: 1499, Up: 1499}}, cellOf(t, in, "t: a=y").Levels); diff != "" {
		t.Errorf("33.3 %% of 4.5 (-want +got):\n%s", diff)
	}
}

func TestATableMayStopAboveTheFinestLevel(t *testing.T) {
	in := mustRead(t, changed(t,
		"problem.json", `"sex": {"total": "T"} => "sex": {"total": "T"}`,
		"problem.json", `{"name": "sex", "file": "sex.csv"} => {"name": "reg", "file": "reg.csv"}`,
		"reg.csv", "dep,v,n,m1,m2,s\nFR,19.5,8,5,3,FALSE\nR1,12.5,5,5,3,FALSE\nR2,7,3,3,3,FALSE\n",
	))
	checkSums(t, in)
	if n := len(in.Problem.Cells); n != 13 {
		t.Errorf("%d cells, want 13", n)
	}
}

func TestNotes(t *testing.T) {
	files := line("T,5,4\nx,3,3\ny,2,2\n", "")
	files["t.csv"].Data = []byte("a;v;n;remark\nT;5;4;\nx;3;3;\"a;b\"\ny;2;2;\n")
	in := mustRead(t, files)
	if diff := cmp.Diff([]string{
		"t.csv: columns that are not read: remark",
		"t.csv: the frequency of 1 totals is not the sum of their members (first: a=T has 4, its members in a have 5); contributors are taken to be different in each member",
	}, in.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestReadToleratesWhatIsHarmless(t *testing.T) {
	files := line("", "")
	files["t.csv"].Data = []byte("\ufeff\"a\",\"v\",\"n\"\r\n\"T\",+5.0, 5 \r\n\"x;,\"\"y\",5,5\r\n\r\n")
	in := mustRead(t, files)
	if diff := cmp.Diff(map[string]int64{"": 50, `a=x;,"y`: 50}, figures(in)); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
}

func TestSensitive(t *testing.T) {
	for _, c := range []struct {
		name    string
		rules   rules
		v, n    int64
		largest []int64
		want    bool
	}{
		{"no rule", rules{}, 5, 1, []int64{5}, false},
		{"below the frequency", rules{minFrequency: 3}, 5, 2, nil, true},
		{"at the frequency", rules{minFrequency: 3}, 5, 3, nil, false},
		{"nobody", rules{minFrequency: 3}, 0, 0, nil, false},
		{"zero with a contributor", rules{minFrequency: 3}, 0, 1, nil, true},
		{"zero has no test of contributions", rules{dominancePercent: 85}, 0, 1, []int64{5}, false},
		{"above dominance", rules{dominancePercent: 85}, 1000, 9, []int64{851}, true},
		{"at dominance", rules{dominancePercent: 85}, 1000, 9, []int64{850}, false},
		{"negative", rules{dominancePercent: 85}, -1000, 9, []int64{-851}, true},
		{"below p%", rules{pPercent: 10}, 1000, 9, []int64{500, 451}, true},
		{"at p%", rules{pPercent: 10}, 1000, 9, []int64{500, 450}, false},
		{"alone", rules{pPercent: 10}, 1000, 1, []int64{1000, absent}, true},
		{"largest figures", rules{pPercent: 400, dominancePercent: 100}, maxFigure, 9, []int64{maxFigure, 0}, true},
	} {
		if got := sensitive(c.rules, c.v, c.n, c.largest); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}

func TestLevelIsRoundedUp(t *testing.T) {
	for _, c := range []struct {
		v    int64
		p    decimal
		want int64
	}{
		{100, decimal{10, 0}, 10}, {101, decimal{10, 0}, 11}, {-101, decimal{10, 0}, 11}, {1, decimal{1, 3}, 1},
		{0, decimal{10, 0}, 0}, {maxFigure, decimal{100_000, 3}, maxFigure},
	} {
		if got := level(c.v, c.p); got != c.want {
			t.Errorf("level(%d, %s %%) = %d, want %d", c.v, c.p, got, c.want)
		}
	}
}
