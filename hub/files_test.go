package hub_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// organismes returns a CSV of n providers, with the given delimiter and line end.
func organismes(n int, delim, eol string) []byte {
	var b strings.Builder
	b.WriteString(strings.Join(hubtest.Header("organismes"), delim) + eol)
	for i := range n {
		r := hubtest.Rec("organismes", "siret="+hubtest.Siret("00040000", i+1), "raison_sociale=ORGANISME "+strings.Repeat("é", i%7))
		var line []string
		for _, c := range hubtest.Header("organismes") {
			line = append(line, r[c])
		}
		b.WriteString(strings.Join(line, delim) + eol)
	}
	return []byte(b.String())
}

func gz(t *testing.T, b []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// withFile makes a good extract in which a file of providers is replaced.
func withFile(t *testing.T, name string, content []byte) string {
	t.Helper()
	dir := hubtest.Extract(t, map[string][]hubtest.Record{"organismes": {}})
	if err := os.Remove(filepath.Join(dir, "organismes", "part-1.csv")); err != nil {
		t.Fatal(err)
	}
	hubtest.Write(t, filepath.Join(dir, "organismes", name), content)
	return dir
}

func TestFormsOfCSV(t *testing.T) {
	plain := organismes(3000, ",", "\n")
	quoted := strings.ReplaceAll(strings.ReplaceAll(string(plain), "é", ""), "ORGANISME ", "\"UN \"\"GRAND\"\",\nORGANISME\"")
	extra := strings.ReplaceAll(strings.Replace(string(plain), "\n", ",autre\n", 1), ":00\n", ":00,1\n")
	for name, content := range map[string][]byte{
		"comma.csv":      plain,
		"semicolon.csv":  organismes(3000, ";", "\n"),
		"crlf.csv":       organismes(3000, ";", "\r\n"),
		"bom.csv":        append([]byte("\xef\xbb\xbf"), plain...),
		"gzip.csv.gz":    gz(t, plain),
		"blanks.csv":     bytes.ReplaceAll(plain, []byte("\n"), []byte("\n\n")),
		"noend.csv":      bytes.TrimSuffix(plain, []byte("\n")),
		"UPPER.CSV":      plain,
		"quoted.csv":     []byte(quoted),
		"capitals.csv":   bytes.Replace(plain, []byte("siret"), []byte("SIRET"), 1),
		"extra.csv":      []byte(extra),
		"spaceddate.csv": bytes.ReplaceAll(plain, []byte("2026-11-01T10:00:00"), []byte("2026-11-01 10:00:00+01:00")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, rep := read(t, withFile(t, name, content), hub.Options{})
			e, _ := rep.Entity("organismes")
			if e.Kept != 3000 || len(rep.Refusals) > 0 {
				t.Errorf("kept %d of %d (%s), refusals %v", e.Kept, e.Read, rules(e), rep.Refusals)
			}
			if name == "quoted.csv" {
				n, err := db.Count(t.Context(), "SELECT count(*) FROM hub.organismes WHERE raison_sociale = 'UN \"GRAND\",\nORGANISME'")
				if err != nil || n != 3000 {
					t.Errorf("%d names read whole, %v", n, err)
				}
			}
			if name == "extra.csv" && (len(e.Files[0].UnknownColumns) != 1 || e.Files[0].UnknownColumns[0] != "autre") {
				t.Errorf("unknown columns: %v", e.Files[0].UnknownColumns)
			}
		})
	}
}

