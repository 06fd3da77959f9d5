package publisher_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// amend makes new versions of some files, removes others, and sells more in a
// month; all of it on one day.
func (p *population) amend(t *testing.T, dir, day string, from time.Time) {
	t.Helper()
	var news []hubtest.Record
	for _, r := range p.out["dossiers"] {
		if p.chance(15) {
			r = p.stale("dossiers", r)
			r["version"], r["operation"] = "50", pick(p.gen, "M", "S")
			news = append(news, r)
		}
	}
	p.out = map[string][]hubtest.Record{"dossiers": news}
	p.buyMany(700, "Z", from, 28)
	for _, r := range slices.Concat(p.out["dossiers"], p.out["financements"]) {
		r["date_maj"] = day
	}
	p.lay(t, dir, "z.csv")
}

// lay writes the records into one file of each entity.
func (p *population) lay(t *testing.T, dir, name string) {
	t.Helper()
	for entity, records := range p.out {
		hubtest.WriteCSV(t, filepath.Join(dir, entity, name), entity, records)
	}
}

// TestPublishedPeriodsAreCarriedOver: what the hub learns later of a published
// period changes none of its rows in any table; a new period is counted from the new state.
func TestPublishedPeriodsAreCarriedOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := newPopulation(77, 250)
	p.buyMany(1800, "D", calendarDay("2026-08-01"), 90)
	p.buyMany(200, "E", calendarDay("2025-08-01"), 90)
	p.lay(t, dir, "a.csv")
	p.amend(t, dir, "2027-01-03", calendarDay("2026-12-01"))
	for dataset, news := range map[string][]string{
		engagees: {"2026-10", "2026-11", "2026-12"}, usagers: {"2026-T4"},
	} {
		t.Run(dataset, func(t *testing.T) {
			t.Parallel()
			b := newCellsBench(t, dir, "standard")
			b.dataset = dataset
			rules := refProfiles["standard"]
			first := b.publishedOn(t, "2026-10-05")
			old := recompute(t, dir, calendarDay("2026-10-05"), statEntities...).recountTables(b, rules)
			old.judge(t, b, first, anyPeriod)
			now := recompute(t, dir, calendarDay("2027-01-05"), statEntities...).recountTables(b, rules)
			old.mustDiffer(t, now)
			id := b.publishedOn(t, "2027-01-05")
			now.judge(t, b, id, func(table datasets.Table, period string) bool { return !slices.Contains(old.periods(table), period) })
			carried := map[string][]publisher.PeriodCount{}
			for _, table := range b.disclosed(t, first).Tables {
				carried[table.ID] = table.Periods
			}
			now.compareDisclosure(t, b, id, carried)
			for _, table := range now.tables {
				b.mustCarry(t, first, id, table, old.periods(table))
			}
			if m, err := b.archive.Manifest(t.Context(), dataset, id); err != nil || !slices.Equal(m.Periods[len(m.Periods)-len(news):], news) {
				t.Errorf("new periods %v, %v", m.Periods, err)
			}
			b.mustOnlyAdd(t, first, id)
			b.mustBeIdle(t, id, "2027-01-05")
		})
	}
}

// mustDiffer wants the hub to have learnt something of periods that were published.
func (c *recounted) mustDiffer(t *testing.T, now *recounted) {
	t.Helper()
	for _, table := range c.tables {
		changed := len(c.groups[table.ID]) == 0
		for key, g := range c.groups[table.ID] {
			later := now.groups[table.ID][key]
			changed = changed || later == nil || len(later.files) != len(g.files)
		}
		if !changed {
			t.Errorf("%s: the extract changed nothing in the published periods", table.ID)
		}
	}
}

// mustCarry wants the rows of published periods to be the same lines in a later release.
func (b *bench) mustCarry(t *testing.T, first, id string, table datasets.Table, periods []string) {
	t.Helper()
	at := slices.Index(table.Names(), table.Period.Field)
	was, is := b.csvLines(t, first, table.ID+".csv", ','), b.csvLines(t, id, table.ID+".csv", ',')
	is = slices.DeleteFunc(is, func(line []string) bool { return line[at] != table.Period.Field && !slices.Contains(periods, line[at]) })
	if d := gocmp.Diff(was, is); d != "" {
		t.Errorf("%s: rows of published periods: -first +second\n%.2000s", table.ID, d)
	}
}

