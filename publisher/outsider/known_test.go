package outsider

import (
	"errors"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/datasets/datasetstest"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// twoTables are a month of the régions and of France, with the figures of 11 and 84
// secret: 30 files and 30 000 euros together.
func twoTables(t *testing.T) (*engine.DB, datasets.Dataset, map[string]string) {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, _ := datasets.Find(all, datasetstest.Purchases)
	relations := map[string]string{}
	rows := map[string][]string{
		"_region":  {"'11', NULL, NULL, NULL", "'84', NULL, NULL, NULL", "'76', 20, 18, 20000"},
		"_mensuel": {"NULL, 50, 45, 50000"},
	}
	for suffix, values := range rows {
		table, _ := d.Table(d.ID + suffix)
		var cols []string
		for _, f := range table.Fields {
			value := "CAST(NULL AS " + f.Type.SQL() + ")"
			switch f.Name {
			case "date_validation":
				value = "'2025-06'"
			case "code_region_lieu_formation":
				value = "region"
			case "nb_dossiers", "nb_titulaires", "montant_engage":
				value = f.Name
			case "prix_moyen":
				value = "CAST(montant_engage / nb_dossiers AS DECIMAL(14, 2))"
			}
			cols = append(cols, value+" AS "+f.Name)
		}
		relations[table.ID] = "(SELECT " + strings.Join(cols, ", ") + " FROM (VALUES (" + strings.Join(values, "), (") + ")) AS v(region, nb_dossiers, nb_titulaires, montant_engage))"
	}
	return db, d, relations
}

func TestKnownFiguresComeIn(t *testing.T) {
	t.Parallel()
	db, d, relations := twoTables(t)
	const region = datasetstest.Purchases + "_region"
	for _, c := range []struct {
		name, rows, want string
		unused           int
		contradiction    bool
	}{
		{name: "none"},
		{name: "the files of one of two", rows: region + ",2025-06,84,12,", want: "11: nb_dossiers"},
		{name: "its amount", rows: region + ",2025-06,84,,12000.50", want: "11: montant_engage"},
		{name: "it is zero", rows: region + ",2025-06,84,0,", want: "11: nb_dossiers,montant_engage,prix_moyen"},
		{name: "a member that is not there", rows: region + ",2025-06,99,3,", unused: 1},
		{name: "a month that is not there", rows: region + ",2024-06,84,3,", unused: 1},
		{name: "what is printed", rows: region + ",2025-06,76,20,20000"},
		{name: "other than what is printed", rows: region + ",2025-06,76,21,", contradiction: true},
		{name: "more than there is", rows: region + ",2025-06,84,31,", contradiction: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			known, err := ReadKnown(strings.NewReader("table,date_validation,code_region_lieu_formation,nb_dossiers,montant_engage\n"+c.rows+"\n"), d)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Check(t.Context(), db, d, relations, Options{Known: known})
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, f := range r.Findings {
				var measures []string
				for _, m := range f.Measures {
					if m == "nb_dossiers" || m == "montant_engage" || m == "prix_moyen" {
						measures = append(measures, m)
					}
				}
				found = append(found, *f.Key["code_region_lieu_formation"]+": "+strings.Join(measures, ","))
			}
			if got := strings.Join(found, "; "); got != c.want || r.KnownUnused != c.unused || (len(r.Contradictions) > 0) != c.contradiction {
				t.Errorf("found %q, want %q; %d unused; %v", got, c.want, r.KnownUnused, r.Contradictions)
			}
		})
	}
}

