package publisher

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// calendar is what has been published of the tables of a statistical dataset that have
// the same periods, and what is new.
//
// A period is published once: two releases that differ on it would let a reader
// subtract one from the other. So whatever release has held it, kept or pruned,
// served or not, unless it was withdrawn, fixes it for good.
type calendar struct {
	tables    []datasets.Table
	period    datasets.Period
	main      bool     // that of the dataset: its periods are those of the manifest
	published []string // all periods that are fixed, in order
	sources   []source // from which they are carried over
	fresh     []string // periods that this run computes, in order
}

// source is a release and the periods that are carried over from it.
type source struct {
	manifest release.Manifest
	periods  []string
}

// newCalendars parts the tables of a dataset by their periods, those of the first table
// first.
func newCalendars(d datasets.Dataset) []*calendar {
	var all []*calendar
	for _, t := range d.Tables {
		i := slices.IndexFunc(all, func(c *calendar) bool {
			return c.period.Unit == t.Period.Unit && c.period.From == t.Period.From && c.period.Lag == t.Period.Lag
		})
		if i < 0 {
			i, all = len(all), append(all, &calendar{period: *t.Period, main: len(all) == 0})
		}
		all[i].tables = append(all[i].tables, t)
	}
	return all
}

// held returns the periods of the calendar that a release holds.
func (c *calendar) held(m release.Manifest) []string {
	if c.main {
		return m.Periods
	}
	i := slices.IndexFunc(m.Tables, func(t release.Table) bool { return t.ID == c.tables[0].ID })
	if i < 0 {
		return nil // made before the table joined the dataset
	}
	return m.Tables[i].Periods
}

// readCalendars finds which periods are fixed, and for each the release from which it
// is carried over: the served one, else the one that was served last, else one that
// never was.
//
// Errors: a [*RefusedError] when a period is fixed and no release can give it back.
func (r *run) readCalendars(ctx context.Context) error {
	history, err := r.archive.History(ctx, r.dataset.ID)
	if err != nil {
		return err
	}
	r.byService(history)
	lost := map[string]release.Entry{} // releases whose periods none gives back
	r.calendars = newCalendars(r.dataset)
	for _, c := range r.calendars {
		r.readCalendar(c, history, lost)
	}
	return r.refused(r.lost(lost))
}

func (r *run) readCalendar(c *calendar, history []release.Entry, lost map[string]release.Entry) {
	holders := map[string][]release.Entry{} // by period
	carried := map[string]bool{}
	for _, e := range history {
		if e.State == release.Withdrawn {
			continue
		}
		s := source{manifest: e.Manifest}
		for _, p := range c.held(e.Manifest) {
			holders[p] = append(holders[p], e)
			if !carried[p] && r.gives(e) {
				carried[p] = true
				s.periods = append(s.periods, p)
			}
		}
		if len(s.periods) > 0 {
			c.sources = append(c.sources, s)
		}
	}
	for p, held := range holders {
		c.published = append(c.published, p)
		for _, e := range held {
			if !carried[p] {
				lost[e.Manifest.Release] = e
			}
		}
	}
	slices.Sort(c.published)
}

// byService puts the releases that were served last first: the served one, those
// served before, those that never were.
func (r *run) byService(history []release.Entry) {
	rank := func(e release.Entry) int {
		if e.Manifest.Release == r.current.Release {
			return len(r.current.History)
		}
		return slices.Index(r.current.History, e.Manifest.Release)
	}
	slices.SortStableFunc(history, func(a, b release.Entry) int { return rank(b) - rank(a) })
}

// lost are the refusals for releases that hold periods which none can give back.
func (r *run) lost(releases map[string]release.Entry) []hub.Refusal {
	var all []hub.Refusal
	for _, id := range slices.Sorted(maps.Keys(releases)) {
		e := releases[id]
		why, remedy := "was pruned", "withdraw it, so that its periods are computed anew"
		if e.State != release.Pruned {
			why, remedy = "was rolled back from", "serve it again, or withdraw it, so that its new periods are computed anew"
		}
		all = append(all, hub.Refusal{Reason: fmt.Sprintf("release %s, which holds periods up to %s that no other release can give back, %s; %s",
			id, e.Manifest.Periods[len(e.Manifest.Periods)-1], why, remedy)})
	}
	return all
}

// gives reports whether periods may be carried over from a release: its files are
// there, and no operator has rolled back from it.
func (r *run) gives(e release.Entry) bool {
	return (e.State == release.Served || e.State == release.Kept) && !slices.Contains(r.current.Discarded, e.Manifest.ContentDigest)
}

// due returns the periods that had ended before a day and are not published yet.
func (c *calendar) due(day time.Time) []string {
	return slices.DeleteFunc(c.period.Closed(day), func(p string) bool { return slices.Contains(c.published, p) })
}

// served reports whether the served release has all that is to be published on a day.
func (r *run) served(day time.Time) bool {
	return r.previous != nil && !slices.ContainsFunc(r.calendars, func(c *calendar) bool {
		return len(c.due(day)) > 0 || !slices.Equal(c.held(*r.previous), c.published)
	})
}

// periods returns the periods of the release in the making.
func (c *calendar) periods() []string {
	all := append(slices.Clone(c.published), c.fresh...)
	slices.Sort(all)
	return all
}

// of returns the calendar of a table.
func (r *run) calendarOf(t datasets.Table) *calendar {
	for _, c := range r.calendars {
		if slices.ContainsFunc(c.tables, func(o datasets.Table) bool { return o.ID == t.ID }) {
			return c
		}
	}
	return nil // a table of the dataset is in one
}

// periods returns the periods of the dataset in the making, none if it shows a state.
func (r *run) periods() []string {
	if len(r.calendars) == 0 {
		return nil
	}
	return r.calendars[0].periods()
}
