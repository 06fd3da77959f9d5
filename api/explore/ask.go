package explore

import (
	"context"
	"net/http"
	"net/url"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// Ask answers, within the program, what a request for a page of records would be
// answered: query holds its parameters. What is shown elsewhere of a table is asked here,
// so that it is what the API says.
//
// Shape of the result: a JSON array of objects.
//
// Errors: those of a request, see [ErrorOf].
func (a *API) Ask(ctx context.Context, table string, query url.Values) ([]byte, error) {
	p := params{query}
	l, err := a.borrow(ctx, table, p)
	if err != nil {
		return nil, err
	}
	defer l.Release()
	r, err := a.request(p)
	if err != nil {
		return nil, err
	}
	part, err := readPage(p, r.GroupBy != "", table)
	if err != nil {
		return nil, err
	}
	q, err := prepare(l, r, false)
	if err != nil {
		return nil, err
	}
	key := a.key(l, "ask", q.Canonical(), q.locale(), part.key())
	if kept, ok := a.o.Cache.Get(key); ok {
		return kept.Bytes, nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
	if err != nil {
		return nil, err
	}
	results, _, err := a.results(&Call{Call: exchange.Call{Request: request}}, q, part, extras{})
	if err != nil {
		return nil, err
	}
	results = append(append([]byte{'['}, results...), ']')
	a.o.Cache.Keep(key, exchange.Body{Bytes: results})
	return results, nil
}

// Loaded is a release of a dataset that queries are answered from; see [serving.Table].
type Loaded = serving.Table

// Hold borrows the main table of the release that is answered from now, so that several
// questions can be asked of that one. The caller gives it back.
//
// Errors: those of [serving.Library.Acquire].
func (a *API) Hold(ctx context.Context, table string) (*Loaded, error) {
	return a.o.Library.Acquire(ctx, table, serving.Latest)
}
