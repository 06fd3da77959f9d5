package serving_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
	"github.com/parvis-opendata/parvis/internal/odsql"
	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/internal/testneed"
	"github.com/parvis-opendata/parvis/publisher/release"
)

func newReader(data []byte) io.Reader { return bytes.NewReader(data) }

func TestServedReleaseIsQueried(t *testing.T) {
	b := newBench(t, directory(t))
	m := b.publish(1)
	b.open()
	b.served(m)
	table := b.acquire(sales, serving.Latest)
	if table.ID() != sales || table.ReleaseID() != m.Release || table.Rows() != salesRows || table.Dataset().ID != dataset || table.Definition().Title != "Les ventes" || !table.Modified().After(m.PublishedAt) {
		t.Errorf("%s %s %d %s %v", table.ID(), table.ReleaseID(), table.Rows(), table.Dataset().ID, table.Modified())
	}
	want := [][]any{{int64(0), int64(1), "Épicerie Œuvre", "<p>Très bien, la 0e fois", "0.00", "2024-01", "2024-02-28"}, {int64(3), int64(1), nil, "<p>Très bien, la 3e fois", "0.03", "2024-04", "2024-02-28"}}
	if diff := cmp.Diff(want, rows(t, table, "SELECT numero, version, nom, avis, prix, mois, jour FROM ventes WHERE numero IN (?, ?) ORDER BY 1", int64(0), int64(3))); diff != "" {
		t.Error(diff)
	}
	if all := rows(t, table, "SELECT rowid - numero FROM ventes WHERE rowid <> numero"); len(all) > 0 {
		t.Errorf("%d rows do not lie in the order of the key", len(all))
	}
	if n := rows(t, table, "SELECT count(*) FROM "+regions)[0][0]; n != int64(20) {
		t.Errorf("the other table has %v rows", n)
	}
}

// TestSearch compiles searches against the schema of a table, and runs them.
func TestSearch(t *testing.T) {
	b := newBench(t, directory(t))
	m := b.publish(1)
	b.open()
	b.served(m)
	table := b.acquire(sales, "")
	for where, want := range map[string]int64{
		`nom LIKE "epicerie"`:          750,
		`nom LIKE "oeuvre épicerie"`:   750,
		`nom LIKE "pic"`:               0,
		`search(nom, "boulangrie")`:    750,
		`search(nom, "boul")`:          750,
		`"ete"`:                        750,
		`"tres 17e"`:                   1,
		`search(avis, "bien")`:         salesRows,
		`avis LIKE "2999e"`:            1,
		`suggest(avis, "la 29")`:       111,
		`mois = date'2024-02'`:         334,
		`prix = 29.99`:                 1,
		`jour = date'2024-02-29'`:      1000,
		`nom IS NULL`:                  750,
		`startswith(nom, "L'Été n°2")`: 275,
	} {
		q, err := odsql.Compile(table.Schema(), odsql.Request{Where: []string{where}, Now: time.Now()}, table.Vocabulary())
		if err != nil {
			t.Errorf("%s: %v", where, err)
			continue
		}
		s := q.Count()
		if n := rows(t, table, s.SQL, s.Args...)[0][0]; n != want {
			t.Errorf("%s: %v rows, want %d", where, n, want)
		}
		page := q.Page(10, 0)
		if n := len(rows(t, table, page.SQL, page.Args...)); int64(n) != min(want, 10) {
			t.Errorf("%s: a page of %d rows", where, n)
		}
	}
}

