package problem

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestReadKnown(t *testing.T) {
	in := mustRead(t, changed(t))
	for _, c := range []struct {
		name, text  string
		want, notes []string
	}{
		{"without values", "sex,dep\nM,D1\nF,FR\n", []string{"both: dep=D1, sex=M", "both: dep=FR, sex=F"}, nil},
		{"a dimension at its total", "sex;source\nF;INSEE\n", []string{"both: dep=FR, sex=F"}, []string{"k.csv: columns that are not read: source"}},
		{"empty code and table", "table,sex,dep,v\nsex,F,,17.5\nboth,F,D1,10.5\n,M,D1,\n", []string{"both: dep=D1, sex=F", "both: dep=D1, sex=M", "both: dep=FR, sex=F"}, nil},
		{"a zero", "sex,dep,v\nM,D2,0\nF,D1,10.50\n", []string{"both: dep=D1, sex=F"}, []string{"k.csv: 1 rows name no cell; they are zero, and not read"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := in.ReadKnown(fstest.MapFS{"k.csv": {Data: []byte(c.text)}}, "k.csv")
			if err != nil {
				t.Fatal(err)
			}
			want := make([]bool, len(in.Problem.Cells))
			for _, name := range c.want {
				want[numberOf(t, in, name)] = true
			}
			if diff := cmp.Diff(&Known{Cells: want, Notes: c.notes}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadKnownTellsWhatIsWrong(t *testing.T) {
	in := mustRead(t, changed(t))
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", `k.csv: is empty; write a header and rows`},
		{"no dimension", "v\n3\n", `k.csv, line 1: has no column of a dimension; name at least one, the header has: v`},
		{"unknown code", "sex\nF\nX\n", `k.csv, line 3, column sex: the problem has no code "X"; correct it, or remove the row`},
		{"unknown table", "sex,table\nF,t\n", `k.csv, line 2, column table: there is no table "t"; name one of: both, sex`},
		{"another table", "sex,dep,table\nF,D1,sex\n", `k.csv, line 2, column table: "sex" has no sex=F, dep=D1; correct the row, or leave the table empty`},
		{"wrong figure", "sex,v\nF,17.6\n", `k.csv, line 2, column v: is 17.6, and the problem has 17.5; a known figure is the true one`},
		{"figure for a zero", "sex,dep,v\nM,D2,1\n", `k.csv, line 2, column v: is 1, and the problem has 0.0; a known figure is the true one`},
		{"no number", "sex,v\nF,x\n", `k.csv, line 2, column v: "x" is no number; write digits with a decimal point, such as 1234.5; or leave it empty`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := in.ReadKnown(fstest.MapFS{"k.csv": {Data: []byte(c.text)}}, "k.csv")
			var invalid *InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("error %v, want an InvalidError", err)
			}
			if diff := cmp.Diff([]string{c.want}, invalid.Faults); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := in.ReadKnown(fstest.MapFS{}, "k.csv"); err == nil || err.Error() != "k.csv: there is no such file; correct the name, or add the file" {
		t.Errorf("error %v", err)
	}
}
