package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// build makes a database file by some statements.
func build(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{File: path, Lasting: true, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range statements {
		if err := db.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// attach opens an instance with one file.
func attach(t testing.TB, statements ...string) *engine.File {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "a'b.duckdb")
	build(t, path, statements...)
	s, err := engine.OpenShared(t.Context(), engine.SharedOptions{Dir: dir, TempDir: filepath.Join(dir, "tmp"), MemoryLimit: "500MB", Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Attach(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(f.Close(), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return f
}

// all reads the rows of a query.
func all(t testing.TB, f *engine.File, query string, args ...any) (rows [][]any) {
	t.Helper()
	r, err := f.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer r.Close()
	for r.Next() {
		row := make([]any, len(r.Columns()))
		for i := range row {
			row[i] = r.Value(i)
		}
		rows = append(rows, row)
	}
	if err := r.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return rows
}

func TestValuesOfEveryType(t *testing.T) {
	f := attach(t)
	for _, c := range []struct {
		sql  string
		want any
	}{
		{"'é' || chr(0) || 'x'", "é\x00x"},
		{"''", ""},
		{"'twelve bytes'", "twelve bytes"},
		{"'thirteen byte'", "thirteen byte"},
		{"(-5)::TINYINT", int64(-5)},
		{"200::UTINYINT", int64(200)},
		{"(-300)::SMALLINT", int64(-300)},
		{"60000::USMALLINT", int64(60000)},
		{"-70000", int64(-70000)},
		{"4000000000::UINTEGER", int64(4000000000)},
		{"(-9223372036854775808)::BIGINT", int64(-9223372036854775808)},
		{"sum(12)", "12"},
		{"(-170141183460469231731687303715884105728)::HUGEINT", "-170141183460469231731687303715884105728"},
		{"'99999999999999999999999999999999999999'::DECIMAL(38,0)", "99999999999999999999999999999999999999"},
		{"'-0.05'::DECIMAL(4,2)", "-0.05"},
		{"'0'::DECIMAL(4,2)", "0.00"},
		{"'1234.5'::DECIMAL(9,3)", "1234.500"},
		{"'-999999999999.99'::DECIMAL(14,2)", "-999999999999.99"},
		{"'-12345678901234567890.1'::DECIMAL(38,18)", "-12345678901234567890.100000000000000000"},
		{"0.1::DOUBLE", 0.1},
		{"0.5::FLOAT", 0.5},
		{"true", true},
		{"DATE '2024-02-29'", "2024-02-29"},
		{"DATE '1899-12-31'", "1899-12-31"},
		{"TIMESTAMP '2026-11-28 17:00:00.25'", "2026-11-28T17:00:00.25"},
		{"['a', NULL, 'un texte qui est long']", []string{"a", "un texte qui est long"}},
		{"[]::VARCHAR[]", []string{}},
		{"NULL", nil},
		{"NULL::VARCHAR", nil},
		{"NULL::VARCHAR[]", nil},
		{"NULL::DECIMAL(14,2)", nil},
	} {
		if diff := cmp.Diff([][]any{{c.want}}, all(t, f, "SELECT "+c.sql)); diff != "" {
			t.Errorf("%s: %s", c.sql, diff)
		}
	}
	if _, err := f.Query(t.Context(), "SELECT {'a': 1}"); !errors.Is(err, engine.ErrQuery) {
		t.Errorf("a structure: %v", err)
	}
}

func TestParameters(t *testing.T) {
	f := attach(t, "CREATE TABLE t AS SELECT range AS a, 'x' || range AS b FROM range(10)")
	for range 2 { // the second time, the statement is prepared
		for i := range int64(3) {
			want := [][]any{{i, fmt.Sprint("x", i), 0.5, true, nil}}
			if diff := cmp.Diff(want, all(t, f, "SELECT a, b, ?::DOUBLE, ?::BOOLEAN, ?::VARCHAR FROM t WHERE a = ? AND b = ?", 0.5, true, nil, i, fmt.Sprint("x", i))); diff != "" {
				t.Error(diff)
			}
		}
	}
	for _, args := range [][]any{nil, {int64(1), int64(2)}, {struct{}{}}} {
		if _, err := f.Query(t.Context(), "SELECT a FROM t WHERE a = ?", args...); !errors.Is(err, engine.ErrQuery) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestRowsOfManyChunks(t *testing.T) {
	f := attach(t, "CREATE TABLE t AS SELECT range AS a, CASE WHEN range % 3 > 0 THEN 'un texte assez long ' || range END AS b FROM range(100000)")
	r, err := f.Query(t.Context(), "SELECT a, b FROM t")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := int64(0)
	for ; r.Next(); n++ {
		if r.Int(0) != n {
			t.Fatalf("row %d: %d: the order of insertion is lost", n, r.Int(0))
		}
		if r.Null(1) != (n%3 == 0) || !r.Null(1) && r.String(1) != fmt.Sprint("un texte assez long ", n) {
			t.Fatalf("row %d: %q", n, r.String(1))
		}
	}
	if r.Err() != nil || n != 100000 {
		t.Errorf("%d rows, %v", n, r.Err())
	}
}

// TestNothingButReading: what a query could do beside reading is refused, even if the
// query were written by an attacker.
func TestNothingButReading(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside.csv")
	if err := os.WriteFile(outside, []byte("a\nCANARI\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := attach(t, "CREATE TABLE t AS SELECT 1 AS a")
	for _, q := range []string{
		"INSERT INTO t VALUES (2)", "CREATE TABLE u (a INT)", "CREATE TEMP TABLE u (a INT)", "DROP TABLE t", "UPDATE t SET a = 2", "DELETE FROM t",
		"COPY t TO '" + outside + "'", "SELECT * FROM read_csv('" + outside + "')", "SELECT * FROM read_text('/etc/passwd')", "FROM '" + outside + "'",
		"SELECT * FROM glob('/*')", "ATTACH '" + filepath.Join(dir, "x.duckdb") + "'", "SET memory_limit = '10GB'", "SET enable_external_access = true",
		"INSTALL httpfs", "LOAD httpfs", "CALL pragma_version()", "SELECT 1; SELECT 2", "EXPORT DATABASE '" + dir + "'", "USE memory", "", "VACUUM", "CHECKPOINT",
		"SELECT getenv('HOME')",
	} {
		r, err := f.Query(t.Context(), q)
		if err == nil {
			for r.Next() {
			}
			err = errors.Join(r.Err(), r.Close())
		}
		if err == nil {
			t.Errorf("%s: no error", q)
		}
	}
	if diff := cmp.Diff([][]any{{int64(1)}}, all(t, f, "SELECT a FROM t")); diff != "" {
		t.Error(diff)
	}
}

func TestQueryEndsWithItsContext(t *testing.T) {
	f := attach(t)
	const endless = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(1000000) b"
	for _, limit := range []time.Duration{0, time.Millisecond, 100 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		r, err := f.Query(ctx, endless)
		if err == nil {
			for r.Next() {
			}
			err = errors.Join(r.Err(), r.Close())
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %s: %v", limit, err)
		}
		cancel()
	}
	t.Run("while rows are read", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r, err := f.Query(ctx, "SELECT range, repeat('x', 1000) FROM range(100000000)")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for n := 0; r.Next(); n++ {
			if n == 5000 {
				cancel()
			}
		}
		if !errors.Is(r.Err(), context.Canceled) {
			t.Error(r.Err())
		}
		cancel()
	})
	// The connections serve on.
	if diff := cmp.Diff([][]any{{int64(1)}}, all(t, f, "SELECT 1")); diff != "" {
		t.Error(diff)
	}
}

func TestErrorsOfSharedNeverRepeatValues(t *testing.T) {
	f := attach(t, "CREATE TABLE t AS SELECT 'CANARI' AS a FROM range(10000)")
	for q, kind := range map[string]error{
		"SELECT a::INTEGER FROM t":         engine.ErrData,
		"SELECT error(a) FROM t":           engine.ErrData,
		"SELECT nothing FROM t":            engine.ErrQuery,
		"SELEKT 1":                         engine.ErrQuery,
		"SELECT * FROM nowhere":            engine.ErrQuery,
		"SELECT CAST(? AS INTEGER) FROM t": engine.ErrData,
	} {
		var args []any
		if strings.Contains(q, "?") {
			args = append(args, "CANARI")
		}
		r, err := f.Query(t.Context(), q, args...)
		if err == nil {
			for r.Next() {
			}
			err = errors.Join(r.Err(), r.Close())
		}
		if !errors.Is(err, kind) || strings.Contains(err.Error(), "CANARI") {
			t.Errorf("%s: %v", q, err)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	f := attach(t)
	_, err := f.Query(t.Context(), "SELECT list(repeat('x', 1000) || range) FROM range(10000000)")
	if !errors.Is(err, engine.ErrMemory) {
		t.Errorf("got %v", err)
	}
}

// TestWhatDoesNotFitIsSpilled sorts more than there is memory for.
func TestWhatDoesNotFitIsSpilled(t *testing.T) {
	dir := t.TempDir()
	s, err := engine.OpenShared(t.Context(), engine.SharedOptions{Dir: dir, TempDir: filepath.Join(dir, "tmp"), MemoryLimit: "200MB", Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	build(t, filepath.Join(dir, "x.duckdb"), "CREATE TABLE t AS SELECT range AS a, repeat('x', 400) || range AS b FROM range(700000)")
	f, err := s.Attach(filepath.Join(dir, "x.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := f.Query(t.Context(), "SELECT a, b FROM t ORDER BY hash(a)")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; r.Next(); n++ {
	}
	if err := errors.Join(r.Err(), r.Close()); err != nil || n != 700000 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestConnectionsAreShared(t *testing.T) {
	f := attach(t, "CREATE TABLE t AS SELECT range AS a FROM range(50000)")
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			for k := range 20 {
				r, err := f.Query(t.Context(), fmt.Sprintf("SELECT sum(a + %d)::BIGINT FROM t", k))
				if err != nil {
					t.Error(err)
					return
				}
				if k%3 > 0 && (!r.Next() || r.Int(0) != 50000*49999/2+int64(k)*50000) {
					t.Errorf("%d: wrong sum, %v", i, r.Err())
				}
				if err := errors.Join(r.Close(), r.Close()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestFileInUseIsNotClosed(t *testing.T) {
	f := attach(t)
	r, err := f.Query(t.Context(), "SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err == nil {
		t.Error("closed while rows are open")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestAttachWhatIsNoDatabase(t *testing.T) {
	dir := t.TempDir()
	s, err := engine.OpenShared(t.Context(), engine.SharedOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := os.WriteFile(filepath.Join(dir, "x.duckdb"), []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Join(dir, "x.duckdb"), filepath.Join(dir, "none.duckdb"), "/etc/passwd"} {
		if _, err := s.Attach(name); !errors.Is(err, engine.ErrFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