// TestRowsAreNotSortedAgain: rows lie in the order of the key, and every way to read them
// gives them in that order.
func TestRowsAreNotSortedAgain(t *testing.T) {
	b := newBench(t, directory(t))
	m := b.publish(1)
	b.open()
	b.served(m)
	table := b.acquire(sales, "")
	if !table.Schema().Sorted {
		t.Fatal("the rows are taken for unsorted")
	}
	for where, again := range map[string]bool{"": false, `avis LIKE "bien" AND numero > 500`: false, `nom LIKE "boulangerie"`: true} {
		q, err := odsql.Compile(table.Schema(), odsql.Request{Select: "numero", Where: []string{where}, Now: time.Now()}, table.Vocabulary())
		if err != nil {
			t.Fatal(err)
		}
		all := q.All()
		if strings.Contains(all.SQL, "ORDER BY") != again {
			t.Errorf("%s: sorted again or not: %s", where, all.SQL)
		}
		want := rows(t, table, all.SQL, all.Args...)
		if !slices.IsSortedFunc(want, func(a, b []any) int { return int(a[0].(int64) - b[0].(int64)) }) || len(want) < 700 {
			t.Fatalf("%q: not in the order of the key", where)
		}
		var pages [][]any
		for offset := 0; offset < len(want); offset += 97 {
			page := q.Page(97, offset)
			pages = append(pages, rows(t, table, page.SQL, page.Args...)...)
		}
		if diff := cmp.Diff(want, pages); diff != "" {
			t.Errorf("%q: pages: %s", where, diff)
		}
		var followed [][]any
		for cursor := ""; ; {
			page, err := q.After(cursor, 97)
			if err != nil {
				t.Fatal(err)
			}
			some := rows(t, table, page.SQL, page.Args...)
			if len(some) == 0 {
				break
			}
			for _, row := range some {
				followed = append(followed, row[:1])
			}
			cursor = q.Cursor(some[len(some)-1][1].(string))
		}
		if diff := cmp.Diff(want, followed); diff != "" {
			t.Errorf("%q: cursors: %s", where, diff)
		}
	}
}

// TestUnsortedRowsAreSorted: a release whose file is in another order is read in that of
// the key all the same.
func TestUnsortedRowsAreSorted(t *testing.T) {
	b := newBench(t, directory(t))
	m := release.Manifest{Dataset: dataset, Release: "20260101T000000Z-00000000", ContentDigest: "0"}
	b.add(&m, sales, strings.Replace(fmt.Sprintf(salesSQL, 1), "ORDER BY i", "ORDER BY i DESC", 1), salesRows)
	if err := b.Seal(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	b.serve(m)
	b.open()
	b.served(m)
	table := b.acquire(sales, "")
	q, err := odsql.Compile(table.Schema(), odsql.Request{Select: "numero"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	page := q.Page(2, 1)
	if diff := cmp.Diff([][]any{{int64(1)}, {int64(2)}}, rows(t, table, page.SQL, page.Args...)); diff != "" || table.Schema().Sorted {
		t.Errorf("%t %s", table.Schema().Sorted, diff)
	}
	if _, err := b.Acquire(t.Context(), regions, ""); !errors.Is(err, serving.ErrUnknownTable) {
		t.Errorf("a table that the release lacks: %v", err)
	}
}

// TestCatalogue asks the table of the tables in the query language.
func TestCatalogue(t *testing.T) {
	b := newBench(t, directory(t))
	m := b.publish(1)
	b.open()
	b.served(m)
	b.untilCatalogued(2)
	table := b.acquire(serving.CatalogueID, "")
	for _, c := range []struct {
		r    odsql.Request
		want int64
	}{
		{odsql.Request{}, 2},
		{odsql.Request{Where: []string{"records_count > 20"}}, 1},
		{odsql.Request{Where: []string{`title LIKE "regions"`}}, 1},
		{odsql.Request{Refine: []string{"keyword:région", "theme:Économie", "publisher:Éditeur"}}, 2},
		{odsql.Request{Refine: []string{"features:timeserie"}}, 1},
		{odsql.Request{Exclude: []string{"keyword:vente"}}, 0},
		{odsql.Request{Where: []string{"'vente' IN keyword AND has_records AND modified > date'2026-01-01'"}}, 2},
	} {
		q, err := odsql.Compile(table.Schema(), c.r, table.Vocabulary())
		if err != nil {
			t.Errorf("%+v: %v", c.r, err)
			continue
		}
		s := q.Count()
		if n := rows(t, table, s.SQL, s.Args...)[0][0]; n != c.want {
			t.Errorf("%+v: %v, want %d", c.r, n, c.want)
		}
	}
	want := [][]any{{sales, []string{"vente", "région"}, int64(salesRows), true, m.Release, "2026-01-01"}}
	if diff := cmp.Diff(want, rows(t, table, `SELECT dataset_id, keyword, records_count, has_records, "release", date_extract FROM "catalog" LIMIT 1`)); diff != "" {
		t.Error(diff)
	}
	if _, err := b.Acquire(t.Context(), serving.CatalogueID, m.Release); !errors.Is(err, serving.ErrUnknownRelease) {
		t.Errorf("an older catalogue: %v", err)
	}
}

// untilCatalogued waits until the catalogue has so many tables.
func (b *bench) untilCatalogued(n int64) {
	b.t.Helper()
	b.until("catalogue", func(serving.State) bool {
		table, err := b.Acquire(b.t.Context(), serving.CatalogueID, "")
		if err != nil {
			return false
		}
		defer table.Release()
		return table.Rows() == n
	})
}

// ask reads both tables of what is served, and reports what is wrong.
func (b *bench) ask(ctx context.Context, versions *sync.Map) error {
	one, err := b.Acquire(ctx, sales, "")
	if err != nil {
		return err
	}
	defer one.Release()
	want, known := versions.Load(one.ReleaseID())
	if !known {
		return errors.New("release " + one.ReleaseID() + " was not published")
	}
	all, err := query(ctx, one, "SELECT count(*), min(version), max(version), (SELECT max(version) FROM ventes_region) FROM ventes")
	if err != nil {
		return err
	}
	if got := []any{int64(salesRows), want, want, want}; !slices.Equal(all[0], got) {
		return errors.New("an answer mixes releases: " + cmp.Diff(got, all[0]))
	}
	other, err := b.Acquire(ctx, regions, one.ReleaseID())
	if errors.As(err, new(*serving.GoneError)) {
		return nil // withdrawn meanwhile
	}
	if err != nil {
		return err
	}
	defer other.Release()
	all, err = query(ctx, other, "SELECT min(version), max(version) FROM ventes_region")
	if err == nil && (all[0][0] != want || all[0][1] != want) {
		err = errors.New("a pinned answer is of another release")
	}
	return err
}

// TestSwapUnderLoad moves the pointer in every way while queries run without pause: none
// fails, and none mixes releases.
func TestSwapUnderLoad(t *testing.T) {
	b := newBench(t, directory(t))
	var versions sync.Map
	publish := func(v int) release.Manifest {
		m := b.put(v)
		versions.Store(m.Release, int64(v))
		b.serve(m)
		return m
	}
	first := publish(1)
	b.open()
	b.served(first)
	var asked atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for ctx.Err() == nil {
				if err := b.ask(t.Context(), &versions); err != nil {
					t.Error(err)
				}
				asked.Add(1)
			}
		})
	}
	second := publish(2)
	b.served(second)
	if err := b.Rollback(t.Context(), dataset, first.Release, time.Now()); err != nil {
		t.Fatal(err)
	}
	b.served(first)
	if err := b.Rollback(t.Context(), dataset, second.Release, time.Now()); err != nil {
		t.Fatal(err)
	}
	b.served(second)
	for v := 3; v < 6; v++ {
		b.served(publish(v))
	}
	last := publish(6)
	b.served(last)
	b.withdraw(last)
	b.until("the one before", func(s serving.State) bool { return s.Served != last.Release })
	cancel()
	group.Wait()
	if v := version(t, b.acquire(sales, "")); v != 5 {
		t.Errorf("version %d is served", v)
	}
	if asked.Load() == 0 {
		t.Error("nothing was asked")
	}
}

