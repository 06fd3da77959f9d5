package main

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/odsql"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// bareStore tells a child process to ask the engine itself, over a store.
const bareStore = "PARVIS_BENCH_API_STORE"

// maxBare is how many requests of a question bare DuckDB is asked: it keeps no answers,
// so that it need not be asked others.
const maxBare = 2000

// bareOrder and bareReport go from the benchmark to the child process and back.
type (
	bareOrder struct {
		Load load
		Asks []ask
		// Answer asks for the answer of the first one, instead of a load.
		Answer bool
	}
	bareReport struct {
		Figures figures
		Answer  answer
		Error   string
	}
)

// bare is DuckDB in a process of its own, which runs the statements that Parvis runs,
// and reads their values.
type bare struct {
	command *exec.Cmd
	orders  *json.Encoder
	reports *json.Decoder
}

func (d *bare) name() string { return "bare DuckDB" }
func (d *bare) pid() int     { return d.command.Process.Pid }

func (d *bare) order(o bareOrder) (bareReport, error) {
	var r bareReport
	if err := errors.Join(d.orders.Encode(o), d.reports.Decode(&r)); err != nil {
		return r, err
	}
	if r.Error != "" {
		return r, errors.New("bare DuckDB: " + r.Error)
	}
	return r, nil
}

func (d *bare) answers(a ask) (answer, error) {
	r, err := d.order(bareOrder{Asks: []ask{a}, Answer: true})
	return r.Answer, err
}

func (d *bare) run(l load, q question) (figures, error) {
	r, err := d.order(bareOrder{Load: l, Asks: q.asks[:min(len(q.asks), maxBare)]})
	return r.Figures, err
}

// startBare starts the child process over a store.
func startBare(b *testing.B, store string) (*bare, func()) {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	d := &bare{command: exec.CommandContext(b.Context(), self, "-test.run", "^TestBareEngine$", "-test.timeout", "0")}
	d.command.Env = append(os.Environ(), bareStore+"="+store)
	d.command.Stderr = os.Stderr
	in, err := d.command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, write, err := os.Pipe() // standard output belongs to the testing package
	if err != nil {
		b.Fatal(err)
	}
	d.command.ExtraFiles = []*os.File{write}
	if err := errors.Join(d.command.Start(), write.Close()); err != nil {
		b.Fatal(err)
	}
	d.orders, d.reports = json.NewEncoder(in), json.NewDecoder(out)
	stop := func() {
		if d.command.ProcessState == nil {
			_ = in.Close()
			_ = d.command.Wait() // nothing of it is needed any more
			_ = out.Close()
		}
	}
	b.Cleanup(stop)
	return d, stop
}

// TestBareEngine is the child process of startBare.
func TestBareEngine(t *testing.T) {
	dir := os.Getenv(bareStore)
	if dir == "" {
		t.Skip("only as the child of BenchmarkAPI")
	}
	store, err := objects.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	l, err := serving.Open(t.Context(), serving.Options{Store: store, Datasets: all, Dir: t.TempDir(), MemoryLimit: "2GB", Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Join(l.Close(), store.Close()) }()
	for !l.Ready() {
		time.Sleep(10 * time.Millisecond)
	}
	orders, reports := json.NewDecoder(os.Stdin), json.NewEncoder(os.NewFile(3, "reports"))
	for {
		var o bareOrder
		if err := orders.Decode(&o); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		r, err := o.obey(t, l)
		if err != nil {
			r.Error = err.Error()
		}
		if err := reports.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
}

func (o bareOrder) obey(t *testing.T, l *serving.Library) (r bareReport, err error) {
	table, err := l.Acquire(t.Context(), o.Asks[0].Table, serving.Latest)
	if err != nil {
		return r, err
	}
	defer table.Release()
	compiled := make([]compiledAsk, len(o.Asks))
	for i, a := range o.Asks {
		if compiled[i], err = compile(table, a); err != nil {
			return r, err
		}
	}
	if o.Answer {
		rows, err := compiled[0].rows(t, table)
		if err != nil {
			return r, err
		}
		if o.Asks[0].Kind == kindExport {
			r.Answer = answer{"rows": float64(len(rows))}
			return r, nil
		}
		r.Answer, err = o.Asks[0].answerOf(rows)
		return r, err
	}
	r.Figures, err = o.Load.run(os.Getpid(), func(i int) error { return compiled[i%len(compiled)].run(t, table) })
	return r, err
}

// compiledAsk are the statements that answer a request.
type compiledAsk struct {
	ask
	columns    []odsql.Column
	statements []odsql.Statement
	// count counts what a full page is of; without SQL if that is known.
	count odsql.Statement
}

func compile(t *serving.Table, a ask) (c compiledAsk, err error) {
	q, err := odsql.Compile(t.Schema(), a.request(), t.Vocabulary())
	if err != nil {
		return c, err
	}
	c.ask, c.columns = a, q.Columns
	switch a.Kind {
	case kindFacets:
		facets, err := q.Facets(a.Facets)
		if err != nil {
			return c, err
		}
		for _, f := range facets {
			c.statements = append(c.statements, f.Statement)
		}
	case kindExport:
		c.statements = []odsql.Statement{q.All()}
	default:
		c.statements = []odsql.Statement{q.Page(a.Limit, a.Offset)}
		if len(a.Where) > 0 {
			c.count = q.Count()
		}
	}
	return c, nil
}

// run runs the statements, and reads their values.
func (c compiledAsk) run(t *testing.T, table *serving.Table) error {
	buffer := make([]byte, 0, 1024)
	n := 0
	read := func(r *engine.Rows) {
		n++
		for i, column := range r.Columns() {
			switch {
			case r.Null(i):
			case column.Kind == engine.KindText:
				_ = r.Bytes(i)
			default:
				buffer = r.Append(buffer[:0], i)
			}
		}
	}
	for _, s := range c.statements {
		if err := each(t, table, s, read); err != nil {
			return err
		}
	}
	if c.count.SQL != "" && n == c.Limit {
		return each(t, table, c.count, read)
	}
	return nil
}

func each(t *testing.T, table *serving.Table, s odsql.Statement, do func(*engine.Rows)) error {
	r, err := table.Query(t.Context(), s.SQL, s.Args...)
	if err != nil {
		return err
	}
	for r.Next() {
		do(r)
	}
	return errors.Join(r.Err(), r.Close())
}

// rows returns the rows of the answer, by the names that the question gives the columns.
func (c compiledAsk) rows(t *testing.T, table *serving.Table) (all []row, err error) {
	for i, s := range c.statements {
		err = errors.Join(err, each(t, table, s, func(r *engine.Rows) {
			one := row{}
			if c.Kind == kindFacets {
				one = row{"f": c.Facets[i], "k": strings.Clone(r.String(1)), "n": r.Int(3)}
			} else {
				for j, column := range c.columns {
					one[column.Name] = r.Value(j)
				}
			}
			all = append(all, one)
		}))
	}
	return all, err
}
