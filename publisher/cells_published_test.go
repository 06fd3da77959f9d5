package publisher_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/publisher"
)

// This file compares the published statistical tables with the recount. Which cells are
// hidden for the sake of others is the choice of the product; what is shown must be true
// and no secret, and whatever a reader knows to exist is listed.

// recounted are the tables of a dataset, counted again.
type recounted struct {
	*refHub
	dataset string
	tables  []datasets.Table
	rules   refRules
	groups  map[string]map[string]*refGroup // by table and member key
}

// recountTables counts the tables of a dataset again.
func (h *refHub) recountTables(b *bench, rules refRules) *recounted {
	d, _ := datasets.Find(b.Datasets, b.dataset)
	c := &recounted{refHub: h, dataset: d.ID, tables: d.Tables, rules: rules, groups: map[string]map[string]*refGroup{}}
	for _, table := range d.Tables {
		c.groups[table.ID] = h.summarised(d.ID, table, "9999-12-31")
		maps.DeleteFunc(c.groups[table.ID], func(_ string, g *refGroup) bool { return !h.over(table, g.dims[table.Period.Field]) })
	}
	return c
}

// over: a period of a table, and the months in which it may still change, ended before the
// day of the extract.
func (h *refHub) over(table datasets.Table, period string) bool {
	year, _ := strconv.Atoi(period[:4])
	month := 12
	switch {
	case strings.Contains(period, "-T"):
		month = 3 * int(period[6]-'0')
	case len(period) == 7:
		month, _ = strconv.Atoi(period[5:])
	}
	lag := 0
	if strings.HasSuffix(table.ID, "_statut") {
		lag = 3
	}
	return !time.Date(year, time.Month(month+lag+1), 1, 0, 0, 0, 0, time.UTC).After(h.latest)
}