func TestWithdrawal(t *testing.T) {
	b := newBench(t, directory(t))
	first := b.publish(1)
	b.open()
	b.served(first)
	second := b.publish(2)
	b.served(second)
	held := b.acquire(sales, "")
	b.withdraw(second)
	b.served(first)
	if v := version(t, b.acquire(sales, "")); v != 1 {
		t.Errorf("version %d is served", v)
	}
	if v := version(t, held); v != 2 {
		t.Errorf("a request that began before sees version %d", v)
	}
	var gone *serving.GoneError
	if _, err := b.Acquire(t.Context(), sales, second.Release); !errors.As(err, &gone) || gone.Entry.Reason != "une erreur" {
		t.Errorf("pinned: %v", err)
	}
	b.withdraw(first)
	b.until("nothing served", func(s serving.State) bool { return s.Served == "" })
	if _, err := b.Acquire(t.Context(), sales, ""); !errors.Is(err, serving.ErrUnpublished) {
		t.Errorf("nothing left: %v", err)
	}
	if b.Ready() {
		t.Error("ready with nothing to serve")
	}
	b.untilCatalogued(0)
}

// TestCheckLoadsNothing: what became of a release is said of one that is not loaded too.
func TestCheckLoadsNothing(t *testing.T) {
	b := newBench(t, directory(t))
	first := b.publish(1)
	b.publish(2)
	b.publish(3)
	fourth := b.publish(4)
	b.open()
	b.served(fourth)
	for _, m := range []release.Manifest{first, fourth} {
		if err := b.Check(t.Context(), sales, m.Release); err != nil {
			t.Errorf("%s: %v", m.Release, err)
		}
	}
	if err := b.Check(t.Context(), sales, "20200101T000000Z-00000000"); !errors.Is(err, serving.ErrUnknownRelease) {
		t.Errorf("an unknown release: %v", err)
	}
	if err := b.Check(t.Context(), "nothing", first.Release); !errors.Is(err, serving.ErrUnknownTable) {
		t.Errorf("an unknown table: %v", err)
	}
	b.withdraw(first)
	var gone *serving.GoneError
	for deadline := time.Now().Add(time.Minute); !errors.As(b.Check(t.Context(), sales, first.Release), &gone); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a withdrawn release is none that is gone")
		}
	}
	// The served one, the one before, the catalogue, the seed.
	if files, err := os.ReadDir(filepath.Join(b.dir, "tables")); err != nil || len(files) > 4 {
		t.Errorf("loaded are %v, %v", files, err)
	}
}

