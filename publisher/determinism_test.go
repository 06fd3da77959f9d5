package publisher_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// How the records of an entity are laid down in files. The order of files and
// rows is kept, since it decides between equal versions.
var layouts = map[string]func(t *testing.T, dir, entity string, all []hubtest.Record){
	"one csv": func(t *testing.T, dir, entity string, all []hubtest.Record) {
		hubtest.WriteCSV(t, filepath.Join(dir, entity, "all.csv"), entity, all)
	},
	"compressed csv": func(t *testing.T, dir, entity string, all []hubtest.Record) {
		for i, part := range split(all, 7) {
			path := filepath.Join(dir, entity, fmt.Sprintf("part-%02d.csv", i))
			hubtest.WriteCSV(t, path, entity, part)
			pack(t, path)
		}
	},
	"json lines": func(t *testing.T, dir, entity string, all []hubtest.Record) {
		for i, part := range split(all, 3) {
			hubtest.Write(t, filepath.Join(dir, entity, fmt.Sprintf("part-%02d.jsonl", i)), jsonRecords(t, entity, part))
		}
	},
	"parquet": func(t *testing.T, dir, entity string, all []hubtest.Record) {
		for i, part := range split(all, 2) {
			parquetRecords(t, filepath.Join(dir, entity, fmt.Sprintf("part-%02d.parquet", i)), entity, part, false)
		}
	},
	"mixed": func(t *testing.T, dir, entity string, all []hubtest.Record) {
		parts := split(all, 3)
		hubtest.WriteCSV(t, filepath.Join(dir, entity, "0.csv"), entity, parts[0])
		hubtest.Write(t, filepath.Join(dir, entity, "1.jsonl"), jsonRecords(t, entity, parts[1]))
		parquetRecords(t, filepath.Join(dir, entity, "2.parquet"), entity, parts[2], false)
	},
	"typed parquet": func(t *testing.T, dir, entity string, all []hubtest.Record) {
		parquetRecords(t, filepath.Join(dir, entity, "all.parquet"), entity, all, true)
	},
}

// split cuts a list into n runs of nearly the same length.
func split[T any](all []T, n int) [][]T {
	var parts [][]T
	for i := range n {
		parts = append(parts, all[len(all)*i/n:len(all)*(i+1)/n])
	}
	return parts
}

