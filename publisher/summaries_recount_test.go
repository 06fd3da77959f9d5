package publisher_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/datasets/datasetstest"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// This file counts the raw summary tables again from an extract with maps and loops,
// file by file, from the text of the contract. It shares no query with the product.

// lastDay is the last day that counts in the raw tables of these tests.
const lastDay = "2026-10-31"

// refFunders are the fields of the funders: what follows nb_dossiers_finances_par_,
// which one of them lacks, and what follows part_.
var refFunders = map[string][2]string{"france_competences": {"", "france_competences"}, "titulaire": {"titulaires", "titulaire"}, "etat": {"etat", "etat"}, "pole_emploi": {"pole_emploi", "pole_emploi"},
	"region": {"regions", "region"}, "opco": {"opco", "opco"}, "entreprise": {"entreprises", "entreprise"}, "cec": {"cec", "cec"}}

// refGroup is the files of a row of a summary table, and the same files by funder, with
// what he engages for each.
type refGroup struct {
	dims   map[string]string
	files  []refFile
	funded map[string][]refFile
}

// summarised groups the files in scope until a day as a table does, by [memberKey].
func (h *refHub) summarised(id string, table datasets.Table, last string) map[string]*refGroup {
	groups, stat, shares := map[string]*refGroup{}, refStats[id], h.shares()
	for _, r := range h.entities["dossiers"].kept {
		day := stat.day(r.v)
		if day < "2020-01-01" || day > last {
			continue
		}
		for _, dims := range h.memberships(id, table, r.v, day) {
			name := memberKey(table, dims)
			if groups[name] == nil {
				groups[name] = &refGroup{dims: dims, funded: map[string][]refFile{}}
			}
			g := groups[name]
			g.files = append(g.files, fileOf(r.v, h.engaged()[r.v["id_dossier"]]))
			for funder, cents := range shares[r.v["id_dossier"]] {
				if cents > 0 {
					g.funded[funder] = append(g.funded[funder], fileOf(r.v, cents))
				}
			}
		}
	}
	return groups
}

// memberKey is what tells the rows of a table apart.
func memberKey(table datasets.Table, dims map[string]string) string {
	var key []string
	for _, f := range table.Fields {
		if !f.Measure && f.Name != "date_chargement" {
			key = append(key, dims[f.Name])
		}
	}
	return strings.Join(key, "|")
}

// memberships are the rows of a table to which a file belongs: one, or two where the
// table holds the total of France beside its regions.
func (h *refHub) memberships(id string, table datasets.Table, v map[string]string, day string) []map[string]string {
	year, _ := strconv.Atoi(day[:4])
	month, _ := strconv.Atoi(day[5:7])
	dims := refStats[id].member(h, v)
	_, when := refStats[id].name(year, month)
	for _, d := range when {
		dims[d[0]] = d[1]
	}
	dims["modalite_presence"] = map[string]string{"PRESENTIEL": "Présentiel", "MIXTE": "Mixte", "DISTANCE": "À distance"}[v["modalite_presence"]]
	dims["statut_dossier"] = statusOn(v, fmt.Sprintf("%d-03-31", year+1))
	if !strings.HasSuffix(table.ID, "_annuel") {
		return []map[string]string{dims}
	}
	france := maps.Clone(dims)
	france["region_lieu_formation"], france["code_region_lieu_formation"] = "France", "FR"
	return []map[string]string{dims, france}
}

// statusOn is how a file stands on a day.
func statusOn(v map[string]string, day string) string {
	closed := map[string]string{"CLOS_TOTAL": "Réalisé totalement", "CLOS_PARTIEL": "Réalisé partiellement", "ANNULE_OF": "Annulé par l'organisme",
		"ANNULE_TITULAIRE": "Annulé par le titulaire", "ANNULE_GESTIONNAIRE": "Annulé par le gestionnaire", "REJETE": "Rejeté"}
	if how, ok := closed[v["statut"]]; ok && v["date_cloture"] <= day {
		return how
	}
	return "En cours"
}

// shares is what each funder engages for each file, in cents.
func (h *refHub) shares() map[string]map[string]int64 {
	all := map[string]map[string]int64{}
	for _, f := range h.entities["financements"].kept {
		id := f.v["id_dossier"]
		if all[id] == nil {
			all[id] = map[string]int64{}
		}
		all[id][f.v["type_financeur"]] += cents(f.v["montant_engage"]).Num().Int64()
	}
	return all
}

// row is a row of a summary table by column, as text, with what is hidden in it.
func (g *refGroup) row(table datasets.Table) map[string]string {
	row := maps.Clone(g.dims)
	known := timed(g.files)
	row["nb_dossiers"], row["nb_titulaires"], row["nb_dossiers_a_duree_connue"] = strconv.Itoa(len(g.files)), strconv.Itoa(holders(g.files)), strconv.Itoa(len(known))
	row["montant_engage"], row["prix_moyen"] = euroText(sum(g.files, euros)), meanOf(g.files, euros)
	if len(known) > 0 {
		row["duree_moyenne"] = meanOf(known, hours)
	}
	row["_titulaires_a_duree_connue"] = strconv.Itoa(holders(known))
	maps.Copy(row, behind("_", g.files))
	var list []string
	for _, funder := range slices.Sorted(maps.Keys(refFunders)) {
		files, fields := g.funded[funder], refFunders[funder]
		row["part_"+fields[1]] = euroText(sum(files, euros))
		row["nb_dossiers_finances_par_"+fields[0]] = strconv.Itoa(len(files))
		if len(files) > 0 {
			who := behind("", files)
			list = append(list, strings.Join([]string{funder, strconv.Itoa(len(files)), euroText(sum(files, euros)), who["titulaires"],
				who["personnes"], who["identites"], who["contributions_personnes"], who["contributions_identites"]}, " "))
		}
	}
	row["_financeurs"] = strings.Join(list, "; ")
	if strings.HasSuffix(table.ID, "_annuel") { // those published are sums of months
		row["_nb_dossiers"], row["_montant_engage"] = row["nb_dossiers"], row["montant_engage"]
	}
	return row
}

