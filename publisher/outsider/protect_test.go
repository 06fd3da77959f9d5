package outsider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/anonymize/audit"
	"github.com/parvis-opendata/parvis/anonymize/protect"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/datasets/datasetstest"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// jointMaskHolds protects the tables of some periods jointly: a reader works nothing
// out, not even if he knows every zero. Where some cells are shown that were hidden for
// the sake of others, he does.
func jointMaskHolds(t *testing.T, raw *datasetstest.Raw) {
	raw.Do(t, "CREATE TABLE masque (tableau VARCHAR, nom VARCHAR, reste BOOL)")
	for id, periods := range map[string][]string{datasetstest.Purchases: {"2025-01", "2025-06"}, datasetstest.Users: {"2025-T1", "2025-T3"}} {
		t.Run(id, func(t *testing.T) {
			l, err := newLayout(raw.Dataset(id))
			if err != nil {
				t.Fatal(err)
			}
			all, learned := truths(t, raw, l), map[string]bool{}
			for _, s := range loadAll(t, raw, l, publish(t, raw, id, "whole_", draws(0, 0, 0)), periods) {
				s.equate()
				maskJointly(t, raw, s, all, learned)
			}
			masked := publish(t, raw, id, "masked_", underMask(l))
			if got := checkMask(t, raw, id, masked, periods); got.WorkedOut != 0 || len(got.Contradictions) != 0 || len(got.Periods) != len(periods) {
				t.Errorf("%d figures are worked out, %v, %+v", got.WorkedOut, got.Contradictions, got.Findings)
			}
			if found := knowingZeros(t, loadAll(t, raw, l, masked, periods), all); len(found) != 0 {
				t.Errorf("worked out by who knows every zero: %v", found)
			}
			raw.Do(t, "DELETE FROM masque WHERE NOT reste")
			found := knowingZeros(t, loadAll(t, raw, l, publish(t, raw, id, "masked_", underMask(l)), periods), all)
			missed := 0
			for name, determined := range learned {
				switch {
				case found[name]:
				case determined:
					t.Errorf("%s follows from the sums, and is not found", name)
				default:
					missed++
				}
			}
			// The insider solves linear programs where bounds of single equations say less.
			if len(learned) == 0 || 5*missed > len(learned) {
				t.Errorf("%d of the %d cells that an insider finds are not found", missed, len(learned))
			}
		})
	}
}

// knowingZeros attacks as somebody who knows of every cell whether it is zero, and
// returns the cells whose files he works out; what he claims must be true.
func knowingZeros(t *testing.T, systems []*system, all truth) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, s := range systems {
		for id := range int32(len(s.cells)) {
			switch row := all[s.instances[s.cells[id].instance].ID][s.nameOf(id)]; {
			case s.cells[id].lump || row[files] == 0:
				s.print(id, files, 0)
			default:
				s.narrow(files, id, 1, infinite)
			}
		}
		s.equate()
		s.attack()
		for id := range int32(len(s.cells)) {
			s.compare(t, id, all)
			if !s.isPrinted(id, files) && s.fixed(files, id) {
				found[engine.Literal(s.instances[s.cells[id].instance].ID)+", "+engine.Literal(s.nameOf(id))] = true
			}
		}
		if o := s.conclude(); o.failure != "" || len(o.findings) > 0 && len(found) == 0 {
			t.Errorf("%s: contradiction at %q; %+v", s.period, o.failure, o.findings)
		}
	}
	return found
}

