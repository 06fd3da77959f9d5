package publisher_test

import (
	"encoding/csv"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/publisher/release"
)

const catalogue = "moncompteformation_catalogueformation"

// bench is a publisher over an extract, with a store and a clock of its own.
type bench struct {
	*publisher.Publisher
	dataset string // the one that publish and the readers of files are about
	root    string
	archive *release.Archive
	now     time.Time
	log     *strings.Builder
}

func newBench(t *testing.T, extract string) *bench {
	t.Helper()
	return newBenchIn(t, t.TempDir(), extract)
}

// newBenchIn is newBench in a directory where another may have worked.
func newBenchIn(t *testing.T, root, extract string) *bench {
	t.Helper()
	b := &bench{dataset: catalogue, root: root, now: time.Date(2026, 11, 20, 4, 15, 0, 0, time.UTC), log: &strings.Builder{}}
	store, err := objects.OpenDir(filepath.Join(b.root, "store"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	standard, err := anonymize.EmbeddedProfile("standard")
	if err != nil {
		t.Fatal(err)
	}
	b.archive = release.NewArchive(store)
	b.Publisher = &publisher.Publisher{
		Datasets: all, Store: store, WorkDir: filepath.Join(b.root, "work"), Thresholds: hub.DefaultThresholds(), Profile: standard, Zone: zone,
		Threads: 2, Version: "test", Log: slog.New(slog.NewJSONHandler(b.log, nil)),
		Now: func() time.Time { b.now = b.now.Add(time.Second); return b.now },
	}
	b.use(t, extract)
	return b
}

// use gives the publisher another extract.
func (b *bench) use(t *testing.T, extract string) {
	t.Helper()
	src, err := hub.OpenDir(extract)
	if err != nil {
		t.Fatal(err)
	}
	b.Hub = src
}

func (b *bench) publish(t *testing.T, force ...string) publisher.Result {
	t.Helper()
	res, err := b.Publish(t.Context(), publisher.Request{Dataset: b.dataset, Force: force})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// object reads an object of a release.
func (b *bench) object(t *testing.T, id, name string) []byte {
	t.Helper()
	data, _, err := objects.ReadAll(t.Context(), b.Store, release.ObjectName(b.dataset, id, name), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// rows reads a CSV of a release as one map per row.
func (b *bench) rows(t *testing.T, id string) []map[string]string {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(string(b.object(t, id, b.dataset+".csv")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func TestPublishGoodExtract(t *testing.T) {
	b := newBench(t, hubtest.Extract(t, nil))
	res := b.publish(t)
	rows := b.rows(t, res.Release)
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	for name, want := range map[string]string{
		"date_extract": "2026-11-01", "nom_of": "ORGANISME UN", "code_departement": "69", "code_rncp": "900001", "code_inventaire": "-1",
		"nb_action": "1", "nb_session_active": "1", "nb_session_a_distance": "0", "nombre_heures_total_mean": "35.00",
		"frais_ttc_tot_mean": "1000.00", "nbaction_nbheures": "35", "habilitation": "habilité", "date_habilitation": "2026-01-15",
	} {
		if rows[0][name] != want {
			t.Errorf("%s: %q, want %q", name, rows[0][name], want)
		}
	}
	m, err := b.archive.Manifest(t.Context(), catalogue, res.Release)
	if err != nil {
		t.Fatal(err)
	}
	if faults, err := b.archive.Verify(t.Context(), m); err != nil || len(faults) > 0 {
		t.Errorf("verify: %v, %v", faults, err)
	}
}
