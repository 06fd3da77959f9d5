package datasets_test

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
)

// syntheticRaw are the raw tables of a small synthetic hub.
func syntheticRaw(t *testing.T) *datasetstest.Raw {
	t.Helper()
	dir, until := syntheticHub(t)
	return datasetstest.Build(t, dir, until, lastDay)
}

// lastDay is the last day that counts.
const lastDay = "2026-10-31"

// syntheticHub draws a small hub.
func syntheticHub(t *testing.T) (dir string, until time.Time) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "hub")
	until = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	from := time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)
	err := synthetic.Generate(t.Context(), synthetic.Options{Dir: dir, Dossiers: 30_000, Formations: 2000, Seed: 3, From: from, Until: until, Certifications: 60})
	if err != nil {
		t.Fatal(err)
	}
	return dir, until
}

// TestSyntheticTables checks on a synthetic hub what the definitions say of the tables.
func TestSyntheticTables(t *testing.T) {
	t.Parallel()
	r := syntheticRaw(t)
	for _, id := range []string{datasetstest.Purchases, datasetstest.Users} {
		d := r.Dataset(id)
		for _, s := range d.Sums {
			t.Run(strings.Join([]string{"sum", s.Total, s.Parts}, " "), func(t *testing.T) { checkSum(t, r, d, s) })
		}
		for _, table := range r.Tables(id) {
			t.Run("table "+table.ID, func(t *testing.T) { checkTable(t, r, table) })
			if len(table.Funders()) > 0 {
				t.Run("funders "+table.ID, func(t *testing.T) { checkFunders(t, r, table) })
			}
			if table.ID != id {
				t.Run("grid "+table.ID, func(t *testing.T) { checkGrid(t, r, table) })
			}
		}
	}
	t.Run("members", func(t *testing.T) { checkMembers(t, r) })
	t.Run("years", func(t *testing.T) { checkYears(t, r) })
}

// has tells whether a raw table has a column.
func has(t *testing.T, r *datasetstest.Raw, table, column string) bool {
	t.Helper()
	columns, err := r.Columns(t.Context(), "SELECT * FROM brut_"+table)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range columns {
		if c.Name == column {
			return true
		}
	}
	return false
}

// additive are the columns of raw tables that add up, where both tables have them. The
// years publish sums of months, and hide their own.
var additive = []string{"nb_dossiers", "montant_engage", "_nb_dossiers", "_montant_engage", "nb_dossiers_a_duree_connue", "_heures", "_alea_1", "_alea_2"}

// checkSum compares each row of the total with the rows of the parts that it holds.
func checkSum(t *testing.T, r *datasetstest.Raw, d datasets.Dataset, s datasets.Sum) {
	total, _ := d.Table(s.Total)
	parts, _ := d.Table(s.Parts)
	columns := slices.Clone(additive)
	for _, f := range total.Funders() {
		columns = append(columns, f.Part)
		if f.Files != "" {
			columns = append(columns, f.Files)
		}
	}
	columns = slices.DeleteFunc(columns, func(c string) bool {
		return !has(t, r, total.ID, c) || !has(t, r, parts.ID, c) || has(t, r, total.ID, "_"+c)
	})
	if len(columns) < 4 {
		t.Fatalf("only %v are compared", columns)
	}
	// A table with a margin holds the totals beside the parts.
	totals, members := "true", "true"
	if s.Total == s.Parts {
		column := total.Cell[s.Over[0]]
		totals, members = fmt.Sprintf("%s = '%s'", column, total.Margin[s.Over[0]]), fmt.Sprintf("%s <> '%s'", column, total.Margin[s.Over[0]])
	}
	var keys, on []string
	for _, k := range d.Shared(s) {
		keys = append(keys, k.Parts+" AS k_"+k.Dimension)
		on = append(on, fmt.Sprintf("t.%s IS NOT DISTINCT FROM p.k_%s", k.Total, k.Dimension))
	}
	var sums, wrong []string
	for _, c := range columns {
		sums = append(sums, fmt.Sprintf("sum(%[1]s) AS s_%[1]s", c))
		wrong = append(wrong, fmt.Sprintf("t.%[1]s IS DISTINCT FROM p.s_%[1]s", c))
	}
	wrong = append(wrong, "t._titulaires < p.most", "t._titulaires > p.all_persons",
		"t._personnes IS DISTINCT FROM list_sort(list_distinct(flatten(p.lists)))[:5]", "t._identites IS DISTINCT FROM list_sort(list_distinct(flatten(p.lists_2)))[:5]",
		"t._contributions_personnes[1].montant < p.largest", "t._contributions_identites[1].montant < p.largest_2")
	sql := fmt.Sprintf(`WITH p AS (SELECT %[1]s, %[2]s, max(_titulaires) AS most, sum(_titulaires) AS all_persons, list(_personnes) AS lists, list(_identites) AS lists_2,
		max(_contributions_personnes[1].montant) AS largest, max(_contributions_identites[1].montant) AS largest_2
		FROM brut_%[3]s WHERE %[4]s GROUP BY ALL)
		SELECT count(*) FROM (SELECT * FROM brut_%[5]s WHERE %[6]s) AS t FULL JOIN p ON %[7]s`,
		strings.Join(keys, ", "), strings.Join(sums, ", "), parts.ID, members, total.ID, totals, strings.Join(on, " AND "))
	if n := r.Number(t, sql); n != r.Number(t, "SELECT count(*) FROM brut_"+total.ID+" WHERE "+totals) || n == 0 {
		t.Errorf("%d rows of the total and of what the parts belong to", n)
	}
	for _, w := range wrong {
		if n := r.Number(t, sql+" WHERE "+w); n != 0 {
			t.Errorf("%d rows where %s", n, w)
		}
	}
}

