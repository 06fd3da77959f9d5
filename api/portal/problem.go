package portal

import (
	"net/url"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/web"
)

// Problem is the page that says what is wrong at an address: on the page of the search,
// above the form as it was filled in. The caller sends it, with [web.Policy].
//
// Errors: the page cannot be rendered.
func (p *Portal) Problem(c *Call, pattern string, what web.Problem) ([]byte, error) {
	f := p.frame(c, "")
	if pattern != SearchPattern {
		return p.site.Problem(f, what)
	}
	given := pageQuery(c)
	q, err := search.Read(given)
	if err != nil { // the words at least
		q, _ = search.Read(url.Values{"q": given["q"]})
	}
	return p.site.Search(f, web.Search{Query: q, Problem: &what})
}
