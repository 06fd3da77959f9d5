package api

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/openapi"
	"github.com/parvis-opendata/parvis/web"
)

// pagePattern is the address of the page of the search.
const pagePattern = "/recherche"

// isPage reports whether a route is read by people: its errors are pages too.
func isPage(pattern string) bool { return pattern == pagePattern }

const htmlType = "text/html; charset=utf-8"

// cacheVersioned is for what has another address when it is another.
const cacheVersioned = "public, max-age=31536000, immutable"

// openSite reads the pages and what they load.
func (s *Server) openSite() (err error) {
	if s.site, err = web.New(); err != nil {
		return err
	}
	s.static = map[string]text{}
	for name, a := range s.site.Assets() {
		packed, err := exchange.Encode(exchange.Gzip, a.Bytes)
		if err != nil {
			return err
		}
		s.static[name] = newText(openapi.Asset{MediaType: a.MediaType, Plain: a.Bytes, Gzip: packed})
	}
	return nil
}

// staticFile answers with a file that pages load.
func (s *Server) staticFile(c *gin.Context) error {
	name := parameter(c, "file")
	t, ok := s.static[name]
	if !ok {
		return errUnknownRoute
	}
	if c.Query("v") == s.site.Assets()[name].Version {
		t.caching = cacheVersioned
	}
	return writeText(c, t)
}

// searchPage answers with the page of the search. An address that says what needs not be
// said, as those do that a browser makes of a form, leads to the short one.
func (s *Server) searchPage(c *gin.Context) error {
	c.Header("Content-Security-Policy", web.Policy)
	given := pageQuery(c)
	asked := maps.Clone(given.values)
	for name, values := range asked {
		asked[name] = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
		if len(asked[name]) == 0 {
			delete(asked, name)
		}
	}
	if err := checkOperation(s.promised.Operation(pagePattern), pagePattern, query{values: asked}); err != nil {
		return err
	}
	q, err := search.Read(asked)
	if err != nil {
		return beyondPages(err)
	}
	if short := q.Values().Encode(); short != given.values.Encode() {
		return redirect(c, short)
	}
	return s.overIndex(c, form{"page " + s.site.Version(), htmlType}, q.Values().Encode(), func(ctx context.Context, l *indexes.Loan) ([]byte, error) {
		a, err := search.Find(ctx, l, q)
		if err != nil {
			return nil, err
		}
		return s.site.Search(web.Frame{Notice: datasets.Notice(l.Synthetic)}, web.Search{Query: q, Answer: a, Release: l.Release, Since: l.Modified, Behind: l.Behind})
	})
}

// pageQuery is what of a request is known to the page of the search; the rest is ignored.
func pageQuery(c *gin.Context) query {
	q, err := parseQuery(c.Request.URL.RawQuery)
	if err != nil { // what can be read counts
		q.names = nil
	}
	maps.DeleteFunc(q.values, func(name string, _ []string) bool { return !slices.Contains(search.Parameters, name) })
	return q
}

// redirect leads to the page of a query.
func redirect(c *gin.Context, short string) error {
	target := "recherche" // beside the address that was asked, wherever the service is
	if short != "" {
		target += "?" + short
	}
	c.Header("Location", target)
	c.Header("Cache-Control", exchange.CacheLatest)
	c.Writer.WriteHeader(http.StatusFound)
	c.Writer.WriteHeaderNow()
	return nil
}

// writeProblemPage says on the page of the search what is wrong, above the form as it was
// filled in.
func (s *Server) writeProblemPage(c *gin.Context, body problemBody) {
	given := pageQuery(c).values
	q, err := search.Read(given)
	if err != nil { // the words at least
		q, _ = search.Read(url.Values{"q": given["q"]})
	}
	p := web.Problem{Status: body.Status, Title: body.Title, Detail: body.Detail}
	if body.Status == http.StatusInternalServerError {
		p.RequestID = body.RequestID
	}
	text, err := s.site.Search(web.Frame{}, web.Search{Query: q, Problem: &p})
	if err != nil {
		writeProblem(c, body)
		return
	}
	c.Header("Content-Security-Policy", web.Policy)
	sendProblem(c, body.Status, htmlType, text)
}
