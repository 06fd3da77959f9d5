package publisher_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher"
)

// Canaries are values that must stay in the hub. They are looked for without
// case, accents and separators, which finds them in every other form too.

// canaries are values by their bare form, with what they are.
type canaries map[string]string

// bare keeps the letters and digits of a text, in lower case, without accents.
func bare(text string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(text) {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			out.WriteRune(unicode.ToLower(r))
		}
	}
	return out.String()
}

// plant notes a value and returns it. A text in Latin-1 loses its accented
// letters on the way, so that form is looked for as well.
func (c canaries) plant(what, value string) string {
	ascii := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return -1
		}
		return r
	}, value)
	for _, form := range []string{bare(value), bare(ascii)} {
		if len(form) < 7 {
			panic("canary too short to be told from chance: " + value)
		}
		c[form] = what
	}
	return value
}

// absent reports the canaries that occur in a text.
func (c canaries) absent(t *testing.T, where, text string) {
	t.Helper()
	hay := bare(text)
	for form, what := range c {
		if i := strings.Index(hay, form); i >= 0 {
			t.Errorf("%s: %s (%s) stands in: …%s…", where, what, form, hay[max(i-60, 0):min(i+len(form)+60, len(hay))])
		}
	}
}

// letters names the n-th canary in letters only, as a name has.
func letters(n int) string {
	text := ""
	for range 4 {
		text += string(rune('a' + n%26))
		n = n/26 + 7
	}
	return text
}

// person returns a file with an own canary in every nominative column.
func (c canaries) person(n int, changes ...string) hubtest.Record {
	year := fmt.Sprintf("%02d", 3+n%7)
	head := fmt.Sprintf("2%s07998%02d%03d", year, 10+n%80, 100+n)
	r := hubtest.Rec("dossiers", append([]string{
		"id_dossier=" + c.plant("id_dossier", fmt.Sprintf("DOSSIERCANARI-%04d", n)),
		"nir=" + c.plant("nir", hubtest.NIR(head)),
		"nom_naissance=" + c.plant("nom_naissance", "Zéphyrnom-"+letters(n)),
		"prenoms=" + c.plant("prenoms", "Ôscarprénom "+letters(n)),
		"date_naissance=" + c.plant("date_naissance", fmt.Sprintf("19%s-07-%02d", year, 10+n%20)),
		"genre=2", "commune_domicile=2B366",
	}, changes...)...)
	c.plant("nir without key", head)
	return r
}

// funding returns the funding of a person's file.
func funding(person hubtest.Record, changes ...string) hubtest.Record {
	return hubtest.Rec("financements", append([]string{"id_dossier=" + person["id_dossier"]}, changes...)...)
}

// persons fills the files and fundings: good ones, and one for each fault.
func (c canaries) persons(out map[string][]hubtest.Record) {
	faults := [][]string{nil, nil, {"nir="}, {"nir=2030799999999"}, {"genre=9"}, {"statut=INCONNU"}, {"modalite_presence=X"}, {"date_validation=hier"}, {"date_entree=1999-01-01"},
		{"version=x"}, {"operation=Z"}, {"date_maj=jadis"}, {"duree_heures=-1"}, {"organisme_siret=1"}, {"commune_formation=99998"}, {"commune_domicile=00000"}, {"csp=12"}, {"qpv=peut-être"},
		{"code_certification=zzz"}, {"date_cloture=2199-01-01"}, {"operation=S"}, {"date_maj=2027-01-01"}}
	for i, fault := range faults {
		p := c.person(i, fault...)
		out["dossiers"] = append(out["dossiers"], p)
		out["financements"] = append(out["financements"], funding(p))
		if i%5 == 1 {
			out["financements"] = append(out["financements"], funding(p, "type_financeur=inconnu"))
		}
	}
	for i, column := range []string{"nir", "nom_naissance", "prenoms", "date_naissance", "duree_heures", "qpv", "version", "date_maj", "date_sortie"} {
		p := c.person(40 + i)
		p[column] = c.plant("malformed "+column, "Malforméz"+column+letters(i))
		out["dossiers"] = append(out["dossiers"], p)
		f := funding(p)
		f["montant_engage"] = c.plant("malformed amount", "Malformézmontant"+letters(i))
		out["financements"] = append(out["financements"], f, hubtest.Rec("financements", "id_dossier="+c.plant("funding without file", fmt.Sprintf("ORPHELINCANARI-%d", i))))
	}
}

