package portal

import (
	"context"
	"slices"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/publisher/release"
	"github.com/parvis-opendata/parvis/web"
)

// announced is how many events a feed has at most.
const announced = 50

// feed answers with the latest events of all datasets as an Atom feed.
func (p *Portal) feed(c *Call) error {
	ctx := c.Request.Context()
	var all []event
	author := ""
	for _, d := range p.o.Datasets {
		events, err := p.events(ctx, d)
		if err != nil {
			return err
		}
		all, author = append(all, events...), d.Publisher
	}
	slices.SortStableFunc(all, func(a, b event) int { return b.when().Compare(a.when()) })
	all = all[:min(len(all), announced)]
	s := sheet{of: []any{all}, mediaType: "application/atom+xml; charset=utf-8"}
	s.make = func(ctx context.Context) ([]byte, error) {
		told := make([]web.Event, len(all))
		for i, e := range all {
			r, err := p.told(ctx, e)
			if err != nil {
				return nil, err
			}
			told[i] = web.Event{Dataset: e.Dataset, Title: e.Title, Release: r}
		}
		return web.Feed(c.Base, author, datasets.Notice(p.synthetic(ctx)), told)
	}
	return p.send(c, s)
}

// events are the latest of a dataset.
func (p *Portal) events(ctx context.Context, d datasets.Dataset) ([]event, error) {
	current, _, _, err := p.o.Releases.Served(ctx, d)
	if err != nil {
		return nil, err
	}
	history, err := p.o.Releases.History(ctx, d)
	if err != nil {
		return nil, err
	}
	all := make([]event, len(history))
	for i, e := range history {
		all[i] = newEvent(d, e, current)
	}
	slices.SortStableFunc(all, func(a, b event) int { return b.when().Compare(a.when()) })
	return all[:min(len(all), announced)], nil
}

// when is when it happened.
func (e event) when() (t time.Time) {
	if e.State == release.Withdrawn {
		return e.Since
	}
	return e.PublishedAt
}
