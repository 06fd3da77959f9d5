package hub_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// hours reads the hours of the only action, -1 if there is none.
func hours(t *testing.T, db *engine.DB) int64 {
	t.Helper()
	n, err := db.Count(t.Context(), "SELECT coalesce((SELECT nombre_heures::INTEGER FROM hub.actions), -1)")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestLatestVersionWins: version, then date_maj, then the name of the file, then
// the row.
func TestLatestVersionWins(t *testing.T) {
	action := func(changes ...string) hubtest.Record { return hubtest.Rec("actions", changes...) }
	for _, c := range []struct {
		name          string
		first, second []hubtest.Record // files a and b
		want          int64
	}{
		{"version before date", []hubtest.Record{action("version=2", "nombre_heures=1", "date_maj=2026-01-01")}, []hubtest.Record{action("version=1", "nombre_heures=2")}, 1},
		{"version is a number", []hubtest.Record{action("version=10", "nombre_heures=1")}, []hubtest.Record{action("version=9", "nombre_heures=2")}, 1},
		{"date before file", []hubtest.Record{action("nombre_heures=1", "date_maj=2026-11-02")}, []hubtest.Record{action("nombre_heures=2")}, 1},
		{"last file", []hubtest.Record{action("nombre_heures=1")}, []hubtest.Record{action("nombre_heures=2")}, 2},
		{"last row", []hubtest.Record{action("nombre_heures=1"), action("nombre_heures=3")}, nil, 3},
		{"suppression", []hubtest.Record{action("nombre_heures=1")}, []hubtest.Record{{"numero_action": "A1", "version": "2", "operation": "S", "date_maj": "2026-11-02"}}, -1},
		{"old suppression", []hubtest.Record{action("nombre_heures=1", "version=3")}, []hubtest.Record{action("version=2", "operation=S")}, 1},
		{"recreated", []hubtest.Record{action("version=2", "operation=S")}, []hubtest.Record{action("version=3", "nombre_heures=4")}, 4},
		{"later is not seen", []hubtest.Record{action("nombre_heures=1")}, []hubtest.Record{action("version=2", "nombre_heures=2", "date_maj=2026-11-21T00:00:00")}, 1},
		{"as-of day is seen", []hubtest.Record{action("nombre_heures=1")}, []hubtest.Record{action("version=2", "nombre_heures=2", "date_maj=2026-11-20T23:59:59")}, 2},
		{"faulty winner is not replaced", []hubtest.Record{action("nombre_heures=1")}, []hubtest.Record{action("version=2", "nombre_heures=-2")}, -1},
		{"corrected fault", []hubtest.Record{action("nombre_heures=-1")}, []hubtest.Record{action("version=2", "nombre_heures=2")}, 2},
		{"version that cannot be read", []hubtest.Record{action("nombre_heures=1")}, []hubtest.Record{action("version=deux", "nombre_heures=2")}, -1},
		{"date that cannot be read", []hubtest.Record{action("nombre_heures=1")}, []hubtest.Record{action("version=2", "date_maj=hier", "operation=S")}, -1},
		{"operation that is not known", []hubtest.Record{action("nombre_heures=1")}, []hubtest.Record{action("version=2", "operation=s")}, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := hubtest.Extract(t, map[string][]hubtest.Record{"actions": c.first})
			if c.second != nil {
				hubtest.WriteCSV(t, filepath.Join(dir, "actions", "part-2.csv"), "actions", c.second)
			}
			db, rep := read(t, dir, hub.Options{})
			if got := hours(t, db); got != c.want {
				t.Errorf("hours %d, want %d", got, c.want)
			}
			e, _ := rep.Entity("actions")
			if e.Read != e.Later+e.Superseded+e.Deleted+e.Quarantined+e.Kept {
				t.Errorf("counts do not add up: %+v", e)
			}
		})
	}
}

