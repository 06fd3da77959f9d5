package publisher

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// calendar is what has been published of a statistical dataset, and what is new.
//
// A period is published once: two releases that differ on it would let a reader
// subtract one from the other. So whatever release has held it, kept or pruned,
// served or not, unless it was withdrawn, fixes it for good.
type calendar struct {
	published []string // all periods that are fixed, in order
	sources   []source // from which they are carried over
	fresh     []string // periods that this run computes, in order
}

// source is a release and the periods that are carried over from it.
type source struct {
	manifest release.Manifest
	periods  []string
}

// period is that of the dataset: of its first table.
func (r *run) period() datasets.Period { return *r.dataset.Tables[0].Period }

// readCalendar finds which periods are fixed, and for each the latest release from
// which it can be carried over.
//
// Errors: a [*RefusedError] when a period is fixed and no release can give it back.
func (r *run) readCalendar(ctx context.Context) error {
	history, err := r.archive.History(ctx, r.dataset.ID)
	if err != nil {
		return err
	}
	holder := map[string]string{} // period: a release that fixes it
	carried := map[string]bool{}
	for _, e := range history {
		if e.State == release.Withdrawn {
			continue
		}
		s := source{manifest: e.Manifest}
		for _, p := range e.Manifest.Periods {
			holder[p] = e.Manifest.Release
			if !carried[p] && r.gives(e) {
				carried[p] = true
				s.periods = append(s.periods, p)
			}
		}
		if len(s.periods) > 0 {
			r.calendar.sources = append(r.calendar.sources, s)
		}
	}
	var lost []hub.Refusal
	for p, id := range holder {
		r.calendar.published = append(r.calendar.published, p)
		if !carried[p] {
			lost = append(lost, hub.Refusal{Reason: fmt.Sprintf("%s was published in release %s, which cannot give it back since it was pruned or rolled back from; "+
				"serve that release again, or withdraw it so that %s is computed anew", p, id, p)})
		}
	}
	slices.Sort(r.calendar.published)
	slices.SortFunc(lost, func(a, b hub.Refusal) int { return strings.Compare(a.Reason, b.Reason) })
	return r.refused(lost)
}

// gives reports whether periods may be carried over from a release: its files are
// there, and no operator has rolled back from it.
func (r *run) gives(e release.Entry) bool {
	return (e.State == release.Served || e.State == release.Kept) && !slices.Contains(r.current.Discarded, e.Manifest.ContentDigest)
}

// due returns the periods that had ended before a day and are not published yet.
func (r *run) due(day time.Time) []string {
	return slices.DeleteFunc(r.period().Closed(day), func(p string) bool { return slices.Contains(r.calendar.published, p) })
}

// served reports whether the served release has all that is to be published.
func (r *run) served(due []string) bool {
	return r.previous != nil && len(due) == 0 && slices.Equal(r.previous.Periods, r.calendar.published)
}

// periods returns the periods of the release in the making.
func (c calendar) periods() []string {
	all := append(slices.Clone(c.published), c.fresh...)
	slices.Sort(all)
	return all
}