// shy is a provider who opted out, and how its own texts spell its name.
type shy struct {
	legal, trade, natural, status string
	canaries, spellings           []string
}

var shyProviders = []shy{
	{"KERZORGLUB MARIE-CHANTAL", "", "true", "P", []string{"Kerzorglub"}, []string{"Marie-Chantal Kerzorglub", "KERZORGLUB Marie Chantal", "Mme Kerzorglub", "Madame KERZÖRGLUB", "M. Kerzorglub",
		"Marie&nbsp;Chantal <b>Kerzorglub</b>", "<p>Marie Chantal</p> Kerzorglub", "marie chantal kerzorglub", "Marie Chantal KER-ZORGLUB", "Kerzorglub M.", "Kerzorglub vous accueille", "kerzorglub@exemple.fr"}},
	{"BRIMBOLAX PAULINE", "Quincayotte Formations", "true", "", []string{"Brimbolax", "Quincayotte"}, []string{"Chez QUINCAYOTTE FORMATIONS", "quincayotte   formations", "Quincayotte-Formations", "Pauline Brimbôlax", "P. Brimbolax"}},
	{"D'ALTIPOUZE JEAN", "Zazoulirie", "", "", []string{"Altipouze", "Zazoulirie"}, []string{"Jean d\u2019Altipouze", "JEAN D ALTIPOUZE", "La ZAZOULIRIE", "Zazoulirie."}},
	{"", "Frigolupette", "", "P", []string{"Frigolupette"}, []string{"Frigolupette", "FRIGOLUPETTE !", "La Frigolupette"}},
}

// contacts are pieces of personal data for a free text, each of its own.
func (c canaries) contacts(n int) string {
	mail := c.plant("e-mail", fmt.Sprintf("courriel.canari%s@exemple%s.fr", letters(n), letters(n)))
	phone := fmt.Sprintf("07 5%d %02d %02d 4%d", n%10, 10+n%80, 11+n*3%80, n%10)
	c.plant("phone", strings.TrimPrefix(strings.ReplaceAll(phone, " ", ""), "0"))
	nir := c.plant("NIR in a text", hubtest.NIR(fmt.Sprintf("104059912%04d", 1001+n)))
	account := fmt.Sprintf("30006000011234567%04d", 1000+n)
	account += fmt.Sprintf("%02d", n%97)
	iban := "FR" + ibanKey(account) + account
	c.plant("IBAN", iban)
	spaced := nir[:1] + " " + nir[1:3] + " " + nir[3:5] + " " + nir[5:7] + " " + nir[7:10] + " " + nir[10:13] + " " + nir[13:]
	return fmt.Sprintf(" Écrire à <a href=\"mailto:%s\">%s</a>, tél. %s ou +33%s ; n° sécu %s, %s ; IBAN %s.", mail, mail, phone, strings.ReplaceAll(phone, " ", ".")[1:], nir, spaced, iban)
}

// ibanKey is the key of a French account: 98 less the rest by 97 of the account,
// the country in digits and 00.
func ibanKey(account string) string {
	rest := 0
	for _, d := range account + "152700" {
		rest = (rest*10 + int(d-'0')) % 97
	}
	return fmt.Sprintf("%02d", 98-rest)
}

// offer fills providers and trainings: shy providers whose texts name them, one
// that is named, and a faulty record for each column of each entity.
func (c canaries) offer(out map[string][]hubtest.Record) {
	out["organismes"] = []hubtest.Record{hubtest.Rec("organismes")}
	out["formations"] = []hubtest.Record{hubtest.Rec("formations", "points_forts=Bien."+c.contacts(0))}
	out["actions"] = []hubtest.Record{hubtest.Rec("actions")}
	out["sessions"] = []hubtest.Record{hubtest.Rec("sessions")}
	for i, p := range shyProviders {
		for _, name := range p.canaries {
			c.plant("name of a shy provider", name)
		}
		siret := hubtest.Siret(fmt.Sprintf("0006%04d", i), 1)
		out["organismes"] = append(out["organismes"], hubtest.Rec("organismes", "siret="+siret, "raison_sociale="+p.legal, "nom_commercial="+p.trade,
			"personne_physique="+p.natural, "statut_diffusion="+p.status))
		for j, spelling := range p.spellings {
			id := fmt.Sprintf("F-%d-%d", i, j)
			f := hubtest.Rec("formations", "numero_formation="+id, "siret="+siret)
			for k, column := range refTexts {
				f[column] = "Animée par " + spelling + " depuis 2010." + c.contacts(1+k+5*j+70*i)
			}
			out["formations"] = append(out["formations"], f)
			out["actions"] = append(out["actions"], hubtest.Rec("actions", "numero_action=A"+id, "numero_formation="+id))
			out["sessions"] = append(out["sessions"], hubtest.Rec("sessions", "numero_session=S"+id, "numero_action=A"+id))
		}
	}
	for _, entity := range append(slices.Clone(refOrder), "financements") {
		out[entity] = append(out[entity], c.faulty(entity)...)
	}
}

