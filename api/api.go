// Package api serves the public over HTTP: the files of the releases, what is
// known about datasets and releases, and the health of the process.
//
// It owns routes, headers, caching and the texts of errors. What is published
// comes from datasets, what was published from publisher/release; this package
// only reads the store, and knows neither the hub nor the publication.
//
// Invariant: an answer comes from one release. Its X-Release, its ETag and its
// bytes agree, whatever another process publishes, serves again or withdraws
// meanwhile; and an answer that cannot be finished is broken off, never cut short
// so that it looks whole.
package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/api/explore"
	"github.com/parvis-opendata/parvis/api/fairuse"
	"github.com/parvis-opendata/parvis/api/portal"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/traces"
	"github.com/parvis-opendata/parvis/openapi"
)

// Options are what a [Server] is made of.
type Options struct {
	Store    Store
	Datasets []datasets.Dataset
	// BaseURL is the public address of the service (https://donnees.example.fr).
	// Without it, links are derived from each request.
	BaseURL string
	// TrustedProxies are the addresses or networks (192.0.2.0/24) whose
	// X-Forwarded-… headers are believed; none if empty.
	TrustedProxies []string
	Log            *slog.Logger
	Now            func() time.Time
	Version        string // of the code, for /healthz
	// Library lends the tables that the Explore routes query; without one there are
	// no such routes.
	Library Library
	// Search lends the index of the catalogue; without one there are no routes of the
	// search.
	Search Search
	// Scratch is a directory for exports that are made before they are sent; that of
	// the system if empty.
	Scratch string
	// QueryTimeout is how long a query may take; half a minute if zero.
	QueryTimeout time.Duration
	// RateLimit is how many calls a client may make per minute, and QueryTime how much
	// query time it may use; 0 sets no limit.
	RateLimit int
	QueryTime time.Duration
	// AnswerCache is how many bytes of answers to queries are kept; 64 MiB if zero, none
	// if negative.
	AnswerCache int64
	// Counted is told of each request that was answered: the pattern of its route (empty if
	// there is none), its method, what came of it. It may be nil, and must not wait.
	Counted func(route, method string, status int, bytes int64, took time.Duration)
	// Searched is told of each search that was made, and how long it took, the wait for its
	// turn not counted; and of each that was refused, why. It may be nil, and must not wait.
	Searched func(refused string, took time.Duration)
	// Traces is told what a request spends its time on; nil if nobody is.
	Traces *traces.Tracer
	// Stall is how long a client may take for one piece of an answer (64 KiB)
	// before the connection is given up; a minute if zero.
	Stall time.Duration
	// Drain is how long [Server.Run] lets downloads finish when it is told to
	// stop; half a minute if zero.
	Drain time.Duration
}

// Library lends the tables of the releases; see serving.Library.
type Library interface {
	explore.Library
	// Ready reports whether queries can be answered.
	Ready() bool
}

// Server answers the public. It is safe for concurrent use.
type Server struct {
	options Options
	engine  *gin.Engine
	library *library
	explore *explore.API // nil without a library
	proxies proxies
	use     *fairuse.Use
	cache   *exchange.Cache // of answers to queries
	warned  sync.Once       // of a proxy that is not trusted
	buffers sync.Pool

	promised     *openapi.Document
	lastContract atomic.Pointer[contract]
	page         map[string]text // of the page that shows the contract, by name
	portal       *portal.Portal
	pages        map[string]bool // the patterns of its addresses
	static       map[string]text // what pages load, by name
}

// New returns a server. It reads nothing from the store yet.
//
// Errors: an option is missing or does not parse.
func New(o Options) (*Server, error) {
	if o.Store == nil || o.Log == nil || o.Now == nil {
		return nil, errors.New("make server: store, log and clock are needed")
	}
	trusted, err := parseProxies(o.TrustedProxies)
	if err != nil {
		return nil, fmt.Errorf("make server: %w", err)
	}
	if o.BaseURL, err = cleanBase(o.BaseURL); err != nil {
		return nil, fmt.Errorf("make server: %w", err)
	}
	if o.Stall <= 0 {
		o.Stall = time.Minute
	}
	if o.Drain <= 0 {
		o.Drain = 30 * time.Second
	}
	if o.QueryTimeout <= 0 {
		o.QueryTimeout = 30 * time.Second
	}
	s := &Server{options: o, library: newLibrary(o.Store, o.Now), proxies: trusted, use: fairuse.New(fairuse.Options{Calls: o.RateLimit, QueryTime: o.QueryTime})}
	s.buffers.New = func() any { return new([pieceSize]byte) }
	if s.cache, err = newCache(o.AnswerCache); err != nil {
		return nil, err
	}
	if o.Library != nil {
		s.explore, err = explore.New(explore.Options{
			Library: o.Library, Scratch: o.Scratch, Timeout: o.QueryTimeout, Stall: o.Stall, Now: o.Now, Version: o.Version,
			Use: s.use, Cache: s.cache,
		})
		if err != nil {
			return nil, err
		}
	}
	if s.promised, err = openapi.Load(); err != nil {
		return nil, fmt.Errorf("make server: %w", err)
	}
	if s.page, err = loadPage(); err != nil {
		return nil, fmt.Errorf("make server: %w", err)
	}
	if err = s.openPortal(); err != nil {
		return nil, fmt.Errorf("make server: %w", err)
	}
	s.engine, err = s.newEngine()
	return s, err
}

