package joint

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/datasets/datasetstest"
	"github.com/parvis-opendata/parvis/hub/synthetic"
)

// syntheticRaw makes the raw tables of a small synthetic hub for a profile of a given
// threshold, with providers.
func syntheticRaw(t *testing.T, files, threshold int) *datasetstest.Raw {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "hub")
	until := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	o := synthetic.Options{Dir: dir, Dossiers: files, Formations: 1000, Seed: 5, From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Until: until, Certifications: 30}
	if err := synthetic.Generate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	r := datasetstest.Read(t, dir, until, "1GB")
	functions, err := datasets.Functions(threshold)
	if err != nil {
		t.Fatal(err)
	}
	r.Do(t, strings.ReplaceAll(functions, "CREATE MACRO", "CREATE OR REPLACE MACRO"))
	r.WithOrganisations(t)
	r.Build(t, "2026-10-31")
	return r
}

// TestSyntheticPeriods protects a month, a quarter and a year of a synthetic hub by each
// profile, and checks the sums of the definitions on what was read.
func TestSyntheticPeriods(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]int{"standard": 2500, "strict": 4000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := profile(t, name)
			raw := syntheticRaw(t, files, rules.Persons.Threshold)
			for id, periods := range map[string][]string{purchases: {"2026-09"}, users: {"2026-T3"}} {
				for _, period := range periods {
					t.Run(id+" "+period, func(t *testing.T) {
						d := raw.Dataset(id)
						tables := slices.DeleteFunc(slices.Clone(d.Tables), func(t datasets.Table) bool { return t.Period.Unit != d.Tables[0].Period.Unit })
						p, err := (&Tables{Dataset: d, Tables: tables, Raw: func(id string) string { return "brut_" + id }, Profile: rules}).Read(t.Context(), raw.DB, period)
						if err != nil {
							t.Fatal(err)
						}
						p.addsUp(t)
						began := time.Now()
						decision := protected(t, p)
						t.Log(time.Since(began))
						p.judge(t, decision)
					})
				}
			}
		})
	}
}

// addsUp checks every sum of the definitions on the rows, without the problem that is made
// of them.
func (p *Period) addsUp(t *testing.T) {
	t.Helper()
	for _, s := range p.Dataset.Sums {
		shared := p.Dataset.Shared(s)
		total, _ := p.of(s.Total)
		parts, _ := p.of(s.Parts)
		if len(total) == 0 {
			continue
		}
		type sums struct{ files, cents, knownFiles, hours int64 }
		want := map[string]sums{}
		key := func(r *row) string {
			names, _ := dimensions(p.Tables.Tables[r.table])
			var at []string
			for _, by := range shared {
				if i := slices.Index(names, by.Dimension); i >= 0 {
					at = append(at, r.at[i])
				}
			}
			return strings.Join(at, "|")
		}
		for i := range total {
			r := &total[i]
			want[key(r)] = sums{r.files, r.cents, r.knownFiles, r.hours}
		}
		got := map[string]sums{}
		for i := range parts {
			r := &parts[i]
			s := got[key(r)]
			got[key(r)] = sums{s.files + r.files, s.cents + r.cents, s.knownFiles + r.knownFiles, s.hours + r.hours}
		}
		if !maps.Equal(want, got) || len(want) == 0 {
			t.Errorf("%s is not the sum of %s", s.Total, s.Parts)
		}
	}
}

// judge checks the rules on what is shown.
func (p *Period) judge(t *testing.T, d Decision) {
	t.Helper()
	shown, hidden := 0, 0
	for i, row := range d.Rows {
		r := &p.rows[i]
		if row.Hidden {
			hidden++
			continue
		}
		shown++
		if p.Profile.Sensitive(r.judged(r.persons)) {
			t.Errorf("a sensitive row of %s is shown: %v", row.Table, r.at)
		}
		if p.Profile.Organisations.On() && len(r.smallest[providers]) < p.Profile.Organisations.MinFrequency {
			t.Errorf("a row of %d providers is shown: %s %v", len(r.smallest[providers]), row.Table, r.at)
		}
		if r.knownFiles > 0 && !row.NoMean && p.Profile.HidesMean(r.knownPersons) {
			t.Errorf("a mean of %d persons is shown: %s %v", r.knownPersons, row.Table, r.at)
		}
		for _, f := range r.funders {
			if !row.NoFunders && p.Profile.HidesMean(f.persons) {
				t.Errorf("%s pays for %d persons: %s %v", f.funder, f.persons, row.Table, r.at)
			}
		}
	}
	t.Logf("%d rows shown, %d hidden", shown, hidden)
	if shown < 20 || hidden < 20 || d.Checks == 0 {
		t.Errorf("%d rows shown, %d hidden, %d secrets attacked: the period is too tame", shown, hidden, d.Checks)
	}
}