// TestWithdrawnDoesNotStay: nobody asks for what was withdrawn, and it is removed all the same.
func TestWithdrawnDoesNotStay(t *testing.T) {
	b := newBench(t, directory(t))
	first := b.publish(1)
	b.open()
	b.served(first)
	second := b.publish(2)
	b.served(second)
	b.withdraw(second)
	b.served(first)
	// The served one, the catalogue, the seed.
	b.until("the withdrawn one is removed", func(serving.State) bool {
		files, err := os.ReadDir(filepath.Join(b.dir, "tables"))
		return err == nil && len(files) <= 3
	})
	if v := version(t, b.acquire(sales, "")); v != 1 {
		t.Errorf("version %d is served", v)
	}
}

// TestWithdrawnIsNotServedWhileItsSuccessorLoads: the successor cannot be loaded, and what
// was withdrawn must not be read all the same.
func TestWithdrawnIsNotServedWhileItsSuccessorLoads(t *testing.T) {
	b := newBench(t, directory(t))
	first := b.publish(1)
	second := b.publish(2)
	b.upload(first, sales+".parquet", []byte("damaged"))
	b.open()
	b.served(second)
	b.withdraw(second)
	b.until("nothing served", func(s serving.State) bool { return s.Served == "" && s.Err != nil })
	if _, err := b.Acquire(t.Context(), sales, ""); !errors.Is(err, serving.ErrUnavailable) {
		t.Error(err)
	}
}

func TestDamagedObjectIsNotLoaded(t *testing.T) {
	b := newBench(t, directory(t))
	first := b.publish(1)
	b.open()
	b.served(first)
	second := b.put(2)
	whole := b.object(second, sales+".parquet")
	for name, data := range map[string][]byte{"another content": bytes.Replace(whole, []byte("PAR1"), []byte("PAR2"), 1), "cut short": whole[:len(whole)/2]} {
		b.upload(second, sales+".parquet", data)
		b.serve(second)
		b.until(name, func(s serving.State) bool {
			return s.Err != nil && s.Pointer == second.Release && strings.Contains(s.Err.Error(), "it is not what the manifest says")
		})
		if v := version(t, b.acquire(sales, "")); v != 1 || !b.Ready() {
			t.Errorf("%s: version %d is served, ready %t", name, v, b.Ready())
		}
		if _, err := b.Acquire(t.Context(), sales, second.Release); !errors.Is(err, serving.ErrUnavailable) {
			t.Errorf("%s: pinned: %v", name, err)
		}
		b.serve(first)
		b.until(name+" taken back", func(s serving.State) bool { return s.Err == nil && s.Pointer == first.Release })
	}
	b.upload(second, sales+".parquet", whole)
	b.serve(second)
	b.served(second)
	b.until("no error left", func(s serving.State) bool { return s.Err == nil })
	if s := b.State()[0]; s.Loads != 2 || s.Failures < 1 || s.Loading <= 0 || len(s.Tables) != len(second.Tables) || s.Tables[0].ID != second.Tables[0].ID {
		t.Errorf("%+v", s)
	}
}