// Stats says how the server is shared among its clients, and what it keeps in memory.
func (s *Server) Stats() (fairuse.Stats, exchange.CacheStats) {
	return s.use.Stats(), s.cache.Stats()
}

// newCache returns a cache of so many bytes; of 64 MiB if zero, none if negative.
func newCache(bytes int64) (*exchange.Cache, error) {
	switch {
	case bytes < 0:
		return nil, nil
	case bytes == 0:
		bytes = 64 << 20
	}
	return exchange.NewCache(bytes)
}

// cleanBase checks a base URL and takes its last slash off.
func cleanBase(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", fmt.Errorf("base URL %q is not of the form https://host", text)
	}
	return strings.TrimRight(text, "/"), nil
}

// newEngine makes the router with what every request passes through.
func (s *Server) newEngine() (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode) // else gin writes to standard output
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	// An encoded slash is part of a name, never a separator.
	e.UseEscapedPath = true
	e.UnescapePathValues = false
	// Whoever comes to ask for the client's address gets it from trusted proxies only.
	if err := e.SetTrustedProxies(s.options.TrustedProxies); err != nil {
		return nil, fmt.Errorf("make server: trusted proxies: %w", err)
	}
	e.Use(s.identify, s.record, s.rescue, s.announce, s.guard, s.share)
	e.NoRoute(s.handle(s.unknownRoute))
	e.NoMethod(s.handle(s.otherMethod))
	for _, r := range s.routes() {
		h := s.handle(s.checkParameters(r))
		e.GET(r.pattern, h)
		e.HEAD(r.pattern, h)
	}
	return e, nil
}

// handler answers a request, or returns why it cannot; [Server.fail] then does.
type handler func(*gin.Context) error

// route is an address that is read: GET and HEAD.
type route struct {
	pattern string
	answer  handler
	// parameters are the query parameters known here. Others are refused under
	// /api/v1, and ignored elsewhere.
	parameters []string
}

// routes lists every address of the service.
func (s *Server) routes() []route {
	const (
		dataset  = "/api/v1/datasets/:dataset"
		releases = dataset + "/releases"
	)
	return append(slices.Concat(s.exploreRoutes(), s.rowsRoutes(), s.searchRoutes(), s.portalRoutes()), []route{
		{"/healthz", s.healthz, nil},
		{"/readyz", s.readyz, nil},

		{"/openapi.yaml", s.contractYAML, nil},
		{"/openapi.json", s.contractJSON, nil},
		{"/docs", s.docs, nil},
		{"/docs/:file", s.docsFile, nil},
		{"/static/:file", s.staticFile, []string{"v"}},

		{"/datasets/:dataset/releases/:release/:object", s.file, nil},

		{"/api/v1/datasets", s.listDatasets, nil},
		{dataset, s.showDataset, nil},
		{releases, s.listReleases, nil},
		{releases + "/:release", s.showRelease, nil},
		{dataset + "/changes", s.document("changes.json"), []string{"release"}},
		{dataset + "/quality", s.document("quality.json"), []string{"release"}},
		{dataset + "/disclosure", s.document("disclosure.json"), []string{"release"}},
	}...)
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.RawPath != "" && !strings.Contains(strings.ToLower(r.URL.RawPath), "%2f") {
		// Without an encoded slash all spellings of a path are the same path.
		plain := *r.URL
		plain.RawPath = ""
		r = r.WithContext(r.Context())
		r.URL = &plain
	}
	s.engine.ServeHTTP(w, r)
}

// parameter returns a part of the path, decoded; "" if it does not decode.
func parameter(c *gin.Context, name string) string {
	value, err := url.PathUnescape(c.Param(name))
	if err != nil {
		return ""
	}
	return value
}
