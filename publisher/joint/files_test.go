package joint

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/datasets"
)

// The periods of these tests are made from files in Go, without the recipes.

const (
	purchases = "moncompteformation_formations_engagees"
	users     = "moncompteformation_usagers"
)

// file is a training file: what it counts as, whose it is, and what each funder brings.
type file struct {
	number        uint64
	members       map[string]string // by column of champ
	nir, name     uint64            // of the person, in both ways of counting
	siren         uint64
	cents         map[string]int64 // by funder
	hours         int64
	durationKnown bool
}

func (f *file) amount() (sum int64) {
	for _, c := range f.cents {
		sum += c
	}
	return sum
}

// definition is a dataset with its tables of one unit and lag, those of its detailed table.
func definition(t testing.TB, id string) (datasets.Dataset, []datasets.Table) {
	t.Helper()
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, ok := datasets.Find(all, id)
	if !ok {
		t.Fatal("there is no dataset " + id)
	}
	return d, slices.DeleteFunc(slices.Clone(d.Tables), func(t datasets.Table) bool { return t.Period.Unit != d.Tables[0].Period.Unit })
}

func profile(t testing.TB, name string) anonymize.Profile {
	t.Helper()
	p, err := anonymize.EmbeddedProfile(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// periodOf makes the rows that the recipes make of some files, and says which files each
// row is made of.
func periodOf(d datasets.Dataset, tables []datasets.Table, p anonymize.Profile, files []file) (*Period, [][]file) {
	period := &Period{Tables: &Tables{Dataset: d, Tables: tables, Profile: p}, Label: "2024-01"}
	var behind [][]file
	for i, t := range tables {
		period.starts = append(period.starts, len(period.rows))
		rows := grouped(t, files)
		for _, key := range slices.Sorted(maps.Keys(rows)) {
			period.rows = append(period.rows, rowOf(t, i, int64(len(behind)), strings.Split(key, "\x00"), p, rows[key]))
			behind = append(behind, rows[key])
		}
	}
	period.starts = append(period.starts, len(period.rows))
	return period, behind
}

// grouped parts files by the members of the rows of a table.
func grouped(t datasets.Table, files []file) map[string][]file {
	names, _ := dimensions(t)
	rows := map[string][]file{}
	for _, f := range files {
		at := make([]string, len(names))
		margin := slices.Clone(at)
		for i, name := range names {
			at[i] = f.members[name]
			margin[i] = cmp.Or(t.Margin[name], at[i])
		}
		key := strings.Join(at, "\x00")
		rows[key] = append(rows[key], f)
		if total := strings.Join(margin, "\x00"); total != key {
			rows[total] = append(rows[total], f)
		}
	}
	return rows
}

func rowOf(t datasets.Table, table int, id int64, at []string, p anonymize.Profile, files []file) row {
	r := row{table: table, id: id, at: at, figures: figuresOf(p, files, (*file).amount), persons: personsOf(files)}
	known := slices.DeleteFunc(slices.Clone(files), func(f file) bool { return !f.durationKnown })
	if _, ok := t.Field("duree_moyenne"); ok {
		r.knownFiles, r.knownPersons = int64(len(known)), personsOf(known)
		for _, f := range known {
			r.hours += f.hours
		}
	}
	for _, funder := range t.Funders() {
		paid := slices.DeleteFunc(slices.Clone(files), func(f file) bool { return f.cents[funder.Code] == 0 })
		if len(paid) > 0 {
			r.funders = append(r.funders, funding{funder: funder.Code, persons: personsOf(paid),
				figures: figuresOf(p, paid, func(f *file) int64 { return f.cents[funder.Code] })})
		}
	}
	slices.SortFunc(r.funders, func(a, b funding) int { return cmp.Compare(a.funder, b.funder) })
	return r
}

func figuresOf(p anonymize.Profile, files []file, amount func(*file) int64) figures {
	f := figures{files: int64(len(files))}
	for i := range files {
		f.cents += amount(&files[i])
		f.same[0] += mixed(2 * files[i].number)
		f.same[1] += mixed(2*files[i].number + 1)
	}
	for kind, of := range []func(file) uint64{func(f file) uint64 { return f.nir }, func(f file) uint64 { return f.name }, func(f file) uint64 { return f.siren }} {
		if kind == providers && !p.Organisations.On() {
			continue
		}
		sums := map[uint64]int64{}
		for i := range files {
			sums[of(files[i])] += amount(&files[i])
		}
		numbers := slices.Sorted(maps.Keys(sums))
		f.smallest[kind] = numbers[:min(len(numbers), p.Persons.Threshold)]
		for _, n := range numbers {
			f.largest[kind] = append(f.largest[kind], share{sums[n], n})
		}
		slices.SortStableFunc(f.largest[kind], func(a, b share) int { return cmp.Compare(b.cents, a.cents) })
		f.largest[kind] = f.largest[kind][:min(len(f.largest[kind]), 3)]
	}
	return f
}

// mixed is the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
func mixed(n uint64) uint64 {
	n *= 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

func distinct(files []file, of func(file) uint64) int64 {
	all := map[uint64]bool{}
	for _, f := range files {
		all[of(f)] = true
	}
	return int64(len(all))
}

func byNIR(f file) uint64  { return f.nir }
func byName(f file) uint64 { return f.name }

// personsOf is the smaller of both counts.
func personsOf(files []file) int64 { return min(distinct(files, byNIR), distinct(files, byName)) }

// checking is a test or a property.
type checking interface {
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// protected protects a period and wants no fault.
func protected(t checking, p *Period) Decision {
	d, err := p.Protect()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range d.Faults {
		t.Errorf("fault: %s", f)
	}
	return d
}
