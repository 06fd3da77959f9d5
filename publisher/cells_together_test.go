package publisher_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// september publishes the purchases of September, then gives the publisher an
// extract in which October is over.
func september(t *testing.T) (b *bench, first string) {
	t.Helper()
	b = newCellsBench(t, twoMonths(t, "2026-10-15"), "standard")
	b.dataset = engagees
	first = b.publish(t).Release
	b.use(t, twoMonths(t, "2026-11-01", "dossiers", "financements"))
	b.now = b.now.Add(time.Hour)
	return b, first
}

func TestOneDatasetFailsAndTheNextIsPublished(t *testing.T) {
	t.Parallel()
	b, first := september(t)
	path := filepath.Join(b.root, "store", "datasets", engagees, "releases", first, engagees+".parquet")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	done := b.PublishAll(t.Context(), []string{engagees, usagers, "unknown", catalogue}, publisher.Request{})
	if done[0].Err == nil || !strings.Contains(done[0].Err.Error(), "it is not what the manifest says") {
		t.Errorf("carried over from a damaged file: %v", done[0].Err)
	}
	if done[1].Err != nil || done[1].Result.Release == "" {
		t.Errorf("the next dataset: %v", done[1].Err)
	}
	if done[2].Err == nil {
		t.Error("a dataset that does not exist was published")
	}
	if done[3].Err != nil {
		t.Errorf("the catalogue: %v", done[3].Err)
	}
}

// rival moves the pointer just before a publication does.
type rival struct{ objects.Store }

func (s rival) Replace(ctx context.Context, name string, data []byte, version string) (objects.Info, error) {
	if name != release.CurrentName(engagees) {
		return s.Store.Replace(ctx, name, data, version)
	}
	there, _, err := objects.ReadAll(ctx, s.Store, name, objects.MaxConditional)
	if err == nil {
		_, err = s.Store.Replace(ctx, name, append(there, '\n'), version)
	}
	if err != nil {
		return objects.Info{}, err
	}
	return s.Store.Replace(ctx, name, data, version)
}

// TestLoserOfARaceLeavesNoRelease: two releases that differ on a period must not
// stay side by side.
func TestLoserOfARaceLeavesNoRelease(t *testing.T) {
	t.Parallel()
	b, first := september(t)
	whole := b.Store
	b.Store = rival{whole}
	_, err := b.Publish(t.Context(), publisher.Request{Dataset: engagees})
	if !errors.Is(err, release.ErrConflict) {
		t.Fatalf("published over another: %v", err)
	}
	history, err := b.archive.History(t.Context(), engagees)
	if err != nil || len(history) != 1 || history[0].Manifest.Release != first {
		t.Errorf("%d releases, %v", len(history), err)
	}
	b.Store = whole
	b.now = b.now.Add(time.Hour)
	second := b.publish(t).Release
	if m, err := b.archive.Manifest(t.Context(), engagees, second); err != nil || !slices.Equal(m.Periods, []string{"2026-09", "2026-10"}) {
		t.Errorf("the next run: %v, %v", m.Periods, err)
	}
}

// TestNewFieldIsEmptyInFormerPeriods: a table may gain a field.
func TestNewFieldIsEmptyInFormerPeriods(t *testing.T) {
	t.Parallel()
	b, _ := september(t)
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if all[i].ID == engagees {
			table := &all[i].Tables[0]
			table.Fields = append(table.Fields, datasets.Field{Name: "essai", Label: "essai", Type: datasets.TypeText, Title: "Essai", Description: "Essai.", Added: true})
			table.SQL = "SELECT *, 'x' AS essai FROM (" + table.SQL + ")"
		}
	}
	b.Datasets = all
	got := map[string]string{}
	for _, row := range b.rows(t, b.publish(t).Release) {
		got[row["date_validation"]] += row["essai"] + ";"
	}
	if got["2026-09"] != ";" || got["2026-10"] != "x;" {
		t.Errorf("the new field by month: %v", got)
	}
}

