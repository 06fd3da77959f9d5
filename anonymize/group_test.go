package anonymize_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/anonymize/audit"
	"github.com/parvis-opendata/parvis/anonymize/protect"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// file is a training file of a person: where it is, and in what categories the person is.
type file struct {
	person        uint64
	place         int
	gender, state string
	cents         int64
}

const threshold = 5

// holders are the persons behind some files.
func holders(files []file) tabular.Holders {
	sums := map[uint64]int64{}
	for _, f := range files {
		sums[f.person] += f.cents
	}
	h := tabular.Holders{Count: int64(len(sums)), Smallest: slices.Sorted(maps.Keys(sums))}
	h.Smallest = h.Smallest[:min(len(h.Smallest), threshold)]
	for person, cents := range sums {
		h.Largest = append(h.Largest, tabular.Share{Number: person, Amount: cents})
	}
	slices.SortFunc(h.Largest, func(a, b tabular.Share) int {
		return cmp.Or(cmp.Compare(b.Amount, a.Amount), cmp.Compare(a.Number, b.Number))
	})
	h.Largest = h.Largest[:min(len(h.Largest), 3)]
	return h
}

// cell is the cell of some files: files, persons, cents.
func cell(files []file) tabular.Cell {
	h := holders(files)
	c := tabular.Cell{Values: []int64{int64(len(files)), h.Count, 0}, Holders: []tabular.Holders{h, h}, Sensitive: 0 < h.Count && h.Count < threshold}
	for _, f := range files {
		c.Values[2] += f.cents
	}
	return c
}

// tables are two tables: places by gender and state, and places; with the total of each
// category over places, and what the cells of each place are.
type tables struct {
	problem    tabular.Problem
	rows       []int // equations of the places
	categories [][][]string
	files      [][]file // by cell
}

func tablesOf(files []file) *tables {
	x := &tables{problem: tabular.Problem{
		Measures: []tabular.Measure{{Name: "files", Whole: true, AtMost: -1}, {Name: "persons", Whole: true, Distinct: true, AtMost: 0}, {Name: "cents", Decimals: 2, AtMost: -1}},
		Rules:    []tabular.Rule{{MinFrequency: threshold, Measure: 2, Alone: true}, {MinFrequency: threshold, Measure: 2, Alone: true}}, Remainder: true,
	}}
	add := func(of func(file) string) map[string]int32 {
		groups := map[string][]file{}
		for _, f := range files {
			groups[of(f)] = append(groups[of(f)], f)
		}
		cells := map[string]int32{}
		for _, k := range slices.Sorted(maps.Keys(groups)) {
			cells[k] = int32(len(x.problem.Cells))
			x.problem.Cells, x.files = append(x.problem.Cells, cell(groups[k])), append(x.files, groups[k])
		}
		return cells
	}
	details := add(func(f file) string { return fmt.Sprintf("%d %s %s", f.place, f.gender, f.state) })
	places := add(func(f file) string { return fmt.Sprint(f.place) })
	kinds := add(func(f file) string { return f.gender + " " + f.state })
	sum := func(total int32, belongs func(key []string) bool) (genders, states []string) {
		e := tabular.Equation{Total: total}
		for _, k := range slices.Sorted(maps.Keys(details)) {
			if key := strings.Fields(k); belongs(key) {
				e.Members, genders, states = append(e.Members, details[k]), append(genders, key[1]), append(states, key[2])
			}
		}
		x.problem.Equations = append(x.problem.Equations, e)
		return genders, states
	}
	for _, place := range slices.Sorted(maps.Keys(places)) {
		x.rows = append(x.rows, len(x.problem.Equations))
		genders, states := sum(places[place], func(key []string) bool { return key[0] == place })
		x.categories = append(x.categories, [][]string{genders, states})
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		sum(kinds[kind], func(key []string) bool { return key[1]+" "+key[2] == kind })
	}
	return x
}

// withGroups puts the groups of a profile into the problem, a secret cell for each that is
// everybody of a row; it returns the numbers of the virtual cells.
func (x *tables) withGroups(p anonymize.Profile) (virtual []int32) {
	for i, row := range x.rows {
		e := x.problem.Equations[row]
		groups := p.Groups(&x.problem, e, x.categories[i])
		for _, g := range groups {
			if g.Everybody() {
				if !slices.ContainsFunc(g.Inside, func(c int32) bool { return x.problem.Cells[c].Sensitive }) {
					x.problem.Cells[g.Inside[0]].Sensitive = true
				}
				continue
			}
			d := int32(len(x.problem.Cells))
			virtual = append(virtual, d)
			x.problem.Cells = append(x.problem.Cells, g.Cell(&x.problem))
			x.problem.Equations = append(x.problem.Equations, g.Equations(e, d)...)
		}
	}
	return virtual
}