// TestRowsAreCounted: a file that is whole but has other rows than its manifest says.
func TestRowsAreCounted(t *testing.T) {
	b := newBench(t, directory(t))
	m := b.put(1)
	m.Release = m.Release[:len(m.Release)-1] + "f"
	m.Tables[1].Rows++
	for _, o := range m.Objects {
		b.upload(m, o.Name, b.object(release.Manifest{Dataset: dataset, Release: b.lastPut()}, o.Name))
	}
	if err := b.Seal(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	b.serve(m)
	b.open()
	b.until("error", func(s serving.State) bool { return s.Err != nil && strings.Contains(s.Err.Error(), "21") })
}

// lastPut returns the release that was stored last.
func (b *bench) lastPut() string {
	b.t.Helper()
	history, err := b.History(b.t.Context(), dataset)
	if err != nil || len(history) == 0 {
		b.t.Fatal(history, err)
	}
	return history[0].Manifest.Release
}

func TestStartWithoutRelease(t *testing.T) {
	b := newBench(t, directory(t))
	b.open()
	b.until("pointer read", func(s serving.State) bool { return s.Known })
	if _, err := b.Acquire(t.Context(), sales, ""); !errors.Is(err, serving.ErrUnpublished) || b.Ready() {
		t.Errorf("%v, ready %t", err, b.Ready())
	}
	b.untilCatalogued(0)
	for table, kind := range map[string]error{"nothing": serving.ErrUnknownTable, "": serving.ErrUnknownTable} {
		if _, err := b.Acquire(t.Context(), table, ""); !errors.Is(err, kind) {
			t.Errorf("%q: %v", table, err)
		}
	}
	changed := b.Changed()
	m := b.publish(1)
	b.served(m)
	<-changed
	if !b.Ready() {
		t.Error("not ready")
	}
}

func TestPinnedReleases(t *testing.T) {
	b := newBench(t, directory(t))
	var all []release.Manifest
	for v := range 6 {
		all = append(all, b.publish(v))
	}
	other := b.put(6) // kept, never served
	b.open()
	b.served(all[5])
	for range 2 {
		for v, m := range all {
			table, err := b.Acquire(t.Context(), sales, m.Release)
			if err != nil {
				t.Fatal(err)
			}
			if got := version(t, table); got != int64(v) || table.ReleaseID() != m.Release {
				t.Errorf("version %d of %s, want %d", got, table.ReleaseID(), v)
			}
			table.Release()
			table.Release()
		}
	}
	if v := version(t, b.acquire(sales, other.Release)); v != 6 {
		t.Errorf("version %d", v)
	}
	// The served and the previous one, two older ones, the catalogue, the seed.
	b.until("the others are let go of", func(serving.State) bool {
		files, err := os.ReadDir(filepath.Join(b.dir, "tables"))
		return err == nil && len(files) <= 6
	})
	for id, kind := range map[string]error{
		"20260101T000000Z-00000000": serving.ErrUnknownRelease, "x": serving.ErrUnknownRelease, "../../etc": serving.ErrUnknownRelease,
	} {
		if _, err := b.Acquire(t.Context(), sales, id); !errors.Is(err, kind) {
			t.Errorf("%q: %v", id, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Acquire(ctx, sales, all[1].Release); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// watched counts the openings of tables, and can be made to fail.
type watched struct {
	*objects.Dir
	opened atomic.Int64
	broken atomic.Bool
}

func (w *watched) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, objects.Info, error) {
	if w.broken.Load() {
		return nil, objects.Info{}, objects.ErrUnavailable
	}
	if strings.HasSuffix(name, sales+".parquet") {
		w.opened.Add(1)
	}
	return w.Dir.Open(ctx, name, offset, length)
}

func TestOneLoadForManyWhoAsk(t *testing.T) {
	w := &watched{Dir: directory(t)}
	b := newBench(t, w)
	old := b.publish(1)
	for v := 2; v < 4; v++ {
		b.publish(v)
	}
	b.open()
	b.until("ready", func(s serving.State) bool { return s.Served != "" })
	b.until("the previous one loaded", func(serving.State) bool { return w.opened.Load() == 2 })
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			table, err := b.Acquire(t.Context(), sales, old.Release)
			if err != nil {
				t.Error(err)
				return
			}
			defer table.Release()
			if v := version(t, table); v != 1 {
				t.Errorf("version %d", v)
			}
		})
	}
	group.Wait()
	if n := w.opened.Load(); n != 3 {
		t.Errorf("tables were read %d times, want 3", n)
	}
}

// TestFailedLoadsAreRemembered: who asks for a release that is damaged does not have it
// read anew each time.
func TestFailedLoadsAreRemembered(t *testing.T) {
	w := &watched{Dir: directory(t)}
	b := newBench(t, w)
	damaged, served := b.publish(1), b.publish(2)
	b.publish(3)
	whole := b.object(damaged, sales+".parquet")
	b.upload(damaged, sales+".parquet", whole[:len(whole)/2])
	b.open()
	b.until("the previous one loaded", func(serving.State) bool { return w.opened.Load() == 2 })
	b.acquire(sales, served.Release)
	var read [5]int64
	for i := range read {
		if _, err := b.Acquire(t.Context(), sales, damaged.Release); !errors.Is(err, serving.ErrUnavailable) {
			t.Errorf("%v", err)
		}
		read[i] = w.opened.Load()
	}
	if read[0] < 3 || read[4] != read[0] {
		t.Errorf("tables read after each request: %v", read)
	}
}

// stuck opens a table of one release only when its reader gives up.
type stuck struct {
	*objects.Dir
	release string
	waiting chan struct{}
}

func (s *stuck) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, objects.Info, error) {
	if strings.Contains(name, s.release) && strings.HasSuffix(name, sales+".parquet") {
		close(s.waiting)
		<-ctx.Done()
		return nil, objects.Info{}, ctx.Err()
	}
	return s.Dir.Open(ctx, name, offset, length)
}

