package serving_test

import (
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// BenchmarkRows compares reading rows and writing them as JSON with running the query
// alone, on the catalogue of 47 columns.
func BenchmarkRows(b *testing.B) {
	l := published(b)
	table, err := l.Acquire(b.Context(), catalogue, "")
	if err != nil {
		b.Fatal(err)
	}
	defer table.Release()
	compiled := func(r odsql.Request) *odsql.Query {
		q, err := odsql.Compile(table.Schema(), r, table.Vocabulary())
		if err != nil {
			b.Fatal(err)
		}
		return q
	}
	region := compiled(odsql.Request{Where: []string{`code_region = "11"`}})
	group := compiled(odsql.Request{Select: "nom_region, count(*) as n, avg(frais_ttc_tot_mean) as prix", GroupBy: "nom_region"})
	search := compiled(odsql.Request{Where: []string{`search("boulangrie")`}})
	for _, c := range []struct {
		name string
		s    odsql.Statement
	}{
		{"page of 10", compiled(odsql.Request{}).Page(10, 0)},
		{"page of 100", compiled(odsql.Request{}).Page(100, 0)},
		{"filtered page of 100", region.Page(100, 200)},
		{"groups", group.Page(100, 0)},
		{"search", search.Page(10, 0)},
		{"export", compiled(odsql.Request{}).All()},
		{"export unsorted", odsql.Statement{SQL: "SELECT " + columnList(table) + " FROM " + table.Schema().Relation}},
	} {
		b.Run(c.name+"/query alone", func(b *testing.B) { run(b, table, c.s, nil) })
		b.Run(c.name+"/as JSON", func(b *testing.B) { run(b, table, c.s, jsonRow) })
	}
}

func columnList(t *serving.Table) string {
	var names []string
	for _, f := range t.Schema().Fields {
		names = append(names, engine.Ident(f.Name))
	}
	return strings.Join(names, ", ")
}

// run reads a query; write, if not nil, appends each row to a buffer.
func run(b *testing.B, t *serving.Table, s odsql.Statement, write func([]byte, *serving.Rows) []byte) {
	b.ReportAllocs()
	buffer := make([]byte, 0, 64<<10)
	var n int
	before := cpu(b)
	for b.Loop() {
		r, err := t.Query(b.Context(), s.SQL, s.Args...)
		if err != nil {
			b.Fatal(err)
		}
		for n = 0; r.Next(); n++ {
			if write == nil {
				continue
			}
			if buffer = write(buffer, r); len(buffer) > 32<<10 {
				_, _ = io.Discard.Write(buffer)
				buffer = buffer[:0]
			}
		}
		if err := r.Err(); err != nil {
			b.Fatal(err)
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n), "rows")
	b.ReportMetric((cpu(b)-before).Seconds()*1e3/float64(b.N), "cpu-ms/op")
}

// cpu returns the time that all threads of the process have computed so far.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// jsonRow appends a row as a JSON object.
func jsonRow(dst []byte, r *serving.Rows) []byte {
	for i, c := range r.Columns() {
		dst = append(dst, `{,`[min(i, 1)], '"')
		dst = append(append(dst, c.Name...), `":`...)
		switch {
		case r.Null(i):
			dst = append(dst, "null"...)
		case c.Kind == engine.KindText:
			dst = appendQuoted(dst, r.Bytes(i))
		case c.Kind == engine.KindDate:
			dst = append(r.Append(append(dst, '"'), i), '"')
		default:
			dst = r.Append(dst, i)
		}
	}
	return append(dst, "}\n"...)
}

// escaped are the bytes that JSON does not take as they are.
var escaped = func() (set [256]bool) {
	for c := range byte(' ') {
		set[c] = true
	}
	set['"'], set['\\'] = true, true
	return set
}()

func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range text {
		if !escaped[c] {
			continue
		}
		dst = append(dst, text[from:i]...)
		from = i + 1
		if c < ' ' {
			dst = fmt.Appendf(dst, `\u%04x`, c)
		} else {
			dst = append(dst, '\\', c)
		}
	}
	return append(append(dst, text[from:]...), '"')
}