// TestDamagedFilesAreRefused: a file that cannot be read whole refuses the
// publication, in one line that names the file, the fault and the remedy.
func TestDamagedFilesAreRefused(t *testing.T) {
	good := organismes(3000, ",", "\n")
	dir := t.TempDir()
	db, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	parquet := filepath.Join(dir, "x.parquet")
	if err := db.Exec(t.Context(), "COPY (SELECT range::VARCHAR AS siret, repeat('x', 100) AS raison_sociale FROM range(100000)) TO '"+parquet+"'"); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(parquet)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(whole)
	for i := len(damaged) / 3; i < len(damaged)/2; i++ {
		damaged[i] ^= 0x5a
	}
	for _, c := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"latin1.csv", bytes.ReplaceAll(good, []byte("é"), []byte("\xe9")), "not UTF-8 at line 3"},
		{"quote.csv", bytes.Replace(good, []byte("ORGANISME ééé,"), []byte("\"ORGANISME ééé,"), 1), "a quote at line 5 that is never closed"},
		{"zeros.csv", make([]byte, 4096), "zero byte at line 1"},
		{"zeros.parquet", make([]byte, 4096), "is damaged or is not parquet"},
		{"zeros.jsonl", make([]byte, 4096), "zero byte at line 1"},
		{"empty.csv", nil, "is empty"},
		{"empty.parquet", nil, "is damaged or is not parquet"},
		{"truncated.parquet", whole[:len(whole)/2], "is damaged or is not parquet"},
		{"truncated.csv.gz", gz(t, good)[:600], "breaks off or is damaged"},
		{"notgzip.csv.gz", good, "is not gzip"},
		{"column.csv", bytes.Replace(good, []byte("statut_diffusion"), []byte("statut-diffusion"), 1), "lacks column statut_diffusion; found siret, raison_sociale, nom_commercial, personne_physique, qualiopi, version, operation, date_maj, and 1 not of the contract"},
		{"twice.csv", bytes.Replace(good, []byte("nom_commercial"), []byte("siret"), 1), "has column siret twice in its header"},
		{"mixed.csv", bytes.Replace(good, []byte("\n"), []byte("\r\n"), 7), "two kinds of line ends"},
		{"lines.parquet", whole, "lacks column"},
		{"damaged.parquet", damaged, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, rep := read(t, withFile(t, c.name, c.content), hub.Options{})
			if len(rep.Refusals) == 0 {
				t.Fatal("not refused")
			}
			if got := rep.Refusals[0].String(); !strings.Contains(got, c.want) || !strings.Contains(got, "organismes/"+c.name) || strings.Contains(got, "\n") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestUnreadableLinesGoToQuarantine: the file is read on, and the records after
// a bad line keep the rank that they have in the file.
func TestUnreadableLinesGoToQuarantine(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(string(organismes(10, ",", "\n"))), "\n")
	lines[3] += ",one,two"                                       // record 3: too many columns
	lines[5] = "only,three,columns"                              // record 5
	lines[8] = strings.Replace(lines[8], "ORGANISME", `"A"B`, 1) // record 8: text after a quote
	lines[9] = strings.Replace(lines[9], ",O,", ",X,", 1)        // record 9: a rule
	dir := withFile(t, "part.csv", []byte(strings.Join(lines, "\n")))
	db, rep := read(t, dir, hub.Options{})
	e, _ := rep.Entity("organismes")
	if got := rules(e); got != "unreadable:3 diffusion_unknown:1" {
		t.Errorf("rules %q", got)
	}
	if e.Read != 10 || e.Kept != 6 || e.Quarantined != 4 {
		t.Errorf("read %d, kept %d, quarantined %d", e.Read, e.Kept, e.Quarantined)
	}
	path, err := hub.WriteQuarantine(t.Context(), db, rep, t.TempDir(), "test", hubtest.AsOf)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "entite,fichier,ligne,regles\norganismes,organismes/part.csv,3,unreadable\norganismes,organismes/part.csv,5,unreadable\n" +
		"organismes,organismes/part.csv,8,unreadable\norganismes,organismes/part.csv,9,diffusion_unknown\n"
	if i := strings.Index(string(got), "formations,"); i > 0 {
		got = append(got[:i], got[strings.Index(string(got), "organismes,"):]...)
	}
	if string(got) != want {
		t.Errorf("quarantine:\n%s", got)
	}
}

