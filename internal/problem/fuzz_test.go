package problem

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// told checks that an error says which file is wrong.
func told(t *testing.T, err error, files ...string) {
	t.Helper()
	if err == nil {
		return
	}
	var invalid *InvalidError
	if !errors.As(err, &invalid) || len(invalid.Faults) == 0 {
		t.Fatalf("%v is no InvalidError with faults", err)
	}
	for _, fault := range invalid.Faults {
		named := false
		for _, file := range files {
			named = named || strings.HasPrefix(fault, file)
		}
		if !named {
			t.Fatalf("%q names none of %v", fault, files)
		}
	}
}

// FuzzProblem reads descriptions and hierarchies.
func FuzzProblem(f *testing.F) {
	f.Add(small["problem.json"], small["dep.csv"])
	f.Add(strings.Replace(small["problem.json"], `"value"`, `"zeros": "secret", "lower_bound": null, "protection_percent": 12.5, "value"`, 1), "parent;child\nFR;R1\nR1;D1\nR1;D2\nR2;D3\n")
	f.Add(`{"tables": [{"name": "both", "file": "both.csv"}], "dimensions": {"dep": {"total": "D3"}}, "value": "v", "frequency": "n"}`, "parent,child\nA,A\n")
	f.Add(`{"tables": [{"name": "..", "file": "../x"}], "value": 3}`, "\"")
	for _, name := range []string{"z1", "linked4"} {
		text, err := os.ReadFile(problems + name + "/problem.json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "parent,child\n")
	}
	f.Fuzz(func(t *testing.T, description, hierarchy string) {
		files := fstest.MapFS{"problem.json": {Data: []byte(description)}, "dep.csv": {Data: []byte(hierarchy)}}
		for _, name := range []string{"both.csv", "sex.csv"} {
			files[name] = &fstest.MapFile{Data: []byte(small[name])}
		}
		in, err := Read(files, "problem.json")
		if err == nil {
			checkSums(t, in)
			return
		}
		var invalid *InvalidError
		if !errors.As(err, &invalid) {
			t.Fatalf("%v is no InvalidError", err)
		}
	})
}

// FuzzTable reads tables. A problem that is accepted is sound, and its mask is read
// back as it was written.
func FuzzTable(f *testing.F) {
	f.Add(small["both.csv"], small["sex.csv"], byte(0))
	f.Add("dep;sex;v;n;m1;m2;s\n\"D1\";F;0;2;0;0;true\nD2;M;-3;1;-3;;FALSE\n", "\ufeffsex,v,n,m1,m2,s\r\nT,-3,3,0,0,FALSE\r\n", byte(3))
	f.Add("dep,sex,v,n,m1,m2,s\nD1,F,0,0,,,TRUE\nD2,F,1.50,3,1,0.5,FALSE\n", "sex,v,n,m1,m2,s\nT,1.5,3,1,.5,FALSE\nF,1.5,3,1,.5,FALSE\n", byte(5))
	f.Fuzz(func(t *testing.T, both, sex string, how byte) {
		text := small["problem.json"]
		if how&1 != 0 {
			text = strings.Replace(text, `"value"`, `"zeros": "secret", "value"`, 1)
		}
		if how&2 != 0 {
			text = strings.Replace(text, `"value"`, `"lower_bound": null, "value"`, 1)
		}
		if how&4 != 0 {
			text = strings.Replace(text, `, "detail": true`, "", 1)
		}
		files := fstest.MapFS{"problem.json": {Data: []byte(text)}, "dep.csv": {Data: []byte(small["dep.csv"])}, "both.csv": {Data: []byte(both)}, "sex.csv": {Data: []byte(sex)}}
		in, err := Read(files, "problem.json")
		if err != nil {
			told(t, err, "both.csv", "sex.csv", "problem.json")
			return
		}
		checkSums(t, in)
		hidden := sensitiveCells(in)
		mask := fstest.MapFS{}
		if err := in.WriteMask(hidden, into(mask)); err != nil {
			t.Fatal(err)
		}
		got, err := in.ReadMask(mask)
		if err != nil {
			t.Fatal(err)
		}
		for i := range hidden {
			if hidden[i] != got.Hidden[i] && !in.cells.implied[i] {
				t.Fatalf("%s: hidden %t, read back %t", in.Name(i), hidden[i], got.Hidden[i])
			}
		}
	})
}

// FuzzMask reads masks. A cell that is not hidden is printed with its figure.
func FuzzMask(f *testing.F) {
	f.Add(string(otherMask["both.csv"].Data), string(otherMask["sex.csv"].Data))
	f.Add("dep,sex,v,n,status\nD1,F,10.5,4,published\nD1,M,,,sensitive\n", "sex,v,n,status\nT,19.5,8,published\nF,,,secondary\n")
	f.Add("dep,sex,v\nD2,M,0.000\n", "sex,v\n")
	f.Fuzz(func(t *testing.T, both, sex string) {
		in := mustRead(t, changed(t))
		m, err := in.ReadMask(fstest.MapFS{"both.csv": {Data: []byte(both)}, "sex.csv": {Data: []byte(sex)}})
		if err != nil {
			told(t, err, "both.csv", "sex.csv")
			return
		}
		for i, hidden := range m.Hidden {
			figure := decimal{in.Problem.Cells[i].Values[0], in.places}.String()
			whole, _, _ := strings.Cut(figure, ".")
			if !hidden && !strings.Contains(both+sex, whole) {
				t.Fatalf("%s is printed, and no file has %s", in.Name(i), figure)
			}
		}
	})
}