// behind tells who stands behind some files: persons, how many numbers are given by each
// way of counting, and the largest contributions.
func behind(prefix string, files []refFile) map[string]string {
	out := map[string]string{prefix + "titulaires": strconv.Itoa(holders(files))}
	for name, person := range map[string]func(refFile) string{"personnes": byNIR, "identites": byName} {
		all := contributions(files, person)
		var largest []string
		for _, cents := range all[:min(3, len(all))] {
			largest = append(largest, euroText(cents))
		}
		out[prefix+name] = strconv.Itoa(min(datasetstest.Threshold, len(all)))
		out[prefix+"contributions_"+name] = strings.Join(largest, "+")
	}
	return out
}

func euroText(cents int64) string { return money(big.NewInt(cents)) }

// hidden are the columns of a raw table that are not published and that the recount
// knows, by name with the SQL of their text.
func hiddenColumns(table datasets.Table) map[string]string {
	amounts := func(list string) string {
		return "array_to_string(list_transform(" + list + ", c -> CAST(CAST(c.montant AS DECIMAL(14, 2)) AS VARCHAR)), '+')"
	}
	all := map[string]string{"_titulaires": "_titulaires", "_personnes": "len(_personnes)", "_identites": "len(_identites)",
		"_contributions_personnes": amounts("_contributions_personnes"), "_contributions_identites": amounts("_contributions_identites")}
	for _, f := range table.Fields {
		if f.RestsOn != "" {
			all[f.RestsOn] = f.RestsOn
		}
	}
	if len(table.Funders()) > 0 {
		all["_financeurs"] = `array_to_string(list_transform(_financeurs, f -> concat_ws(' ', f.financeur, f.nb_dossiers, CAST(f.part AS DECIMAL(14, 2)),
			f.titulaires, len(f.personnes), len(f.identites), ` + amounts("f.contributions_personnes") + `, ` + amounts("f.contributions_identites") + `)), '; ')`
	}
	if table.Margin != nil {
		all["_nb_dossiers"], all["_montant_engage"] = "_nb_dossiers", "CAST(_montant_engage AS DECIMAL(14, 2))"
	}
	return all
}

// rawRows reads a raw table as text: its fields but the date of the extract and the
// sums of published months, and hidden columns; and their names.
func rawRows(t *testing.T, raw *datasetstest.Raw, table datasets.Table) (names []string, rows [][]string) {
	t.Helper()
	var cols []string
	for _, f := range table.Fields {
		if f.Name == "date_chargement" || table.Margin != nil && (f.Name == "nb_dossiers" || f.Name == "montant_engage") {
			continue
		}
		names, cols = append(names, f.Name), append(cols, fmt.Sprintf("CAST(%s AS VARCHAR)", engine.Ident(f.Name)))
	}
	hidden := hiddenColumns(table)
	for _, name := range slices.Sorted(maps.Keys(hidden)) {
		names, cols = append(names, name), append(cols, "CAST("+hidden[name]+" AS VARCHAR)")
	}
	err := raw.Texts(t.Context(), "SELECT "+strings.Join(cols, ", ")+" FROM brut_"+table.ID, len(cols), func(row []engine.Text) error {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = v.String
		}
		rows = append(rows, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names, rows
}

// compareSummary compares a raw table with the recount.
func compareSummary(t *testing.T, h *refHub, raw *datasetstest.Raw, id string, table datasets.Table) {
	t.Helper()
	names, got := rawRows(t, raw, table)
	var want [][]string
	for _, g := range h.summarised(id, table, lastDay) {
		row := g.row(table)
		line := make([]string, len(names))
		for i, name := range names {
			line[i] = row[name]
		}
		want = append(want, line)
	}
	for _, rows := range [][][]string{want, got} {
		slices.SortFunc(rows, slices.Compare)
	}
	if len(want) == 0 {
		t.Error("nothing was counted")
	}
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("%s: -want +got of %v\n%.4000s", table.ID, names, d)
	}
}

// TestSummariesEqualRecount counts every summary table of random extracts again.
func TestSummariesEqualRecount(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			p := newPopulation(100+seed, 300)
			p.buyMany(2500, "D", calendarDay("2025-11-01"), 360)
			p.fund(2500, "D")
			p.write(t, dir, "")
			h := recompute(t, dir, hubtest.AsOf, statEntities...)
			raw := datasetstest.Build(t, dir, hubtest.AsOf, lastDay)
			for _, id := range []string{engagees, usagers} {
				for _, table := range raw.Tables(id)[1:] {
					t.Run(table.ID, func(t *testing.T) { compareSummary(t, h, raw, id, table) })
				}
			}
		})
	}
}

// fund gives some files further funders, zero and corrected fundings among them.
func (p *population) fund(n int, prefix string) {
	for i := range n {
		for _, funder := range []string{"etat", "pole_emploi", "region", "opco", "entreprise", "cec"} {
			if p.chance(12) {
				p.emit("financements", hubtest.Record{"id_dossier": prefix + strconv.Itoa(i), "type_financeur": funder,
					"montant_engage": pick(p.gen, "0", "0.01", "80", "250.5", "1200"), "montant_realise": ""})
			}
		}
	}
}
