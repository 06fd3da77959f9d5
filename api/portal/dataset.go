package portal

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/publisher/release"
	"github.com/parvis-opendata/parvis/web"
	"github.com/parvis-opendata/parvis/web/ask"
)

func (p *Portal) datasetEndpoints() []Endpoint {
	return []Endpoint{
		{Pattern: "/jeux-de-donnees", Answer: p.datasets},
		{Pattern: "/jeux-de-donnees/:dataset", Parameters: web.ViewParameters(p.o.Datasets), Answer: p.dataset},
	}
}

// datasets answers with the list of the datasets.
func (p *Portal) datasets(c *Call) error {
	offers, pointers, err := p.offers(c.Request.Context())
	if err != nil {
		return err
	}
	return p.send(c, sheet{of: []any{pointers}, make: func(context.Context) ([]byte, error) {
		return p.site.Datasets(p.frame(c, web.HereDatasets), offers)
	}})
}

// dataset answers with the page of a dataset. The identifier of another of its tables leads
// to the place of that table, and an address that says what needs not be said to the short
// one.
func (p *Portal) dataset(c *Call) error {
	id := c.Path("dataset")
	d, ok := datasets.Find(p.o.Datasets, id)
	if !ok {
		return p.elsewhere(c, id)
	}
	given, _ := url.ParseQuery(c.Request.URL.RawQuery) // what does not decode is left out
	view, err := web.ReadView(d, given)
	if err != nil {
		return &RefusedError{"Cet aperçu ne peut pas être montré : " + err.Error() + "."}
	}
	if short := view.Values().Encode(); short != given.Encode() {
		return lead(c, http.StatusFound, strings.TrimSuffix(url.PathEscape(d.ID)+"?"+short, "?"))
	}
	return p.showDataset(c, d, view)
}

// elsewhere leads to the dataset that a table belongs to.
func (p *Portal) elsewhere(c *Call, id string) error {
	for _, d := range p.o.Datasets {
		if slices.ContainsFunc(d.Tables, func(t datasets.Table) bool { return t.ID == id }) {
			return lead(c, http.StatusMovedPermanently, url.PathEscape(d.ID)+"#"+url.PathEscape(id))
		}
	}
	return ErrUnknown
}

// lead answers with another address, relative to the one that was asked.
func lead(c *Call, status int, target string) error {
	h := c.Writer.Header()
	h.Set("Location", target)
	h.Set("Cache-Control", exchange.CacheLatest)
	c.Writer.WriteHeader(status)
	return nil
}

func (p *Portal) showDataset(c *Call, d datasets.Dataset, view web.View) error {
	ctx := c.Request.Context()
	current, m, served, err := p.o.Releases.Served(ctx, d)
	if err != nil {
		return err
	}
	if served {
		c.Writer.Header().Set("X-Release", m.Release)
	}
	past, err := p.past(ctx, d, current)
	if err != nil {
		return err
	}
	r, err := p.read(ctx, nil, []string{d.ID})
	if err != nil {
		return err
	}
	defer r.close()
	state := []any{current, past.shown, past.older, r.releases()}
	return p.send(c, sheet{of: state, make: func(ctx context.Context) ([]byte, error) {
		page := web.Dataset{Offer: offer(d, current, m, served), View: view, Older: past.older, Counts: map[string]web.Count{}}
		if served {
			if err := p.fill(ctx, &page, m); err != nil {
				return nil, err
			}
			if page.Preview, err = r.preview(ctx, d, view); err != nil {
				return nil, err
			}
		}
		for _, e := range past.shown {
			one, err := p.told(ctx, e)
			if err != nil {
				return nil, err
			}
			page.History = append(page.History, one)
		}
		return p.site.Dataset(p.frame(c, web.HereDatasets), page)
	}})
}

// fill puts what is known of the served release on a page.
func (p *Portal) fill(ctx context.Context, page *web.Dataset, m release.Manifest) error {
	page.Note, page.Synthetic, page.Periods = m.Note, m.Synthetic, m.Periods
	for _, t := range m.Tables {
		page.Counts[t.ID] = web.Count{Rows: t.Rows, Masked: t.Masked}
	}
	for _, o := range m.Objects {
		page.Files = append(page.Files, web.File{Name: o.Name, MediaType: o.MediaType, SHA256: o.SHA256, Bytes: o.Bytes})
	}
	for name, into := range map[string]any{"quality.json": &page.Quality, "disclosure.json": &page.Disclosure} {
		if err := p.document(ctx, m, name, into); err != nil && !errors.Is(err, ErrNoDocument) { // the page does without
			return err
		}
	}
	return nil
}

// document reads a report of a release.
//
// Errors: [ErrNoDocument]; the store cannot be read; the report is damaged.
func (p *Portal) document(ctx context.Context, m release.Manifest, name string, into any) error {
	text, err := p.o.Releases.Document(ctx, m, name)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// preview asks for what is shown of a table; nil if the dataset cannot be asked.
func (r *reading) preview(ctx context.Context, d datasets.Dataset, v web.View) (p *web.Preview, err error) {
	if !r.has(d.ID) {
		return nil, nil //nolint:nilnil // that there is none is an answer
	}
	p = &web.Preview{Release: r.held[d.ID].ReleaseID(), Values: map[string][]ask.Row{}}
	if p.Rows, err = r.ask(ctx, v.Rows()); err != nil {
		return nil, err
	}
	total, err := r.ask(ctx, v.Count())
	if err != nil {
		return nil, err
	}
	p.Total = web.Total(total)
	for _, facet := range v.Table.Facets {
		if p.Values[facet], err = r.ask(ctx, v.Facet(facet)); err != nil {
			return nil, err
		}
	}
	return p, nil
}
