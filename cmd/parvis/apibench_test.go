package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// What is aimed at.
const (
	overDatasette = 5     // times its requests a second
	overRoapi     = 1     // likewise
	mostOverhead  = 1.3   // times what bare DuckDB takes
	mostMemory    = 1.5   // GiB
	mostPage      = 100.0 // ms, 99th per cent of pages that are not kept
)

// inSQL is datasette asked in SQL only, which is how it is asked for groups anyway.
const inSQL = "datasette, SQL"

// BenchmarkAPI asks the query API of a server, datasette and roapi over the same tables,
// and bare DuckDB, the same questions under the same load, and prints one table at the
// end. All answers are compared before they are timed.
func BenchmarkAPI(b *testing.B) {
	seconds := number(os.Getenv("PARVIS_BENCH_API"))
	if !(seconds > 0) {
		b.Skip("set PARVIS_BENCH_API to the seconds of a measurement, as make bench-api does")
	}
	during := time.Duration(seconds * float64(time.Second))
	l := load{Clients: whole(b, "PARVIS_BENCH_API_CLIENTS", 8), Warm: during / 6, During: during}
	rounds, rows := whole(b, "PARVIS_BENCH_API_ROUNDS", 3), whole(b, "PARVIS_BENCH_API_ROWS", 2_000_000)
	for range b.N {
		began := time.Now()
		r := &report{}
		r.measure(b, demoStore(b), l, rounds, offers, bought("demo's purchases"))
		r.measure(b, purchasesStore(b, rows), l, rounds, bought(fmt.Sprintf("%.1f M purchases", float64(rows)/1e6)))
		b.Logf("%d clients, %v after %v of warm-up, median of %d; load of the machine %s; in all %.0f s\n%s", l.Clients, during, l.Warm, rounds, machineLoad(), time.Since(began).Seconds(), r.table())
		b.ReportMetric(float64(r.missed), "targets-missed")
	}
}

func whole(b *testing.B, name string, usual int) int {
	b.Helper()
	n, err := strconv.Atoi(amount(b, name, usual))
	if err != nil || n < 1 {
		b.Fatalf("%s is no number from 1: %v", name, err)
	}
	return n
}

// machineLoad is the number of processes that want a processor, on average over the last
// 1, 5 and 15 minutes.
func machineLoad() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], ", ")
}

// report collects figures.
type report struct {
	lines  []line
	notes  []string
	missed int
}

// line is what one system did with one question.
type line struct {
	subject, question, system string
	figures
	verdict string
}

// measure asks all systems about tables of a store.
func (r *report) measure(b *testing.B, store string, l load, rounds int, subjects ...subject) {
	b.Helper()
	var tables []table
	for _, s := range subjects {
		tables = append(tables, tableOf(b, store, s))
	}
	systems, stop := r.start(b, store, tables)
	defer stop()
	db := openEngine(b)
	for _, t := range tables {
		questions, err := t.subject.questions(db, t.parquet)
		if err != nil {
			b.Fatal(err)
		}
		for _, q := range questions {
			r.agree(b, t.subject, q, systems)
			r.time(b, t.subject, q, systems, l, rounds)
		}
	}
	for _, s := range systems {
		r.notes = append(r.notes, fmt.Sprintf("%s: %s has %.2f GiB at the end", tables[len(tables)-1].subject.name, s.name(), gib(residentMemory(s.pid()))))
	}
}

// start starts the systems that can be had.
func (r *report) start(b *testing.B, store string, tables []table) (systems []system, stop func()) {
	b.Helper()
	parvis, stopParvis := startParvis(b, store)
	engine, stopEngine := startBare(b, store)
	systems, stops := []system{parvis, engine}, []func(){stopParvis, stopEngine}
	for name, start := range map[string]func(*testing.B, []table) ([]*webSystem, func(), error){"datasette": startDatasette, "roapi": startRoapi} {
		peers, stopOne, err := start(b, tables)
		if errors.Is(err, errNoPeer) {
			r.notes = append(r.notes, name+": "+err.Error())
			continue
		}
		if err != nil {
			b.Fatal(err)
		}
		for _, s := range peers {
			systems = append(systems, s)
		}
		stops = append(stops, stopOne)
	}
	slices.SortFunc(systems[1:], func(a, b system) int { return cmp.Compare(a.name(), b.name()) })
	return systems, func() {
		for _, end := range stops {
			end()
		}
	}
}