// ownKey is the column that tells the faulty records of an entity from the good.
var ownKey = map[string]string{
	"territoires": "commune", "certifications": "code_certification", "organismes": "siret", "habilitations": "siret",
	"formations": "numero_formation", "actions": "numero_action", "sessions": "numero_session", "financements": "id_dossier",
}

// faulty returns records of an entity, each with one value that is none, whose
// texts are canaries too.
func (c canaries) faulty(entity string) []hubtest.Record {
	var all []hubtest.Record
	for i, column := range hubtest.Header(entity) {
		r := hubtest.Rec(entity, "version=faute")
		r[ownKey[entity]] = hubtest.Siret("00099999", i+1) // not a version of the good record
		for j, name := range []string{"intitule", "intitule_formation", "points_forts", "raison_sociale", "nom_commercial", "nom_commune", "libelle_niveau"} {
			if _, ok := r[name]; ok {
				r[name] = c.plant(name+" of a faulty record", fmt.Sprintf("Fautifcanari%s%s", letters(i), letters(j)))
			}
		}
		r[column] = c.plant("faulty "+column+" of "+entity, "Fautécanari"+entity+column)
		all = append(all, r)
	}
	return all
}

// canaryHub makes the records of a nominative extract.
func canaryHub() (canaries, map[string][]hubtest.Record) {
	c := canaries{}
	out := map[string][]hubtest.Record{}
	for entity := range hubtest.Good {
		out[entity] = []hubtest.Record{hubtest.Rec(entity)}
	}
	out["territoires"] = append(out["territoires"], hubtest.Rec("territoires", "commune=2B366", "nom_commune="+c.plant("commune of residence", "Canaricommune")))
	c.persons(out)
	c.offer(out)
	return c, out
}

// watch collects everything that a run says.
type watch struct {
	mu   sync.Mutex
	said map[string]*bytes.Buffer
}

func newWatch() *watch { return &watch{said: map[string]*bytes.Buffer{}} }

func (w *watch) buffer(name string) *bytes.Buffer {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.said[name] == nil {
		w.said[name] = &bytes.Buffer{}
	}
	return w.said[name]
}

// say notes a value in every form in which it may be printed.
func (w *watch) say(name string, value any) {
	text, _ := json.Marshal(value)
	_, _ = fmt.Fprintf(w.buffer(name), "%s\n%v\n%+v\n%#v\n", text, value, value, value)
}

// attach makes a bench report to the watch.
func (w *watch) attach(b *bench) {
	options := &slog.HandlerOptions{Level: slog.LevelDebug - 8, AddSource: true}
	b.Log = slog.New(slog.NewMultiHandler(slog.NewJSONHandler(w.buffer("log"), options), slog.NewTextHandler(w.buffer("log as text"), options)))
	b.Progress = func(_ string, step publisher.Step, detail string) { w.say("progress", string(step)+" "+detail) }
}

// check looks for canaries in all that was said.
func (w *watch) check(t *testing.T, c canaries) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(w.said)) {
		c.absent(t, name, w.said[name].String())
	}
}

// sayError notes an error and all errors within.
func (w *watch) sayError(err error) {
	for ; err != nil; err = errors.Unwrap(err) {
		_, _ = fmt.Fprintf(w.buffer("error"), "%v\n%+v\n%#v\n", err, err, err)
		var joined interface{ Unwrap() []error }
		if errors.As(err, &joined) {
			for _, e := range joined.Unwrap() {
				w.sayError(e)
			}
			return
		}
	}
}

// attempt publishes an extract and checks everything that can be seen of it.
func (c canaries) attempt(ctx context.Context, t *testing.T, b *bench) error {
	t.Helper()
	w := newWatch()
	w.attach(b)
	res, err := b.Publish(ctx, publisher.Request{Dataset: catalogue, Note: "canaris"})
	w.say("result", res)
	if res.Report != nil {
		w.say("report", *res.Report)
	}
	w.sayError(err)
	w.check(t, c)
	c.checkFiles(t, b.root)
	if left, _ := filepath.Glob(filepath.Join(b.WorkDir, "run-*")); len(left) > 0 {
		t.Errorf("the private directory is still there: %v", left)
	}
	return err
}