func TestUnreadableJSONLinesGoToQuarantine(t *testing.T) {
	var b strings.Builder
	for i := range 20 {
		b.WriteString(`{"siret":"` + hubtest.Siret("00040000", i+1) + `","raison_sociale":"UN \"DEUX\"\nTROIS","nom_commercial":null,` +
			`"personne_physique":false,"statut_diffusion":"O","qualiopi":true,"version":1,"operation":"C","date_maj":"2026-11-01T10:00:00","autre":{"a":[1]}}` + "\n")
		switch i {
		case 4:
			b.WriteString("{\"siret\": \n")
		case 9:
			b.WriteString("[1, 2]\n\n")
		}
	}
	for name, content := range map[string][]byte{"a.jsonl": []byte(b.String()), "a.jsonl.gz": gz(t, []byte(b.String()))} {
		db, rep := read(t, withFile(t, name, content), hub.Options{})
		e, _ := rep.Entity("organismes")
		if e.Read != 22 || e.Kept != 20 || rules(e) != "unreadable:2" || len(rep.Refusals) > 0 {
			t.Errorf("read %d, kept %d, %s, %v", e.Read, e.Kept, rules(e), rep.Refusals)
		}
		n, err := db.Count(t.Context(), "SELECT count(*) FROM hub.organismes WHERE raison_sociale = 'UN \"DEUX\"\nTROIS' AND qualiopi AND NOT personne_physique")
		if err != nil || n != 20 {
			t.Errorf("%d records read whole, %v", n, err)
		}
	}
}

// TestTypedParquet: typed columns are read as they are; a code as a number has
// lost its zeros, and refuses the file.
func TestTypedParquet(t *testing.T) {
	db, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	sql := `SELECT '69381' AS commune, 'Lyon' AS nom_commune, '69' AS code_departement, 'Rhône' AS nom_departement, '84' AS code_region,
		'ARA' AS nom_region, 1::BIGINT AS version, 'C' AS operation, TIMESTAMP '2026-11-01 10:00:00' AS date_maj`
	for _, c := range []struct{ from, to, want string }{
		{"", "", ""},
		{"TIMESTAMP '2026-11-01 10:00:00'", "DATE '2026-11-01'", ""},
		{"TIMESTAMP '2026-11-01 10:00:00'", "TIMESTAMPTZ '2026-11-01 10:00:00+01'", ""},
		{"'69' AS", "69 AS", "has column code_departement of type INTEGER; export it as text, so that zeros are kept"},
		{"'Lyon'", "['Lyon']", "has column nom_commune of type VARCHAR with parts"},
		{"'ARA'", "NULL", ""},
	} {
		dir := hubtest.Extract(t, map[string][]hubtest.Record{"territoires": {}})
		file := filepath.Join(dir, "territoires", "x.parquet")
		if err := db.Exec(t.Context(), "COPY ("+strings.Replace(sql, c.from, c.to, 1)+") TO '"+file+"'"); err != nil {
			t.Fatal(err)
		}
		_, rep := read(t, dir, hub.Options{})
		e, _ := rep.Entity("territoires")
		switch {
		case c.want != "" && (len(rep.Refusals) == 0 || !strings.Contains(rep.Refusals[0].String(), c.want)):
			t.Errorf("%s: %v, want %q", c.to, rep.Refusals, c.want)
		case c.want == "" && (len(rep.Refusals) > 0 || e.Read != 1):
			t.Errorf("%s: %v", c.to, rep.Refusals)
		}
	}
}

