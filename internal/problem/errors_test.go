package problem

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// small is a sound problem: a detailed table, and one with margins that shares cells
// with it.
var small = map[string]string{
	"problem.json": `{
		"tables": [{"name": "both", "file": "both.csv", "detail": true}, {"name": "sex", "file": "sex.csv"}],
		"dimensions": {"dep": {"total": "FR", "hierarchies": ["dep.csv"]}, "sex": {"total": "T"}},
		"value": "v", "frequency": "n", "largest": ["m1", "m2"], "sensitive": "s",
		"rules": {"min_frequency": 3}}`,
	"dep.csv":  "parent,child\nR1,D1\nR1,D2\nR2,D3\n",
	"both.csv": "dep,sex,v,n,m1,m2,s\nD1,F,10.5,4,5,3,FALSE\nD1,M,2,1,2,,FALSE\nD3,F,7,3,3,3,TRUE\n",
	"sex.csv":  "sex,v,n,m1,m2,s\nT,19.5,8,5,3,FALSE\nF,17.5,7,5,3,FALSE\nM,2,1,2,,FALSE\n",
}

// changed is the small problem with other files, or with words in it replaced: the
// arguments are files and contents, or files, "old => new" pairs in one string.
func changed(t *testing.T, edits ...string) fstest.MapFS {
	t.Helper()
	files := maps.Clone(small)
	for i := 0; i < len(edits); i += 2 {
		file, edit := edits[i], edits[i+1]
		if old, text, ok := strings.Cut(edit, " => "); ok {
			if !strings.Contains(files[file], old) {
				t.Fatalf("%s has no %q", file, old)
			}
			edit = strings.Replace(files[file], old, text, 1)
		}
		files[file] = edit
	}
	fsys := fstest.MapFS{}
	for name, text := range files {
		if text != "-" {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return fsys
}

func TestReadTellsWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name  string
		edits []string
		want  string
	}{
		// The description.
		{"description missing", []string{"problem.json", "-"}, `problem.json: there is no such file; correct the name, or add the file`},
		{"description empty", []string{"problem.json", " \n"}, `problem.json: is empty; write a header and rows`},
		{"JSON broken", []string{"problem.json", "{\n\"tables\": [,]}"}, `problem.json, line 2: invalid character ',' looking for beginning of value; correct the JSON there`},
		{"JSON cut off", []string{"problem.json", `{"tables": [`}, `problem.json: unexpected EOF; correct the JSON`},
		{"two objects", []string{"problem.json", `{} {}`}, `problem.json: something follows the closing brace; keep one object`},
		{"unknown key", []string{"problem.json", `"sensitive" => "sensitiv"`}, `problem.json: unknown key "sensitiv"; known: tables, dimensions, value, frequency, largest, sensitive, rules, protection_percent, whole, lower_bound, zeros; in rules: min_frequency, dominance_percent, p_percent, remainder, alone`},
		{"key in capitals", []string{"problem.json", `"value": "v" => "Value": "v"`}, `problem.json: unknown key "Value"; known: tables, dimensions, value, frequency, largest, sensitive, rules, protection_percent, whole, lower_bound, zeros; in rules: min_frequency, dominance_percent, p_percent, remainder, alone`},
		{"key in the wrong place", []string{"problem.json", `"value": "v" => "remainder": true, "value": "v"`}, `problem.json: misplaced key "remainder"; known: tables, dimensions, value, frequency, largest, sensitive, rules, protection_percent, whole, lower_bound, zeros; in rules: min_frequency, dominance_percent, p_percent, remainder, alone`},
		{"dimension twice", []string{"problem.json", `"sex": {"total": "T"} => "sex": {"total": "T"}, "sex": {"total": "all"}`}, `problem.json: the key "sex" is there twice; keep one`},
		{"key twice", []string{"problem.json", `"value": "v" => "value": "n", "value": "v"`}, `problem.json: the key "value" is there twice; keep one`},
		{"rule no whole number", []string{"problem.json", `: 3 => : 2.5`}, `problem.json: min_frequency 2.5 is no whole number in 0..2147483648; write the smallest number of contributors that may be shown, 0 for no such rule`},
		{"tables no list", []string{"problem.json", `{"tables": {}}`}, `problem.json, line 1: tables must be a list, not object; correct it`},
		{"rule no number", []string{"problem.json", `: 3 => : "three"`}, `problem.json: invalid number literal, trying to unmarshal "\"three\"" into Number; correct the JSON`},
		{"rule negative", []string{"problem.json", `: 3 => : -1`}, `problem.json: min_frequency -1 is no whole number in 0..2147483648; write the smallest number of contributors that may be shown, 0 for no such rule`},
		{"dominance above 100", []string{"problem.json", `: 3 => : 3, "dominance_percent": 101`}, `problem.json: dominance_percent 101 is no whole number in 0..100; write a whole per cent, 0 for no such rule`},
		{"p% too large", []string{"problem.json", `: 3 => : 3, "p_percent": 401`}, `problem.json: p_percent 401 is no whole number in 0..400; write a whole per cent, 0 for no such rule`},
		{"dominance without contributions", []string{"problem.json", `["m1", "m2"] => []`, "problem.json", `: 3 => : 3, "dominance_percent": 85`}, `problem.json: dominance_percent needs the largest contribution; name its column in largest`},
		{"p% without the second contribution", []string{"problem.json", `["m1", "m2"] => ["m1"]`, "problem.json", `: 3 => : 3, "p_percent": 10`}, `problem.json: p_percent needs the two largest contributions; name their columns in largest`},
		{"protection negative", []string{"problem.json", `"value" => "protection_percent": -1, "value"`}, `problem.json: protection_percent -1 is not in 0..100 with at most 3 decimals; write a per cent of the value, 0 for not determined`},
		{"zeros unknown", []string{"problem.json", `"value" => "zeros": "open", "value"`}, `problem.json: zeros "open" is unknown; write "known" or "secret"`},
		{"bound above secret zeros", []string{"problem.json", `"value" => "zeros": "secret", "lower_bound": 1, "value"`}, `problem.json: lower_bound 1 is above zero, and zeros are secret; lower it to 0, or write "zeros": "known"`},
		{"bound no number", []string{"problem.json", `"value" => "lower_bound": "x", "value"`}, `problem.json: lower_bound: "\"x\"" is no number; write digits with a decimal point, such as 1234.5; write null for no bound`},
		{"bound a fraction", []string{"problem.json", `"value" => "lower_bound": -0.5, "whole": true, "value"`}, `problem.json: lower_bound -0.5 is a fraction, the figures are whole; round it down`},
		{"path leaves the folder", []string{"problem.json", `both.csv => ../both.csv`}, `problem.json: "../both.csv" is no file below the folder of problem.json; write a path such as tables/sales.csv, without ..`},
		{"path absolute", []string{"problem.json", `both.csv => /etc/passwd`}, `problem.json: "/etc/passwd" is no file below the folder of problem.json; write a path such as tables/sales.csv, without ..`},
		{"hierarchy leaves the folder", []string{"problem.json", `dep.csv => x/../../dep.csv`}, `problem.json: "x/../../dep.csv" is no file below the folder of problem.json; write a path such as tables/sales.csv, without ..`},
		{"table name unsafe", []string{"problem.json", `"both", => "../both",`}, `problem.json: "../both" is no name of a table; use letters, digits, dots, - and _ only, and no dot first`},
		{"table name twice", []string{"problem.json", `"sex", => "BOTH",`}, `problem.json: two tables are called "BOTH"; rename one`},
		{"no tables", []string{"problem.json", `{"dimensions": {"a": {"total": "T"}}, "value": "v", "frequency": "v"}`}, `problem.json: tables has 0 entries; name 1 to 1000 tables`},
		{"no total", []string{"problem.json", `{"total": "T"} => {}`}, `problem.json: the dimension "sex" lacks a name or the code of its total; write {"NAME": {"total": "CODE"}}`},
		{"no value", []string{"problem.json", `"value": "v", => `}, `problem.json: value is missing; name the column of the figure that is published`},
		{"no frequency", []string{"problem.json", `"frequency": "n", => `}, `problem.json: frequency is missing; name the column of the number of contributors (it may be that of value)`},
		{"column with two meanings", []string{"problem.json", `"sensitive": "s" => "sensitive": "n"`}, `problem.json: the column "n" is both frequency and sensitive; give each its own column`},
		{"column of the mask", []string{"problem.json", `"sensitive": "s" => "sensitive": "status"`}, `problem.json: the column "status" is both the status in the mask and sensitive; give each its own column`},
		{"dimension of no table", []string{"problem.json", `"sex": {"total": "T"} => "sex": {"total": "T"}, "age": {"total": "T"}`}, `problem.json: no table has the dimension "age"; correct its name, or leave it out`},
		// Hierarchies.
		{"hierarchy missing", []string{"dep.csv", "-"}, `dep.csv: there is no such file; correct the name, or add the file`},
		{"hierarchy without rows", []string{"dep.csv", "parent,child\n"}, `dep.csv: has no rows; add them, or leave the file out of hierarchies`},
		{"hierarchy without columns", []string{"dep.csv", "group,child\nR1,D1\n"}, `dep.csv, line 1, column parent: there is no such column for the code of the group; the header has: group, child`},
		{"two parents", []string{"dep.csv", "parent,child\nR1,D1\nR2,D1\n"}, `dep.csv, line 3, column child: "D1" has two parents, "R2" and, in line 2, "R1"; put each grouping in a file of its own`},
		{"row of a hierarchy twice", []string{"dep.csv", "parent,child\nR1,D1\nR1,D1\n"}, `dep.csv, line 3, column child: "D1" in "R1" is in line 2 already; remove one of the rows`},
		{"cycle", []string{"dep.csv", "parent,child\nA,B\nB,C\nC,A\n"}, `dep.csv, line 4, column child: "A" is in a group of itself (a cycle: A in C in B in A); correct the row`},
		{"group of itself", []string{"dep.csv", "parent,child\nA,A\n"}, `dep.csv, line 2, column child: "A" is in a group of itself (a cycle: A in A); correct the row`},
		{"total in a group", []string{"dep.csv", "parent,child\nR1,FR\n"}, `dep.csv, line 2, column child: "FR" is the total of dep, which is in no group; remove the row`},
		{"parent empty", []string{"dep.csv", "parent,child\n,D1\n"}, `dep.csv, line 2, column parent: is empty; write the code above "D1", or "FR" if it adds up to the total itself`},
		{"child empty", []string{"dep.csv", "parent,child\nR1,\n"}, `dep.csv, line 2, column child: is empty; write the code in the group "R1"`},
		{"cycle through two files", []string{"problem.json", `["dep.csv"] => ["dep.csv", "up.csv"]`, "up.csv", "parent,child\nD1,R1\n"}, `dep.csv: with the other hierarchies of dep, "R1" or a code in it is in a group of itself; make the files agree`},
		{"code not in the second grouping", []string{"problem.json", `["dep.csv"] => ["dep.csv", "zone.csv"]`, "zone.csv", "parent,child\nZ1,D1\n"}, `both.csv, line 4, column dep: "D3" of dep is in no group of zone.csv; add a row with its parent there, or correct the code`},
		{"code twice in the second grouping", []string{"problem.json", `["dep.csv"] => ["dep.csv", "zone.csv"]`, "zone.csv", "parent,child\nZ1,D1\nZ2,R1\nZ2,R2\n"}, `both.csv, line 2, column dep: "D1" of dep adds to the total twice in zone.csv; keep one group at the top for each code`},
		{"groupings that differ in a group", []string{"problem.json", `["dep.csv"] => ["dep.csv", "zone.csv"]`, "zone.csv", "parent,child\nZ1,D1\nZ1,R1\nR1,D2\n"}, `both.csv, line 2, column dep: "D1" of dep is in "R1" by one hierarchy, but not once by zone.csv; make the files agree`},
		// Tables.
		{"table missing", []string{"sex.csv", "-"}, `sex.csv: there is no such file; correct the name, or add the file`},
		{"table empty", []string{"sex.csv", ""}, `sex.csv: is empty; write a header and rows`},
		{"table without rows", []string{"sex.csv", "sex,v,n,m1,m2,s\n"}, `sex.csv: has no rows; add them, or leave the table out`},
		{"not UTF-8", []string{"sex.csv", "sex,v\nF\xe9minin,3\n"}, `sex.csv, line 2: is not UTF-8; save the file as UTF-8`},
		{"column missing", []string{"sex.csv", "v,n,m1 => v,freq,m1"}, `sex.csv, line 1, column n: there is no such column for frequency; the header has: sex, v, freq, m1, m2, s`},
		{"column twice", []string{"sex.csv", "v,n,m1 => v,v,m1"}, `sex.csv, line 1, column v: there are two columns of this name; rename one`},
		{"column without a name", []string{"sex.csv", "v,n,m1 => v,,m1"}, `sex.csv, line 1: column 3 has no name; give each column a name`},
		{"quote left open", []string{"sex.csv", "M,2 => \"M,2"}, `sex.csv, line 4: extraneous or missing " in quoted-field; put fields that hold quotes between quotes, and double those inside`},
		{"field too many", []string{"sex.csv", "M,2 => M,2,2"}, `sex.csv, line 4: has 7 fields, the header has 6; give each row one field a column, and quote fields that hold a separator`},
		{"code without parent", []string{"both.csv", "D3,F => D9,F"}, `both.csv, line 4, column dep: "D9" has no parent; add it to dep.csv, or correct the code`},
		{"code empty", []string{"both.csv", "D3,F => ,F"}, `both.csv, line 4, column dep: is empty; write a code, "FR" for the total`},
		{"margin in a detailed table", []string{"both.csv", "D3,F => R2,F"}, `both.csv, line 4, column dep: "R2" is the sum of other codes, and the table is detailed; remove the row (margins are made), or write "detail": false`},
		{"total in a detailed table", []string{"both.csv", "D3,F => D3,T"}, `both.csv, line 4, column sex: "T" is the total, and the table is detailed; remove the row (margins are made), or write "detail": false`},
		{"row twice", []string{"both.csv", "D3,F => D1,F"}, `both.csv, line 4: dep=D1, sex=F is in line 2 already; remove one of the rows`},
		{"value no number", []string{"both.csv", "10.5 => 10.5 €"}, `both.csv, line 2, column v: "10.5 €" is no number; write digits with a decimal point, such as 1234.5`},
		{"value with a comma", []string{"both.csv", "10.5 => \"10,5\""}, `both.csv, line 2, column v: "10,5" is no number; write digits with a decimal point, such as 1234.5`},
		{"value with an exponent", []string{"both.csv", "10.5 => 1e3"}, `both.csv, line 2, column v: "1e3" is no number; write digits with a decimal point, such as 1234.5`},
		{"value empty", []string{"both.csv", "10.5 => "}, `both.csv, line 2, column v: no figure; write one, 0 if it is zero`},
		{"value too long", []string{"both.csv", "10.5 => 1.0123456789"}, `both.csv, line 2, column v: "1.0123456789" has too many digits; round it to at most 9 decimals and 15 digits`},
		{"value too large", []string{"both.csv", "10.5 => 9007199254740993"}, `both.csv, line 2, column v: "9007199254740993" has too many digits; round it to at most 9 decimals and 15 digits`},
		{"value too large in the unit of all", []string{"both.csv", "10.5 => 9007199254740990", "both.csv", "D1,M,2 => D1,M,2.5", "sex.csv", "M,2, => M,2.5,"}, `both.csv, line 2, column v: 9007199254740990 has more than 15 digits, 1 of them decimals; give the figures in a larger unit, or round them`},
		{"sum too large", []string{"both.csv", "10.5 => 900719925474099.2", "both.csv", "D3,F,7 => D3,F,900719925474099.2"}, `both.csv: the sum for dep=FR, sex=F has more than 15 digits with its decimals; give the figures in a larger unit`},
		{"fraction where whole", []string{"problem.json", `"value" => "whole": true, "value"`}, `both.csv, line 2, column v: 10.5 is a fraction; write a whole number, or leave "whole" out if it is the value`},
		{"frequency a fraction", []string{"both.csv", "10.5,4 => 10.5,4.5"}, `both.csv, line 2, column n: 4.5 is a fraction; write a whole number, or leave "whole" out if it is the value`},
		{"frequency negative", []string{"both.csv", "10.5,4,5,3 => 10.5,-4,,"}, `both.csv, line 2, column n: -4 is below zero; a number of contributors is 0 or more`},
		{"frequency zero", []string{"both.csv", "10.5,4,5,3 => 10.5,0,,"}, `both.csv, line 2, column n: is zero where the value is 10.5; write the number of contributors`},
		{"value below the bound", []string{"both.csv", "10.5 => -1"}, `both.csv, line 2, column v: -1 is below lower_bound 0; correct it, or write "lower_bound": null`},
		{"zero with contributors below the bound", []string{"problem.json", `"value" => "lower_bound": 1, "value"`, "both.csv", "D1,M,2,1,2 => D1,M,0,1,0"}, `both.csv, line 3, column v: 0 is below lower_bound 1; correct it, or write "lower_bound": null`},
		{"margin below the bound", []string{"problem.json", `"value" => "lower_bound": -3, "value"`, "both.csv", "D1,M,2, => D1,M,-2,", "both.csv", "D1,F,10.5 => D2,M,-2"}, `both.csv: the margin dep=FR, sex=M is -4.0, below lower_bound -3; the bound holds for margins too: write a lower one, or null`},
		{"contribution missing", []string{"both.csv", "10.5,4,5,3 => 10.5,4,5,"}, `both.csv, line 2, column m2: is empty where the frequency is 4; write the contribution, 0 if it is zero`},
		{"contribution too many", []string{"both.csv", "D1,M,2,1,2,, => D1,M,2,1,2,1,"}, `both.csv, line 3, column m2: is 1 where the frequency is 1; leave it empty`},
		{"contributions out of order", []string{"both.csv", "10.5,4,5,3 => 10.5,4,3,5"}, `both.csv, line 2, column m2: 5 is larger than the one before, 3; write the largest first`},
		{"sensitive neither", []string{"both.csv", "TRUE => yes"}, `both.csv, line 4, column s: "yes" is neither TRUE nor FALSE; write one of them`},
		// Sums.
		{"total not the sum", []string{"problem.json", `, "detail": true => `, "both.csv", "dep,sex,v,n,m1,m2,s\nFR,T,3,3,1,1,FALSE\nFR,F,3.5,3,1,1,FALSE\n", "sex.csv", "sex,v,n,m1,m2,s\nT,3,3,1,1,FALSE\nF,3.0,3,1,1,FALSE\n"}, `sex.csv, line 3, column v: sex=F is 3.0 here and 3.5 in both.csv, line 3; the same cell must have the same figures in all tables`},
		{"tables differ in the value", []string{"sex.csv", "F,17.5 => F,18"}, `sex.csv, line 3, column v: sex=F is 18.0 here and 17.5 in both.csv; the same cell must have the same figures in all tables`},
		{"tables differ in the frequency", []string{"sex.csv", "F,17.5,7 => F,17.5,8"}, `sex.csv, line 3, column n: sex=F is 8 here and 7 in both.csv; the same cell must have the same figures in all tables`},
		{"tables differ in the contributions", []string{"sex.csv", "F,17.5,7,5 => F,17.5,7,6"}, `sex.csv, line 3, column m1, m2: sex=F is 6.0, 3.0 here and 5.0, 3.0 in both.csv; the same cell must have the same figures in all tables`},
		{"zero in one table only", []string{"sex.csv", "M,2,1,2,, => M,0,0,,,"}, `sex.csv, line 4, column v: sex=M is 0.0 here and 2.0 in both.csv; the same cell must have the same figures in all tables`},
		{"member missing", []string{"sex.csv", "M,2,1,2,,FALSE\n => "}, `sex.csv, line 2, column v: sex=T is 19.5, and its members in sex add up to 17.5; correct the figures, or add the rows that are missing`},
		{"total missing", []string{"sex.csv", "T,19.5,8,5,3,FALSE\n => "}, `sex.csv: there is no row for sex=T, which makes it zero, and it is 19.5 in both.csv; add the row`},
		{"total missing, alone", []string{
			"problem.json", `{"tables": [{"name": "a", "file": "sex.csv"}], "dimensions": {"sex": {"total": "T"}}, "value": "v", "frequency": "v"}`,
			"sex.csv", "sex,v\nF,3\nM,4\n",
		}, `sex.csv, column v: there is no row for sex=T, which makes it zero, and its members in sex add up to 7; add the row`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(changed(t, c.edits...), "problem.json")
			var invalid *InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("error %v, want an InvalidError", err)
			}
			if diff := cmp.Diff(c.want, invalid.Faults[0]); diff != "" {
				t.Errorf("fault (-want +got):\n%s\nall: %v", diff, err)
			}
		})
	}
}