// checkFiles looks for canaries in every file under a directory: the store, the
// quarantine and whatever else remains, as bytes and unpacked.
func (c canaries) checkFiles(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		c.absent(t, "name of "+name, name)
		c.absent(t, name, string(raw))
		c.unpack(t, name, path, raw)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// unpack looks into compressed objects.
func (c canaries) unpack(t *testing.T, name, path string, raw []byte) {
	t.Helper()
	switch {
	case bytes.HasPrefix(raw, []byte("\x1f\x8b")):
		c.absent(t, name+" unpacked", string(gunzip(t, raw)))
	case bytes.HasPrefix(raw, []byte("PK")):
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			part, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(part)
			if err != nil {
				t.Fatal(err)
			}
			c.absent(t, name+" "+f.Name, string(text))
		}
	case bytes.HasPrefix(raw, []byte("PAR1")):
		c.parquet(t, name, path)
	}
}

// parquet reads every column and the metadata of a Parquet file.
func (c canaries) parquet(t *testing.T, name, path string) {
	t.Helper()
	db := openEngine(t)
	for _, q := range []string{"SELECT CAST(p AS VARCHAR) FROM read_parquet(%s) p", "SELECT CAST(m AS VARCHAR) FROM parquet_metadata(%s) m", "SELECT CAST(m AS VARCHAR) FROM parquet_kv_metadata(%s) m"} {
		rows := 0
		err := db.Texts(t.Context(), fmt.Sprintf(q, engine.Literal(path)), 1, func(row []engine.Text) error {
			rows++
			c.absent(t, name+" read", row[0].String)
			return nil
		})
		if err != nil || rows == 0 && !strings.Contains(q, "kv") {
			t.Errorf("%s: %d rows, %v", name, rows, err)
		}
	}
}

// checkHub reads all entities, as the command that checks an extract does.
func (c canaries) checkHub(t *testing.T, dir string) *hub.Report {
	t.Helper()
	w, work := newWatch(), t.TempDir()
	db, err := engine.Open(t.Context(), engine.Options{Threads: 2, TimeZone: "Europe/Paris"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	src, err := hub.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := hub.Read(t.Context(), db, src, hub.Options{AsOf: hubtest.AsOf, Seed: 1, Progress: func(file string, _, _ int) { w.say("progress", file) }})
	w.sayError(err)
	if err == nil {
		w.say("report", *rep)
		w.say("refusals", hub.DefaultThresholds().Judge(rep, map[string]int64{"dossiers": 1 << 20}))
		_, err := hub.WriteQuarantine(t.Context(), db, rep, work, "check", hubtest.AsOf)
		w.sayError(err)
	}
	w.check(t, c)
	c.checkFiles(t, work)
	return rep
}

func TestNoCanaryLeavesTheHub(t *testing.T) {
	t.Parallel()
	c, out := canaryHub()
	dir := layDown(t, out, "mixed")
	t.Run("check", func(t *testing.T) {
		t.Parallel()
		rep := c.checkHub(t, dir)
		if e, _ := rep.Entity("dossiers"); e.Kept == 0 || e.Quarantined < 20 {
			t.Errorf("the extract does not do what it should: %d files kept, %d in quarantine", e.Kept, e.Quarantined)
		}
	})
	t.Run("published", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, dir)
		b.Thresholds = hub.Thresholds{Quarantine: 1, Shrink: 1}
		if err := c.attempt(t.Context(), t, b); err != nil {
			t.Error(err)
		}
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		var refused *publisher.RefusedError
		if err := c.attempt(t.Context(), t, newBench(t, dir)); !errors.As(err, &refused) {
			t.Errorf("not refused: %v", err)
		}
	})
	for name, spoil := range breakdowns {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, dir)
			b.Thresholds = hub.Thresholds{Quarantine: 1, Shrink: 1}
			if err := c.attempt(spoil(t, b), t, b); err == nil {
				t.Error("nothing failed")
			}
		})
	}
}