// TestServedReleasesComeFirst: a former release that takes for ever to load does not hold up
// what is to be served.
func TestServedReleasesComeFirst(t *testing.T) {
	w := &stuck{Dir: directory(t), release: "none", waiting: make(chan struct{})}
	b := newBench(t, w)
	old := b.publish(1)
	b.publish(2)
	third := b.publish(3)
	w.release = old.Release
	b.open()
	b.served(third)
	asked := make(chan error)
	go func() {
		_, err := b.Acquire(t.Context(), sales, old.Release)
		asked <- err
	}()
	<-w.waiting
	fourth := b.publish(4)
	b.served(fourth)
	if err := <-asked; !errors.Is(err, serving.ErrLoading) {
		t.Errorf("who asked for the former release: %v", err)
	}
}

func TestStoreOutOfReach(t *testing.T) {
	w := &watched{Dir: directory(t)}
	b := newBench(t, w)
	first := b.publish(1)
	second := b.publish(2)
	b.open()
	b.served(second)
	if v := version(t, b.acquire(sales, first.Release)); v != 1 {
		t.Errorf("version %d", v)
	}
	w.broken.Store(true)
	b.until("error", func(s serving.State) bool { return errors.Is(s.Err, objects.ErrUnavailable) })
	for id, want := range map[string]int64{"": 2, second.Release: 2, first.Release: 1} {
		if v := version(t, b.acquire(sales, id)); v != want {
			t.Errorf("%q: version %d", id, v)
		}
	}
	if _, err := b.Acquire(t.Context(), sales, "20260101T000000Z-00000000"); !errors.Is(err, serving.ErrUnavailable) {
		t.Errorf("unknown: %v", err)
	}
	w.broken.Store(false)
	b.until("recovered", func(s serving.State) bool { return s.Err == nil })
}

func TestFullDisk(t *testing.T) {
	b := newBench(t, directory(t))
	b.dir = filepath.Join(smallDisk(t, "12m"), "serve")
	b.options.Dir = b.dir
	first := b.publish(1)
	b.open()
	b.served(first)
	b.untilCatalogued(2)
	filler := filepath.Join(filepath.Dir(b.dir), "filler")
	fill(t, filler)
	second := b.publish(2)
	b.until("error", func(s serving.State) bool { return s.Pointer == second.Release && s.Err != nil })
	if v := version(t, b.acquire(sales, "")); v != 1 {
		t.Errorf("version %d", v)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	b.served(second)
	b.untilCatalogueNames(second)
	fill(t, filler)
	b.serve(first) // it is loaded; the catalogue cannot be made
	b.served(first)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	b.untilCatalogueNames(first)
}

// untilCatalogueNames waits until the catalogue shows a release.
func (b *bench) untilCatalogueNames(m release.Manifest) {
	b.t.Helper()
	b.until("catalogue of "+m.Release, func(serving.State) bool {
		table, err := b.Acquire(b.t.Context(), serving.CatalogueID, "")
		if err != nil {
			return false
		}
		defer table.Release()
		return rows(b.t, table, `SELECT min("release") FROM "catalog"`)[0][0] == m.Release
	})
}

// smallDisk mounts a file system of the given size.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		testneed.Missing(t, "mounting a small file system needs privileges", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for piece := make([]byte, 64<<10); ; {
		if _, err := f.Write(piece); err != nil {
			return
		}
	}
}

