package portal

import (
	"context"

	"github.com/parvis-opendata/parvis/publisher/release"
	"github.com/parvis-opendata/parvis/web"
	"github.com/parvis-opendata/parvis/web/ask"
)

// home answers with the first page.
func (p *Portal) home(c *Call) error {
	ctx := c.Request.Context()
	offers, pointers, err := p.offers(ctx)
	if err != nil {
		return err
	}
	ids := make([]string, len(p.o.Datasets))
	for i, d := range p.o.Datasets {
		ids[i] = d.ID
	}
	r, err := p.read(ctx, nil, ids)
	if err != nil {
		return err
	}
	defer r.close()
	return p.send(c, sheet{of: []any{pointers, r.releases()}, make: func(ctx context.Context) ([]byte, error) {
		answers := map[string][]ask.Row{}
		for name, q := range web.HomeQuestions {
			if !r.has(r.of[q.Table]) {
				continue
			}
			if answers[name], err = r.ask(ctx, q); err != nil {
				return nil, err
			}
		}
		return p.site.Home(p.frame(c, web.HereHome), web.Home{Offers: offers, Answers: answers, Search: p.o.Search != nil})
	}})
}

// offers are the datasets as lists show them, with the pointers that they depend on.
func (p *Portal) offers(ctx context.Context) (offers []web.Offer, pointers []release.Current, err error) {
	for _, d := range p.o.Datasets {
		current, m, ok, err := p.o.Releases.Served(ctx, d)
		if err != nil {
			return nil, nil, err
		}
		o := web.Offer{Dataset: d}
		if ok {
			o.Served, o.Release, o.PublishedAt, o.CheckedAt, o.DateExtract, o.Rows = true, m.Release, m.PublishedAt, current.CheckedAt, m.DateExtract, m.Rows()
		}
		offers, pointers = append(offers, o), append(pointers, current)
	}
	return offers, pointers, nil
}
