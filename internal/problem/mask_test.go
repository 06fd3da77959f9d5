package problem

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

var update = flag.Bool("update", false, "write the golden files")

// TestMasks compares masks with golden files and reads them back. Besides the
// sensitive cells they hide each seventh cell.
func TestMasks(t *testing.T) {
	for _, c := range []struct {
		name string
		in   *Input
	}{
		{"z2", readProblem(t, "z2")},
		{"linked4", readProblem(t, "linked4")},
		{"small", mustRead(t, changed(t))},
		{"secret", mustRead(t, changed(t, "problem.json", `"value" => "zeros": "secret", "value"`, "both.csv", "D3,F => D2,F,0,0,,,FALSE\nD3,F"))},
		{"zeros", mustRead(t, line("T,5.00,7\nx,5,5\ny,0.0,2\nz,0,0\n", `, "rules": {"min_frequency": 3}`))},
	} {
		t.Run(c.name, func(t *testing.T) {
			hidden := sensitiveCells(c.in)
			for i := range hidden {
				hidden[i] = hidden[i] || i%7 == 6
			}
			mask := fstest.MapFS{}
			if err := c.in.WriteMask(hidden, into(mask)); err != nil {
				t.Fatal(err)
			}
			for name, file := range mask {
				golden(t, filepath.Join("testdata", "masks", c.name, name), file.Data)
			}
			got, err := c.in.ReadMask(mask)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(hidden, got.Hidden); diff != "" {
				t.Errorf("mask (-written +read):\n%s", diff)
			}
			if got.Split != nil || got.Notes != nil || &got.Problem.Cells[0] != &c.in.Problem.Cells[0] {
				t.Errorf("split %v, notes %v", got.Split, got.Notes)
			}
		})
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, got, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestWriteMaskRefusesToPrintSensitiveCells(t *testing.T) {
	in := mustRead(t, changed(t))
	files := fstest.MapFS{}
	err := in.WriteMask(make([]bool, len(in.Problem.Cells)), into(files))
	if err == nil || err.Error() != "write mask: both: dep=D1, sex=M is sensitive and not hidden; nothing is written" || len(files) > 0 {
		t.Errorf("%v, %d files", err, len(files))
	}
	if err := in.WriteMask(nil, into(files)); err == nil {
		t.Error("a mask without cells is accepted")
	}
}

func TestSummary(t *testing.T) {
	in := mustRead(t, changed(t))
	hidden := sensitiveCells(in)
	for _, name := range []string{"both: dep=D1, sex=F", "both: dep=R2, sex=T"} {
		hidden[numberOf(t, in, name)] = true
	}
	// 2 < 3 contributors: D1 M, R1 M, FR M; and D3 F by the user's word.
	if diff := cmp.Diff(Summary{Cells: 13, Sensitive: 4, Secondary: 2, SecondaryValue: "17.5"}, in.Summary(hidden)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// otherMask is a mask of the small problem from another tool: other columns, other
// words, rows that are missing, zeros that are printed.
var otherMask = fstest.MapFS{
	"both.csv": {Data: []byte("sex;dep;v;flag\nF;D1;10.50;V\nM;D1;;A\nF;D3; ;D\nT;FR;19.5;V\nM;D2;0;V\nM;D3;;V\n")},
	"sex.csv":  {Data: []byte("sex,status,n,v\nF,B,7,17.5\nM,whatever,1,\n")},
}

func TestReadMaskOfAnotherTool(t *testing.T) {
	in := mustRead(t, changed(t))
	m, err := in.ReadMask(otherMask)
	if err != nil {
		t.Fatal(err)
	}
	var printed []string
	for i, hidden := range m.Hidden {
		if !hidden {
			printed = append(printed, in.Name(i))
		}
	}
	if diff := cmp.Diff([]string{"both: dep=D1, sex=F", "both: dep=FR, sex=T", "both: dep=FR, sex=F"}, printed); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Split{
		{Cell: numberOf(t, in, "both: dep=FR, sex=T"), Printed: "both", Hidden: "sex"},
		{Cell: numberOf(t, in, "both: dep=FR, sex=F"), Printed: "sex", Hidden: "both"},
	}, m.Split); diff != "" {
		t.Errorf("split (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"both.csv: columns that are not read: flag",
		"sex.csv: 1 rows print the frequency and no value; the cells count as hidden",
	}, m.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestReadMaskWithAPrintedSecretZero(t *testing.T) {
	in := mustRead(t, changed(t, "problem.json", `"value" => "zeros": "secret", "value"`))
	m, err := in.ReadMask(otherMask)
	if err != nil {
		t.Fatal(err)
	}
	cell := numberOf(t, in, "both: dep=D2, sex=M")
	if m.Hidden[cell] || m.Problem.Cells[cell].Unprinted || !in.Problem.Cells[cell].Unprinted {
		t.Errorf("hidden %t, in the mask %+v, in the input %+v", m.Hidden[cell], m.Problem.Cells[cell], in.Problem.Cells[cell])
	}
	other := numberOf(t, in, "both: dep=D3, sex=M")
	if !m.Hidden[other] || !m.Problem.Cells[other].Unprinted {
		t.Errorf("hidden %t, in the mask %+v", m.Hidden[other], m.Problem.Cells[other])
	}
}

func TestReadMaskTellsWhatIsWrong(t *testing.T) {
	in := mustRead(t, changed(t))
	for _, c := range []struct{ name, file, text, want string }{
		{"file missing", "sex.csv", "-", `sex.csv: there is no such file; correct the name, or add the file`},
		{"file empty", "sex.csv", "", `sex.csv: is empty; write a header and rows`},
		{"dimension missing", "sex.csv", "gender,v\nF,17.5\n", `sex.csv, line 1, column sex: there is no such column for a dimension of the table; the header has: gender, v`},
		{"value missing", "sex.csv", "sex,value\nF,17.5\n", `sex.csv, line 1, column v: there is no such column for value; the header has: sex, value`},
		{"unknown row", "sex.csv", "sex,v\nX,17.5\n", `sex.csv, line 2, column sex: the problem has no code "X"; correct it, or remove the row`},
		{"row twice", "sex.csv", "sex,v\nF,\nF,17.5\n", `sex.csv, line 3: sex=F has a row already; remove one of the rows`},
		{"zero row twice", "both.csv", "dep,sex,v\nD2,M,\nD2,M,\n", `both.csv, line 3: dep=D2, sex=M has a row already; remove one of the rows`},
		{"wrong figure", "sex.csv", "sex,v\nF,17.6\n", `sex.csv, line 2, column v: prints 17.6, and the problem has 17.5; a mask prints true figures only`},
		{"wrong frequency", "sex.csv", "sex,v,n\nF,17.5,8\n", `sex.csv, line 2, column n: prints 8, and the problem has 7; a mask prints true figures only`},
		{"figure for a zero", "both.csv", "dep,sex,v\nD2,M,1\n", `both.csv, line 2, column v: prints 1, and the problem has no such cell or it is zero; remove the row`},
		{"no number", "sex.csv", "sex,v\nF,x\n", `sex.csv, line 2, column v: "x" is no number; write digits with a decimal point, such as 1234.5; leave it empty where the cell is hidden`},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := fstest.MapFS{"both.csv": otherMask["both.csv"], "sex.csv": otherMask["sex.csv"]}
			files[c.file] = &fstest.MapFile{Data: []byte(c.text)}
			if c.text == "-" {
				delete(files, c.file)
			}
			_, err := in.ReadMask(files)
			var invalid *InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("error %v, want an InvalidError", err)
			}
			if diff := cmp.Diff([]string{c.want}, invalid.Faults); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheInputIsNotTouchedByAMask(t *testing.T) {
	in := mustRead(t, changed(t, "problem.json", `"value" => "zeros": "secret", "value"`))
	before := append([]tabular.Cell(nil), in.Problem.Cells...)
	if _, err := in.ReadMask(otherMask); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, in.Problem.Cells); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}