func TestDirectoryIsPrivate(t *testing.T) {
	b := newBench(t, directory(t))
	for _, name := range []string{"tables/9.duckdb", "loads/old/x.parquet", "spill/y.tmp"} { // of a process that was killed
		path := filepath.Join(b.dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("old"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	m := b.publish(1)
	b.open()
	b.served(m)
	for _, name := range []string{"tables/9.duckdb", "loads/old", "spill/y.tmp"} {
		if _, err := os.Stat(filepath.Join(b.dir, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there: %v", name, err)
		}
	}
	if _, err := serving.Open(t.Context(), b.options); err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("a second library: %v", err)
	}
	other := b.options
	other.Dir = filepath.Join(b.dir, "serving.lock", "x")
	if _, err := serving.Open(t.Context(), other); err == nil || !strings.Contains(err.Error(), "PARVIS_WORKDIR") {
		t.Errorf("a directory that cannot be made: %v", err)
	}
	for _, wrong := range []func(*serving.Options){
		func(o *serving.Options) { o.Store = nil }, func(o *serving.Options) { o.MemoryLimit = "much" }, func(o *serving.Options) { o.Dir = "" },
	} {
		o := b.options
		wrong(&o)
		if _, err := serving.Open(t.Context(), o); err == nil {
			t.Error("no error")
		}
	}
}

// TestNothingLeaks counts the descriptors of the process.
func TestNothingLeaks(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("descriptors are counted in /proc")
	}
	b := newBench(t, directory(t))
	round := func() {
		m := b.publish(1)
		b.open()
		b.served(m)
		for v := range 3 {
			m = b.publish(v)
			b.served(m)
			table := b.acquire(sales, "")
			ctx, cancel := context.WithCancel(t.Context())
			if r, err := table.Query(ctx, "SELECT * FROM ventes a, ventes b"); err == nil {
				r.Next()
				cancel()
				if err := r.Close(); err != nil {
					t.Error(err)
				}
			}
			cancel()
			table.Release()
		}
		b.close()
	}
	round()
	before := descriptors(t)
	round()
	round()
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// TestCloseWaitsForTables: who has a table goes on reading.
func TestCloseWaitsForTables(t *testing.T) {
	b := newBench(t, directory(t))
	m := b.publish(1)
	b.open()
	b.served(m)
	table := b.acquire(sales, "")
	l, closed := b.Library, make(chan struct{})
	go func() {
		defer close(closed)
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	for {
		other, err := l.Acquire(t.Context(), sales, "")
		if err != nil {
			break
		}
		other.Release()
		runtime.Gosched()
	}
	if v := version(t, table); v != 1 {
		t.Errorf("version %d", v)
	}
	select {
	case <-closed:
		t.Error("closed while a table is in use")
	default:
	}
	table.Release()
	<-closed
}

// TestCloseWhileLoading: whatever a library is at when it is closed, nothing is left.
func TestCloseWhileLoading(t *testing.T) {
	b := newBench(t, directory(t))
	b.publish(1)
	m := b.publish(2)
	for after := time.Duration(0); after < 300*time.Millisecond; after += 30 * time.Millisecond {
		b.open()
		ctx, cancel := context.WithTimeout(t.Context(), after)
		table, err := b.Acquire(ctx, sales, m.Release)
		if err == nil {
			table.Release()
		}
		cancel()
		b.close()
	}
}

// TestObjectStorage follows a publication, a roll-back and a withdrawal in S3.
func TestObjectStorage(t *testing.T) {
	s := s3test.Open(t, s3test.Start(t).Bucket(t))
	b := newBench(t, s)
	first := b.publish(1)
	b.open()
	b.served(first)
	second := b.publish(2)
	b.served(second)
	if err := b.Rollback(t.Context(), dataset, first.Release, time.Now()); err != nil {
		t.Fatal(err)
	}
	b.served(first)
	b.withdraw(first)
	b.until("nothing served", func(s serving.State) bool { return s.Served != first.Release })
	if _, err := b.Acquire(t.Context(), sales, first.Release); !errors.As(err, new(*serving.GoneError)) {
		t.Errorf("withdrawn: %v", err)
	}
}