func embedded(t testing.TB, name string) anonymize.Profile {
	t.Helper()
	p, err := anonymize.EmbeddedProfile(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// people are n persons of a kind in a place, each with one file.
func people(first uint64, n, place int, gender, state string) (files []file) {
	for i := range n {
		files = append(files, file{person: first + uint64(i), place: place, gender: gender, state: state, cents: 100_00})
	}
	return files
}

func TestGroups(t *testing.T) {
	type group struct{ row, inside, outside int }
	for _, c := range []struct {
		name             string
		files            [][]file
		standard, strict []group
	}{
		{"mixed", [][]file{people(1, 9, 0, "F", "DE"), people(20, 9, 0, "M", "SA"), people(40, 9, 0, "M", "DE")}, nil, nil},
		{"everybody is a woman", [][]file{people(1, 9, 0, "F", "DE"), people(20, 9, 0, "F", "SA")}, []group{{0, 2, 0}}, []group{{0, 2, 0}}},
		{"all are women, and all are job seekers: one secret", [][]file{people(1, 9, 0, "F", "DE")}, []group{{0, 1, 0}}, []group{{0, 1, 0}}},
		{"all but one", [][]file{people(1, 9, 0, "F", "DE"), people(20, 9, 0, "F", "SA"), people(40, 1, 0, "M", "SA")}, []group{{0, 2, 1}}, []group{{0, 2, 1}}},
		{"all but two", [][]file{people(1, 9, 0, "F", "DE"), people(20, 9, 0, "F", "SA"), people(40, 2, 0, "M", "SA")}, nil, []group{{0, 2, 1}}},
		{"all but one person with two files in two cells", [][]file{people(1, 9, 0, "F", "DE"), people(20, 9, 0, "F", "SA"), people(40, 1, 0, "M", "SA"), people(40, 1, 0, "M", "DE")},
			[]group{{0, 2, 2}}, []group{{0, 2, 2}}},
		{"one who changed is outside both", [][]file{people(1, 9, 0, "F", "DE"), people(1, 1, 0, "F", "SA")}, []group{{0, 2, 0}, {0, 1, 1}}, []group{{0, 2, 0}, {0, 1, 1}}},
		{"a row on too few persons", [][]file{people(1, 4, 0, "F", "DE")}, nil, nil},
		{"the second place only", [][]file{people(1, 9, 0, "F", "DE"), people(20, 9, 0, "M", "SA"), people(40, 9, 1, "M", "DE"), people(60, 9, 1, "M", "SA")}, []group{{1, 2, 0}}, []group{{1, 2, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, want := range map[string][]group{"standard": c.standard, "strict": c.strict} {
				x := tablesOf(slices.Concat(c.files...))
				var got []group
				for i, row := range x.rows {
					for _, g := range embedded(t, name).Groups(&x.problem, x.problem.Equations[row], x.categories[i]) {
						got = append(got, group{i, len(g.Inside), len(g.Outside)})
					}
				}
				if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(group{})); diff != "" {
					t.Errorf("%s: -want +got\n%s", name, diff)
				}
			}
			off := embedded(t, "strict")
			off.Group.AtMost = 0
			if virtual := tablesOf(slices.Concat(c.files...)).withGroups(off); virtual != nil {
				t.Errorf("groups %v although the rule is off", virtual)
			}
		})
	}
}

// someFiles draws files of few places and kinds, most of a place in one category.
func someFiles(t *rapid.T) []file {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) file {
		rare := rapid.IntRange(0, 9).Draw(t, "rare")
		f := file{person: rapid.Uint64Range(1, 40).Draw(t, "person"), place: rapid.IntRange(0, 2).Draw(t, "place"), gender: "F", state: "DE", cents: rapid.Int64Range(1, 900_00).Draw(t, "cents")}
		if rare == 0 || f.place == 2 && rare < 5 {
			f.gender = "M"
		}
		if rare == 1 || f.place == 1 && rare < 5 {
			f.state = "SA"
		}
		return f
	}), 1, 80).Draw(t, "files")
}