// publishOn publishes with the records of the days until the given one.
func (b *bench) publishOn(t *testing.T, day string, force ...string) (publisher.Result, error) {
	t.Helper()
	return b.Publish(t.Context(), publisher.Request{Dataset: b.dataset, AsOf: calendarDay(day), Force: force})
}

func (b *bench) publishedOn(t *testing.T, day string, force ...string) string {
	t.Helper()
	res, err := b.publishOn(t, day, force...)
	if err != nil {
		t.Fatal(err)
	}
	return res.Release
}

// mustOnlyAdd checks that changes.json tells of added rows alone, in each table.
func (b *bench) mustOnlyAdd(t *testing.T, first, id string) {
	t.Helper()
	var c publisher.Changes
	if err := json.Unmarshal(b.object(t, id, "changes.json"), &c); err != nil {
		t.Fatal(err)
	}
	d, _ := datasets.Find(b.Datasets, b.dataset)
	for i, table := range d.Tables {
		before, after := int64(len(b.csvLines(t, first, table.ID+".csv", ','))-1), int64(len(b.csvLines(t, id, table.ID+".csv", ','))-1)
		want := publisher.TableChanges{ID: table.ID, Rows: after, PreviousRows: before, Added: after - before}
		if d := gocmp.Diff(want, c.Tables[i], cmpopts.IgnoreFields(publisher.TableChanges{}, "Key", "Keys")); d != "" {
			t.Errorf("changes.json: -want +got\n%s", d)
		}
		if k := c.Tables[i].Keys; k != nil && (len(k.Added) != int(after-before) || len(k.Removed)+len(k.Changed) > 0) {
			t.Errorf("keys of changes.json of %s: %v", table.ID, k)
		}
	}
}

// mustBeIdle publishes again twice, with nothing due: the store stays as it is but
// for the moment at which the pointer was checked.
func (b *bench) mustBeIdle(t *testing.T, served, day string) {
	t.Helper()
	if id := b.publishedOn(t, day); id != served {
		t.Errorf("%s is served instead of %s, though nothing was due", id, served)
	}
	before, names := b.pointer(t), b.storedNames(t)
	res, err := b.publishOn(t, day)
	if err != nil || !res.Unchanged {
		t.Fatalf("unchanged: %v, %v", res.Unchanged, err)
	}
	after := b.pointer(t)
	if !after.CheckedAt.After(before.CheckedAt) {
		t.Errorf("checked at %s, then %s", before.CheckedAt, after.CheckedAt)
	}
	if d := gocmp.Diff(before, after, cmpopts.IgnoreFields(release.Current{}, "CheckedAt")) + gocmp.Diff(names, b.storedNames(t)); d != "" {
		t.Errorf("with nothing due: -before +after\n%s", d)
	}
}

func (b *bench) pointer(t *testing.T) release.Current {
	t.Helper()
	c, _, err := b.archive.Current(t.Context(), b.dataset)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (b *bench) storedNames(t *testing.T) []string {
	t.Helper()
	var names []string
	for o, err := range b.Store.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, o.Name)
	}
	return names
}

// story is a hub whose every state engages another amount, so that a row tells
// from which state it was counted.
type story struct {
	*bench
	t        *testing.T
	state    int
	secret   string                      // the month in which only four persons buy
	releases map[string]string           // by the name that the test gives them
	tell     func(state int) []sceneFile // the files of a state, if they are others than those of the months
	extract  string                      // the present one
}

func newStory(t *testing.T) *story {
	t.Helper()
	b := newCellsBench(t, t.TempDir(), "standard")
	b.dataset = engagees
	return &story{bench: b, t: t, releases: map[string]string{}}
}

// fork goes on from here in a store of its own.
func (s *story) fork(t *testing.T) *story {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, "store"), os.DirFS(filepath.Join(s.root, "store"))); err != nil {
		t.Fatal(err)
	}
	b := newBenchIn(t, root, t.TempDir())
	b.dataset, b.Profile, b.Thresholds, b.now = s.dataset, s.Profile, s.Thresholds, s.now
	return &story{bench: b, t: t, state: s.state, releases: maps.Clone(s.releases)}
}