// TestPersonsAreNumbers: one person is one number, by NIR else by identity and by
// identity alone, whatever the spelling; numbers of two runs differ.
func TestPersonsAreNumbers(t *testing.T) {
	file := func(id string, changes ...string) hubtest.Record {
		return hubtest.Rec("dossiers", append([]string{"id_dossier=" + id}, changes...)...)
	}
	other := hubtest.NIR("2850369990456")
	funding := []hubtest.Record{}
	for _, id := range []string{"D1", "D2", "D3", "D4", "D5", "D6"} {
		funding = append(funding, hubtest.Rec("financements", "id_dossier="+id))
	}
	dir := hubtest.Extract(t, map[string][]hubtest.Record{"financements": funding, "dossiers": {
		file("D1"),
		file("D2", "nom_naissance=Alpha-Nom", "prenoms=BÉTAPRENOM"),
		file("D3", "nir="),
		file("D4", "nir=", "prenoms=Gammaprenom"),
		file("D5", "nir="+other, "nom_naissance=AUTRE", "prenoms=Personne", "date_naissance=1985-03-02", "genre=2"),
		file("D6", "nir="+other, "nom_naissance=", "date_naissance=1985-03-02", "genre=2"),
	}})
	count := func(seed uint64) (byNIR, byIdentity, sum int64) {
		db, rep := read(t, dir, hub.Options{Seed: seed})
		if e, _ := rep.Entity("dossiers"); e.Kept != 6 {
			t.Fatalf("kept %d: %s", e.Kept, rules(e))
		}
		err := db.Row(t.Context(), "SELECT count(DISTINCT personne), count(DISTINCT identite), (bit_xor(personne) >> 2)::BIGINT FROM hub.dossiers", []any{&byNIR, &byIdentity, &sum})
		if err != nil {
			t.Fatal(err)
		}
		return byNIR, byIdentity, sum
	}
	byNIR, byIdentity, first := count(1)
	if byNIR != 4 || byIdentity != 4 {
		t.Errorf("%d by NIR, %d by identity", byNIR, byIdentity)
	}
	if _, _, second := count(2); first == second {
		t.Error("two runs number persons alike")
	}
}

// TestOneNameIsWrittenInSeveralWays: accents, case, blanks, hyphens and ligatures do
// not make two persons.
func TestOneNameIsWrittenInSeveralWays(t *testing.T) {
	for _, ways := range [][]string{
		{"LEBŒUF", "Lebœuf", "lebœuf", "LEBOEUF", "Le Boeuf"},
		{"STRAUß", "Strauß", "STRAUSS", "strauss", "STRAUẞ"},
		{"LÆTITIA-D'ÉTÉ", "laetitia d’ete", "LAETITIA D ETE"},
	} {
		var files, funding []hubtest.Record
		for i, name := range ways {
			id := fmt.Sprintf("id_dossier=D%d", i)
			files = append(files, hubtest.Rec("dossiers", id, "nir=", "nom_naissance="+name, "prenoms="+name))
			funding = append(funding, hubtest.Rec("financements", id))
		}
		db, _ := read(t, hubtest.Extract(t, map[string][]hubtest.Record{"financements": funding, "dossiers": files}), hub.Options{})
		n, err := db.Count(t.Context(), "SELECT 10 * count(DISTINCT identite) + count(DISTINCT personne) FROM hub.dossiers")
		if err != nil || n != 11 {
			t.Errorf("%v are %d persons (tens by identity), %v", ways, n, err)
		}
	}
}

// TestNominativeColumnsAreNotKept: what names a person is in no table.
func TestNominativeColumnsAreNotKept(t *testing.T) {
	db, _ := read(t, hubtest.Extract(t, nil), hub.Options{})
	n, err := db.Count(t.Context(), "SELECT count(*) FROM duckdb_columns() WHERE column_name IN ('nir', 'nom_naissance', 'prenoms') AND NOT internal")
	if err != nil || n != 0 {
		t.Errorf("%d nominative columns kept, %v", n, err)
	}
}

func TestFormerCommuneIsKnownUnderItsCode(t *testing.T) {
	dir := hubtest.Extract(t, map[string][]hubtest.Record{
		"territoires": {hubtest.Rec("territoires"), hubtest.Rec("territoires", "commune=01015", "code_departement=01", "nom_departement=Ain")},
		"actions":     {hubtest.Rec("actions", "commune=01340")},
	})
	db, rep := read(t, dir, hub.Options{})
	e, _ := rep.Entity("actions")
	n, err := db.Count(t.Context(), "SELECT count(*) FROM hub.communes WHERE commune = '01340' AND code_departement = '01'")
	if err != nil || n != 1 || e.Kept != 1 {
		t.Errorf("%d territories, %d actions kept (%s), %v", n, e.Kept, rules(e), err)
	}
}

func TestFoldersNotInTheContractAreReported(t *testing.T) {
	dir := hubtest.Extract(t, nil)
	for _, name := range []string{"situations_dsn/a.parquet", "periodes_cep/a.csv", "inconnu/a.csv", "actions/notes.txt", "actions/_SUCCESS", ".git/x.csv"} {
		hubtest.Write(t, filepath.Join(dir, filepath.FromSlash(name)), []byte("x"))
	}
	_, rep := read(t, dir, hub.Options{})
	want := "actions/notes.txt inconnu/ periodes_cep/ situations_dsn/"
	got := ""
	for _, name := range rep.Ignored {
		got += " " + name
	}
	if got != " "+want {
		t.Errorf("ignored:%s", got)
	}
	if len(rep.Refusals) > 0 {
		t.Errorf("refused: %v", rep.Refusals)
	}
}

func TestMissingEntityIsRefused(t *testing.T) {
	dir := t.TempDir()
	_, rep := read(t, dir, hub.Options{})
	if len(rep.Refusals) != len(hub.Entities()) {
		t.Errorf("refusals: %v", rep.Refusals)
	}
}