// TestAbsurdAmountIsSetApart: it does not stop the publication of the others.
func TestAbsurdAmountIsSetApart(t *testing.T) {
	t.Parallel()
	files := with(buys("ABCDE", "2026-09-15"), buy('F', "2026-09-15", "999999999999.99"), buy('G', "2026-09-15", "999999999999.99"))
	dir := extractOf(t, []scene{{files: files, more: map[string][]hubtest.Record{"financements": {
		hubtest.Rec("financements", "id_dossier=S0-5", "type_financeur=etat", "montant_engage=999999999999.99"),
	}}}})
	b := newCellsBench(t, dir, "standard")
	b.dataset = engagees
	rows := b.rows(t, b.publish(t).Release)
	if len(rows) != 1 || rows[0]["nb_dossiers"] != "5" || rows[0]["montant_engage"] != "500.00" {
		t.Errorf("%v", rows)
	}
}

// TestMorePersonsThanInTheParts: twelve NIR under six names in one certification and six NIR
// under twelve names in another are six persons each as they are printed, and eighteen
// together. No attacker may be misled by that into refusing true figures.
func TestMorePersonsThanInTheParts(t *testing.T) {
	t.Parallel()
	const day = "2026-09-15"
	english := []string{"type_referentiel=RS", "code_certification=6151", "code_certifinfo=106151"}
	var files []sceneFile
	for i, who := range "ABCDEF" {
		files = append(files, buy(who, day, "100"), buy(who, day, "100", "nir="+nirOf(who+100, "1980")))
		who = rune("GHIJKL"[i])
		files = append(files, buy(who, day, "100", english...), buy(who, day, "100", append(english, "nom_naissance=AUTRE"+string(who))...))
	}
	permit := func(code string) []string {
		return []string{"type_referentiel=", "code_certification=", "code_certifinfo=" + code}
	}
	files = slices.Concat(files, buys("MNOP", day, permit("200")...), buys("QRSTUVWX", day, permit("777")...))
	b := newCellsBench(t, extractOf(t, []scene{{files: files}}), "standard")
	b.dataset = engagees
	id := b.publish(t).Release
	d, _ := datasets.Find(b.Datasets, engagees)
	got := map[string]string{}
	for _, suffix := range []string{"_certification", "_mensuel"} {
		table, _ := d.Table(engagees + suffix)
		_, rows := b.tableRows(t, id, table)
		for _, row := range rows {
			got[row["intitule_certification"]] = row["nb_titulaires"]
		}
	}
	for what, want := range map[string]string{"Titre": "6", "Anglais": "6", "": "30"} {
		if got[what] != want {
			t.Errorf("%q: %q persons, want %s", what, got[what], want)
		}
	}
}

// TestNoCertificationIsShown: a month of which totals are shown, and no certification.
func TestNoCertificationIsShown(t *testing.T) {
	t.Parallel()
	const day = "2026-09-15"
	b := newCellsBench(t, extractOf(t, []scene{{files: slices.Concat(buys("ABC", day),
		buys("DEF", day, "type_referentiel=RS", "code_certification=6151", "code_certifinfo=106151"),
		buys("GHI", day, "type_referentiel=", "code_certification=", "code_certifinfo=200"),
		buys("JKL", day, "type_referentiel=", "code_certification=", "code_certifinfo=777"))}}), "standard")
	b.dataset = engagees
	id := b.publish(t).Release
	d, _ := datasets.Find(b.Datasets, engagees)
	for suffix, want := range map[string]int{"": 0, "_certification": 0, "_certification_region": 0, "_mensuel": 1} {
		table, _ := d.Table(engagees + suffix)
		if _, rows := b.tableRows(t, id, table); len(rows) != want || want == 1 && rows[0]["nb_dossiers"] != "12" {
			t.Errorf("%s has %d rows: %v", table.ID, len(rows), rows)
		}
	}
}