// turn gives the publisher the next state, of the given day: five persons in each
// of the months but the secret one, each with as many euros as there were states.
func (s *story) turn(day string, months ...string) {
	s.t.Helper()
	s.state++
	var scenes []scene
	for _, m := range append(months, "2026-12") {
		who := "ABCDE"
		if m == s.secret {
			who = "ABCD"
		}
		scenes = append(scenes, scene{files: buysOf(who, m+"-28", fmt.Sprint(s.state))})
	}
	if s.tell != nil {
		scenes = []scene{{files: s.tell(s.state)}}
	}
	s.extract = extractOf(s.t, scenes)
	setBack(s.t, s.extract, func(string, bool) string { return day })
	s.use(s.t, s.extract)
}

var allMonths = []string{"2026-09", "2026-10", "2026-11"}

// publishes makes the release of a state under a name, and says which months it
// has from which state.
func (s *story) publishes(name, day, want string) {
	s.t.Helper()
	s.turn(day, allMonths...)
	s.finishes(name, day, want)
}

func (s *story) finishes(name, day, want string) {
	s.t.Helper()
	id := s.publishedOn(s.t, day)
	s.releases[name] = id
	if got := s.months(id); got != want {
		s.t.Fatalf("%s has %s, want %s", name, got, want)
	}
}

// months are the months that a release lists, each with the state from which its
// row was counted, or a dash if it has none.
func (s *story) months(id string) string {
	s.t.Helper()
	m, err := s.archive.Manifest(s.t.Context(), s.dataset, id)
	if err != nil {
		s.t.Fatal(err)
	}
	state := map[string]string{}
	for _, row := range s.rows(s.t, id) {
		state[row["date_validation"]] = strings.TrimSuffix(row["prix_moyen"], ".00")
	}
	var all []string
	for _, p := range m.Periods {
		all = append(all, p[5:]+":"+cmp.Or(state[p], "-"))
		delete(state, p)
	}
	if len(state) > 0 {
		s.t.Errorf("%s has rows of months that it does not list: %v", id, state)
	}
	return strings.Join(all, " ")
}

// refuses tries the next state, which must not be published.
func (s *story) refuses(day, why string) {
	s.t.Helper()
	s.turn(day, allMonths...)
	before, names := s.pointer(s.t), s.storedNames(s.t)
	_, err := s.publishOn(s.t, day)
	var refused *publisher.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), why) {
		s.t.Fatalf("published, or failed otherwise than for %q: %v", why, err)
	}
	if d := gocmp.Diff(before, s.pointer(s.t)) + gocmp.Diff(names, s.storedNames(s.t)); d != "" {
		s.t.Errorf("refused, but the store changed: %s", d)
	}
}

