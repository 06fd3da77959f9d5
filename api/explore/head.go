package explore

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// loan is a table that a request reads, and how it asked for it.
type loan struct {
	*serving.Table
	// pinned says that the request named the release.
	pinned bool
}

// begin reads the parameters of a request that are known at its address. It says which
// others there are.
func (c *Call) begin(parameters []string) (params, error) {
	p, err := readParams(c.Request)
	p.announceIgnored(c.Writer, parameters)
	maps.DeleteFunc(p.values, func(name string, _ []string) bool { return !known(parameters, name) })
	return p, err
}

// table borrows the table that a request names, in its path or, in version 1, in its
// parameters.
func (a *API) table(c *Call, p params) (loan, error) {
	id := c.Path("dataset")
	if id == "" {
		id = p.text("dataset")
	}
	if id == "" {
		return loan{}, parameterError("Le paramètre « dataset » manque : donnez l'identifiant d'un jeu de données.")
	}
	return a.acquireTable(c, id, p)
}

// catalogue borrows the table of the tables.
func (a *API) catalogue(c *Call, p params) (loan, error) { return a.acquire(c, serving.CatalogueID, p) }

// acquire borrows a table of the release that the parameters name, and says in the answer
// which it is. The caller gives it back.
func (a *API) acquire(c *Call, id string, p params) (loan, error) {
	l, err := a.borrow(c.Request.Context(), id, p)
	if err == nil {
		l.mark(c.Writer)
	}
	return l, err
}

// borrow borrows a table of the release that the parameters name.
func (a *API) borrow(ctx context.Context, id string, p params) (loan, error) {
	name := p.text("release")
	if name == "" {
		name = serving.Latest
	}
	ctx, cancel := context.WithTimeout(ctx, a.o.Timeout)
	defer cancel()
	t, err := a.o.Library.Acquire(ctx, id, name)
	if err != nil {
		return loan{}, err
	}
	return loan{t, name != serving.Latest}, nil
}

// acquireTable borrows a table of a dataset.
func (a *API) acquireTable(c *Call, id string, p params) (loan, error) {
	if id == serving.CatalogueID { // it has addresses of its own
		return loan{}, serving.ErrUnknownTable
	}
	return a.acquire(c, id, p)
}

// mark says which release an answer comes from, and whether its data are invented.
func (l loan) mark(w http.ResponseWriter) {
	w.Header().Set("X-Release", l.ReleaseID())
	if l.Manifest().Synthetic {
		w.Header().Set("X-Synthetic", "true")
	}
}

func (l loan) cache() string {
	if l.pinned {
		return exchange.CachePinned
	}
	return exchange.CacheLatest
}

func (l loan) modified() time.Time { return l.Modified().UTC().Truncate(time.Second) }

// key identifies an answer: the release, and what is asked of it in a canonical form.
func (a *API) key(l loan, parts ...string) string {
	return exchange.Key(append([]string{a.o.Version, l.ID(), l.ReleaseID()}, parts...)...)
}

func (c *Call) onlyHead() bool { return c.Request.Method == http.MethodHead }

// addressKey is what of a request shows in its answer when that has links.
func (c *Call) addressKey(links bool) string {
	if !links {
		return ""
	}
	return c.Base + strings.TrimRight(c.Request.URL.EscapedPath(), "/") + "?" + c.Request.URL.RawQuery
}