// loadAll reads some periods of finished tables.
func loadAll(t *testing.T, raw *datasetstest.Raw, l *layout, relations map[string]string, periods []string) []*system {
	t.Helper()
	r := &reader{db: raw.DB, layout: l, relations: relations}
	if err := r.hold(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all []*system
	for _, period := range periods {
		s, err := r.load(t.Context(), l.tables[0].Period.Unit, period)
		if err != nil {
			t.Fatal(err)
		}
		s.complete()
		all = append(all, s)
	}
	return all
}

func checkMask(t *testing.T, raw *datasetstest.Raw, id string, relations map[string]string, periods []string) Report {
	t.Helper()
	r, err := Check(t.Context(), raw.DB, raw.Dataset(id), relations, Options{Periods: periods})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// underMask hides the rows in the table masque, means of few persons, and all funders.
func underMask(l *layout) func(datasets.Table) hiding {
	return func(t datasets.Table) hiding {
		h := hiding{row: fmt.Sprintf("%s IN (SELECT nom FROM masque WHERE tableau = '%s')", nameSQL(l.table(t.ID)), t.ID), mean: "false", funders: "true"}
		for _, f := range t.Fields {
			if f.RestsOn != "" {
				h.mean = "b." + f.RestsOn + " < 5"
			}
		}
		return h
	}
}

// maskJointly fills the table masque with the cells that protect hides; what stays of it
// in a worse mask, which shows every other secondary cell. It adds to learned the cells
// whose files somebody who knows the true values finds to be disclosed by that, and whether
// they follow from the sums alone.
func maskJointly(t *testing.T, raw *datasetstest.Raw, s *system, all truth, learned map[string]bool) {
	t.Helper()
	p := tabular.Problem{Measures: []tabular.Measure{
		{Name: "files", Whole: true, Lower: 1, AtMost: -1}, {Name: "persons", Whole: true, Lower: 1, Distinct: true, AtMost: 0}, {Name: "amount", Decimals: 2, AtMost: -1}, {Name: "timed", Whole: true, AtMost: 0},
	}}
	numbers := map[int32]int32{}
	var names []string
	for id := range int32(len(s.cells)) {
		in := s.instances[s.cells[id].instance]
		row := all[in.ID][s.nameOf(id)]
		if row[files] == 0 {
			continue
		}
		numbers[id] = int32(len(names))
		names = append(names, engine.Literal(in.ID)+", "+engine.Literal(s.nameOf(id)))
		p.Cells = append(p.Cells, tabular.Cell{Values: []int64{row[files], row[persons], row[amount], row[timed]}, Sensitive: row[persons] < 5})
	}
	for _, g := range s.sums {
		for i, total := range g.totals {
			var of []int32
			for _, part := range g.of(i) {
				if n, ok := numbers[part]; ok {
					of = append(of, n)
				}
			}
			if n, ok := numbers[total]; ok {
				p.Equations = append(p.Equations, tabular.Equation{Total: n, Members: of})
			}
		}
	}
	mask := protect.Protect(&p, protect.Options{ZerosKnown: true})
	if mask.Unmet > 0 {
		t.Fatalf("%d secrets are not protected", mask.Unmet)
	}
	worse, secondary := slices.Clone(mask.Hidden), 0
	for n, hidden := range mask.Hidden {
		if !hidden {
			continue
		}
		if !p.Cells[n].Sensitive {
			secondary++
			worse[n] = secondary%2 == 0
		}
		raw.Do(t, fmt.Sprintf("INSERT INTO masque VALUES (%s, %t)", names[n], worse[n]))
	}
	for n := range p.Cells {
		p.Cells[n].Values = p.Cells[n].Values[:2]
	}
	p.Measures = p.Measures[:2]
	report, err := audit.Check(p, worse, audit.Options{ZerosKnown: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Faults {
		if f.Kind == audit.Determined || f.Kind == audit.Pinned && f.Measure == 0 {
			learned[names[f.Cell]] = learned[names[f.Cell]] || f.Kind == audit.Determined
		}
	}
}

// TestPlantedHoles hides one thing that follows from the rest, each in a way of its own.
func TestPlantedHoles(t *testing.T) {
	t.Parallel()
	raw := syntheticRaw(t, 4_000, 12)
	const id, period = datasetstest.Purchases, "2025-06"
	region, _ := raw.Dataset(id).Table(id + "_region")
	var all []string // measures of the régions
	for _, f := range region.Fields {
		if f.Measure {
			all = append(all, f.Name+" = NULL")
		}
	}
	for _, c := range []struct {
		name   string
		tables []string // suffixes; all if nil
		sql    string   // hides something in tables pub_…
		want   string   // table and measures
	}{
		{name: "nothing is hidden", sql: "SELECT 1"},
		{name: "the one member without figure in a sum", tables: []string{"_region", "_mensuel"},
			sql:  "UPDATE pub_X_region SET nb_dossiers = NULL, montant_engage = NULL, prix_moyen = NULL WHERE code_region_lieu_formation = '84'",
			want: "_region nb_dossiers,montant_engage,prix_moyen"},
		{name: "a sum without figure",
			sql: "UPDATE pub_X_mensuel SET nb_dossiers = NULL, prix_moyen = NULL", want: "_mensuel nb_dossiers,prix_moyen"},
		{name: "mean and amount give the number", tables: []string{""},
			sql: "UPDATE pub_X SET nb_dossiers = NULL WHERE code_departement_lieu_formation = '69'", want: " nb_dossiers"},
		{name: "amount and number give the mean", tables: []string{""},
			sql: "UPDATE pub_X SET prix_moyen = NULL WHERE code_departement_lieu_formation = '69'", want: " prix_moyen"},
		{name: "the funders give the last one", tables: []string{"_region"},
			sql: "UPDATE pub_X_region SET part_titulaire = NULL WHERE code_region_lieu_formation = '84'", want: "_region part_titulaire"},
		{name: "a linked table gives what the other hides", tables: []string{"_region", "_mensuel", "_region_modalite"},
			sql:  "UPDATE pub_X_region SET nb_dossiers = NULL, prix_moyen = NULL WHERE code_region_lieu_formation IN ('84', '11')",
			want: "_region nb_dossiers,prix_moyen"},
		{name: "a row that is left out", tables: []string{"", "_certification_region", "_domaine_departement"},
			sql:  "DELETE FROM pub_X WHERE code_departement_lieu_formation = '00'",
			want: " nb_dossiers,nb_titulaires,nb_dossiers_a_duree_connue,montant_engage,prix_moyen,duree_moyenne"},
		{name: "a certification that is not listed is told by nothing", tables: []string{"_certification", "_mensuel"},
			sql: "DELETE FROM pub_X_certification WHERE code_certifinfo = (SELECT min(code_certifinfo) FROM pub_X_certification)"},
		{name: "two members of a sum", tables: []string{"_region", "_mensuel"},
			sql: "UPDATE pub_X_region SET {all} WHERE code_region_lieu_formation IN ('84', '11')"},
	} {
		t.Run(c.name, func(t *testing.T) {
			relations := publish(t, raw, id, "pub_", draws(0, 0, 0))
			raw.Do(t, strings.NewReplacer("pub_X", "pub_"+id, "{all}", strings.Join(all, ", ")).Replace(c.sql))
			if c.tables != nil {
				maps.DeleteFunc(relations, func(table, _ string) bool { return !slices.Contains(c.tables, table[len(id):]) })
			}
			got := checkMask(t, raw, id, relations, []string{period})
			found := map[string]bool{}
			for _, f := range got.Findings {
				found[f.Table[len(id):]+" "+strings.Join(f.Measures, ",")] = true
			}
			if len(got.Contradictions) > 0 || c.want == "" && got.WorkedOut > 0 || c.want != "" && !found[c.want] {
				t.Errorf("found %v, want %q; %v", found, c.want, got.Contradictions)
			}
		})
	}
}