func TestKnownFiguresThatCannotBeRead(t *testing.T) {
	t.Parallel()
	_, d, _ := twoTables(t)
	for name, c := range map[string]struct{ text, want string }{
		"empty":             {"", "the first row must name the columns"},
		"no column table":   {"nb_dossiers\n3\n", "table among them"},
		"a column twice":    {"table,nb_dossiers,nb_dossiers\n", "is there twice"},
		"no such table":     {"table,nb_dossiers\nx,3\n", `row 2: there is no table "x"`},
		"no such column":    {"table,date_validation,nb\n" + d.ID + "_mensuel,2025-06,3\n", `no key or measure "nb"`},
		"no period":         {"table,nb_dossiers\n" + d.ID + "_mensuel,3\n", "fill date_validation"},
		"no measure":        {"table,date_validation\n" + d.ID + "_mensuel,2025-06\n", "a measure at least"},
		"no number":         {"table,date_validation,nb_dossiers\n" + d.ID + "_mensuel,2025-06,trois\n", "is no number"},
		"half a file":       {"table,date_validation,nb_dossiers\n" + d.ID + "_mensuel,2025-06,1.5\n", "too many decimals"},
		"a negative amount": {"table,date_validation,montant_engage\n" + d.ID + "_mensuel,2025-06,-1\n", "negative"},
		"a row too long":    {"table,date_validation,nb_dossiers\n" + d.ID + "_mensuel,2025-06,3,4\n", "row 2"},
	} {
		var invalid *InvalidError
		if _, err := ReadKnown(strings.NewReader(c.text), d); !errors.As(err, &invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestCatalogueCountsNobody(t *testing.T) {
	t.Parallel()
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Check(t.Context(), nil, all[0], nil, Options{}); !errors.Is(err, ErrCountsNobody) {
		t.Error(err)
	}
}

// TestMeansAreReadAsTheyAreRounded compares with every sum and number, rounded.
func TestMeansAreReadAsTheyAreRounded(t *testing.T) {
	t.Parallel()
	_, d, _ := twoTables(t)
	l, err := newLayout(d)
	if err != nil {
		t.Fatal(err)
	}
	rounded := func(sum, n int64) int64 { return (2*sum + n) / (2 * n) }
	const most = 60
	for n := int64(1); n < 8; n++ {
		for sum := range int64(most) {
			// Sum and number given in turn, with the mean: what is left is what rounds to it.
			mean := rounded(sum, n)
			wantLo, wantHi, wantLeast, wantMost := int64(-1), int64(-1), int64(-1), int64(-1)
			for other := range int64(10 * most) {
				if rounded(other, n) == mean {
					if wantLo < 0 {
						wantLo = other
					}
					wantHi = other
				}
				if other > 0 && rounded(sum, other) == mean {
					if wantLeast < 0 {
						wantLeast = other
					}
					wantMost = other
				}
			}
			s := newSystem(l, "2025-06")
			s.instances = []*instance{{table: l.table(d.ID + "_region"), cells: map[key]int32{}}}
			a, b, c := s.add(0, key{0}, true), s.add(0, key{1}, true), s.add(0, key{2}, true)
			s.narrow(files, a, n, n)
			s.narrow(amount, b, sum, sum)
			s.narrow(files, c, n, n)
			s.narrow(amount, c, sum, sum)
			s.narrowMean(mean, amount, files, a)
			s.narrowMean(mean, amount, files, b)
			if s.lo[amount][a] != wantLo || s.hi[amount][a] != wantHi {
				t.Fatalf("mean %d of %d: sum within %d and %d, want %d and %d", mean, n, s.lo[amount][a], s.hi[amount][a], wantLo, wantHi)
			}
			if mean > 0 && (s.lo[files][b] != wantLeast || s.hi[files][b] != wantMost) {
				t.Fatalf("mean %d of a sum of %d: number within %d and %d, want %d and %d", mean, sum, s.lo[files][b], s.hi[files][b], wantLeast, wantMost)
			}
			if lo, hi := s.meanOf(amount, files, c); lo != mean || hi != mean {
				t.Fatalf("%d by %d: within %d and %d, want %d", sum, n, lo, hi, mean)
			}
		}
	}
}

func TestReleasesAreCompared(t *testing.T) {
	t.Parallel()
	db, d, relations := twoTables(t)
	const region = datasetstest.Purchases + "_region"
	other := "(SELECT * REPLACE (CASE WHEN code_region_lieu_formation = '84' THEN 12 ELSE nb_dossiers END AS nb_dossiers) FROM " + relations[region] + ")"
	later := "(SELECT * REPLACE ('2025-07' AS date_validation) FROM " + other + ")"
	older := "(SELECT * EXCLUDE (prix_moyen) REPLACE (CAST('2025-08-01' AS DATE) AS date_chargement) FROM " + relations[region] + ")"
	detail := "(SELECT date_validation, type_referentiel, code_rs, code_rncp, code_certifinfo, code_departement_lieu_formation, nb_dossiers FROM (SELECT *, NULL AS type_referentiel, NULL AS code_rs, NULL AS code_rncp, '1' AS code_certifinfo, '69' AS code_departement_lieu_formation FROM " + relations[region] + "))"
	for _, c := range []struct {
		name          string
		first, second map[string]string
		want          string
	}{
		{"the same", relations, relations, ""},
		{"another load date, and a column more", map[string]string{region: older}, map[string]string{region: relations[region]}, ""},
		{"a figure that was secret", relations, map[string]string{region: other}, region + " 2025-06 nb_dossiers"},
		{"another month", relations, map[string]string{region: later}, ""},
		{"a table more", map[string]string{}, relations, ""},
		{"rows of a month that had none", map[string]string{d.ID: "(SELECT * FROM " + detail + " WHERE false)"}, map[string]string{d.ID: detail},
			d.ID + " 2025-06 code_certifinfo,code_departement_lieu_formation,code_rncp,code_rs,date_validation,nb_dossiers,type_referentiel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s Series
			for i, tables := range []map[string]string{c.first, c.second} {
				prints, err := Fingerprint(t.Context(), db, d, tables, []string{"2025-06"})
				if err != nil {
					t.Fatal(err)
				}
				s.Add(string(rune('a'+i)), prints)
			}
			var got []string
			for _, one := range s.Differences {
				if one.Between != [2]string{"a", "b"} {
					t.Errorf("between %v", one.Between)
				}
				got = append(got, one.Table+" "+one.Period+" "+strings.Join(one.Columns, ","))
			}
			if text := strings.Join(got, "; "); text != c.want {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}
