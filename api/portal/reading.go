package portal

import (
	"context"
	"errors"
	"slices"

	"github.com/parvis-opendata/parvis/api/explore"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/web/ask"
)

// reading asks questions of one release of each of some datasets.
type reading struct {
	explore *explore.API
	// held are the releases by dataset.
	held map[string]*explore.Loaded
	// of says which dataset a table belongs to.
	of map[string]string
}

// read borrows the served releases of the datasets that a page needs, and of those that it
// shows if they are there. The caller closes the reading.
//
// Errors: those of [explore.API.Hold].
func (p *Portal) read(ctx context.Context, needed, wanted []string) (*reading, error) {
	r := &reading{p.o.Explore, map[string]*explore.Loaded{}, map[string]string{}}
	if p.o.Explore == nil {
		if len(needed) > 0 {
			return nil, serving.ErrUnavailable
		}
		return r, nil
	}
	for i, id := range slices.Concat(needed, wanted) {
		if err := p.hold(ctx, r, id); err != nil && (i < len(needed) || !absent(err)) {
			r.close()
			return nil, err
		}
	}
	return r, nil
}

func (p *Portal) hold(ctx context.Context, r *reading, id string) error {
	d, ok := datasets.Find(p.o.Datasets, id)
	if !ok {
		return serving.ErrUnpublished
	}
	l, err := p.o.Explore.Hold(ctx, id)
	if err != nil {
		return err
	}
	r.held[id] = l
	for _, t := range d.Tables {
		r.of[t.ID] = id
	}
	return nil
}

// absent reports whether a dataset cannot be asked now, and the others may.
func absent(err error) bool {
	return errors.Is(err, serving.ErrUnpublished) || errors.Is(err, serving.ErrLoading) || errors.Is(err, serving.ErrUnavailable)
}

// close gives the releases back.
func (r *reading) close() {
	for _, l := range r.held {
		l.Release()
	}
}

// releases are those that are read, by dataset.
func (r *reading) releases() map[string]string {
	all := map[string]string{}
	for id, l := range r.held {
		all[id] = l.ReleaseID()
	}
	return all
}

// has reports whether a dataset is read.
func (r *reading) has(dataset string) bool { return r.held[dataset] != nil }

// ask asks one question.
//
// Errors: those of [explore.API.Ask]; the table's dataset is not read.
func (r *reading) ask(ctx context.Context, q ask.Question) ([]ask.Row, error) {
	l := r.held[r.of[q.Table]]
	if l == nil {
		return nil, serving.ErrUnpublished
	}
	values := q.Values()
	values.Set("release", l.ReleaseID())
	results, err := r.explore.Ask(ctx, q.Table, values)
	if err != nil {
		return nil, err
	}
	return ask.Read(results)
}
