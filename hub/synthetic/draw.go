package synthetic

import (
	"context"
	"embed"
	"fmt"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parvis-opendata/parvis/internal/engine"
)

//go:embed sql/*.sql
var queries embed.FS

// draw is one extract in the making.
type draw struct {
	Options
	db     *engine.DB
	dir    string
	faults map[string][]fault
	towns  []record

	mu   sync.Mutex
	done int64
}

// lotSize is the number of training files drawn at once, and written to one file.
const lotSize = 250_000

// offerSize is the number of trainings written to one file; their texts are long.
const offerSize = 25_000

// task writes some files on a connection of its own.
type task func(context.Context, *engine.DB) error

// write writes all entities, some files at a time.
func (d *draw) write(ctx context.Context) error {
	tasks := []task{d.lists}
	for no, from := 1, 0; from < d.Formations; no, from = no+1, from+d.offerSize {
		tasks = append(tasks, d.offer(no, from, min(from+d.offerSize, d.Formations)-1))
	}
	for no, from := 1, 0; from < d.Dossiers; no, from = no+1, from+d.lotSize {
		tasks = append(tasks, d.lot(no, from, min(from+d.lotSize, d.Dossiers)-1))
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(d.Threads)
	for _, t := range tasks {
		group.Go(func() error {
			return d.db.Pin(ctx, func(db *engine.DB) error { return t(ctx, db) })
		})
	}
	return group.Wait()
}

// query returns a query of the folder sql with its parameters filled in.
func query(name string, params map[string]string) (string, error) {
	text, err := queries.ReadFile(path.Join("sql", name+".sql"))
	if err != nil {
		return "", err
	}
	var pairs []string
	for k, v := range params {
		pairs = append(pairs, "{"+k+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(string(text)), nil
}

// run runs a query of the folder sql.
func run(ctx context.Context, db *engine.DB, name string, params map[string]string) error {
	text, err := query(name, params)
	if err != nil {
		return err
	}
	if err := db.Exec(ctx, text); err != nil {
		return fmt.Errorf("draw %s: %w", name, err)
	}
	return nil
}

// progress tells of records of a kind that were written; only files and trainings
// are counted.
func (d *draw) progress(what string, records int) {
	if d.Progress == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done += int64(records)
	d.Progress(what, d.done, int64(d.Dossiers+d.Formations))
}

// delivery is what the hub sends on one day: first everything, then what changed.
type delivery struct {
	name         string
	after, until time.Time
	version      int
	last         bool
}

// deliveries returns a full extract of the end of the month before last, and the
// changes of each month since.
func (d *draw) deliveries() []delivery {
	month := time.Date(d.Until.Year(), d.Until.Month(), 1, 0, 0, 0, 0, time.UTC)
	var list []delivery
	after := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, until := range []time.Time{month.AddDate(0, -1, -1), month.AddDate(0, 0, -1), d.Until} {
		kind := "increment"
		if i == 0 {
			kind = "complet"
		}
		list = append(list, delivery{
			name: kind + "-" + until.Format(time.DateOnly), after: after, until: until, version: i + 1, last: until.Equal(d.Until),
		})
		after = until
	}
	return list
}

func (v delivery) params() map[string]string {
	return map[string]string{
		"apres": sqlDate(v.after), "jusque": sqlDate(v.until), "version": strconv.Itoa(v.version), "derniere": strconv.FormatBool(v.last),
	}
}

// file returns the name of the no-th file of the delivery.
func (v delivery) file(no int) string { return fmt.Sprintf("%s-%04d", v.name, no) }

func sqlDate(t time.Time) string { return "DATE '" + t.Format(time.DateOnly) + "'" }

// lists writes the reference lists.
func (d *draw) lists(ctx context.Context, db *engine.DB) error {
	for _, l := range []struct{ entity, of string }{
		{"territoires", "commune"},
		{"certifications", "certification"},
		{"organismes", "organisme"},
		{"habilitations", "(SELECT DISTINCT certification, siret FROM formation WHERE certification % 5 < 2)"},
	} {
		n, err := db.Count(ctx, "SELECT count(*) FROM "+l.of)
		if err != nil {
			return err
		}
		params := map[string]string{"fautes": strconv.FormatInt(d.faultRows(l.entity, n), 10)}
		f := file{entity: l.entity, name: "liste", first: true}
		if _, err := d.copy(ctx, db, f, params); err != nil {
			return err
		}
	}
	d.progress("listes", 0)
	return nil
}

// offer returns the task of the trainings numbered from..to, their actions and
// sessions.
func (d *draw) offer(no, from, to int) task {
	return func(ctx context.Context, db *engine.DB) error {
		for _, entity := range []string{"formations", "actions", "sessions"} {
			for _, v := range d.deliveries() {
				params := v.params()
				params["de"], params["a"] = strconv.Itoa(from), strconv.Itoa(to)
				f := file{entity: entity, name: v.file(no), first: v.version == 1 && no == 1}
				if _, err := d.copy(ctx, db, f, params); err != nil {
					return err
				}
			}
		}
		d.progress("formations", to-from+1)
		return nil
	}
}

// lot returns the task of the training files numbered from..to and their fundings.
func (d *draw) lot(no, from, to int) task {
	return func(ctx context.Context, db *engine.DB) error {
		err := run(ctx, db, "dossiers", map[string]string{"de": strconv.Itoa(from), "a": strconv.Itoa(to + 1)})
		if err != nil {
			return err
		}
		for _, v := range d.deliveries() {
			if err := d.deliver(ctx, db, v, no); err != nil {
				return err
			}
		}
		d.progress("dossiers", to-from+1)
		return nil
	}
}

// deliver writes what one delivery says of a lot.
func (d *draw) deliver(ctx context.Context, db *engine.DB, v delivery, lot int) error {
	if err := run(ctx, db, "etats", v.params()); err != nil {
		return err
	}
	name := v.file(lot)
	first := v.version == 1 && lot == 1
	n, err := d.copy(ctx, db, file{entity: "dossiers", name: name, first: first}, nil)
	if err != nil || n == 0 {
		return err
	}
	_, err = d.copy(ctx, db, file{entity: "financements", name: name, first: first}, map[string]string{"filtre": "true"})
	if err != nil || v.version > 1 {
		return err
	}
	// Some fundings are declared a second time.
	_, err = d.copy(ctx, db, file{entity: "financements", name: name + "-doublons"}, map[string]string{"filtre": "sort = 'doublon'"})
	return err
}
