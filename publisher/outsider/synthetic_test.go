package outsider

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/datasets/datasetstest"
	"github.com/parvis-opendata/parvis/hub/synthetic"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// syntheticRaw are the raw tables of a small synthetic hub.
func syntheticRaw(t testing.TB, dossiers, certifications int) *datasetstest.Raw {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "hub")
	until := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	from := time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)
	err := synthetic.Generate(t.Context(), synthetic.Options{Dir: dir, Dossiers: dossiers, Formations: 200, Seed: 3, From: from, Until: until, Certifications: certifications})
	if err != nil {
		t.Fatal(err)
	}
	return datasetstest.Build(t, dir, until, "2026-02-28")
}

// hiding says which figures of a table are not printed, as conditions on its raw row.
type hiding struct{ row, mean, funders string }

// publish makes the relations that the public sees of the raw tables: shown rows of a
// detailed table, all members of a summary with nulls for what is hidden.
func publish(t testing.TB, raw *datasetstest.Raw, id, prefix string, hide func(datasets.Table) hiding) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, table := range raw.Tables(id) {
		h := hide(table)
		var cols, on []string
		for _, f := range table.Fields {
			value := engine.Ident(f.Name)
			switch {
			case !f.Measure:
			case f.RestsOn != "":
				value = fmt.Sprintf("CASE WHEN NOT (%s OR %s) THEN b.%s END", h.row, h.mean, value)
			case f.Funder != "":
				value = fmt.Sprintf("CASE WHEN NOT (%s OR %s) THEN b.%s END", h.row, h.funders, value)
			case table.Margin != nil && f.Name != "nb_titulaires": // sums of months
				value = "b." + value
			default:
				value = fmt.Sprintf("CASE WHEN NOT (%s) THEN b.%s END", h.row, value)
			}
			if !f.Measure && table.ID != id {
				value = "g." + value
			}
			cols = append(cols, fmt.Sprintf("CAST(%s AS %s) AS %s", value, f.Type.SQL(), engine.Ident(f.Name)))
		}
		from := fmt.Sprintf("brut_%s AS b WHERE NOT (%s)", id, h.row)
		if table.ID != id {
			for _, column := range table.Cell {
				on = append(on, fmt.Sprintf("g.%[1]s = b.%[1]s", column))
			}
			from = fmt.Sprintf("grille_%[1]s AS g LEFT JOIN brut_%[1]s AS b ON %[2]s", table.ID, strings.Join(on, " AND "))
		}
		raw.Do(t, fmt.Sprintf("CREATE OR REPLACE TABLE %s%s AS SELECT %s FROM %s ORDER BY %s", prefix, table.ID, strings.Join(cols, ", "), from, strings.Join(table.Key, ", ")))
		out[table.ID] = prefix + table.ID
	}
	return out
}

// draws hides rows at random: a share of them in per cent, the same for the same seed.
func draws(seed, rows, rest int) func(datasets.Table) hiding {
	return func(t datasets.Table) hiding {
		var cells []string
		for _, column := range t.Cell {
			cells = append(cells, "b."+column)
		}
		slices.Sort(cells)
		draw := func(what string, percent int) string {
			return fmt.Sprintf("hash('%s', %d, '%s', %s) %% 100 < %d", what, seed, t.ID, strings.Join(cells, ", "), percent)
		}
		return hiding{row: draw("row", rows), mean: draw("mean", rest), funders: draw("funders", rest)}
	}
}

// truth is the true values of the raw tables, by table and key.
type truth map[string]map[string][32]int64