// checkTable wants the rows of a raw table to be one a key, and columns in the types of
// the definition with no null where a value is required.
func checkTable(t *testing.T, r *datasetstest.Raw, table datasets.Table) {
	rows := r.Number(t, "SELECT count(*) FROM brut_"+table.ID)
	if rows == 0 {
		t.Error("no row")
	}
	for name, key := range map[string][]string{"key": table.Key, "cell": cellColumns(table)} {
		if n := r.Number(t, fmt.Sprintf("SELECT count(*) FROM (SELECT DISTINCT %s FROM brut_%s)", strings.Join(key, ", "), table.ID)); n != rows {
			t.Errorf("%d different %ss in %d rows", n, name, rows)
		}
	}
	for _, f := range table.Fields {
		condition := "false"
		if f.Required || f.Measure && f.RestsOn == "" && table.Period.Unit != datasets.UnitYear {
			condition = f.Name + " IS NULL"
		}
		if len(f.Enum) > 0 {
			condition += fmt.Sprintf(" OR %s NOT IN ('%s')", f.Name, strings.Join(escaped(f.Enum), "', '"))
		}
		if f.Minimum != nil {
			condition += fmt.Sprintf(" OR %s < %d", f.Name, *f.Minimum)
		}
		if n := r.Number(t, "SELECT count(*) FROM brut_"+table.ID+" WHERE "+condition); n != 0 {
			t.Errorf("%s is outside its definition in %d rows", f.Name, n)
		}
	}
}

func escaped(texts []string) []string {
	var out []string
	for _, text := range texts {
		out = append(out, strings.ReplaceAll(text, "'", "''"))
	}
	return out
}

// cellColumns are the columns that tell the cells of a table apart.
func cellColumns(table datasets.Table) []string {
	var out []string
	for _, column := range table.Cell {
		out = append(out, column)
	}
	slices.Sort(out)
	return out
}

// checkFunders wants the parts of the funders to be the amount, and the hidden list of
// who stands behind each to agree with the figures.
func checkFunders(t *testing.T, r *datasetstest.Raw, table datasets.Table) {
	var parts []string
	seen := 0
	for _, f := range table.Funders() {
		parts = append(parts, f.Part)
		one := fmt.Sprintf("SELECT *, list_filter(_financeurs, x -> x.financeur = '%s')[1] AS f FROM brut_%s", f.Code, table.ID)
		conditions := []string{
			fmt.Sprintf("coalesce(f.part, 0) <> %s", f.Part),
			"f.titulaires > f.nb_dossiers", "f.titulaires > _titulaires", "f.nb_dossiers > nb_dossiers", "f.titulaires < 1",
			"len(f.personnes) <> least(5, len(f.personnes))", "len(f.contributions_personnes) <> least(3, len(f.personnes))",
			"f.contributions_personnes[1].montant > f.part", "f.contributions_identites[1].montant < f.contributions_identites[2].montant",
		}
		if f.Files != "" {
			conditions = append(conditions, fmt.Sprintf("coalesce(f.nb_dossiers, 0) <> %s", f.Files))
		}
		for _, condition := range conditions {
			if n := r.Number(t, "SELECT count(*) FROM ("+one+") WHERE "+condition); n != 0 {
				t.Errorf("%s: %d rows where %s", f.Code, n, condition)
			}
		}
		if r.Number(t, "SELECT count(*) FROM ("+one+") WHERE f IS NOT NULL") > 0 {
			seen++
		}
	}
	if len(parts) != 8 || seen != 8 {
		t.Errorf("%d funders, %d of them seen", len(parts), seen)
	}
	if n := r.Number(t, fmt.Sprintf("SELECT count(*) FROM brut_%s WHERE %s IS DISTINCT FROM montant_engage", table.ID, strings.Join(parts, " + "))); n != 0 {
		t.Errorf("in %d rows the parts are not the amount", n)
	}
}