// agree compares the answers of all systems to some requests of a question.
func (r *report) agree(b *testing.B, s subject, q question, systems []system) {
	b.Helper()
	for i := range min(len(q.asks), 3) {
		var first answer
		for _, one := range systems {
			got, err := one.answers(q.asks[i])
			if err != nil {
				b.Fatalf("%s, %s: %s: %v", s.name, q.name, one.name(), err)
			}
			if first == nil {
				first = got
			}
			if !got.equal(first) {
				b.Fatalf("%s, %s, %+v: %s answers %v, %s %v", s.name, q.name, q.asks[i], one.name(), got, systems[0].name(), first)
			}
		}
	}
}

// time puts each system under the load, one after another: in each round in the opposite
// order of the round before.
func (r *report) time(b *testing.B, s subject, q question, systems []system, l load, rounds int) {
	b.Helper()
	all := map[string][]figures{}
	order := slices.Clone(systems)
	for range rounds {
		for _, one := range order {
			if one.name() == inSQL && q.asks[0].Kind == kindGroups {
				continue
			}
			f, err := one.run(l, q)
			if err != nil {
				b.Fatalf("%s, %s: %s: %v", s.name, q.name, one.name(), err)
			}
			fmt.Fprintf(os.Stderr, "%s, %s: %s: %.1f requests/s\n", s.name, q.name, one.name(), f.perSecond())
			all[one.name()] = append(all[one.name()], f)
		}
		slices.Reverse(order)
	}
	own := median(all[systems[0].name()])
	for _, one := range systems {
		if len(all[one.name()]) == 0 {
			continue
		}
		f := median(all[one.name()])
		r.lines = append(r.lines, line{s.name, q.name, one.name(), f, r.judge(q, one.name(), own, f)})
	}
}

// judge says how the server does beside a system, and against what is aimed at.
func (r *report) judge(q question, system string, own, f figures) string {
	switch system {
	case "datasette":
		times := own.perSecond() / f.perSecond()
		return r.target(times >= overDatasette, "parvis ×%.1f (CPU ×%.1f less), aim ≥ %d", times, f.perThousand()/own.perThousand(), overDatasette)
	case inSQL:
		return fmt.Sprintf("parvis ×%.1f (CPU ×%.1f less); nothing beyond a page is counted", own.perSecond()/f.perSecond(), f.perThousand()/own.perThousand())
	case "roapi":
		times := own.perSecond() / f.perSecond()
		return r.target(times >= overRoapi, "parvis ×%.1f (CPU ×%.1f less), aim ≥ %d", times, f.perThousand()/own.perThousand(), overRoapi)
	case "bare DuckDB":
		if q.kept() {
			return ""
		}
		times := own.perThousand() / f.perThousand()
		return r.target(times <= mostOverhead, "parvis takes ×%.2f of its CPU, has ×%.2f of its requests/s, aim ≤ %.1f of CPU", times, own.perSecond()/f.perSecond(), mostOverhead)
	}
	verdict := r.target(gib(own.Resident) < mostMemory, "memory aim < %.1f GiB", mostMemory)
	if q.asks[0].Kind == kindPage && !q.kept() {
		verdict += "; " + r.target(milliseconds(own.P99) < mostPage, "p99 aim < %.0f ms", mostPage)
	}
	return verdict
}

func (r *report) target(met bool, format string, args ...any) string {
	text := fmt.Sprintf(format, args...)
	if met {
		return text + ": met"
	}
	r.missed++
	return text + ": MISSED"
}

func gib(bytes int64) float64              { return float64(bytes) / (1 << 30) }
func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

// table prints the figures.
func (r *report) table() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "table\tquestion\tsystem\trequests/s\tp50 ms\tp99 ms\tCPU s/1000\tGiB\tbeside it")
	for _, l := range r.lines {
		fmt.Fprintf(w, "%s\t%s\t%s\t%.1f\t%.2f\t%.2f\t%.2f\t%.2f\t%s\n", l.subject, l.question, l.system,
			l.perSecond(), milliseconds(l.P50), milliseconds(l.P99), l.perThousand(), gib(l.Resident), l.verdict)
	}
	_ = w.Flush() // into memory
	for _, note := range r.notes {
		fmt.Fprintln(&text, note)
	}
	return text.String()
}