// periods are those of a table in which a file falls, in order.
func (c *recounted) periods(table datasets.Table) []string {
	all := map[string]bool{}
	for _, g := range c.groups[table.ID] {
		all[g.dims[table.Period.Field]] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// tableRows are the rows of a table of a release, as maps.
func (b *bench) tableRows(t *testing.T, id string, table datasets.Table) (lines [][]string, rows []map[string]string) {
	t.Helper()
	lines = b.csvLines(t, id, table.ID+".csv", ',')
	if !slices.Equal(lines[0], table.Names()) {
		t.Fatalf("%s: header %v", table.ID, lines[0])
	}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return lines[1:], rows
}

// hasFigures: some measure of a row is shown.
func hasFigures(table datasets.Table, row map[string]string) bool {
	return slices.ContainsFunc(table.Fields, func(f datasets.Field) bool { return f.Measure && row[f.Name] != "" })
}

// judge compares what a release says of some periods of all tables with the recount: those
// that fresh tells.
func (c *recounted) judge(t *testing.T, b *bench, id string, fresh func(table datasets.Table, period string) bool) {
	t.Helper()
	months := c.months(t, b, id)
	named := c.namedCertifications(t, b, id)
	for _, table := range c.tables {
		lines, rows := b.tableRows(t, id, table)
		ordered := slices.Clone(lines)
		if sortRows(table, ordered); gocmp.Diff(ordered, lines) != "" {
			t.Errorf("%s is not in the order of its key", table.ID)
		}
		if len(lines) > 0 { // no table of these tests is as large as a workbook may not be
			b.compareFormats(t, id, table, lines)
		}
		var keys []string
		for _, row := range rows {
			if fresh(table, row[table.Period.Field]) {
				keys = append(keys, memberKey(table, row))
				c.judgeRow(t, table, row, months)
			}
		}
		slices.Sort(keys)
		if twice := len(keys) - len(slices.Compact(slices.Clone(keys))); twice > 0 {
			t.Errorf("%s: %d rows stand there twice", table.ID, twice)
		}
		if table.ID == c.dataset {
			continue // lists what it shows
		}
		var want []string
		for _, period := range c.periods(table) {
			if fresh(table, period) {
				want = append(want, c.grid(table, period, named)...)
			}
		}
		slices.Sort(want)
		if d := gocmp.Diff(want, keys); d != "" {
			t.Errorf("%s: members: -want +got\n%.2000s", table.ID, d)
		}
	}
}

// judgeRow compares a row with the recount.
func (c *recounted) judgeRow(t *testing.T, table datasets.Table, row map[string]string, months map[string]map[string]string) {
	t.Helper()
	key := memberKey(table, row)
	if !hasFigures(table, row) {
		if table.ID == c.dataset {
			t.Errorf("%s lists a row without figures: %s", table.ID, key)
		}
		return
	}
	g := c.groups[table.ID][key]
	if g == nil {
		t.Errorf("%s has figures of nobody: %s", table.ID, key)
		return
	}
	if c.rules.secret(g.files) {
		t.Errorf("%s shows a secret: %s of %d persons", table.ID, key, holders(g.files))
	}
	want := g.row(table)
	want["date_chargement"] = c.latest.Format(time.DateOnly)
	if strings.HasSuffix(table.ID, "_annuel") {
		m := months[row["annee_de_validation"]+" "+row["code_region_lieu_formation"]]
		want["nb_dossiers"], want["montant_engage"] = m["nb_dossiers"], m["montant_engage"]
	}
	if row["duree_moyenne"] == "" || c.rules.few(timed(g.files)) { // hidden for its own sake or another's
		want["duree_moyenne"] = ""
	}
	if c.fundersHidden(table, row, g) {
		for _, f := range table.Fields {
			if f.Funder != "" {
				want[f.Name] = ""
			}
		}
	}
	for _, f := range table.Fields {
		if row[f.Name] != want[f.Name] {
			t.Errorf("%s, %s: %s is %q, want %q", table.ID, key, f.Name, row[f.Name], want[f.Name])
		}
	}
}

// fundersHidden: the figures of the funders of a row are empty, or must be.
func (c *recounted) fundersHidden(table datasets.Table, row map[string]string, g *refGroup) bool {
	if slices.ContainsFunc(slices.Collect(maps.Values(g.funded)), c.rules.few) {
		return true
	}
	return !slices.ContainsFunc(table.Fields, func(f datasets.Field) bool { return f.Funder != "" && row[f.Name] != "" })
}

// months are the sums of the months of each year and région as the release shows them, by
// both; one that lacks a month has none.
func (c *recounted) months(t *testing.T, b *bench, id string) map[string]map[string]string {
	t.Helper()
	counts, files, amounts := map[string]int{}, map[string]int64{}, map[string]int64{}
	for _, table := range c.tables {
		if !strings.HasSuffix(table.ID, "_mensuel") && !strings.HasSuffix(table.ID, engagees+"_region") {
			continue
		}
		_, rows := b.tableRows(t, id, table)
		for _, row := range rows {
			if row["nb_dossiers"] == "" {
				continue
			}
			key := row["annee_de_validation"] + " " + row["code_region_lieu_formation"]
			if strings.HasSuffix(table.ID, "_mensuel") {
				key += "FR"
			}
			n, _ := strconv.ParseInt(row["nb_dossiers"], 10, 64)
			counts[key]++
			files[key] += n
			amounts[key] += cents(row["montant_engage"]).Num().Int64()
		}
	}
	sums := map[string]map[string]string{}
	for key, n := range counts {
		if n == 12 {
			sums[key] = map[string]string{"nb_dossiers": strconv.FormatInt(files[key], 10), "montant_engage": euroText(amounts[key])}
		}
	}
	return sums
}

// certificationFields are those that tell of a certification.
var certificationFields = []string{"type_referentiel", "code_rs", "code_rncp", "code_certifinfo", "intitule_certification", "domaine_formation_nsf", "formacode_principal", "libelle_formacode_principal", "code_nsf"}

// namedCertifications are those of which a release shows a cell, by month.
func (c *recounted) namedCertifications(t *testing.T, b *bench, id string) map[string][]map[string]string {
	t.Helper()
	named := map[string]map[string]map[string]string{}
	for _, table := range c.tables {
		if _, ok := table.Field("intitule_certification"); !ok {
			continue
		}
		_, rows := b.tableRows(t, id, table)
		for _, row := range rows {
			if !hasFigures(table, row) {
				continue
			}
			one := map[string]string{}
			for _, f := range certificationFields {
				one[f] = row[f]
			}
			month := row[table.Period.Field]
			if named[month] == nil {
				named[month] = map[string]map[string]string{}
			}
			named[month][fmt.Sprint(one)] = one
		}
	}
	lists := map[string][]map[string]string{}
	for month, all := range named {
		lists[month] = slices.Collect(maps.Values(all))
	}
	return lists
}

// grid are the rows of a summary that a reader knows to exist in a period, by member key.
func (c *recounted) grid(table datasets.Table, period string, named map[string][]map[string]string) (keys []string) {
	year, rest, _ := strings.Cut(period, "-")
	rows := []map[string]string{{"annee": year, "trimestre": period, "annee_de_validation": year}}
	if rest != "" {
		rows[0]["date_validation"] = period
	}
	has := func(name string) bool { _, ok := table.Field(name); return ok }
	switch {
	case has("code_departement") || has("code_departement_lieu_formation"):
		rows = crossed(rows, c.lands(true))
	case has("code_region") || has("code_region_lieu_formation"):
		rows = crossed(rows, c.lands(false))
	}
	if strings.HasSuffix(table.ID, "_annuel") {
		rows = append(rows, map[string]string{"annee_de_validation": year, "region_lieu_formation": "France", "code_region_lieu_formation": "FR"})
	}
	switch {
	case has("intitule_certification"):
		rows = crossed(rows, named[period])
	case has("domaine_formation_nsf"):
		rows = crossed(rows, c.domains())
	}
	for name, values := range refMembers {
		if has(name) {
			var all []map[string]string
			for _, v := range values {
				all = append(all, map[string]string{name: v})
			}
			rows = crossed(rows, all)
		}
	}
	for _, row := range rows {
		if row["modalite_presence"] != "À distance" || row["code_region_lieu_formation"] == "00" {
			keys = append(keys, memberKey(table, row))
		}
	}
	return keys
}

// refMembers are the members of the dimensions that are the same in every hub.
var refMembers = map[string][]string{
	"modalite_presence": {"Présentiel", "Mixte", "À distance"},
	"statut_dossier":    {"En cours", "Réalisé totalement", "Réalisé partiellement", "Annulé par l'organisme", "Annulé par le titulaire", "Annulé par le gestionnaire", "Rejeté"},
	"genre":             {"Femme", "Homme", "Non renseigné"},
	"tranche_age":       {"moins de 25 ans", "25-34 ans", "35-44 ans", "45-54 ans", "55-64 ans", "65 ans et plus", "Non renseignée"},
	"situation": {"Demandeur d'emploi", "Agriculteurs exploitants", "Artisans commerçants chefs d'entreprise", "Cadres et professions intellectuelles supérieures",
		"Professions intermédiaires", "Employés", "Ouvriers", "Autre ou non renseigné"},
}

// crossed is every combination of two lists of members.
func crossed(a, b []map[string]string) (all []map[string]string) {
	for _, x := range a {
		for _, y := range b {
			both := maps.Clone(x)
			maps.Copy(both, y)
			all = append(all, both)
		}
	}
	return all
}

// lands are the régions, or the départements, and the place of what has none.
func (c *recounted) lands(departements bool) []map[string]string {
	suffix, none, of := "_lieu_formation", "À distance ou non localisé", "00"
	if c.dataset == usagers {
		suffix, none, of = "", "Hors de France ou non renseigné", "99"
	}
	names := [4]string{"code_region" + suffix, "nom_region", "code_departement" + suffix, "nom_departement"}
	if suffix != "" {
		names[1], names[3] = "region"+suffix, "departement"+suffix
	}
	all := map[string]map[string]string{}
	add := func(values [4]string) {
		one := map[string]string{}
		for i := range names {
			if i < 2 || departements {
				one[names[i]] = values[i]
			}
		}
		all[fmt.Sprint(one)] = one
	}
	add([4]string{of, none, of, none})
	for _, v := range c.byKey["territoires"] {
		add([4]string{v["code_region"], v["nom_region"], v["code_departement"], v["nom_departement"]})
	}
	return slices.Collect(maps.Values(all))
}

// domains are the domains of the certifications that have one, and the two of the others.
func (c *recounted) domains() []map[string]string {
	all := map[string]map[string]string{
		"Sans objet":    {"domaine_formation_nsf": "Sans objet", "code_nsf": ""},
		"Non renseigné": {"domaine_formation_nsf": "Non renseigné", "code_nsf": ""},
	}
	for _, v := range c.byKey["certifications"] {
		if code := v["code_nsf_1"]; code != "" && v["type_referentiel"] != "" {
			all[code] = map[string]string{"domaine_formation_nsf": c.domain(code), "code_nsf": code}
		}
	}
	return slices.Collect(maps.Values(all))
}

// counted is what disclosure.json must say of some periods of a table.
func (c *recounted) counted(t *testing.T, b *bench, id string, table datasets.Table, periods []string) []publisher.PeriodCount {
	t.Helper()
	shown := map[string]bool{}
	_, rows := b.tableRows(t, id, table)
	for _, row := range rows {
		if hasFigures(table, row) {
			shown[memberKey(table, row)] = true
		}
	}
	var all []publisher.PeriodCount
	for _, period := range periods {
		n := publisher.PeriodCount{Period: period, Profile: b.Profile.Name, ProfileVersion: b.Profile.Version, Threshold: c.rules.persons}
		var files, masked []refFile
		for key, g := range c.groups[table.ID] {
			if g.dims[table.Period.Field] != period {
				continue
			}
			files = append(files, g.files...)
			if shown[key] {
				n.Shown++
			} else {
				masked = append(masked, g.files...)
				n.Secret++
			}
		}
		n.Secret = refRounded(n.Secret)
		if len(files) >= 400*c.rules.persons {
			share, value := percent(int64(len(masked)), int64(len(files))), percent(sum(masked, euros), sum(files, euros))
			n.MaskedFiles, n.MaskedEuros = &share, &value
		}
		all = append(all, n)
	}
	return all
}

// disclosed reads disclosure.json.
func (b *bench) disclosed(t *testing.T, id string) publisher.Disclosure {
	t.Helper()
	var d publisher.Disclosure
	if err := json.Unmarshal(b.object(t, id, "disclosure.json"), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// compareDisclosure compares the periods that a release lists, and what it says of the
// cells shown and secret in each: carried gives what a former release said of those that
// are carried over.
func (c *recounted) compareDisclosure(t *testing.T, b *bench, id string, carried map[string][]publisher.PeriodCount) {
	t.Helper()
	m, err := b.archive.Manifest(t.Context(), b.dataset, id)
	if err != nil {
		t.Fatal(err)
	}
	d := b.disclosed(t, id)
	if len(d.Tables) != len(c.tables) || len(m.Tables) != len(c.tables) {
		t.Fatalf("disclosure.json tells of %d tables, the manifest of %d", len(d.Tables), len(m.Tables))
	}
	for i, table := range c.tables {
		var former, fresh []string
		for _, n := range carried[table.ID] {
			former = append(former, n.Period)
		}
		for _, p := range c.periods(table) {
			if !slices.Contains(former, p) {
				fresh = append(fresh, p)
			}
		}
		listed := m.Tables[i].Periods
		if table.Period.Unit == c.tables[0].Period.Unit {
			listed = m.Periods
		}
		if diff := gocmp.Diff(slices.Concat(former, fresh), listed); diff != "" {
			t.Errorf("%s: periods of the manifest: -want +got\n%s", table.ID, diff)
		}
		want := slices.Concat(carried[table.ID], c.counted(t, b, id, table, fresh))
		if diff := gocmp.Diff(want, d.Tables[i].Periods); d.Tables[i].ID != table.ID || diff != "" {
			t.Errorf("%s in disclosure.json: -want +got\n%s", table.ID, diff)
		}
		var shown, secret int64
		for _, n := range want {
			shown, secret = shown+n.Shown, secret+n.Secret
		}
		if d.Tables[i].Shown != shown || d.Tables[i].Secret != refRounded(secret) {
			t.Errorf("%s in disclosure.json: %d shown, %d secret; want %d, %d", table.ID, d.Tables[i].Shown, d.Tables[i].Secret, shown, refRounded(secret))
		}
		if diff := gocmp.Diff(d.Tables[i].MaskedFiles, m.Tables[i].Masked); diff != "" {
			t.Errorf("%s: part_masquee of disclosure.json and manifest: %s", table.ID, diff)
		}
	}
}

// newCellsBench is a bench for the statistical datasets: one fault more or less
// stops nothing.
func newCellsBench(t *testing.T, dir, profile string) *bench {
	t.Helper()
	b := newBench(t, dir)
	var err error
	if b.Profile, err = anonymize.EmbeddedProfile(profile); err != nil {
		t.Fatal(err)
	}
	b.Thresholds = hub.Thresholds{Quarantine: 1, Shrink: 1}
	return b
}

// anyPeriod takes all periods for fresh.
func anyPeriod(datasets.Table, string) bool { return true }

// TestPublishedTablesEqualRecount publishes both datasets from random extracts and compares
// every table with the recount.
func TestPublishedTablesEqualRecount(t *testing.T) {
	t.Parallel()
	var seen sync.Map
	t.Run("extracts", func(t *testing.T) {
		for profile, rules := range refProfiles {
			t.Run(profile, func(t *testing.T) {
				t.Parallel()
				for _, kind := range checkTables(t, 4, profile, rules) {
					seen.Store(profile+" "+kind, true)
				}
			})
		}
	})
	for profile := range refProfiles {
		for _, what := range cellKinds {
			if _, ok := seen.Load(profile + " " + what); !ok {
				t.Errorf("no cell is %s: the extracts are too tame for %s", what, profile)
			}
		}
	}
}

func checkTables(t *testing.T, seed uint64, profile string, rules refRules) (kinds []string) {
	t.Helper()
	dir := t.TempDir()
	p := newPopulation(seed, 400)
	p.buyMany(2500, "D", calendarDay("2026-08-01"), 90)
	p.fund(2500, "D")
	p.write(t, dir, "")
	b := newCellsBench(t, dir, profile)
	h := recompute(t, dir, hubtest.AsOf, statEntities...)
	for i, done := range b.PublishAll(t.Context(), []string{engagees, usagers}, publisher.Request{}) {
		b.dataset = []string{engagees, usagers}[i]
		if done.Err != nil {
			t.Fatalf("%v\n%s", done.Err, b.log)
		}
		c := h.recountTables(b, rules)
		c.judge(t, b, done.Result.Release, anyPeriod)
		c.compareDisclosure(t, b, done.Result.Release, nil)
		kinds = append(kinds, c.kinds(t, b, done.Result.Release)...)
	}
	return kinds
}

// cellKinds are the cells that extracts must have to try the rules.
var cellKinds = []string{"one person too few", "just enough", "estimated", "shown", "shown without mean", "shown with funders", "shown without funders",
	"hidden for others", "counted otherwise by name", "too few by name alone"}

// kinds are those of which a release has a cell.
func (c *recounted) kinds(t *testing.T, b *bench, id string) (kinds []string) {
	t.Helper()
	for _, table := range c.tables {
		figures := map[string]map[string]string{}
		_, rows := b.tableRows(t, id, table)
		for _, row := range rows {
			if hasFigures(table, row) {
				figures[memberKey(table, row)] = row
			}
		}
		for key, g := range c.groups[table.ID] {
			row, shown := figures[key]
			n, names := len(contributions(g.files, byNIR)), len(contributions(g.files, byName))
			for kind, is := range map[string]bool{
				"one person too few": holders(g.files) == c.rules.persons-1, "just enough": shown && holders(g.files) == c.rules.persons,
				"estimated": !c.rules.few(g.files) && c.rules.secret(g.files), "shown": shown, "hidden for others": !shown && !c.rules.secret(g.files),
				"shown without mean": shown && c.rules.few(timed(g.files)), "shown with funders": row["part_titulaire"] != "",
				"shown without funders":     shown && len(table.Funders()) > 0 && row["part_titulaire"] == "",
				"counted otherwise by name": n != names, "too few by name alone": n >= c.rules.persons && names < c.rules.persons,
			} {
				if is && !slices.Contains(kinds, kind) {
					kinds = append(kinds, kind)
				}
			}
		}
	}
	return kinds
}
