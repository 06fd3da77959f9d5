package synthetic_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/synthetic"
	"github.com/parvis-opendata/parvis/internal/engine"
)

var (
	until = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	// from makes 24 months, about as many as the demo has.
	from = time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)
)

// generate draws an extract of the demo's period and returns its directory.
func generate(t testing.TB, o synthetic.Options) string {
	t.Helper()
	o.Dir, o.From, o.Until = filepath.Join(t.TempDir(), "hub"), from, until
	if err := synthetic.Generate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return o.Dir
}

func open(t *testing.T) *engine.DB {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{TimeZone: "Europe/Paris", Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// read reads an extract as a publication does.
func read(t *testing.T, dir string, asOf time.Time) (*engine.DB, *hub.Report) {
	t.Helper()
	db := open(t)
	src, err := hub.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := hub.Read(t.Context(), db, src, hub.Options{AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	return db, rep
}

// digests returns the SHA-256 of every file below dir.
func digests(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	sums := map[string][32]byte{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		sums[name] = sha256.Sum256(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

func TestSameOptionsSameBytes(t *testing.T) {
	for _, format := range []string{"parquet", "csv", "jsonl"} {
		t.Run(format, func(t *testing.T) {
			o := synthetic.Options{Dossiers: 5000, Formations: 500, Seed: 7, Format: format, Certifications: 100, Threads: 1}.WithLots(1000, 100)
			want := digests(t, generate(t, o))
			for _, threads := range []int{2, 4} {
				o.Threads = threads
				if diff := cmp.Diff(want, digests(t, generate(t, o))); diff != "" {
					t.Errorf("%d threads: %s", threads, diff)
				}
			}
			o.Seed = 8
			other := digests(t, generate(t, o))
			for name, sum := range want {
				if other[name] == sum && !strings.HasPrefix(name, "territoires/") {
					t.Errorf("%s is the same for another seed", name)
				}
			}
		})
	}
}

// TestLotsDoNotShow: how many records are drawn at once changes the files, not what
// is in them.
func TestLotsDoNotShow(t *testing.T) {
	o := synthetic.Options{Dossiers: 3000, Formations: 300, Seed: 7}
	one, many := generate(t, o), generate(t, o.WithLots(700, 70))
	db := open(t)
	for _, entity := range []string{"dossiers", "financements", "formations", "actions", "sessions"} {
		n, err := db.Count(t.Context(), "SELECT count(*) FROM ((SELECT * FROM "+parquet(one, entity)+" EXCEPT ALL SELECT * FROM "+parquet(many, entity)+
			") UNION ALL (SELECT * FROM "+parquet(many, entity)+" EXCEPT ALL SELECT * FROM "+parquet(one, entity)+"))")
		if err != nil || n != 0 {
			t.Errorf("%s: %d records differ (%v)", entity, n, err)
		}
	}
}

// parquet returns SQL for the records of an entity of a Parquet extract.
func parquet(dir, entity string) string {
	return "read_parquet(" + engine.Literal(filepath.Join(dir, entity, "*.parquet")) + ")"
}

func TestEveryRuleOccursAndNothingIsRefused(t *testing.T) {
	dir := generate(t, synthetic.Options{Dossiers: 20_000, Formations: 6000, Seed: 1, Format: "csv"})
	_, rep := read(t, dir, until)
	for _, r := range hub.DefaultThresholds().Judge(rep, nil) {
		t.Errorf("refused: %s", r)
	}
	for _, e := range hub.Entities() {
		got, _ := rep.Entity(e.Name)
		counts := map[string]int64{}
		for _, r := range got.Rules {
			counts[r.Rule] = r.Records
		}
		for _, rule := range rulesOf(e) {
			if counts[rule] == 0 {
				t.Errorf("%s: no record breaks %s", e.Name, rule)
			}
		}
		if share := float64(got.Quarantined) / float64(got.Kept+got.Quarantined); got.Kept >= 1000 && share > 0.008 {
			t.Errorf("%s: %.2f %% in quarantine", e.Name, 100*share)
		}
		if strings.HasSuffix(e.Name, "s") && got.Later+got.Superseded+got.Deleted == 0 && len(got.Files) > 1 {
			t.Errorf("%s: nothing later, superseded or deleted", e.Name)
		}
	}
}

// rulesOf names the rules of an entity, in a format without types.
func rulesOf(e hub.Entity) []string {
	rules := []string{"key_missing", "version_missing", "operation_unknown", "date_maj_missing", "unreadable"}
	for _, c := range e.Columns {
		if c.Kind > hub.Code && c.Name != "version" && c.Name != "date_maj" {
			rules = append(rules, "malformed_"+c.Name)
		}
	}
	for _, r := range e.Rules {
		rules = append(rules, r.ID)
	}
	return rules
}

func TestEverySizeAndFormatIsAccepted(t *testing.T) {
	for _, c := range []struct {
		files, trainings int
		format           string
	}{
		{1, 1, "jsonl"}, {1000, 200, "parquet"}, {1000, 200, "csv"}, {1000, 200, "jsonl"}, {1000, 10, "csv"}, {2, 3000, "csv"}, {900, 13_000, "parquet"},
	} {
		dir := generate(t, synthetic.Options{Dossiers: c.files, Formations: c.trainings, Seed: 3, Format: c.format})
		_, rep := read(t, dir, until)
		if !rep.Synthetic {
			t.Errorf("%v: does not say that it is invented", c)
		}
		for _, r := range hub.DefaultThresholds().Judge(rep, nil) {
			t.Errorf("%v: refused: %s", c, r)
		}
		for _, e := range rep.Entities {
			if e.Kept == 0 && c.files > 1 {
				t.Errorf("%v: no record of %s is kept", c, e.Entity)
			}
			for _, f := range e.Files {
				if len(f.UnknownColumns) > 0 {
					t.Errorf("%v: %s has columns %v", c, f.Name, f.UnknownColumns)
				}
			}
		}
	}
}

// TestEarlierDaysCanBeRead: at the end of each of the last months the extract reads
// as it would have then.
func TestEarlierDaysCanBeRead(t *testing.T) {
	dir := generate(t, synthetic.Options{Dossiers: 10_000, Formations: 2000, Seed: 1})
	var kept []int64
	for _, asOf := range []time.Time{time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC), until} {
		db, rep := read(t, dir, asOf)
		for _, r := range hub.DefaultThresholds().Judge(rep, nil) {
			t.Errorf("%s: refused: %s", asOf.Format(time.DateOnly), r)
		}
		dossiers, _ := rep.Entity("dossiers")
		kept = append(kept, dossiers.Kept)
		n, err := db.Count(t.Context(), "SELECT count(*) FROM hub.dossiers WHERE date_cloture > ? OR statut = 'VALIDE' AND date_entree < ?", asOf, asOf.AddDate(0, 0, -200))
		if err != nil || n > 2 {
			t.Errorf("%s: %d files know the future, or never begin (%v)", asOf.Format(time.DateOnly), n, err)
		}
	}
	if kept[0] >= kept[1] || kept[1] >= kept[2] {
		t.Errorf("files kept at the end of three months: %v, want more each time", kept)
	}
}

func TestMarkerSaysHowItWasMade(t *testing.T) {
	dir := generate(t, synthetic.Options{Dossiers: 10, Formations: 5, Seed: 42})
	text, err := os.ReadFile(filepath.Join(dir, hub.SyntheticMarker))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"synthetic": true, "seed": 42.0, "dossiers": 10.0, "formations": 5.0, "from": "2024-11-01", "until": "2026-11-20"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRefusedOptions(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]synthetic.Options{
		"not empty": {Dir: full, Dossiers: 1, Formations: 1, Until: until},
		"format":    {Dir: filepath.Join(full, "y"), Dossiers: 1, Formations: 1, Until: until, Format: "xml"},
		"nothing":   {Dir: filepath.Join(full, "y"), Formations: 1, Until: until},
		"first day": {Dir: filepath.Join(full, "y"), Dossiers: 1, Formations: 1, From: until, Until: until},
	} {
		err := synthetic.Generate(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error about %q", err, want)
		}
	}
	if entries, _ := os.ReadDir(full); len(entries) != 1 {
		t.Errorf("%d files, want the one that was there", len(entries))
	}
}

func TestEmptyDirectoryIsUsed(t *testing.T) {
	dir := t.TempDir()
	err := synthetic.Generate(t.Context(), synthetic.Options{Dir: dir, Dossiers: 10, Formations: 5, Until: until})
	if err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != len(hub.Entities())+1 {
		t.Errorf("%d entries", len(entries))
	}
}

func TestCancelledRunLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := synthetic.Options{Dir: filepath.Join(parent, "hub"), Dossiers: 20_000, Formations: 500, Until: until}.WithLots(1000, 100)
	o.Progress = func(_ string, done, _ int64) {
		if done > 3000 {
			cancel()
		}
	}
	if err := synthetic.Generate(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if entries, _ := os.ReadDir(parent); len(entries) != 0 {
		t.Errorf("left %v", entries)
	}
}

func TestProgressCountsEverythingOnce(t *testing.T) {
	var last, of int64
	o := synthetic.Options{Dossiers: 2500, Formations: 250, Threads: 4, Progress: func(_ string, done, total int64) {
		if done < last {
			t.Errorf("went back from %d to %d", last, done)
		}
		last, of = done, total
	}}.WithLots(1000, 100)
	generate(t, o)
	if last != 2750 || of != 2750 {
		t.Errorf("ended at %d of %d", last, of)
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		generate(b, synthetic.Options{Dossiers: 200_000, Formations: 20_000, Seed: 1, Certifications: 300})
	}
}
