package datasets_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/datasets/datasetstest"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// purchase is a file in scope: where it counts, by columns of champ, and what its
// provider is paid for it, in all and by each funder, in cents.
type purchase struct {
	dims   map[string]string
	siren  string
	cents  int64
	shares map[string]int64
}

// purchases reads the files in scope, the SIRET and the fundings from the hub's tables,
// and the numbers of the providers.
func purchases(t *testing.T, r *datasetstest.Raw, id string) (files []*purchase, numbers map[string]uint64) {
	t.Helper()
	dims := []string{"periode", "code_departement", "code_region"}
	if id == datasetstest.Users {
		dims = append(dims, "genre", "tranche_age", "situation")
	} else {
		dims = append(dims, "certification", "domaine", "modalite", "statut")
	}
	var columns []string
	for _, d := range dims {
		columns = append(columns, "champ."+d)
	}
	columns = append(columns, "id_dossier", "organisme_siret", "CAST(organisme AS VARCHAR)")
	byID := map[string]*purchase{}
	numbers = map[string]uint64{}
	read(t, r, columns, "champ JOIN hub.dossiers ON alea_1 = alea(id_dossier, 1) AND alea_2 = alea(id_dossier, 2)", func(row []string) {
		f := &purchase{dims: map[string]string{}, shares: map[string]int64{}}
		for i, d := range dims {
			f.dims[d] = row[i]
		}
		rest := row[len(dims):]
		f.siren = rest[1][:9]
		number, err := strconv.ParseUint(rest[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if known, ok := numbers[f.siren]; ok && known != number {
			t.Fatalf("%s has two numbers", f.siren)
		}
		numbers[f.siren], byID[rest[0]] = number, f
		files = append(files, f)
	})
	read(t, r, []string{"id_dossier", "type_financeur", "CAST(CAST(100 * montant_engage AS BIGINT) AS VARCHAR)"}, "hub.financements", func(row []string) {
		if f := byID[row[0]]; f != nil {
			cents, err := strconv.ParseInt(row[2], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			f.cents += cents
			f.shares[row[1]] += cents
		}
	})
	if len(slices.Compact(slices.Sorted(maps.Values(numbers)))) != len(numbers) || len(numbers) < 20 {
		t.Fatalf("%d providers, not each with a number of its own", len(numbers))
	}
	return files, numbers
}

// read reads columns of text.
func read(t *testing.T, r *datasetstest.Raw, columns []string, from string, fn func([]string)) {
	t.Helper()
	err := r.Texts(t.Context(), "SELECT "+strings.Join(columns, ", ")+" FROM "+from, len(columns), func(row []engine.Text) error {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = v.String
		}
		fn(line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// providers is what each provider brings to a cell, by SIREN.
type providers map[string]int64

// text writes the smallest numbers and the largest contributions.
func (p providers) text(numbers map[string]uint64) string {
	var all []uint64
	for siren := range p {
		all = append(all, numbers[siren])
	}
	slices.Sort(all)
	largest := slices.SortedFunc(maps.Keys(p), func(a, b string) int {
		return cmp.Or(cmp.Compare(p[b], p[a]), cmp.Compare(numbers[b], numbers[a]))
	})
	var out []string
	for _, n := range all[:min(len(all), datasetstest.Threshold)] {
		out = append(out, strconv.FormatUint(n, 10))
	}
	for _, siren := range largest[:min(len(largest), 3)] {
		out = append(out, fmt.Sprintf("%d/%d", p[siren], numbers[siren]))
	}
	return strings.Join(out, " ")
}

// recounted are the rows of a table: its cell, then who stands behind it.
func recounted(table datasets.Table, files []*purchase, numbers map[string]uint64) []string {
	all, funded := map[string]providers{}, map[string]map[string]providers{}
	add := func(cell string, f *purchase) {
		if all[cell] == nil {
			all[cell], funded[cell] = providers{}, map[string]providers{}
		}
		all[cell][f.siren] += f.cents
		for funder, cents := range f.shares {
			if cents > 0 {
				if funded[cell][funder] == nil {
					funded[cell][funder] = providers{}
				}
				funded[cell][funder][f.siren] += cents
			}
		}
	}
	for _, f := range files {
		add(cellOf(table, f.dims), f)
		for dimension, code := range table.Margin {
			total := maps.Clone(f.dims)
			total[dimension] = code
			add(cellOf(table, total), f)
		}
	}
	var rows []string
	for cell, p := range all {
		row := cell + ": " + p.text(numbers)
		if len(table.Funders()) > 0 {
			for _, funder := range slices.Sorted(maps.Keys(funded[cell])) {
				row += "; " + funder + " " + funded[cell][funder].text(numbers)
			}
		}
		rows = append(rows, row)
	}
	slices.Sort(rows)
	return rows
}

// cellOf names the cell of a file.
func cellOf(table datasets.Table, dims map[string]string) string {
	var key []string
	for _, d := range slices.Sorted(maps.Keys(table.Cell)) {
		value := dims[d]
		if d == "periode" && table.Period.Unit == datasets.UnitYear {
			value = value[:4]
		}
		key = append(key, value)
	}
	return strings.Join(key, "|")
}

// rawProviders are the rows of a raw table in the same form.
func rawProviders(t *testing.T, r *datasetstest.Raw, table datasets.Table) []string {
	t.Helper()
	var key []string
	for _, d := range slices.Sorted(maps.Keys(table.Cell)) {
		key = append(key, fmt.Sprintf("CAST(%s AS VARCHAR)", table.Cell[d]))
	}
	who := func(prefix, numbers, contributions string) string {
		return fmt.Sprintf("%s array_to_string(list_concat(list_transform(%s, x -> CAST(x AS VARCHAR)), list_transform(%s, c -> CAST(100 * c.montant AS BIGINT) || '/' || c.numero)), ' ')",
			prefix, numbers, contributions)
	}
	text := "array_to_string([" + strings.Join(key, ", ") + "], '|') || ': ' || " + who("", "_organismes", "_contributions_organismes")
	if len(table.Funders()) > 0 {
		text += " || array_to_string(list_transform(_organismes_financeurs, f -> '; ' || f.financeur || ' ' || " + who("", "f.organismes", "f.contributions_organismes") + "), '')"
	}
	var rows []string
	read(t, r, []string{text}, "brut_"+table.ID, func(row []string) { rows = append(rows, row[0]) })
	slices.Sort(rows)
	return rows
}

// TestOrganisationsEqualRecount counts the providers of every cell of a synthetic hub
// again, with maps and loops.
func TestOrganisationsEqualRecount(t *testing.T) {
	t.Parallel()
	dir, until := syntheticHub(t)
	r := datasetstest.Read(t, dir, until, "1GB")
	r.Build(t, lastDay)
	for _, id := range []string{datasetstest.Purchases, datasetstest.Users} {
		for _, table := range r.Tables(id) {
			for _, kind := range []string{"brut_", "grille_"} {
				if kind == "brut_" || table.Grid != "" {
					r.Do(t, fmt.Sprintf("ALTER TABLE %[1]s%[2]s RENAME TO sans_%[1]s%[2]s", kind, table.ID))
				}
			}
		}
	}
	r.WithOrganisations(t)
	r.Build(t, lastDay)
	for _, id := range []string{datasetstest.Users, datasetstest.Purchases} {
		r.Champ(t, id, lastDay)
		files, numbers := purchases(t, r, id)
		several := 0
		for _, table := range r.Tables(id) {
			want := recounted(table, files, numbers)
			if diff := gocmp.Diff(want, rawProviders(t, r, table)); diff != "" || len(want) == 0 {
				t.Errorf("%s: -want +got of %d rows\n%.3000s", table.ID, len(want), diff)
			}
			for _, row := range want {
				if strings.Count(row, "/") > 2 {
					several++
				}
			}
			checkOtherColumns(t, r, table)
		}
		if several < 100 {
			t.Errorf("%s: only %d cells with three providers", id, several)
		}
	}
}

// checkOtherColumns wants a table with providers to be the same but for them, and its
// grid to have the columns.
func checkOtherColumns(t *testing.T, r *datasetstest.Raw, table datasets.Table) {
	added := "EXCLUDE (_organismes, _contributions_organismes)"
	if len(table.Funders()) > 0 {
		added = "EXCLUDE (_organismes, _contributions_organismes, _organismes_financeurs)"
	}
	kinds := []string{"brut_"}
	if table.Grid != "" {
		kinds = append(kinds, "grille_")
	}
	for _, kind := range kinds {
		name := kind + table.ID
		if n := r.Number(t, fmt.Sprintf("SELECT count(*) FROM ((SELECT * %[1]s FROM %[2]s EXCEPT ALL FROM sans_%[2]s) UNION ALL (FROM sans_%[2]s EXCEPT ALL SELECT * %[1]s FROM %[2]s))", added, name)); n != 0 {
			t.Errorf("%s: %d rows differ in another column", name, n)
		}
	}
	if table.Grid == "" {
		return
	}
	if n := r.Number(t, fmt.Sprintf("SELECT count(*) FROM grille_%s WHERE _organismes IS NOT NULL OR _contributions_organismes IS NOT NULL", table.ID)); n != 0 {
		t.Errorf("%d rows of the grid of %s have a provider", n, table.ID)
	}
	if n := r.Number(t, fmt.Sprintf("SELECT count(*) FROM (FROM brut_%[1]s UNION ALL BY NAME FROM grille_%[1]s)", table.ID)); n == 0 {
		t.Errorf("%s and its grid do not go together", table.ID)
	}
}

// TestWithoutOrganisations: no provider is counted unless it is asked for.
func TestWithoutOrganisations(t *testing.T) {
	for _, d := range load(t) {
		for _, table := range d.Tables {
			if d.Statistical() && strings.Contains(table.SQL+table.Grid, "organisme") {
				t.Errorf("%s tells of providers", table.ID)
			}
		}
		for unit, sql := range d.Preparation {
			if strings.Contains(sql, "apports_organismes") {
				t.Errorf("%s: what prepares the tables of a %s tells of providers", d.ID, unit)
			}
		}
	}
}
