package explore

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/api/fairuse"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// database is a file of the engine without tables.
func database(t *testing.T) *engine.File {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "x.duckdb")
	db, err := engine.Open(t.Context(), engine.Options{File: path, Threads: 1})
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	shared, err := engine.OpenShared(t.Context(), engine.SharedOptions{Dir: dir, TempDir: dir, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	file, err := shared.Attach(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(file.Close(), shared.Close()); err != nil {
			t.Error(err)
		}
	})
	return file
}

type noLibrary struct{}

func (noLibrary) Acquire(context.Context, string, string) (*serving.Table, error) {
	return nil, serving.ErrUnknownTable
}

func newAPI(t *testing.T, timeout time.Duration) *API {
	t.Helper()
	a, err := New(Options{Library: noLibrary{}, Now: time.Now, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// lines writes the first column, a text.
type lines struct{}

func (lines) appendHead(b []byte) []byte { return b }
func (lines) appendRow(b []byte, rows *engine.Rows) []byte {
	return append(append(b, rows.Bytes(0)...), '\n')
}
func (lines) appendTail(b []byte) []byte { return b }

// TestFailuresOfExports: before the first piece an error is an answer; after it, it is
// returned with a part of the rows sent, and the client sees that the answer is broken.
func TestFailuresOfExports(t *testing.T) {
	file := database(t)
	a := newAPI(t, time.Minute)
	for name, c := range map[string]struct {
		sql    string
		broken bool
	}{
		"at once":         {"SELECT error('x')", false},
		"after some rows": {"SELECT CASE WHEN i < 90000 THEN repeat('x', 100) ELSE error('x') END FROM range(100000) r(i)", true},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sent := &counted{ResponseWriter: w}
				call := &Call{Call: exchange.Call{Writer: sent, Request: r}}
				err := a.stream(call, work{table: file, statement: odsql.Statement{SQL: c.sql}, cost: odsql.CostScan}, lines{}, a.newOutgoing(call, exportOptions{format: formats[0]}, exchange.Preface{}))
				switch {
				case err == nil:
					t.Error("no error")
				case sent.n > 0:
					panic(http.ErrAbortHandler)
				default:
					WriteError(w, r, &Error{Status: http.StatusInternalServerError, Code: "x", Message: "x"})
				}
			}))
			defer server.Close()
			resp, err := server.Client().Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			body, err := io.ReadAll(resp.Body)
			if c.broken != (err != nil) || c.broken != (resp.StatusCode == http.StatusOK) || resp.Trailer.Get(rowsTrailer) != "" {
				t.Errorf("status %d, %d bytes, error %v, trailer %v", resp.StatusCode, len(body), err, resp.Trailer)
			}
		})
	}
}

// counted counts the bytes of an answer.
type counted struct {
	http.ResponseWriter
	n int
}

func (c *counted) Write(b []byte) (int, error) {
	c.n += len(b)
	return c.ResponseWriter.Write(b)
}

// Unwrap lets deadlines through.
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }

const slow = "SELECT CAST(count(*) AS VARCHAR) FROM range(100000000) a, range(1000) b WHERE hash(a.range + b.range) = 0"

func TestQueriesThatTakeTooLong(t *testing.T) {
	a := newAPI(t, 50*time.Millisecond)
	err := a.run(t.Context(), work{table: database(t), statement: odsql.Statement{SQL: slow}, cost: odsql.CostAggregate}, func(*engine.Rows, *meter) error { return nil })
	if f := ErrorOf(err); f == nil || f.Code != codeTimeout || f.Status != http.StatusServiceUnavailable {
		t.Errorf("%v", err)
	}
}

// TestClientsThatLeaveEndTheirQueries: and others have the slot.
func TestClientsThatLeaveEndTheirQueries(t *testing.T) {
	a, err := New(Options{Library: noLibrary{}, Now: time.Now, Timeout: time.Minute, Use: fairuse.New(fairuse.Options{Slots: 1})})
	if err != nil {
		t.Fatal(err)
	}
	file := database(t)
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		err := a.run(ctx, work{table: file, statement: odsql.Statement{SQL: slow}, cost: odsql.CostAggregate}, func(*engine.Rows, *meter) error { return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
	err = a.run(t.Context(), work{table: file, statement: odsql.Statement{SQL: "SELECT 1"}}, func(*engine.Rows, *meter) error { return nil })
	if err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestTheClientsTimeIsNotTheQuerys: a meter that pauses does not run on.
func TestTheClientsTimeIsNotTheQuerys(t *testing.T) {
	a := newAPI(t, 200*time.Millisecond)
	n := 0
	err := a.run(t.Context(), work{table: database(t), statement: odsql.Statement{SQL: "SELECT i FROM range(3) r(i)"}, cost: odsql.CostScan}, func(_ *engine.Rows, m *meter) error {
		n++
		return m.pause(t.Context(), func() error {
			time.Sleep(300 * time.Millisecond)
			return nil
		})
	})
	if err != nil || n != 3 {
		t.Errorf("%d rows, %v", n, err)
	}
}