// TestGroupsAreThoseOfTheDefinition counts persons outside each category one by one.
func TestGroupsAreThoseOfTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files, k := someFiles(t), rapid.IntRange(1, threshold-1).Draw(t, "k")
		x := tablesOf(files)
		for i, row := range x.rows {
			e := x.problem.Equations[row]
			inRow := x.files[e.Total]
			outside := map[string]bool{} // the persons outside, as text, of each group
			for _, category := range []func(file) string{func(f file) string { return f.gender }, func(f file) string { return f.state }} {
				for _, one := range inRow {
					var out []file
					persons := map[uint64]bool{}
					for _, f := range inRow {
						if category(f) != category(one) {
							out, persons[f.person] = append(out, f), true
						}
					}
					if len(persons) <= k && !x.problem.Cells[e.Total].Sensitive {
						outside[fmt.Sprint(out)] = true
					}
				}
			}
			got := anonymize.Profile{Group: anonymize.GroupRule{AtMost: k}}.Groups(&x.problem, e, x.categories[i])
			if len(got) != len(outside) {
				t.Fatalf("%d groups in row %d, want %d", len(got), i, len(outside))
			}
			for _, g := range got {
				var out []file
				for _, f := range inRow {
					if slices.ContainsFunc(g.Outside, func(c int32) bool { return slices.Contains(x.files[c], f) }) {
						out = append(out, f)
					}
				}
				if !outside[fmt.Sprint(out)] {
					t.Fatalf("row %d: %+v is no group", i, g)
				}
				want := cell(out)
				want.Sensitive, want.Unprinted = true, true
				d := g.Cell(&x.problem)
				for w := range d.Holders {
					if k > 3 { // cells list three contributions
						want.Holders[w].Largest, d.Holders[w].Largest = nil, nil
					}
				}
				if diff := gocmp.Diff(want, d, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("virtual cell: -want +got\n%s", diff)
				}
			}
		}
	})
}

// TestGroupsAreProtected: with the virtual cells, protection hides what gives groups away
// and the audit agrees; the tables printed whole, or with any of what it hid for the sake
// of a group shown again, fail.
func TestGroupsAreProtected(t *testing.T) {
	files := slices.Concat(
		people(1, 9, 0, "F", "DE"), people(20, 8, 0, "F", "SA"), // only women
		people(40, 9, 1, "F", "DE"), people(60, 8, 1, "M", "DE"), people(80, 1, 1, "M", "SA"), // all job seekers but one
		people(100, 9, 2, "F", "DE"), people(120, 9, 2, "M", "SA"), people(140, 9, 2, "F", "SA"), people(160, 9, 2, "M", "DE"),
		people(200, 17, 3, "F", "DE"), people(220, 1, 3, "F", "SA"), // only women, all job seekers but one
	)
	x := tablesOf(files)
	virtual := x.withGroups(embedded(t, "standard"))
	if len(virtual) != 2 {
		t.Fatalf("%d groups with somebody outside, want 2", len(virtual))
	}
	mask := protect.Protect(&x.problem, protect.Options{ZerosKnown: true})
	report := check(t, x, mask.Hidden)
	if mask.Unmet != 0 || !report.OK() {
		t.Fatalf("%d unmet, faults %+v", mask.Unmet, report.Faults)
	}
	bare := make([]bool, len(mask.Hidden))
	for i, c := range x.problem.Cells {
		bare[i] = c.Sensitive
	}
	given := map[int32]bool{}
	for _, f := range check(t, x, bare).Faults {
		given[f.Cell] = true
	}
	for _, d := range virtual {
		if !given[d] {
			t.Errorf("group %d is not given away by the tables printed whole", d)
		}
	}
	for i, hidden := range mask.Hidden {
		if !hidden || x.problem.Cells[i].Sensitive {
			continue
		}
		mask.Hidden[i] = false
		if r := check(t, x, mask.Hidden); r.OK() {
			t.Errorf("cell %d is hidden for nothing", i)
		}
		mask.Hidden[i] = true
	}
}

func check(t interface{ Fatal(...any) }, x *tables, hidden []bool) audit.Report {
	report, err := audit.Check(x.problem, hidden, audit.Options{ZerosKnown: true})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestGroupsMakeGoodProblems: whatever the files, the equations with virtual cells add up.
func TestGroupsMakeGoodProblems(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := tablesOf(someFiles(t))
		x.withGroups(anonymize.Profile{Group: anonymize.GroupRule{AtMost: rapid.IntRange(1, threshold-1).Draw(t, "k")}})
		check(t, x, make([]bool, len(x.problem.Cells)))
	})
}
