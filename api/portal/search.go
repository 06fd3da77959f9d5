package portal

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/web"
)

// SearchPattern is the address of the page of the search.
const SearchPattern = "/recherche"

func (p *Portal) searchEndpoint() Endpoint {
	return Endpoint{Pattern: SearchPattern, Parameters: search.Parameters, Answer: p.searchPage}
}

// searchPage answers with the page of the search. An address that says what needs not be
// said, as those do that a browser makes of a form, leads to the short one.
func (p *Portal) searchPage(c *Call) error {
	c.Writer.Header().Set("Content-Security-Policy", web.Policy)
	given := pageQuery(c)
	q, err := p.readQuery(SearchPattern, given)
	if err != nil {
		return err
	}
	if short := q.Values().Encode(); short != given.Encode() {
		return redirect(c, with("recherche", short))
	}
	f := p.frame(c, web.HereSearch)
	key := exchange.Key("page", p.site.Version(), c.Base, f.Notice, q.Values().Encode())
	return p.o.Search(c, key, htmlType, func(ctx context.Context, l *indexes.Loan) ([]byte, error) {
		a, err := search.Find(ctx, l, q)
		if err != nil {
			return nil, err
		}
		return p.site.Search(f, web.Search{Query: q, Answer: a, Release: l.Release, Since: l.Modified, Behind: l.Behind})
	})
}

// readQuery reads what is asked of an address, of which empty parameters are left out.
//
// Errors: those of Check and Beyond.
func (p *Portal) readQuery(pattern string, given url.Values) (search.Query, error) {
	asked := maps.Clone(given)
	for name, values := range asked {
		asked[name] = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
		if len(asked[name]) == 0 {
			delete(asked, name)
		}
	}
	if p.o.Check != nil {
		if err := p.o.Check(pattern, asked); err != nil {
			return search.Query{}, err
		}
	}
	q, err := search.Read(asked)
	if err != nil && p.o.Beyond != nil {
		err = p.o.Beyond(err)
	}
	return q, err
}

// pageQuery is what of a request is known to the page of the search; the rest is ignored,
// and so is what does not decode.
func pageQuery(c *Call) url.Values {
	return knownQuery(c, search.Parameters)
}

// redirect leads to an address beside the one that was asked, wherever the service is.
func redirect(c *Call, target string) error {
	h := c.Writer.Header()
	h.Set("Location", target)
	h.Set("Cache-Control", exchange.CacheLatest)
	c.Writer.WriteHeader(http.StatusFound)
	return nil
}