// pack replaces a file by its gzip.
func pack(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	hubtest.Write(t, path+".gz", gzipped(t, raw))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// jsonRecords writes absent values as null, and versions and booleans as they
// are in JSON where they can be.
func jsonRecords(t *testing.T, entity string, all []hubtest.Record) []byte {
	t.Helper()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	for _, r := range all {
		row := map[string]any{}
		for _, c := range hubtest.Header(entity) {
			switch v := r[c]; {
			case v == "":
				row[c] = nil
			case v == "true" || v == "false" || c == "version" && len(v) == 1 && v < "a":
				row[c] = json.RawMessage(v)
			default:
				row[c] = v
			}
		}
		if err := enc.Encode(row); err != nil {
			t.Fatal(err)
		}
	}
	return buf.Bytes()
}

// parquetRecords writes Parquet through the engine, every column as text or in
// the type of its kind.
func parquetRecords(t *testing.T, path, entity string, all []hubtest.Record, typed bool) {
	t.Helper()
	text := filepath.Join(t.TempDir(), "all.csv")
	hubtest.WriteCSV(t, text, entity, all)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	types := map[hub.Kind]string{hub.Integer: "INTEGER", hub.Decimal: "DECIMAL(14,2)", hub.Date: "DATE", hub.Timestamp: "TIMESTAMPTZ", hub.Boolean: "BOOLEAN"}
	var cols []string
	for _, e := range hub.Entities() {
		for _, c := range e.Columns {
			if e.Name != entity {
				continue
			}
			value := "nullif(" + engine.Ident(c.Name) + ", '')"
			if kind, ok := types[c.Kind]; ok && typed {
				value = "CAST(trim(" + value + ") AS " + kind + ")"
			}
			cols = append(cols, value+" AS "+engine.Ident(c.Name))
		}
	}
	q := fmt.Sprintf("COPY (SELECT %s FROM read_csv(%s, all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"', auto_detect = false, columns = {%s})) TO %s (FORMAT parquet)",
		strings.Join(cols, ", "), engine.Literal(text), textColumns(entity), engine.Literal(path))
	if err := openEngine(t).Exec(t.Context(), q); err != nil {
		t.Fatal(err)
	}
}

func textColumns(entity string) string {
	var cols []string
	for _, c := range hubtest.Header(entity) {
		cols = append(cols, engine.Literal(c)+": 'VARCHAR'")
	}
	return strings.Join(cols, ", ")
}

// layDown writes an extract in a layout.
func layDown(t *testing.T, out map[string][]hubtest.Record, layout string) string {
	t.Helper()
	dir := t.TempDir()
	for entity, all := range out {
		layouts[layout](t, dir, entity, all)
	}
	return dir
}

// stored is a release as it lies in the store: every object, and the manifest
// without the time of its publication.
type stored struct {
	objects  map[string]string
	manifest release.Manifest
}

// publishWith publishes an extract in a new store and returns what is stored.
func publishWith(t *testing.T, dir string, threads int) stored {
	t.Helper()
	return newBench(t, dir).store(t, threads)
}

// store publishes and returns what is stored.
func (b *bench) store(t *testing.T, threads int) stored {
	t.Helper()
	b.Thresholds = hub.Thresholds{Quarantine: 1, Shrink: 1}
	b.Threads = threads
	res := b.publish(t)
	m, err := b.archive.Manifest(t.Context(), b.dataset, res.Release)
	if err != nil {
		t.Fatal(err)
	}
	s := stored{objects: map[string]string{}, manifest: m}
	for _, o := range m.Objects {
		s.objects[o.Name] = string(b.object(t, res.Release, o.Name))
	}
	return s
}

// mustEqual compares two releases of one content, made in stores of their own at
// the same time of the bench.
func mustEqual(t *testing.T, want, got stored) {
	t.Helper()
	if d := gocmp.Diff(want.manifest, got.manifest); d != "" {
		t.Errorf("manifest: -want +got\n%s", d)
	}
	for _, name := range slices.Sorted(maps.Keys(want.objects)) {
		if want.objects[name] != got.objects[name] {
			t.Errorf("%s differs: %s", name, firstDifference(want.objects[name], got.objects[name]))
		}
	}
}

func firstDifference(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	return fmt.Sprintf("at byte %d of %d and %d: %q and %q", i, len(a), len(b), a[max(i-40, 0):min(i+40, len(a))], b[max(i-40, 0):min(i+40, len(b))])
}

var largeLists = refLists{providers: 40, certifications: 60, formations: 4500, actions: 11000, sessions: 17000}

func TestReleaseDependsOnRecordsAlone(t *testing.T) {
	t.Parallel()
	g := hubOf(42, largeLists)
	want := publishWith(t, layDown(t, g.out, "one csv"), 1)
	if rows := want.manifest.Rows(); rows < 3000 {
		t.Fatalf("%d rows only", rows)
	}
	for _, c := range []struct {
		layout  string
		threads int
	}{{"one csv", 1}, {"compressed csv", 8}, {"json lines", 2}, {"parquet", 8}, {"mixed", 2}} {
		t.Run(fmt.Sprintf("%s %d", c.layout, c.threads), func(t *testing.T) {
			t.Parallel()
			mustEqual(t, want, publishWith(t, layDown(t, g.out, c.layout), c.threads))
		})
	}
}

// TestStatisticalReleaseDependsOnRecordsAlone: not on the numbers that persons are given, on
// the number of threads, on the form of the files, or on the order of the records.
func TestStatisticalReleaseDependsOnRecordsAlone(t *testing.T) {
	t.Parallel()
	p := newPopulation(11, 300)
	p.tame = true
	p.buyMany(1500, "D", calendarDay("2026-08-01"), 61)
	p.fund(1500, "D")
	once(p.out)
	for _, dataset := range []string{engagees, usagers} {
		want := publishDataset(t, dataset, layDown(t, p.out, "one csv"), 1)
		if rows := want.manifest.Rows(); rows < 500 {
			t.Fatalf("%d rows only", rows)
		}
		for _, c := range []struct {
			layout  string
			threads int
		}{{"one csv", 8}, {"parquet", 2}, {"json lines", 1}} {
			t.Run(fmt.Sprintf("%s %s %d", dataset, c.layout, c.threads), func(t *testing.T) {
				t.Parallel()
				mustEqual(t, want, publishDataset(t, dataset, layDown(t, shuffled(p.out), c.layout), c.threads))
			})
		}
	}
}

func publishDataset(t *testing.T, dataset, dir string, threads int) stored {
	t.Helper()
	b := newBench(t, dir)
	b.dataset = dataset
	return b.store(t, threads)
}

// once keeps one version of each record, so that their order decides nothing.
func once(out map[string][]hubtest.Record) {
	for entity, records := range out {
		seen := map[string]bool{}
		out[entity] = slices.DeleteFunc(records, func(r hubtest.Record) bool {
			key, ok := refKey(entity, r)
			gone := !ok || seen[key] || r["operation"] == "S"
			seen[key] = seen[key] || !gone
			return gone
		})
	}
}

// shuffled puts the records of each entity in another order.
func shuffled(out map[string][]hubtest.Record) map[string][]hubtest.Record {
	all := map[string][]hubtest.Record{}
	for entity, records := range out {
		records = slices.Clone(records)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		all[entity] = records
	}
	return all
}

func TestTypedFilesGiveTheSameRelease(t *testing.T) {
	t.Parallel()
	g := newGen(7)
	g.tame = true
	g.fill(refLists{providers: 20, certifications: 30, formations: 200, actions: 500, sessions: 1000})
	mustEqual(t, publishWith(t, layDown(t, g.out, "one csv"), 2), publishWith(t, layDown(t, g.out, "typed parquet"), 2))
}

func TestReleaseNameDiffersByTimeAlone(t *testing.T) {
	t.Parallel()
	dir := layDown(t, hubOf(3, smallLists).out, "one csv")
	var ids, digests []string
	for _, later := range []time.Duration{0, 9 * time.Hour} {
		b := newBench(t, dir)
		b.Thresholds = hub.Thresholds{Quarantine: 1, Shrink: 1}
		b.now = b.now.Add(later)
		b.Now = func() time.Time { return b.now }
		res := b.publish(t)
		m, err := b.archive.Manifest(t.Context(), catalogue, res.Release)
		if err != nil {
			t.Fatal(err)
		}
		ids, digests = append(ids, m.Release), append(digests, m.ContentDigest)
		if want := b.now.UTC().Format("20060102T150405Z") + "-" + m.ContentDigest[:8]; m.Release != want {
			t.Errorf("release %s, want %s", m.Release, want)
		}
	}
	if ids[0] == ids[1] || digests[0] != digests[1] {
		t.Errorf("releases %v of contents %v", ids, digests)
	}
}

func TestReportDoesNotDependOnSeedOrThreads(t *testing.T) {
	t.Parallel()
	g := hubOf(5, smallLists)
	g.out["dossiers"] = []hubtest.Record{hubtest.Rec("dossiers"), hubtest.Rec("dossiers", "id_dossier=D2", "nir="), hubtest.Rec("dossiers", "id_dossier=D3", "nir=1")}
	g.out["financements"] = []hubtest.Record{hubtest.Rec("financements"), hubtest.Rec("financements", "id_dossier=D9")}
	dir := layDown(t, g.out, "compressed csv")
	want, quarantine := readHub(t, dir, 1, 1)
	for seed, threads := range map[uint64]int{2: 8, 1 << 63: 2} {
		got, list := readHub(t, dir, seed, threads)
		if d := gocmp.Diff(want, got) + gocmp.Diff(quarantine, list); d != "" {
			t.Errorf("seed %d, %d threads: -want +got\n%s", seed, threads, d)
		}
	}
}

// readHub reads all entities of an extract as the command that checks it does.
func readHub(t *testing.T, dir string, seed uint64, threads int) (report, quarantine string) {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{Threads: threads, TimeZone: "Europe/Paris"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	src, err := hub.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := hub.Read(t.Context(), db, src, hub.Options{AsOf: hubtest.AsOf, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	path, err := hub.WriteQuarantine(t.Context(), db, rep, t.TempDir(), "check", hubtest.AsOf)
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(rep)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), string(list)
}

// largeExtract writes an extract of n trainings, each in one place, with the
// engine: too many for a workbook, enough for several row groups.
func largeExtract(t *testing.T, n int) string {
	t.Helper()
	dir := hubtest.Extract(t, nil)
	const envelope = "1 AS version, 'C' AS operation, TIMESTAMP '2026-11-01 10:00:00' AS date_maj"
	siret := engine.Literal(hubtest.Siret("00040000", 1))
	for entity, columns := range map[string]string{
		"formations": `'F' || i AS numero_formation, ` + siret + ` AS siret, 'Formation <b>' || i % 97 || '</b>' AS intitule_formation,
			'Appeler le 06 12 34 56 ' || (10 + i % 90) AS points_forts, CAST(NULL AS VARCHAR) AS objectif_formation, CAST(NULL AS VARCHAR) AS contenu_formation,
			CAST(NULL AS VARCHAR) AS resultats_attendus_formation, 'RNCP' AS type_referentiel, '900001' AS code_certification, CAST(NULL AS VARCHAR) AS code_certifinfo`,
		"actions": `'A' || i AS numero_action, 'F' || i AS numero_formation, CASE WHEN i % 3 > 0 THEN '69381' END AS commune,
			CAST(i % 1000 / 4 AS DECIMAL(14,2)) AS nombre_heures, CAST(i % 7919 AS DECIMAL(14,2)) AS frais_ttc`,
		"sessions": `'S' || i AS numero_session, 'A' || i AS numero_action, DATE '2026-12-01' AS date_debut, CAST(NULL AS DATE) AS date_fin,
			i % 2 = 0 AS a_distance, 'active' AS etat`,
	} {
		if err := os.Remove(filepath.Join(dir, entity, "part-1.csv")); err != nil {
			t.Fatal(err)
		}
		path := engine.Literal(filepath.Join(dir, entity, "all.parquet"))
		q := fmt.Sprintf("COPY (SELECT %s, %s FROM range(%d) r(i) ORDER BY hash(i)) TO %s (FORMAT parquet)", columns, envelope, n, path)
		if err := openEngine(t).Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// narrow keeps some fields of the catalogue, so that a large table is soon
// written.
func (b *bench) narrow(t *testing.T) {
	t.Helper()
	keep := []string{"date_extract", "nom_of", "siret", "numero_formation", "intitule_formation", "points_forts", "nb_session_active",
		"nombre_heures_total_mean", "frais_ttc_tot_min", "code_departement", "code_region"}
	d, _ := datasets.Find(b.Datasets, catalogue)
	table := b.table(t)
	table.Fields = slices.DeleteFunc(slices.Clone(table.Fields), func(f datasets.Field) bool { return !slices.Contains(keep, f.Name) })
	table.SQL = "SELECT " + strings.Join(keep, ", ") + ", _noms, _personne_physique, _statut_diffusion FROM (\n" + table.SQL + "\n)"
	d.Tables = []datasets.Table{table}
	b.Datasets = []datasets.Dataset{d}
}

func TestLargeReleaseDependsOnRecordsAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("publishes 110 000 rows twice")
	}
	t.Parallel()
	dir := largeExtract(t, 110_000)
	want := publishNarrow(t, dir, 1)
	if rows := want.manifest.Rows(); rows != 110_000 {
		t.Fatalf("%d rows", rows)
	}
	mustEqual(t, want, publishNarrow(t, dir, 8))
}

func publishNarrow(t *testing.T, dir string, threads int) stored {
	t.Helper()
	b := newBench(t, dir)
	b.narrow(t)
	return b.store(t, threads)
}
