package engine_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/internal/engine"
)

func open(t *testing.T, o engine.Options) *engine.DB {
	t.Helper()
	db, err := engine.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestFileIsAttachedUnderAnyPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b%20c#d'e")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "run.duckdb")
	db := open(t, engine.Options{File: file, MemoryLimit: "100MB", Threads: 2, TempDir: dir, TimeZone: "Europe/Paris"})
	for _, q := range []string{"CREATE TABLE t AS SELECT 1 AS a", "CHECKPOINT"} {
		if err := db.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("the table is not kept in its file: %v", err)
	}
}

func TestErrorsNeverRepeatValues(t *testing.T) {
	const secret = "CANARI-1840175990123"
	dir := t.TempDir()
	csv := filepath.Join(dir, "x.csv")
	if err := os.WriteFile(csv, []byte("a,b\n1,"+secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	db := open(t, engine.Options{})
	for _, q := range []string{
		"SELECT CAST('" + secret + "' AS INTEGER)",
		"SELECT CAST('" + secret + "' AS DATE)",
		"SELECT * FROM read_csv('" + csv + "', auto_detect=false, header=true, columns={'a':'INT','b':'INT'})",
		"SELECT error('" + secret + "')",
		"SELECT json('{" + secret + "')",
		"SELECT strptime('" + secret + "', '%Y')",
	} {
		err := db.Each(t.Context(), q, func(func(...any) error) error { return nil })
		if err == nil {
			t.Errorf("%.20s…: no error", q)
			continue
		}
		if strings.Contains(err.Error(), "CANARI") {
			t.Errorf("value repeated: %v", err)
		}
	}
}

func TestKindsOfError(t *testing.T) {
	db := open(t, engine.Options{})
	for _, c := range []struct {
		query string
		want  error
	}{
		{"SELECT 1 WHERE false", engine.ErrNoRow},
		{"SELECT nothing", engine.ErrQuery},
		{"SELECT CAST('x' AS INTEGER)", engine.ErrData},
		{"SELECT * FROM read_parquet('/nowhere/x.parquet')", engine.ErrFile},
	} {
		var v any
		if err := db.Row(t.Context(), c.query, []any{&v}); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.query, err, c.want)
		}
	}
}

func TestCancelInterrupts(t *testing.T) {
	db := open(t, engine.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Exec(ctx, "SELECT sum(a.range + b.range) FROM range(10000000) a, range(10000) b"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestTextFunction(t *testing.T) {
	db := open(t, engine.Options{Threads: 4})
	err := db.Register(t.Context(), "crier", 2, []string{"longueur"}, func(a []string) (string, []int32) {
		return strings.ToUpper(a[0]) + a[1], []int32{int32(len(a[0]))}
	})
	if err != nil {
		t.Fatal(err)
	}
	n, err := db.Count(t.Context(), "SELECT sum(crier('ab' || i, '!').longueur) FROM range(10, 100000) r(i) WHERE crier('ab' || i, '!').texte = 'AB' || i || '!'")
	if err != nil {
		t.Fatal(err)
	}
	want, err := db.Count(t.Context(), "SELECT sum(length('ab' || i)) FROM range(10, 100000) r(i)")
	if err != nil {
		t.Fatal(err)
	}
	if n != want {
		t.Errorf("got %d, want %d", n, want)
	}
	null, err := db.Count(t.Context(), "SELECT count(*) FROM (SELECT crier(NULL, 'x') AS r) WHERE r IS NULL")
	if err != nil || null != 1 {
		t.Errorf("null argument: %d rows, %v", null, err)
	}
}

func TestQuoting(t *testing.T) {
	db := open(t, engine.Options{})
	for _, text := range []string{"a", "l'eau", `"x"`, "';--", "é\n"} {
		var got string
		q := "SELECT " + engine.Literal(text) + " AS " + engine.Ident(text)
		if err := db.Row(t.Context(), q, []any{&got}); err != nil || got != text {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
}

func TestAppend(t *testing.T) {
	db := open(t, engine.Options{File: filepath.Join(t.TempDir(), "run.duckdb"), Threads: 2})
	if err := db.Exec(t.Context(), "CREATE TABLE t (a BIGINT, b VARCHAR)"); err != nil {
		t.Fatal(err)
	}
	err := db.Append(t.Context(), "t", func(add func(...driver.Value) error) error {
		for i := range int64(100_000) {
			if err := add(i, "x"); err != nil {
				return err
			}
		}
		return nil
	})
	if n, countErr := db.Count(t.Context(), "SELECT sum(a) FROM t WHERE b = 'x'"); err != nil || countErr != nil || n != 99_999*100_000/2 {
		t.Errorf("sum %d, %v, %v", n, err, countErr)
	}
	stop := errors.New("stop")
	if err := db.Append(t.Context(), "t", func(func(...driver.Value) error) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error of fill: %v", err)
	}
	err = db.Append(t.Context(), "t", func(add func(...driver.Value) error) error { return add("CANARI", "x") })
	if err == nil || strings.Contains(err.Error(), "CANARI") {
		t.Errorf("value of another type: %v", err)
	}
	if err := db.Append(t.Context(), "nothing", func(func(...driver.Value) error) error { return nil }); err == nil {
		t.Error("no such table: no error")
	}
}