// breakdowns are failures at different steps of a run; each returns the context
// of the run.
var breakdowns = map[string]func(*testing.T, *bench) context.Context{
	"cancelled": func(t *testing.T, b *bench) context.Context {
		ctx, cancel := context.WithCancel(t.Context())
		b.Datasets = slices.Clone(b.Datasets)
		now := b.Now
		calls := 0
		b.Now = func() time.Time {
			if calls++; calls == 8 {
				cancel()
			}
			return now()
		}
		return ctx
	},
	"no memory": func(t *testing.T, b *bench) context.Context {
		b.Memory = "4MB"
		return t.Context()
	},
	"store fails": func(t *testing.T, b *bench) context.Context {
		b.Store = fullStore{b.Store}
		return t.Context()
	},
	"recipe fails on a value": func(t *testing.T, b *bench) context.Context {
		d, _ := datasets.Find(b.Datasets, catalogue)
		d.Tables = slices.Clone(d.Tables)
		d.Tables[0].SQL = "SELECT CAST(raison_sociale AS INTEGER) AS siret FROM hub.organismes"
		b.Datasets = []datasets.Dataset{d}
		return t.Context()
	},
	"audit finds a name": func(t *testing.T, b *bench) context.Context {
		d, _ := datasets.Find(b.Datasets, catalogue)
		d.Tables = slices.Clone(d.Tables)
		d.Tables[0].SQL = strings.Replace(d.Tables[0].SQL, "d.personne_physique AS", "false AS", 1)
		b.Datasets = []datasets.Dataset{d}
		return t.Context()
	},
}

// fullStore refuses every object.
type fullStore struct{ objects.Store }

func (fullStore) Put(context.Context, string, io.Reader, int64) (objects.Info, error) {
	return objects.Info{}, errors.New("no space")
}

// personCSV is a file of persons as CSV: its header and its lines.
func (c canaries) personCSV(entity string, n int) (header string, lines []string) {
	header = strings.Join(hubtest.Header(entity), ",")
	for i := range n {
		r := c.person(200 + i)
		if entity == "organismes" {
			r = hubtest.Rec(entity, "raison_sociale="+c.plant("name in a broken file", "Cassécanari "+letters(i)), "personne_physique=true", "statut_diffusion=P")
		}
		var line []string
		for _, column := range hubtest.Header(entity) {
			line = append(line, r[column])
		}
		lines = append(lines, strings.Join(line, ","))
	}
	return header, lines
}

// brokenFiles are files that cannot be what their name says, by name.
func (c canaries) brokenFiles(t *testing.T, entity string) map[string][]byte {
	t.Helper()
	header, lines := c.personCSV(entity, 20)
	body := strings.Join(lines, "\n") + "\n"
	whole := []byte(header + "\n" + body)
	lost := c.plant("lost value", "Perducanari Zéphyrine")
	files := map[string][]byte{
		"headerless.csv":      []byte(body),
		"person-header.csv":   []byte(strings.ReplaceAll(lines[0], ",", ";") + "\n" + header + "\n"),
		"unclosed.csv":        []byte(header + "\n" + body + "\"" + lost + "," + body),
		"stray-quote.csv":     []byte(header + "\n" + lost + "\"x\"," + body),
		"header-quote.csv":    []byte("\"" + lost + "," + header + "\n" + body),
		"latin1.csv":          bytes.ReplaceAll(bytes.ReplaceAll(whole, []byte("é"), []byte{0xe9}), []byte("Ô"), []byte{0xd4}),
		"utf16.csv":           utf16(string(whole)),
		"wide.csv":            []byte(header + "\n" + strings.ReplaceAll(body, "\n", ","+lost+","+lost+"\n")),
		"narrow.csv":          []byte(header + "\n" + lost + "\n" + lost + "," + lost + "\n" + lines[0] + "\n"),
		"one-wide.csv":        []byte(header + "\n" + body + lines[0] + "," + lost + "\n" + body),
		"mixed-ends.csv":      []byte(header + "\r\n" + body),
		"carriage-return.csv": []byte(header + "\r" + strings.ReplaceAll(body, "\n", "\r")),
		"zero.csv":            append(whole, []byte(lost+"\x00,")...),
		"twice.csv":           []byte(header + "," + strings.ToLower(lost) + "," + lost + "\n" + body),
		"renamed.csv":         []byte(strings.Replace(header, "version", lost, 1) + "\n" + body),
		"empty.csv":           nil,
		"text.csv.gz":         whole,
		"text.parquet":        whole,
		"text.jsonl":          whole,
		"cut.csv.gz":          cut(gzipped(t, whole)),
		"garbage.jsonl":       []byte("{\"nom_naissance\": \"" + lost + "\nnull\n[\"" + lost + "\"]\n\"" + lost + "\"\n{\"nir\": " + lost + "}\n"),
		"nested.jsonl":        []byte("{\"nom_naissance\": {\"" + lost + "\": [\"" + lost + "\"]}, \"prenoms\": [\"" + lost + "\"]}\n"),
		"keys.jsonl":          []byte("{\"" + lost + "\": 1, \"" + strings.ToUpper(lost) + "\": 2, \"" + lost + "\\\"\": 3, \"\": 4}\n"),
		"half.jsonl":          append(jsonRecords(t, entity, []hubtest.Record{c.person(260)}), []byte("{\"nir\": \""+lost)...),
		"whole.json":          []byte("[{\"nir\": \"" + lost + "\"}]"),
	}
	maps.Copy(files, c.brokenParquet(t, lost))
	return files
}