func (s *story) withdraw(names ...string) {
	s.t.Helper()
	for _, name := range names {
		if _, _, err := s.archive.Withdraw(s.t.Context(), s.dataset, s.releases[name], "erreur", s.now); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *story) rollback(name string) {
	s.t.Helper()
	if err := s.archive.Rollback(s.t.Context(), s.dataset, s.releases[name], s.now); err != nil {
		s.t.Fatal(err)
	}
}

// prune removes what retention does not keep, and checks which releases that were.
func (s *story) prune(names ...string) {
	s.t.Helper()
	gone, _, err := s.archive.Prune(s.t.Context(), s.dataset, release.Retention{}, s.now.Add(time.Hour), false)
	var want []string
	for _, name := range names {
		want = append(want, s.releases[name])
	}
	slices.Sort(gone)
	if d := gocmp.Diff(want, gone); err != nil || d != "" {
		s.t.Fatalf("pruned: %v, -want +got\n%s", err, d)
	}
}

// beginnings are stories that begin with the releases of September and October,
// and with that of November too.
func beginnings(t *testing.T) (two, three *story) {
	t.Helper()
	s := newStory(t)
	s.publishes("R1", "2026-10-02", "09:1")
	s.publishes("R2", "2026-11-02", "09:1 10:2")
	two = s.fork(t)
	s.publishes("R3", "2026-12-02", "09:1 10:2 11:3")
	return two, s
}

// TestPeriodIsNotCountedAgain: a published period is never counted again unless
// every release that held it was withdrawn.
func TestPeriodIsNotCountedAgain(t *testing.T) {
	t.Parallel()
	two, three := beginnings(t)
	for _, c := range []struct {
		name string
		from *story
		tell func(s *story)
	}{
		{"nothing due", three, func(s *story) {
			s.turn("2026-12-03", allMonths...)
			s.mustBeIdle(s.t, s.releases["R3"], "2026-12-03")
		}},
		{"several months at once", newStory(t), func(s *story) {
			s.publishes("R1", "2026-10-02", "09:1")
			s.publishes("R2", "2026-12-02", "09:1 10:2 11:2")
		}},
		{"rolled back, then served again", two, func(s *story) {
			s.rollback("R1")
			s.refuses("2026-11-03", "release "+s.releases["R2"]+", which holds periods up to 2026-10 that no other release can give back, was rolled back from")
			s.refuses("2026-12-02", s.releases["R2"]) // nor is a new month published without the other
			s.rollback("R2")
			s.turn("2026-11-04", allMonths...)
			s.mustBeIdle(s.t, s.releases["R2"], "2026-11-04")
			s.publishes("R3", "2026-12-02", "09:1 10:2 11:6")
		}},
		{"rolled back, then withdrawn", two, func(s *story) {
			s.rollback("R1")
			s.refuses("2026-11-03", s.releases["R2"])
			s.withdraw("R2")
			s.publishes("R3", "2026-11-04", "09:1 10:4")
		}},
		{"rolled back by two", three, func(s *story) {
			s.rollback("R1")
			s.refuses("2026-12-03", s.releases["R3"])
			s.withdraw("R3")
			s.publishes("R4", "2026-12-04", "09:1 10:2 11:5") // R2 still holds October
		}},
		{"the last withdrawn", three, func(s *story) {
			s.withdraw("R3")
			s.publishes("R4", "2026-12-03", "09:1 10:2 11:4")
		}},
		{"withdrawn, but held by a later one", three, func(s *story) {
			s.withdraw("R1", "R2")
			s.turn("2026-12-03", allMonths...)
			s.mustBeIdle(s.t, s.releases["R3"], "2026-12-03")
		}},
		{"two withdrawn", three, func(s *story) {
			s.withdraw("R2", "R3")
			s.publishes("R4", "2026-12-03", "09:1 10:4 11:4")
		}},
		{"all withdrawn", three, func(s *story) {
			s.withdraw("R1", "R2", "R3")
			s.publishes("R4", "2026-12-03", "09:4 10:4 11:4")
		}},
		{"withdrawn content does not come back", two, func(s *story) {
			s.withdraw("R2")
			s.state = 1
			s.refuses("2026-11-02", "discarded_content")
			if got := s.months(s.publishedOn(s.t, "2026-11-02", publisher.RuleDiscardedContent)); got != "09:1 10:2" {
				s.t.Errorf("forced: %s", got)
			}
		}},
		{"pruned", three, func(s *story) {
			s.prune("R1")
			s.turn("2026-12-03", allMonths...)
			s.mustBeIdle(s.t, s.releases["R3"], "2026-12-03")
			s.withdraw("R3")
			s.publishes("R4", "2026-12-04", "09:1 10:2 11:5") // R2 gives what R1 held
		}},
		{"pruned, and those that could give it back withdrawn", three, func(s *story) {
			s.prune("R1")
			s.withdraw("R3", "R2")
			s.refuses("2026-12-03", "release "+s.releases["R1"]+", which holds periods up to 2026-09 that no other release can give back, was pruned")
			s.withdraw("R1")
			s.publishes("R4", "2026-12-04", "09:5 10:5 11:5")
		}},
		{"written, but never served", two, func(s *story) {
			whole := s.Store
			s.Store = unmoved{whole}
			s.turn("2026-12-02", allMonths...)
			if _, err := s.publishOn(s.t, "2026-12-02"); err == nil {
				s.t.Fatal("published without moving the pointer")
			}
			s.Store = whole
			s.publishes("R4", "2026-12-03", "09:1 10:2 11:3") // its address was public
		}},
		{"wholly secret, then known to be more", newStory(t), func(s *story) {
			s.publishes("R1", "2026-10-02", "09:1")
			s.secret = "2026-10"
			s.publishes("R2", "2026-11-02", "09:1 10:-")
			s.secret = ""
			s.publishes("R3", "2026-12-02", "09:1 10:- 11:3")
			s.withdraw("R3", "R2")
			s.publishes("R4", "2026-12-03", "09:1 10:4 11:4")
		}},
		{"without files, then with", newStory(t), func(s *story) {
			s.turn("2026-11-02", "2026-09")
			s.finishes("R1", "2026-11-02", "09:1") // October is not listed
			s.publishes("R2", "2026-12-02", "09:1 10:2 11:2")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.tell(c.from.fork(t))
		})
	}
	t.Run("load dates", func(t *testing.T) { three.datesOf(t, three.releases["R3"]) })
}

// unmoved is a store whose pointer cannot be moved.
type unmoved struct{ objects.Store }

func (u unmoved) Replace(ctx context.Context, name string, data []byte, version string) (objects.Info, error) {
	if name == release.CurrentName(engagees) {
		return objects.Info{}, errors.New("the store went away")
	}
	return u.Store.Replace(ctx, name, data, version)
}

// datesOf checks that a row keeps the load date of the extract from which it was
// counted.
func (s *story) datesOf(t *testing.T, id string) {
	t.Helper()
	got := map[string]string{}
	for _, row := range s.rows(t, id) {
		got[row["date_validation"]] = row["date_chargement"]
	}
	want := map[string]string{"2026-09": "2026-10-02", "2026-10": "2026-11-02", "2026-11": "2026-12-02"}
	if !maps.Equal(got, want) {
		t.Errorf("load dates %v, want %v", got, want)
	}
}

// TestHiddenColumnsAreNotPublished: every table is there in every format, with its fields
// alone.
func TestHiddenColumnsAreNotPublished(t *testing.T) {
	t.Parallel()
	b := newCellsBench(t, extractOf(t, []scene{{files: buys("ABCDE", "2026-09-15")}}), "standard")
	for _, b.dataset = range []string{engagees, usagers} {
		id := b.publish(t).Release
		m, err := b.archive.Manifest(t.Context(), b.dataset, id)
		if err != nil {
			t.Fatal(err)
		}
		d, _ := datasets.Find(b.Datasets, b.dataset)
		want := []string{"changes.json", "disclosure.json", "quality.json", "schema.json"}
		for i, table := range d.Tables {
			if m.Tables[i].ID != table.ID {
				t.Errorf("table %s stands in the place of %s", m.Tables[i].ID, table.ID)
			}
			for what, head := range map[string][]string{
				".csv": b.csvLines(t, id, table.ID+".csv", ',')[0], ".csv.gz": b.csvLines(t, id, table.ID+".csv.gz", ',')[0], ".excel.csv": b.csvLines(t, id, table.ID+".excel.csv", ';')[0],
				".jsonl.gz": b.jsonNames(t, id, table), ".parquet": b.parquetLines(t, id, table)[0], ".xlsx": b.workbookLines(t, id, table)[0],
			} {
				want = append(want, table.ID+what)
				if head != nil && !slices.Equal(head, table.Names()) {
					t.Errorf("%s%s has the columns %v", table.ID, what, head)
				}
			}
		}
		var names []string
		for _, o := range m.Objects {
			names = append(names, o.Name)
		}
		slices.Sort(names)
		slices.Sort(want)
		if d := gocmp.Diff(want, names); d != "" {
			t.Errorf("objects: -want +got\n%s", d)
		}
		for _, o := range []string{"schema.json", "quality.json", "changes.json", "disclosure.json"} {
			if text := string(b.object(t, id, o)); strings.Contains(text, `"_`) {
				t.Errorf("%s names a column that is not published", o)
			}
		}
	}
}

// jsonNames are the names of the first JSON line, in its order; nil if there is none.
func (b *bench) jsonNames(t *testing.T, id string, table datasets.Table) (names []string) {
	t.Helper()
	line, _, _ := bytes.Cut(gunzip(t, b.object(t, id, table.ID+".jsonl.gz")), []byte("\n"))
	d := json.NewDecoder(bytes.NewReader(line))
	for depth := 0; d.More() || depth > 0; {
		token, err := d.Token()
		if err != nil {
			return names
		}
		switch name, isText := token.(string); {
		case token == json.Delim('{'):
			depth++
		case token == json.Delim('}'):
			return names
		case isText:
			names = append(names, name)
			if _, err := d.Token(); err != nil { // its value
				t.Fatal(err)
			}
		}
	}
	return names
}