// TestPathsSayNothing: what stands in a path is neither a column nor a pattern.
func TestPathsSayNothing(t *testing.T) {
	rows := func(price string) []hubtest.Record {
		return []hubtest.Record{hubtest.Rec("actions", "frais_ttc="+price)}
	}
	for _, folder := range []string{"version=2", "frais_ttc=7", "a[b]", "x*y", "q?"} {
		t.Run(folder, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), folder)
			if err := os.CopyFS(dir, os.DirFS(hubtest.Extract(t, map[string][]hubtest.Record{"actions": {}}))); err != nil {
				t.Fatal(err)
			}
			hubtest.WriteCSV(t, filepath.Join(dir, "actions", "a[b].csv"), "actions", []hubtest.Record{hubtest.Rec("actions", "frais_ttc=1.00", "version=5")})
			hubtest.WriteCSV(t, filepath.Join(dir, "actions", "ab.csv"), "actions", rows("990.00"))
			db, rep := read(t, dir, hub.Options{})
			n, err := db.Count(t.Context(), "SELECT count(*) FROM hub.actions WHERE frais_ttc = 1.00")
			if err != nil || n != 1 || len(rep.Refusals) > 0 {
				t.Errorf("%d rows, %v, %v", n, err, rep.Refusals)
			}
		})
	}
}

// TestDataWhereNobodyReadsItIsRefused: what looks like records and would be passed
// over in silence stops the publication.
func TestDataWhereNobodyReadsItIsRefused(t *testing.T) {
	for _, name := range []string{"actions/2026/inc.csv", "Actions/inc.csv", "actions/inc.json", "actions/inc.csv.zst", "actions/inc.xlsx"} {
		dir := hubtest.Extract(t, nil)
		hubtest.Write(t, filepath.Join(dir, filepath.FromSlash(name)), []byte("x"))
		if _, rep := read(t, dir, hub.Options{}); len(rep.Refusals) != 1 || !strings.Contains(rep.Refusals[0].Reason, name) {
			t.Errorf("%s: %v", name, rep.Refusals)
		}
	}
}

func TestJSONKeysAndCodes(t *testing.T) {
	line := `{"siret":"` + hubtest.Siret("00040000", 1) + `","raison_sociale":"UN","nom_commercial":null,"personne_physique":false,` +
		`"statut_diffusion":"O","qualiopi":true,"version":1,"operation":"C","date_maj":"2026-11-01T10:00:00"}` + "\n"
	for _, c := range []struct{ from, to, want string }{
		{`"raison_sociale"`, `"Raison_Sociale"`, "has column raison_sociale in other letters"},
		{`"` + hubtest.Siret("00040000", 1) + `"`, "4000000014", "has column siret as a number; export it as text, so that zeros are kept"},
		{line, "\ufeff" + line, "begins with a byte order mark"},
		{line, line + strings.Replace(line, `"qualiopi"`, `"QUALIOPI"`, 1), "has column qualiopi in other letters"},
	} {
		_, rep := read(t, withFile(t, "a.jsonl", []byte(strings.Replace(line, c.from, c.to, 1))), hub.Options{})
		if len(rep.Refusals) != 1 || !strings.Contains(rep.Refusals[0].Reason, c.want) {
			t.Errorf("%v, want %q", rep.Refusals, c.want)
		}
	}
	dir := withFile(t, "a.jsonl", []byte(line))
	hubtest.Write(t, filepath.Join(dir, "organismes", "b.jsonl"), nil)
	if _, rep := read(t, dir, hub.Options{}); len(rep.Refusals) > 0 {
		t.Errorf("an empty increment: %v", rep.Refusals)
	}
}

// TestAnExtractBehindALink: its name stays, and what it leads to is another each time. One that
// was opened before the link moved is read on.
func TestAnExtractBehindALink(t *testing.T) {
	link := filepath.Join(t.TempDir(), "today")
	if err := os.Symlink(hubtest.Extract(t, nil), link); err != nil {
		t.Fatal(err)
	}
	d, err := hub.OpenDir(link)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Fatal(err)
	}
	files, err := d.Files(t.Context())
	if err != nil || len(files) != len(hubtest.Good) {
		t.Errorf("%d files, want %d: %v", len(files), len(hubtest.Good), err)
	}
}
