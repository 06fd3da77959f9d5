package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/api/explore"
	"github.com/parvis-opendata/parvis/api/portal"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/openapi"
	"github.com/parvis-opendata/parvis/publisher/release"
	"github.com/parvis-opendata/parvis/web"
)

// cacheVersioned is for what has another address when it is another.
const cacheVersioned = "public, max-age=31536000, immutable"

// openPortal makes the pages and what they load.
func (s *Server) openPortal() (err error) {
	o := portal.Options{
		Releases: (*published)(s.library), Datasets: s.options.Datasets, Explore: s.explore, Beyond: beyondPages,
		Cache: s.cache, Version: s.options.Version, Stall: s.options.Stall, Now: s.options.Now,
		Check: func(pattern string, values map[string][]string) error {
			return checkOperation(s.promised.Operation(pattern), pattern, query{values: values})
		},
	}
	if s.options.Search != nil {
		o.Search = func(c *portal.Call, key, mediaType string, produce func(context.Context, *indexes.Loan) ([]byte, error)) error {
			return s.overIndex(c, form{"page", mediaType}, key, produce)
		}
		o.Look = s.look
	}
	if s.portal, err = portal.New(o); err != nil {
		return err
	}
	s.pages = map[string]bool{}
	for _, e := range s.portal.Endpoints() {
		s.pages[e.Pattern] = !e.ForPrograms
	}
	s.static = map[string]text{}
	for name, a := range s.portal.Assets() {
		packed, err := exchange.Encode(exchange.Gzip, a.Bytes)
		if err != nil {
			return err
		}
		s.static[name] = newText(openapi.Asset{MediaType: a.MediaType, Plain: a.Bytes, Gzip: packed})
	}
	return nil
}

// portalRoutes are the addresses of the pages.
func (s *Server) portalRoutes() []route {
	var all []route
	for _, e := range s.portal.Endpoints() {
		all = append(all, route{e.Pattern, func(c *gin.Context) error { return s.pageProblem(c, e.Answer(s.exchange(c))) }, e.Parameters})
	}
	return all
}

// pageProblem says what a reader can know and do about an error of a page, among them those
// of the query API, which pages ask.
func (s *Server) pageProblem(c *gin.Context, err error) error {
	var refused *portal.RefusedError
	switch {
	case errors.Is(err, portal.ErrUnknown):
		return &problem{kind: errUnknownRoute, detail: "Cette page n'existe pas, ou n'existe plus.", cause: err}
	case errors.As(err, &refused):
		return &problem{kind: errParameter, detail: refused.Detail, cause: err}
	}
	err = searchProblem(err)
	var p *problem
	if err == nil || errors.As(err, &p) {
		return err
	}
	if f := explore.ErrorOf(err); f != nil {
		return s.queryProblem(c, f)
	}
	return err
}

// isPage reports whether a route is read by people: its errors are pages too.
func (s *Server) isPage(pattern string) bool { return s.pages[pattern] }

// wantsPage reports whether an error is to be a page: at the address of one, and where
// there is nothing for a browser.
func (s *Server) wantsPage(c *gin.Context) bool {
	if s.isPage(c.FullPath()) {
		return true
	}
	return c.FullPath() == "" && strings.Contains(c.Request.Header.Get("Accept"), "text/html")
}

// staticFile answers with a file that pages load.
func (s *Server) staticFile(c *gin.Context) error {
	name := parameter(c, "file")
	t, ok := s.static[name]
	if !ok {
		return errUnknownRoute
	}
	if c.Query("v") == s.portal.Assets()[name].Version {
		t.caching = cacheVersioned
	}
	return writeText(c, t)
}

// writeProblemPage says on a page what is wrong.
func (s *Server) writeProblemPage(c *gin.Context, body problemBody) {
	p := web.Problem{Status: body.Status, Title: body.Title, Detail: body.Detail}
	if body.Status == http.StatusInternalServerError {
		p.RequestID = body.RequestID
	}
	text, err := s.portal.Problem(s.exchange(c), c.FullPath(), p)
	if err != nil {
		writeProblem(c, body)
		return
	}
	c.Header("Content-Security-Policy", web.Policy)
	sendProblem(c, body.Status, "text/html; charset=utf-8", text)
}

// exchange is a request as packages see it that answer some.
func (s *Server) exchange(c *gin.Context) *exchange.Call {
	return &exchange.Call{
		Writer: c.Writer, Request: c.Request, Base: s.linksFor(c.Request).base,
		Path:  func(name string) string { return parameter(c, name) },
		Cheap: func() { ease(c) },
	}
}

// published tells the pages what was published.
type published library

// Served implements portal.Releases.
func (p *published) Served(ctx context.Context, d datasets.Dataset) (c release.Current, m release.Manifest, ok bool, err error) {
	snap, err := (*library)(p).served(ctx, d)
	if errors.Is(err, errUnpublished) {
		return c, m, false, nil
	}
	if err != nil {
		return c, m, false, err
	}
	return *snap.pointer, snap.manifest, true, nil
}

// History implements portal.Releases.
func (p *published) History(ctx context.Context, d datasets.Dataset) ([]release.Entry, error) {
	return (*library)(p).history(ctx, d)
}

// Document implements portal.Releases.
func (p *published) Document(ctx context.Context, m release.Manifest, name string) ([]byte, error) {
	d, err := p.shelf.document(ctx, release.ObjectName(m.Dataset, m.Release, name))
	if isNotFound(err) || errors.Is(err, objects.ErrInvalid) {
		err = errors.Join(portal.ErrNoDocument, err)
	}
	return d.data, err
}
