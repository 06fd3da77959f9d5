package explore

import (
	"context"
	"errors"
	"time"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/api/fairuse"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// Library lends loaded tables; see [serving.Library].
type Library interface {
	Acquire(ctx context.Context, table, release string) (*serving.Table, error)
}

// Options are what an [API] is made of.
type Options struct {
	Library Library
	// Scratch is a directory for files that are made before they are sent; that of
	// the system if empty.
	Scratch string
	// Timeout is how long a query may take, half a minute if zero; of an export, how
	// long it may take to make a piece of it.
	Timeout time.Duration
	// Stall is how long a client may take for one piece of an answer; a minute if zero.
	Stall time.Duration
	Now   func() time.Time
	// Cache keeps answers; without one none are.
	Cache *exchange.Cache
	// Use shares the engine among the clients; without one nobody is limited but by the
	// number of queries at once.
	Use *fairuse.Use
	// Version is that of the code: another one may write the same rows differently, so
	// it is part of every entity tag.
	Version string
}

// API answers requests in the Explore dialect. It is safe for concurrent use.
type API struct {
	o         Options
	sheetRows int64 // that an XLSX file may have
}

// New returns an API.
//
// Errors: an option is missing.
func New(o Options) (*API, error) {
	if o.Library == nil || o.Now == nil {
		return nil, errors.New("make explore API: library and clock are needed")
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Stall <= 0 {
		o.Stall = time.Minute
	}
	if o.Use == nil {
		o.Use = fairuse.New(fairuse.Options{})
	}
	return &API{o, maxSheetRows}, nil
}

// now is the instant of a query, to the second, so that one asked twice in it is the
// same.
func (a *API) now() time.Time { return a.o.Now().Truncate(time.Second) }

// Call is a request on its way.
type Call struct {
	exchange.Call
	// SendFile answers with an object of a release.
	SendFile func(StoredFile) error
}

// StoredFile is an object of a release that is the answer to a request.
type StoredFile struct {
	Dataset datasets.Dataset
	// Release is the release's identifier.
	Release, Object string
	// Pinned says that the request named the release.
	Pinned bool
}

// Endpoint is an address that is read.
type Endpoint struct {
	// Pattern is the path, with :name for a part that varies and *name for all that
	// follows. The same path with a final slash is the same address.
	Pattern string
	// Parameters are the query parameters that are known there.
	Parameters []string
	Answer     func(*Call) error
}

// Endpoints lists the addresses.
func (a *API) Endpoints() []Endpoint {
	const (
		catalog = "/api/explore/v2.1/catalog"
		dataset = catalog + "/datasets/:dataset"
		page    = "/explore/dataset/:dataset"
	)
	all := []Endpoint{
		over(a.catalogue, catalog+"/datasets", catalogParameters, a.listDatasets),
		over(a.catalogue, catalog+"/exports", nil, a.listCatalogExports),
		over(a.catalogue, catalog+"/exports/:format", catalogExportParameters, a.exportCatalog),
		over(a.catalogue, catalog+"/facets", facetParameters, a.facets),
		over(a.table, dataset, datasetParameters, a.showDataset),
		over(a.table, dataset+"/records", recordsParameters, a.records),
		over(a.table, dataset+"/records/:record", recordParameters, a.record),
		over(a.table, dataset+"/exports", []string{"release"}, a.listExports),
		over(a.table, dataset+"/exports/:format", exportParameters, a.export),
		over(a.table, dataset+"/facets", facetParameters, a.facets),
		over(a.table, dataset+"/attachments", []string{"release"}, a.attachments),

		over(a.table, "/api/records/1.0/search", searchParameters, a.searchV1),
		over(a.table, "/api/records/1.0/analyze", analyzeParameters, a.analyzeV1),
		over(a.table, "/api/records/1.0/download", downloadParameters, a.downloadV1),
		over(a.table, "/api/datasets/1.0/:dataset/alternative_exports/:file", nil, a.alternativeExport),
		over(a.table, page, nil, a.redirect),
		over(a.table, page+"/download", downloadParameters, a.downloadV1),
	}
	for _, view := range []string{"information", "table", "export", "api"} {
		all = append(all, over(a.table, page+"/"+view, nil, a.redirect))
	}
	for _, name := range []string{"aggregates", "query", "snapshots", "reuses", "feedback"} {
		all = append(all, Endpoint{catalog + "/" + name, nil, removed}, Endpoint{dataset + "/" + name, nil, removed})
	}
	for _, old := range []string{"/api/explore/v2.0", "/api/v2"} {
		all = append(all, Endpoint{old + "/*rest", nil, removed})
	}
	return all
}

// over is an address whose answer reads one table: find borrows it.
func over(find func(*Call, params) (loan, error), pattern string, parameters []string, answer func(*Call, params, loan) error) Endpoint {
	return Endpoint{pattern, parameters, func(c *Call) error {
		p, err := c.begin(parameters)
		if err != nil {
			return err
		}
		l, err := find(c, p)
		if err != nil {
			return err
		}
		defer l.Release()
		return answer(c, p, l)
	}}
}
