// Package portal answers with the pages for people: it asks for what a page shows, and has
// web render it.
//
// It owns the addresses of pages, what each of them needs, and their caching. How things
// look is the business of web, what they are that of datasets, publisher/release and
// api/explore.
//
// Invariants: the figures of a page come from one release of each dataset, and are what
// the API answers; what is kept of a page is kept under these releases.
package portal

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/api/explore"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/publisher/release"
	"github.com/parvis-opendata/parvis/web"
)

// Call is a request on its way.
type Call = exchange.Call

// Releases tell what was published.
type Releases interface {
	// Served returns the pointer and the manifest of the served release; ok is false if
	// there is none.
	Served(ctx context.Context, d datasets.Dataset) (c release.Current, m release.Manifest, ok bool, err error)
	// History returns the releases, latest first.
	History(ctx context.Context, d datasets.Dataset) ([]release.Entry, error)
	// Document returns an object of a release, such as quality.json.
	//
	// Errors: [ErrNoDocument] if it is there no more, or too long to be kept in memory.
	Document(ctx context.Context, m release.Manifest, name string) ([]byte, error)
}

// ErrNoDocument says that an object of a release cannot be read whole.
var ErrNoDocument = errors.New("no document that can be read")

// Options are what a [Portal] is made of.
type Options struct {
	Releases Releases
	Datasets []datasets.Dataset
	// Explore answers questions; without one pages show no figures.
	Explore *explore.API
	// Search answers from the index of the catalogue under a key of what is asked and a
	// media type; without one there is no page of the search.
	Search func(c *Call, key, mediaType string, produce func(context.Context, *indexes.Loan) ([]byte, error)) error
	// Look does something with the index of the catalogue, in its turn; needed with Search.
	Look func(ctx context.Context, do func(context.Context, *indexes.Loan) error) error
	// Check refuses parameters that are not as the contract of an address says; it may be
	// nil.
	Check func(pattern string, values map[string][]string) error
	// Beyond tells a query of the search that cannot be answered; it may be nil.
	Beyond func(error) error
	// Cache keeps pages; it may be nil.
	Cache *exchange.Cache
	// Version is that of the code.
	Version string
	// Stall is how long a client may take for one piece of a page.
	Stall time.Duration
	Now   func() time.Time
}

// Portal answers requests for pages. It is safe for concurrent use.
type Portal struct {
	o    Options
	site *web.Site
}

// New returns a portal.
//
// Errors: an option is missing; the pages do not parse.
func New(o Options) (*Portal, error) {
	if o.Releases == nil || o.Now == nil {
		return nil, errors.New("make portal: releases and clock are needed")
	}
	site, err := web.New()
	return &Portal{o, site}, err
}

// Assets are the files that pages load, by name.
func (p *Portal) Assets() map[string]web.Asset { return p.site.Assets() }

// Endpoint is an address that is read.
type Endpoint struct {
	// Pattern is the path, with :name for a part that varies.
	Pattern string
	// Parameters are the query parameters that are known there.
	Parameters []string
	Answer     func(*Call) error
	// ForPrograms says that programs read the answer, so that its errors are not pages.
	ForPrograms bool
}

// Endpoints lists the addresses.
func (p *Portal) Endpoints() []Endpoint {
	all := []Endpoint{
		{Pattern: "/", Answer: p.home},
		{Pattern: "/atom.xml", Answer: p.feed, ForPrograms: true},
		{Pattern: "/formations/:numero", Answer: p.training},
		{Pattern: "/certifications/:code", Answer: p.certification},
	}
	all = slices.Concat(all, p.datasetEndpoints(), p.crawlerEndpoints())
	for name := range web.Texts {
		all = append(all, Endpoint{Pattern: "/" + name, Answer: p.text(name)})
	}
	all = append(all, p.dashboardEndpoints()...)
	if p.o.Search != nil {
		all = append(all, p.searchEndpoint())
		all = append(all, p.exportEndpoints()...)
	}
	return all
}

// frame is what is around a page: here names the entry of the navigation it belongs to.
func (p *Portal) frame(c *Call, here string) web.Frame {
	path := c.Request.URL.EscapedPath()
	return web.Frame{
		Root: root(path), Base: c.Base, Path: path, Here: here,
		Notice: datasets.Notice(p.synthetic(c.Request.Context())),
	}
}

// root leads from a path to that of the service.
func root(path string) string {
	if n := strings.Count(path, "/") - 1; n > 0 {
		return strings.Repeat("../", n)
	}
	return ""
}

// synthetic reports whether the data of any dataset are invented.
func (p *Portal) synthetic(ctx context.Context) bool {
	for _, d := range p.o.Datasets {
		if _, m, ok, err := p.o.Releases.Served(ctx, d); err == nil && ok && m.Synthetic {
			return true
		}
	}
	return false
}