// truths reads the raw tables as a reader reads the public ones.
func truths(t testing.TB, raw *datasetstest.Raw, l *layout) truth {
	t.Helper()
	all := truth{}
	for _, table := range l.tables {
		all[table.ID] = map[string][32]int64{}
		var fields []int
		numbers := []string{}
		for field, has := range table.fields {
			name, factor := l.column(field)
			if field == hours {
				name, factor = "_heures", 100
			}
			if has && name != "" {
				fields, numbers = append(fields, field), append(numbers, fmt.Sprintf("CAST(coalesce(%d * %s, 0) AS BIGINT)", factor, name))
			}
		}
		query := fmt.Sprintf("SELECT %s, %s FROM brut_%s AS b", nameSQL(table), strings.Join(numbers, ", "), table.ID)
		var name string
		values := make([]int64, len(fields))
		dest := []any{&name}
		for i := range values {
			dest = append(dest, &values[i])
		}
		err := raw.Each(t.Context(), query, func(scan func(...any) error) error {
			if err := scan(dest...); err != nil {
				return err
			}
			var row [32]int64
			for i, field := range fields {
				row[field] = values[i]
			}
			all[table.ID][name] = row
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// nameSQL is the SQL of the name of a cell.
func nameSQL(table *table) string {
	cols := []string{fmt.Sprintf("CAST(b.%s AS VARCHAR)", table.Period.Field)}
	for _, names := range table.columns {
		for _, name := range names {
			cols = append(cols, fmt.Sprintf("coalesce(CAST(b.%s AS VARCHAR), chr(1))", name))
		}
	}
	return "concat_ws('|', " + strings.Join(cols, ", ") + ")"
}

// nameOf is the same name of a cell of a system.
func (s *system) nameOf(id int32) string {
	c := s.cells[id]
	in := s.instances[c.instance]
	name := in.period
	for i, dimension := range in.dimensions {
		name += "|" + strings.ReplaceAll(s.dimension(dimension).names[c.key[i]], separator, "|")
	}
	return name
}

// unlist takes the certifications without a shown cell in a month off the summary tables.
func unlist(t testing.TB, raw *datasetstest.Raw, prefix string) {
	t.Helper()
	var same []string
	for _, column := range []string{"date_validation", "type_referentiel", "code_rs", "code_rncp", "code_certifinfo"} {
		same = append(same, fmt.Sprintf("d.%[1]s IS NOT DISTINCT FROM s.%[1]s", column))
	}
	for _, suffix := range []string{"_certification", "_certification_region"} {
		raw.Do(t, fmt.Sprintf("DELETE FROM %[1]s%[2]s%[3]s AS s WHERE NOT EXISTS (SELECT 1 FROM %[1]s%[2]s AS d WHERE %[4]s)", prefix, datasetstest.Purchases, suffix, strings.Join(same, " AND ")))
	}
}

// survey is what came of an attack, in all.
type survey struct{ cells, hidden, zero, workedOut int64 }

// checkTruth attacks every period and wants the true value of every figure to lie within
// the bounds.
func checkTruth(t *testing.T, raw *datasetstest.Raw, id string, relations map[string]string) survey {
	t.Helper()
	l, err := newLayout(raw.Dataset(id))
	if err != nil {
		t.Fatal(err)
	}
	true_ := truths(t, raw, l)
	r := &reader{db: raw.DB, layout: l, relations: relations}
	if err := r.hold(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all survey
	for _, j := range r.jobs(nil) {
		s, err := r.load(t.Context(), j.unit, j.period)
		if err != nil {
			t.Fatal(err)
		}
		s.complete()
		s.equate()
		s.attack()
		if s.failure != "" {
			t.Fatalf("%s: contradiction at %s", j.period, s.failure)
		}
		for id := range int32(len(s.cells)) {
			if !s.cells[id].lump {
				s.compare(t, id, true_)
			}
		}
		for _, tallies := range s.conclude().tallies {
			for _, one := range tallies {
				all.hidden, all.zero, all.workedOut = all.hidden+one.hidden, all.zero+one.zero, all.workedOut+one.workedOut
			}
		}
		all.cells += int64(len(s.cells))
	}
	return all
}

func (s *system) compare(t *testing.T, id int32, all truth) {
	t.Helper()
	in := s.instances[s.cells[id].instance]
	row := all[in.ID][s.nameOf(id)]
	for field, has := range in.fields {
		if !has || in.summed && field != persons && row[files] == 0 {
			continue // a year whose months are not all there has no sum
		}
		lo, hi := s.interval(field, id)
		if value := row[field]; value < lo || value > hi {
			name, _ := s.layout.column(field)
			t.Errorf("%s: %s is %d, not within %d and %d", s.describe(id), name, value, lo, hi)
		}
	}
}

// TestSyntheticHub attacks the tables of a synthetic hub under several masks.
func TestSyntheticHub(t *testing.T) {
	t.Parallel()
	raw := syntheticRaw(t, 12_000, 40)
	t.Run("nothing claimed is false", func(t *testing.T) { nothingClaimedIsFalse(t, raw) })
	t.Run("a joint mask holds", func(t *testing.T) { jointMaskHolds(t, raw) })
}

// nothingClaimedIsFalse hides figures at random and compares what is worked out with the
// truth.
func nothingClaimedIsFalse(t *testing.T, raw *datasetstest.Raw) {
	for _, id := range []string{datasetstest.Purchases, datasetstest.Users} {
		for seed, share := range []int{0, 2, 10, 40, 90} {
			t.Run(fmt.Sprintf("%s %d", id, share), func(t *testing.T) {
				relations := publish(t, raw, id, "pub_", draws(seed, share, share))
				if id == datasetstest.Purchases {
					unlist(t, raw, "pub_")
				}
				got := checkTruth(t, raw, id, relations)
				t.Logf("%+v", got)
				switch {
				case share == 0 && got.workedOut > 0:
					t.Errorf("%d figures are worked out, and none is secret", got.workedOut)
				case share > 0 && got.workedOut == 0:
					t.Error("nothing is worked out")
				}
			})
		}
	}
}
