package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

const purchases = "moncompteformation_formations_engagees"

// storedRelease stores a release of two tables, a month of the régions and of France,
// and serves it. The figures of the régions are given as files, persons, euros.
func storedRelease(t *testing.T, root, digest string, regions map[string]string) string {
	t.Helper()
	store, err := objects.OpenDir(filepath.Join(root, "store"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	archive := release.NewArchive(store)
	at := time.Date(2026, 7, 3, 4, 0, 0, 0, time.UTC)
	m := release.Manifest{Dataset: purchases, Release: release.ID(at, digest), DateExtract: "2026-07-02", ContentDigest: digest, Periods: []string{"2026-06"}}
	var rows []string
	for code, figures := range regions {
		rows = append(rows, "('"+code+"', "+figures+")")
	}
	const columns = "SELECT '2026-06' AS date_validation, %s nb_dossiers, nb_titulaires, montant_engage FROM (VALUES %s) AS v(code_region_lieu_formation, nb_dossiers, nb_titulaires, montant_engage)"
	for suffix, sql := range map[string]string{
		"_region":  fmt.Sprintf(columns, "code_region_lieu_formation,", strings.Join(rows, ", ")),
		"_mensuel": fmt.Sprintf(columns, "", "(NULL, 50, 45, 50000.00)"),
	} {
		m.Objects = append(m.Objects, storedTable(t, root, store, m.Release, purchases+suffix+".parquet", sql))
	}
	if err := archive.Seal(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	current, version, err := archive.Current(t.Context(), purchases)
	if err != nil && !errors.Is(err, release.ErrNotFound) {
		t.Fatal(err)
	}
	if err := archive.Flip(t.Context(), current.Serve(m, at), version); err != nil {
		t.Fatal(err)
	}
	return m.Release
}

func storedTable(t *testing.T, root string, store objects.Store, id, name, sql string) release.Object {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(root, name)
	if err := db.Exec(t.Context(), fmt.Sprintf("COPY (%s) TO %s (FORMAT parquet)", sql, engine.Literal(path))); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), release.ObjectName(purchases, id, name), bytes.NewReader(data), int64(len(data))); err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(data)
	return release.Object{Name: name, Bytes: int64(len(data)), SHA256: hex.EncodeToString(digest[:])}
}

// audited runs parvis audit on a store.
func audited(t *testing.T, root string, args ...string) ran {
	t.Helper()
	var out, stderr bytes.Buffer
	p := &process{args: append([]string{"audit", "--store", filepath.Join(root, "store"), "--workdir", filepath.Join(root, "work")}, args...), out: &out, err: &stderr, now: time.Now}
	code := p.run(t.Context())
	return ran{code: code, out: out.String(), stderr: stderr.String()}
}

func TestAuditOfARelease(t *testing.T) {
	t.Parallel()
	const secret = "NULL, NULL, NULL"
	root := t.TempDir()
	first := storedRelease(t, root, strings.Repeat("a", 64), map[string]string{"11": secret, "84": secret, "76": "20, 18, 20000.00"})
	known := filepath.Join(root, "known.csv")
	for file, files := range map[string]string{known: "12", known + ".wrong": "31"} {
		text := "table,date_validation,code_region_lieu_formation,nb_dossiers\n" + purchases + "_region,2026-06,84," + files + "\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wants := func(code int, out string, args ...string) {
		t.Helper()
		got := audited(t, root, args...)
		if got.code != code || !strings.Contains(got.out+got.stderr, out) {
			t.Errorf("%v: exit %d, want %d and %q in\n%s%s", args, got.code, code, out, got.out, got.stderr)
		}
		if left, err := filepath.Glob(filepath.Join(root, "work", "audit-*")); err != nil || len(left) > 0 {
			t.Errorf("%v leaves %v, %v", args, left, err)
		}
	}
	wants(exitDone, "nothing that is not printed can be worked out", purchases)
	wants(exitRefused, "worked out: "+purchases+"_region code_region_lieu_formation=11 date_validation=2026-06: nb_dossiers", purchases, "--known", known)
	wants(exitUsage, "what is known contradicts what is printed of 2026-06", purchases, "--known", known+".wrong")
	wants(exitUsage, "known figures", purchases, "--known", filepath.Join(root, "nothing.csv"))
	wants(exitUsage, "counts nobody", catalogue)
	wants(exitUsage, "there is no dataset", "nothing")
	wants(exitUsage, "not found", purchases, "--release", "20200101T000000Z-00000000")

	second := storedRelease(t, root, strings.Repeat("b", 64), map[string]string{"11": secret, "84": "12, 11, 12000.00", "76": "20, 18, 20000.00"})
	wants(exitRefused, "differs: "+purchases+"_region 2026-06 between "+first+" and "+second+": montant_engage, nb_dossiers, nb_titulaires", purchases, "--release", first)
	got := audited(t, root, purchases, "--json")
	var report auditReport
	if err := json.Unmarshal([]byte(got.out), &report); err != nil {
		t.Fatal(err)
	}
	if got.code != exitRefused || report.Release != second || report.WorkedOut != 2 || len(report.Findings) != 1 || len(report.Differences) != 1 || len(report.Compared) != 2 {
		t.Errorf("exit %d, %+v", got.code, report)
	}
	if strings.Contains(got.out, "18") {
		t.Errorf("the report tells the figure:\n%s", got.out)
	}

	damaged := filepath.Join(root, "store", filepath.FromSlash(release.ObjectName(purchases, second, purchases+"_region.parquet")))
	if err := os.WriteFile(damaged, []byte("PAR1"), 0o600); err != nil {
		t.Fatal(err)
	}
	wants(exitFailure, "it is not what the manifest says", purchases)
}

func TestAuditOfContradictoryFigures(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	storedRelease(t, root, strings.Repeat("a", 64), map[string]string{"11": "31, 30, 30000.00", "76": "20, 18, 20000.00"})
	if got := audited(t, root, purchases); got.code != exitFailure || !strings.Contains(got.stderr, "contradict each other") {
		t.Errorf("exit %d\n%s%s", got.code, got.out, got.stderr)
	}
}