func cut(raw []byte) []byte { return raw[:len(raw)/2] }

func utf16(text string) []byte {
	out := []byte{0xff, 0xfe}
	for _, r := range text {
		out = append(out, byte(r), byte(r>>8))
	}
	return out
}

// brokenParquet are Parquet files that are cut, or whose columns are of types
// that cannot carry them.
func (c canaries) brokenParquet(t *testing.T, lost string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	value := engine.Literal(lost)
	for name, columns := range map[string]string{
		"cut":    value + " AS nom_naissance",
		"types":  "{'a': " + value + "} AS nir, [" + value + "] AS nom_naissance, encode(" + value + ") AS prenoms, map([" + value + "], [1]) AS date_naissance",
		"names":  "1 AS " + engine.Ident(lost) + ", 2 AS nir, 3 AS " + engine.Ident(lost+"2"),
		"number": "2030799810123::BIGINT AS nir, " + value + " AS version, " + value + " AS date_maj",
		"enum":   "CAST(" + value + " AS ENUM(" + value + ")) AS nir",
	} {
		path := filepath.Join(t.TempDir(), "x.parquet")
		if err := openEngine(t).Exec(t.Context(), "COPY (SELECT "+columns+") TO "+engine.Literal(path)+" (FORMAT parquet, COMPRESSION uncompressed)"); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if name == "cut" {
			raw = cut(raw)
		}
		files[name+".parquet"] = raw
	}
	return files
}

func TestNoCanaryLeavesBrokenFiles(t *testing.T) {
	t.Parallel()
	for _, entity := range []string{"dossiers", "organismes"} {
		t.Run(entity, func(t *testing.T) {
			t.Parallel()
			c := canaries{}
			dir := hubtest.Extract(t, nil)
			for name, raw := range c.brokenFiles(t, entity) {
				hubtest.Write(t, filepath.Join(dir, entity, name), raw)
			}
			if rep := c.checkHub(t, dir); rep == nil || len(rep.Refusals) < 20 {
				t.Errorf("not every file was judged: %+v", rep)
			}
			if err := c.attempt(t.Context(), t, newBench(t, dir)); err == nil && entity == "organismes" {
				t.Error("broken files were published")
			}
		})
	}
}

// TestNamesInsideTypesAreNotRepeated: a column of a type with fields is refused,
// and the names of the fields are not those of the contract.
func TestNamesInsideTypesAreNotRepeated(t *testing.T) {
	t.Parallel()
	c := canaries{}
	dir := hubtest.Extract(t, nil)
	q := "COPY (SELECT {'" + c.plant("name of a nested field", "Perducanari Zoé") + "': 1} AS nir) TO " + engine.Literal(filepath.Join(dir, "dossiers", "x.parquet")) + " (FORMAT parquet)"
	if err := openEngine(t).Exec(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	c.checkHub(t, dir)
}

// TestNameOfOrdinaryWordsDoesNotStopThePublication: one provider whose withheld
// name consists of ordinary words must not keep the whole catalogue from being
// published because a text of its own uses these words.
func TestNameOfOrdinaryWordsDoesNotStopThePublication(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"BIEN ETRE": "Le bien être au travail", "L ATELIER": "Venez à l'atelier", "FORMATION CONSEIL": "Une formation, conseil compris"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, hubtest.Extract(t, map[string][]hubtest.Record{
				"organismes": {hubtest.Rec("organismes", "raison_sociale="+name, "personne_physique=", "statut_diffusion=")},
				"formations": {hubtest.Rec("formations", "points_forts="+text)},
			}))
			if _, err := b.Publish(t.Context(), publisher.Request{Dataset: catalogue}); err != nil {
				t.Error(err)
			}
		})
	}
}
