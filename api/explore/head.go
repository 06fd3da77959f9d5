package explore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/internal/serving"
)

const jsonType = "application/json; charset=utf-8"

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

// acquire borrows a table of the release that the parameters name. The caller gives
// it back.
func (a *API) acquire(c *Call, id string, p params) (loan, error) {
	name := p.text("release")
	if name == "" {
		name = serving.Latest
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), a.o.Timeout)
	defer cancel()
	t, err := a.o.Library.Acquire(ctx, id, name)
	if err != nil {
		return loan{}, err
	}
	l := loan{t, name != serving.Latest}
	l.mark(c.Writer)
	return l, nil
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
	h := sha256.New()
	for _, p := range append([]string{a.o.Version, l.ID(), l.ReleaseID()}, parts...) {
		_, _ = fmt.Fprintf(h, "%d:%s,", len(p), p) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil)[:20])
}

// preface is the head of an answer.
type preface struct {
	tag string // quoted
	// coding is the content coding: zstd, gzip, or "" for none.
	coding string
	// over says that there is nothing more to answer.
	over bool
}

// open decides how to answer under a key: it sets the headers of validation and
// caching, and answers 304 itself. A body that is dense is compressed already.
//
// Errors: a condition that does not hold; no acceptable coding.
func (c *Call) open(l loan, key string, dense bool) (preface, error) {
	h := c.Writer.Header()
	h.Set("Vary", "Accept-Encoding")
	client := exchange.ParseAccepts(c.Request.Header)
	coding, ok := "", true
	if _, asItIs := client.Choose(); !dense || !asItIs {
		coding, ok = client.Choose(exchange.Zstd, exchange.Gzip)
	}
	pre := preface{tag: exchange.Tag(key, coding), coding: coding}
	if !ok {
		return pre, &Error{Status: http.StatusNotAcceptable, Code: "NotAcceptable", Kind: KindCoding, Message: "La réponse existe sans compression, en gzip et en zstd, que Accept-Encoding refuse tous."}
	}
	switch exchange.Judge(c.Request, pre.tag, l.modified()) {
	case exchange.ConditionFailed:
		return pre, &Error{Status: http.StatusPreconditionFailed, Code: "PreconditionFailed", Kind: KindPrecondition,
			Message: "La réponse n'est pas, ou n'est plus, celle que désigne la condition de la requête (If-Match, If-Unmodified-Since)."}
	case exchange.NotModified:
		c.cheap()
		exchange.Unchanged(c.Writer, pre.tag, l.cache())
		pre.over = true
		return pre, nil
	case exchange.Proceed:
	}
	h.Set("ETag", pre.tag)
	h.Set("Cache-Control", l.cache())
	h.Set("Last-Modified", l.modified().Format(http.TimeFormat))
	return pre, nil
}

// sendJSON sends a body that is whole, in the coding of the preface.
func (a *API) sendJSON(c *Call, pre preface, body []byte) error {
	h := c.Writer.Header()
	h.Set("Content-Type", jsonType)
	if pre.coding != "" {
		h.Set("Content-Encoding", pre.coding)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, err := exchange.NewPaced(c.Writer, a.o.Stall).Write(body)
	return err
}

// sendHead answers a HEAD request, without the work that the body would be.
func (c *Call) sendHead(mediaType string, pre preface) error {
	h := c.Writer.Header()
	h.Set("Content-Type", mediaType)
	if pre.coding != "" {
		h.Set("Content-Encoding", pre.coding)
	}
	c.Writer.WriteHeader(http.StatusOK)
	return nil
}

func (c *Call) onlyHead() bool { return c.Request.Method == http.MethodHead }

// addressKey is what of a request shows in its answer when that has links.
func (c *Call) addressKey(links bool) string {
	if !links {
		return ""
	}
	return c.Base + strings.TrimRight(c.Request.URL.EscapedPath(), "/") + "?" + c.Request.URL.RawQuery
}