// checkGrid wants every cell to be in the grid once, and the grid to have no measure.
func checkGrid(t *testing.T, r *datasetstest.Raw, table datasets.Table) {
	var on []string
	for _, column := range cellColumns(table) {
		on = append(on, fmt.Sprintf("g.%[1]s = b.%[1]s", column))
	}
	for _, f := range table.Fields {
		if !f.Measure && f.Name != "date_chargement" {
			on = append(on, fmt.Sprintf("g.%[1]s IS NOT DISTINCT FROM b.%[1]s", f.Name))
		}
	}
	cells := r.Number(t, "SELECT count(*) FROM brut_"+table.ID)
	if n := r.Number(t, fmt.Sprintf("SELECT count(*) FROM brut_%[1]s AS b JOIN grille_%[1]s AS g ON %[2]s", table.ID, strings.Join(on, " AND "))); n != cells {
		t.Errorf("%d of %d cells are in the grid", n, cells)
	}
	rows := r.Number(t, "SELECT count(*) FROM grille_"+table.ID)
	if n := r.Number(t, fmt.Sprintf("SELECT count(*) FROM (SELECT DISTINCT %s FROM grille_%s)", strings.Join(cellColumns(table), ", "), table.ID)); n != rows || rows < cells {
		t.Errorf("%d different combinations in %d rows of the grid, for %d cells", n, rows, cells)
	}
	for _, f := range table.Fields {
		if f.Measure && table.Period.Unit != datasets.UnitYear {
			if n := r.Number(t, fmt.Sprintf("SELECT count(*) FROM grille_%s WHERE %s IS NOT NULL", table.ID, f.Name)); n != 0 {
				t.Errorf("%s is filled in %d rows of the grid", f.Name, n)
			}
		}
	}
}

// checkYears compares the tables of a year with the months of it.
func checkYears(t *testing.T, r *datasetstest.Raw) {
	for name, condition := range map[string]string{
		"a whole year is not the sum of its files": "m = 12 AND (nb_dossiers IS DISTINCT FROM _nb_dossiers OR montant_engage IS DISTINCT FROM _montant_engage)",
		"a year that lacks months has a sum":       "m < 12 AND (nb_dossiers IS NOT NULL OR montant_engage IS NOT NULL)",
		"more persons than files":                  "nb_titulaires > _nb_dossiers",
		"2025 is not whole":                        "code_region_lieu_formation = 'FR' AND (annee_de_validation = 2025) <> (m = 12)",
	} {
		sql := fmt.Sprintf(`SELECT count(*) FROM brut_%s_annuel LEFT JOIN (SELECT CAST(left(periode, 4) AS INTEGER) AS annee_de_validation,
			code_region AS code_region_lieu_formation, count(*) AS m FROM mois_publies GROUP BY ALL) USING (annee_de_validation, code_region_lieu_formation) WHERE %s`,
			datasetstest.Purchases, condition)
		if n := r.Number(t, sql); n != 0 {
			t.Errorf("%s: %d rows", name, n)
		}
	}
	statuses := fmt.Sprintf(`SELECT count(*) FROM (SELECT annee_de_validation, sum(nb_dossiers) AS n, sum(montant_engage) AS m FROM brut_%[1]s_statut GROUP BY ALL)
		JOIN brut_%[1]s_annuel USING (annee_de_validation) WHERE code_region_lieu_formation = 'FR' AND n = _nb_dossiers AND m = _montant_engage`, datasetstest.Purchases)
	if n := r.Number(t, statuses); n != 3 {
		t.Errorf("statuses add up to the files of %d years of 3", n)
	}
}

// checkMembers wants the grids to list every combination of the members that there are.
func checkMembers(t *testing.T, r *datasetstest.Raw) {
	regions := r.Number(t, "SELECT count(DISTINCT code_region) FROM hub.territoires") + 1
	departments := r.Number(t, "SELECT count(DISTINCT code_departement) FROM hub.territoires") + 1
	domains := r.Number(t, "SELECT count(DISTINCT code_nsf_1) FROM hub.certifications WHERE type_referentiel IN ('RNCP', 'RS')") + 2
	certifications := r.Number(t, "SELECT count(*) FROM certifications_montrees")
	months, years := int64(24), int64(3) // from November 2024 to October 2026
	quarters := r.Number(t, "SELECT count(DISTINCT trimestre) FROM brut_"+datasetstest.Users)
	for id, want := range map[string]int64{
		datasetstest.Purchases + "_certification_region": certifications * regions,
		datasetstest.Purchases + "_certification":        certifications,
		datasetstest.Purchases + "_domaine_departement":  months * domains * departments,
		datasetstest.Purchases + "_domaine_region":       months * domains * regions,
		datasetstest.Purchases + "_region":               months * regions,
		datasetstest.Purchases + "_mensuel":              months,
		datasetstest.Purchases + "_region_modalite":      months * (2*regions + 1),
		datasetstest.Purchases + "_annuel":               years * (regions + 1),
		datasetstest.Purchases + "_statut":               years * 7,
		datasetstest.Users + "_region":                   quarters * regions * 3 * 7 * 8,
		datasetstest.Users + "_france":                   quarters * 3 * 7 * 8,
		datasetstest.Users + "_departement":              quarters * departments,
		datasetstest.Users + "_situation_region":         quarters * regions * 8,
	} {
		if got := r.Number(t, "SELECT count(*) FROM grille_"+id); got != want {
			t.Errorf("the grid of %s has %d rows, want %d", id, got, want)
		}
	}
}
