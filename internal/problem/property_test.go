package problem

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// drawn is a random detailed table with what it should come to.
type drawn struct {
	files fstest.MapFS
	dims  []drawnDimension
	rows  []drawnRow
}

type drawnDimension struct {
	name   string
	leaves []string
	// up has one map per grouping from a code to its parent.
	up []map[string]string
}

type drawnRow struct {
	codes []string
	value int64 // in tenths
	count int64
}

// draw draws one to three dimensions with up to two hierarchies each, of any depth,
// and rows.
func draw(t *rapid.T) drawn {
	d := drawn{files: fstest.MapFS{}}
	entries := []string{}
	for i := range rapid.IntRange(1, 3).Draw(t, "dimensions") {
		dim := drawDimension(t, i)
		d.dims = append(d.dims, dim)
		var names []string
		for h, up := range dim.up {
			file := fmt.Sprintf("%s%d.csv", dim.name, h)
			text := "child,parent\n"
			for _, child := range slices.Sorted(maps.Keys(up)) {
				text += child + "," + up[child] + "\n"
			}
			d.files[file] = &fstest.MapFile{Data: []byte(text)}
			names = append(names, `"`+file+`"`)
		}
		entries = append(entries, fmt.Sprintf(`%q: {"total": "T", "hierarchies": [%s]}`, dim.name, strings.Join(names, ", ")))
	}
	d.drawRows(t)
	d.files["problem.json"] = &fstest.MapFile{Data: []byte(`{"tables": [{"name": "t", "file": "t.csv", "detail": true}],
		"dimensions": {` + strings.Join(entries, ", ") + `}, "value": "v", "frequency": "n", "lower_bound": null}`)}
	return d
}

// drawDimension draws leaves, and groupings of them. A code is under the total itself
// in a grouping if it stands there with the total as its parent.
func drawDimension(t *rapid.T, number int) drawnDimension {
	d := drawnDimension{name: fmt.Sprintf("d%d", number)}
	for i := range rapid.IntRange(1, 5).Draw(t, "leaves") {
		d.leaves = append(d.leaves, fmt.Sprintf("x%d", i))
	}
	for h := range rapid.IntRange(0, 2).Draw(t, "groupings") {
		up := map[string]string{}
		level := slices.Clone(d.leaves)
		for depth := 0; len(level) > 0; depth++ {
			var next []string
			for _, code := range level {
				switch g := rapid.IntRange(-1, 2).Draw(t, "group"); {
				case g < 0 || depth == 4:
					up[code] = "T"
				default:
					group := fmt.Sprintf("g%d.%d.%d", h, depth, g)
					up[code] = group
					if !slices.Contains(next, group) {
						next = append(next, group)
					}
				}
			}
			level = next
		}
		d.up = append(d.up, up)
	}
	return d
}

func (d *drawn) drawRows(t *rapid.T) {
	var text strings.Builder
	for _, dim := range d.dims {
		text.WriteString(dim.name + ";")
	}
	text.WriteString("v;n\n")
	seen := map[string]bool{}
	for range rapid.IntRange(1, 12).Draw(t, "rows") {
		var row drawnRow
		for _, dim := range d.dims {
			row.codes = append(row.codes, rapid.SampledFrom(dim.leaves).Draw(t, "code"))
		}
		key := strings.Join(row.codes, ";")
		if seen[key] {
			continue
		}
		seen[key] = true
		row.count = rapid.Int64Range(0, 3).Draw(t, "count")
		if row.count > 0 {
			row.value = rapid.Int64Range(-3, 40).Draw(t, "value")
		}
		d.rows = append(d.rows, row)
		fmt.Fprintf(&text, "%s;%s;%d\n", key, decimal{row.value, 1}, row.count)
	}
	d.files["t.csv"] = &fstest.MapFile{Data: []byte(text.String())}
}

// above lists a leaf, the total and all groups that a leaf is in.
func (d drawnDimension) above(leaf string) []string {
	list := []string{"T", leaf}
	for _, up := range d.up {
		for c := up[leaf]; c != "T"; c = up[c] {
			if !slices.Contains(list, c) {
				list = append(list, c)
			}
		}
	}
	return list
}

// margins adds up every combination from the rows, one by one.
func (d *drawn) margins() (values, counts map[string]int64) {
	values, counts = map[string]int64{}, map[string]int64{}
	for _, row := range d.rows {
		if row.value == 0 && row.count == 0 {
			continue
		}
		keys := []string{""}
		for i, dim := range d.dims {
			var next []string
			for _, key := range keys {
				for _, code := range dim.above(row.codes[i]) {
					if code == "T" {
						next = append(next, key)
					} else {
						next = append(next, strings.TrimSpace(key+" "+dim.name+"="+code))
					}
				}
			}
			keys = next
		}
		for _, key := range keys {
			values[key] += row.value
			counts[key] += row.count
		}
	}
	return values, counts
}

// tenths is a value in tenths, whatever decimals the problem has.
func tenths(in *Input, v int64) int64 { return v * 10 / powers[in.places] }

func TestMarginsAreThoseOfTheRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		in, err := Read(d.files, "problem.json")
		if err != nil {
			t.Fatal(err)
		}
		checkSums(t, in)
		values, counts := d.margins()
		gotValues, gotCounts := map[string]int64{}, map[string]int64{}
		for i, c := range in.Problem.Cells {
			gotValues[codes(in, i)] = tenths(in, c.Values[0])
			gotCounts[codes(in, i)] = c.Holders[0].Count
		}
		if diff := cmp.Diff(values, gotValues); diff != "" {
			t.Fatalf("values (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(counts, gotCounts); diff != "" {
			t.Fatalf("counts (-want +got):\n%s", diff)
		}
	})
}

// TestMaskOfADetailedTableIsATableWithMargins takes a mask that hides nothing as the
// input of a problem: cells and equations are the same.
func TestMaskOfADetailedTableIsATableWithMargins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		in, err := Read(d.files, "problem.json")
		if err != nil {
			t.Fatal(err)
		}
		mask := fstest.MapFS{}
		if err := in.WriteMask(make([]bool, len(in.Problem.Cells)), into(mask)); err != nil {
			t.Fatal(err)
		}
		files := maps.Clone(d.files)
		files["t.csv"] = mask["t.csv"]
		files["problem.json"] = &fstest.MapFile{Data: bytes.Replace(d.files["problem.json"].Data, []byte(`"detail": true`), []byte(`"detail": false`), 1)}
		again, err := Read(files, "problem.json")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(figures(in), figures(again)); diff != "" {
			t.Fatalf("cells (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(sums(in), sums(again)); diff != "" {
			t.Fatalf("equations (-want +got):\n%s", diff)
		}
		// Both together are one problem with the same cells and equations.
		files["both.csv"] = d.files["t.csv"]
		files["problem.json"] = &fstest.MapFile{Data: bytes.Replace(d.files["problem.json"].Data, []byte(`"tables": [`), []byte(`"tables": [{"name": "both", "file": "both.csv", "detail": true}, `), 1)}
		files["problem.json"].Data = bytes.Replace(files["problem.json"].Data, []byte(`"t.csv", "detail": true`), []byte(`"t.csv"`), 1)
		linked, err := Read(files, "problem.json")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sums(in), sums(linked)); diff != "" {
			t.Fatalf("equations of the linked tables (-want +got):\n%s", diff)
		}
	})
}

// TestTablesShareTheirMargins links a detailed table with one that lacks its last
// dimension: nothing is new.
func TestTablesShareTheirMargins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		in, err := Read(d.files, "problem.json")
		if err != nil {
			t.Fatal(err)
		}
		mask := fstest.MapFS{}
		if err := in.WriteMask(make([]bool, len(in.Problem.Cells)), into(mask)); err != nil {
			t.Fatal(err)
		}
		var less strings.Builder
		for line := range strings.Lines(string(mask["t.csv"].Data)) {
			fields := strings.Split(line, ",")
			last := len(d.dims) - 1
			if fields[last] == "T" || fields[last] == d.dims[last].name {
				less.WriteString(strings.Join(slices.Delete(fields, last, last+1), ","))
			}
		}
		files := maps.Clone(d.files)
		files["less.csv"] = &fstest.MapFile{Data: []byte(less.String())}
		order := rapid.SampledFrom([]string{`[{"name": "less", "file": "less.csv"}, `, `[`}).Draw(t, "order")
		text := strings.Replace(string(d.files["problem.json"].Data), "[", order, 1)
		if order == "[" {
			text = strings.Replace(text, "}]", `}, {"name": "less", "file": "less.csv"}]`, 1)
		}
		files["problem.json"] = &fstest.MapFile{Data: []byte(text)}
		if strings.Count(less.String(), "\n") < 2 {
			return // all rows are zero, so that the table has no margins
		}
		linked, err := Read(files, "problem.json")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(figures(in), figures(linked)); diff != "" {
			t.Fatalf("cells (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(sums(in), sums(linked)); diff != "" {
			t.Fatalf("equations (-want +got):\n%s", diff)
		}
	})
}

// TestMaskIsReadBack writes random masks and reads them.
func TestMaskIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		in, err := Read(d.files, "problem.json")
		if err != nil {
			t.Fatal(err)
		}
		hidden := make([]bool, len(in.Problem.Cells))
		for i := range hidden {
			hidden[i] = rapid.Bool().Draw(t, "hidden")
		}
		mask := fstest.MapFS{}
		if err := in.WriteMask(hidden, into(mask)); err != nil {
			t.Fatal(err)
		}
		got, err := in.ReadMask(mask)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(hidden, got.Hidden); diff != "" {
			t.Fatalf("mask (-written +read):\n%s", diff)
		}
		if len(got.Split) > 0 || len(got.Notes) > 0 {
			t.Fatalf("split %v, notes %v", got.Split, got.Notes)
		}
	})
}

// into writes files into memory.
func into(files fstest.MapFS) Create {
	return func(name string, write func(io.Writer) error) error {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			return err
		}
		files[name] = &fstest.MapFile{Data: b.Bytes()}
		return nil
	}
}