func TestReadRefusesWhatIsTooLarge(t *testing.T) {
	var deep, wide, many strings.Builder
	deep.WriteString("parent,child\n")
	for i := range 65 {
		fmt.Fprintf(&deep, "L%d,L%d\n", i, i+1)
	}
	wide.WriteString("a,b,v,n\n")
	for i := range 2001 {
		fmt.Fprintf(&wide, "x%d,x%d,1,1\n", i, i)
	}
	var names []string
	for i := range 13 {
		names = append(names, fmt.Sprintf("d%d", i))
	}
	many.WriteString(strings.Join(names, ",") + ",v,n\n")
	for i := range 33 {
		many.WriteString(strings.Repeat(fmt.Sprintf("x%d,", i), 13) + "1,1\n")
	}
	for _, c := range []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"levels", changed(t, "dep.csv", deep.String()), "dep.csv: dep has 66 levels; make it at most 64"},
		{"secret zeros", fstest.MapFS{
			"problem.json": {Data: []byte(`{"tables": [{"name": "t", "file": "t.csv", "detail": true}], "dimensions": {"a": {"total": "T"}, "b": {"total": "T"}}, "value": "v", "frequency": "n", "zeros": "secret"}`)},
			"t.csv":        {Data: []byte(wide.String())},
		}, "t.csv: has more than 4000000 cells with its secret zeros; split the problem, or make the hierarchies smaller"},
		{"codes", fstest.MapFS{
			"problem.json": {Data: []byte(`{"tables": [{"name": "t", "file": "t.csv"}], "dimensions": {"` + strings.Join(names, `": {"total": "T"}, "`) + `": {"total": "T"}}, "value": "v", "frequency": "n"}`)},
			"t.csv":        {Data: []byte(many.String())},
		}, "problem.json: the dimensions have too many codes together (their numbers take more than 64 bits); split the problem"},
	} {
		_, err := Read(c.files, "problem.json")
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: error %v, want %s", c.name, err, c.want)
		}
	}
}

func TestReadCountsTheFaultsThatItDoesNotList(t *testing.T) {
	rows := "dep,sex,v,n,m1,m2,s\n" + strings.Repeat("D1,F,x,1,1,,FALSE\n", 50)
	_, err := Read(changed(t, "both.csv", rows), "problem.json")
	var invalid *InvalidError
	if !errors.As(err, &invalid) || len(invalid.Faults) != 20 || invalid.More != 30 {
		t.Fatalf("%v", err)
	}
	if !strings.HasSuffix(err.Error(), "\nand 30 more") {
		t.Errorf("%v", err)
	}
}

func TestReadReturnsErrorsOfTheFileSystem(t *testing.T) {
	_, err := Read(denied{changed(t)}, "problem.json")
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v, want permission denied", err)
	}
}

// denied refuses to open dep.csv.
type denied struct{ fs.FS }

func (d denied) Open(name string) (fs.File, error) {
	if name == "dep.csv" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.FS.Open(name)
}

func TestSmallProblemIsSound(t *testing.T) {
	if _, err := Read(changed(t), "problem.json"); err != nil {
		t.Fatal(err)
	}
}
