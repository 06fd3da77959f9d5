package api

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/api/explore"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// exploreRoutes are the addresses that speak the Explore dialect, each with and
// without a final slash.
func (s *Server) exploreRoutes() []route {
	if s.explore == nil {
		return nil
	}
	var all []route
	for _, e := range s.explore.Endpoints() {
		r := route{e.Pattern, s.speakExplore(e), e.Parameters}
		all = append(all, r)
		if !strings.Contains(r.pattern, "*") {
			r.pattern += "/"
			all = append(all, r)
		}
	}
	return all
}

// speakExplore makes a handler of an endpoint of the Explore dialect.
func (s *Server) speakExplore(e explore.Endpoint) handler {
	return func(c *gin.Context) error {
		return e.Answer(s.call(c))
	}
}

// call is a request as the query API sees it.
func (s *Server) call(c *gin.Context) *explore.Call {
	return &explore.Call{Call: *s.exchange(c), SendFile: func(f explore.StoredFile) error { return s.sendStored(c, f) }}
}

// sendStored answers with an object of the release that a query was to be answered
// from.
func (s *Server) sendStored(c *gin.Context, f explore.StoredFile) error {
	ease(c)
	a := asked{dataset: f.Dataset, release: f.Release, object: f.Object, caching: exchange.CacheLatest, follows: true}
	if f.Pinned {
		a.caching, a.follows = exchange.CachePinned, false
	}
	return s.serve(c, a)
}

// failExplore answers with what went wrong, in the Explore dialect.
func (s *Server) failExplore(c *gin.Context, err error) {
	var gone *serving.GoneError
	if errors.As(err, &gone) {
		err = s.tellGone(c, gone)
	}
	f := explore.ErrorOf(err)
	if f == nil {
		f = foreignError(c, err)
	}
	if f.Status >= http.StatusInternalServerError && f.Kind != explore.KindBusy && f.Kind != explore.KindTimeout {
		s.options.Log.Error("request failed", slog.String("request_id", requestID(c)), slog.String("route", c.FullPath()), slog.Any("error", err))
	}
	explore.WriteError(c.Writer, c.Request, f)
	c.Writer.WriteHeaderNow()
}

// tellGone says what became of a release, and names the nearest that is kept.
func (s *Server) tellGone(c *gin.Context, gone *serving.GoneError) error {
	d, ok := datasets.Find(s.options.Datasets, gone.Entry.Manifest.Dataset)
	if !ok {
		return gone
	}
	return s.library.gone(c.Request.Context(), d, gone.Entry)
}

// foreignError tells an error of this package in the words of the Explore dialect.
func foreignError(c *gin.Context, err error) *explore.Error {
	k := kindOf(err)
	f := &explore.Error{Status: k.status, Code: exploreCodes[k.status], Message: k.detail}
	var p *problem
	if errors.As(err, &p) && p.detail != "" {
		f.Message = p.detail
	}
	if p != nil {
		for name, value := range p.header {
			c.Header(name, value)
		}
	}
	f.RetryAfter = k.wait(p)
	return f
}

var exploreCodes = map[int]string{
	http.StatusBadRequest:                   "InvalidRESTParameterError",
	http.StatusNotFound:                     "NotFoundResource",
	http.StatusMethodNotAllowed:             "MethodNotAllowed",
	http.StatusNotAcceptable:                "NotAcceptable",
	http.StatusGone:                         "GoneRelease",
	http.StatusPreconditionFailed:           "PreconditionFailed",
	http.StatusRequestedRangeNotSatisfiable: "RangeNotSatisfiable",
	http.StatusRequestURITooLong:            "AddressTooLong",
	http.StatusRequestHeaderFieldsTooLarge:  "HeadersTooLong",
	http.StatusServiceUnavailable:           "TemporarilyUnavailable",
	http.StatusInternalServerError:          "InternalError",
}
