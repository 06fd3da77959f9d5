package api

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/internal/traces"
)

const (
	maxAddress = 64 << 10 // bytes of path and query
	maxHeaders = 16 << 10 // bytes of names and values
	// bodyTimeout is how long a body, which nothing here reads, may take to come.
	bodyTimeout = 10 * time.Second
)

const requestIDHeader = "X-Request-Id"

var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$`)

// identify gives the request a name, that of the caller if it is well-formed.
func (s *Server) identify(c *gin.Context) {
	id := c.Request.Header.Get(requestIDHeader)
	if !requestIDPattern.MatchString(id) {
		id = rand.Text()
	}
	c.Set(requestIDHeader, id)
	c.Header(requestIDHeader, id)
}

func requestID(c *gin.Context) string { return c.GetString(requestIDHeader) }

// record writes a line for each request: nothing about who asked, and of the query
// only the names of parameters that we know.
func (s *Server) record(c *gin.Context) {
	began := s.options.Now()
	broken := true
	span := s.trace(c)
	defer func() {
		endTrace(c, span, broken)
		took := s.options.Now().Sub(began)
		if s.options.Counted != nil {
			s.options.Counted(c.FullPath(), knownMethod(c.Request.Method), c.Writer.Status(), int64(max(c.Writer.Size(), 0)), took)
		}
		line := []any{
			slog.String("request_id", requestID(c)),
			slog.String("method", knownMethod(c.Request.Method)),
			slog.String("route", c.FullPath()),
			slog.Int("status", c.Writer.Status()),
			slog.Int("bytes", max(c.Writer.Size(), 0)),
			slog.Duration("took", took),
			slog.String("release", c.Writer.Header().Get("X-Release")),
			slog.Any("parameters", c.GetStringSlice(parametersKey)),
			slog.Bool("broken_off", broken),
		}
		if id := span.TraceID(); id != "" {
			line = append(line, slog.String("trace_id", id))
		}
		s.options.Log.Info("request", line...)
	}()
	c.Next()
	broken = false
}

// trace begins the span of a request: that of its route, not of its address.
func (s *Server) trace(c *gin.Context) *traces.Span {
	method, route := knownMethod(c.Request.Method), c.FullPath()
	ctx, span := s.options.Traces.Serve(c.Request.Context(), strings.TrimSpace(method+" "+route), c.Request.Header.Get("Traceparent"))
	if span == nil {
		return nil
	}
	c.Request = c.Request.WithContext(ctx)
	span.Text("http.request.method", method)
	span.Text("http.route", route)
	return span
}

// endTrace ends it: of what came of the request it tells what the log does.
func endTrace(c *gin.Context, span *traces.Span, broken bool) {
	status := c.Writer.Status()
	span.Number("http.response.status_code", int64(status))
	span.Number("http.response.body.size", int64(max(c.Writer.Size(), 0)))
	if release := c.Writer.Header().Get("X-Release"); release != "" {
		span.Text("parvis.release", release)
	}
	if broken || status >= http.StatusInternalServerError {
		span.End(errInternal)
		return
	}
	span.End(nil)
}

// knownMethod keeps what a client invents out of the log.
func knownMethod(method string) string {
	known := []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	if slices.Contains(known, method) {
		return method
	}
	return "other"
}

// rescue turns a panic into an answer that tells nothing of the inside.
func (s *Server) rescue(c *gin.Context) {
	defer func() {
		what := recover()
		if what == nil {
			return
		}
		if err, ok := what.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(http.ErrAbortHandler)
		}
		s.options.Log.Error("panic", slog.String("request_id", requestID(c)), slog.String("route", c.FullPath()),
			slog.String("panic", fmt.Sprint(what)), slog.String("stack", string(debug.Stack())))
		c.Abort()
		s.fail(c, errInternal)
	}()
	c.Next()
}

// exposed are the headers that scripts of other sites may read.
const exposed = "Accept-Ranges, Content-Disposition, Content-Encoding, Content-Length, Content-Location, Content-Range, ETag, Last-Modified, " +
	"Link, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Repr-Digest, Retry-After, X-Ignored-Parameters, X-RateLimit-Limit, X-RateLimit-Remaining, " +
	"X-RateLimit-Reset, X-Release, X-Request-Id, X-Synthetic, X-Total-Rows"

// announce sets the headers that every answer has.
func (s *Server) announce(c *gin.Context) {
	c.Header("Access-Control-Allow-Origin", "*")
	c.Header("Access-Control-Expose-Headers", exposed)
	c.Header("Cross-Origin-Resource-Policy", "cross-origin")
	c.Header("X-Content-Type-Options", "nosniff")
	// Data are no pages: a browser that shows them runs nothing and loads nothing.
	c.Header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	c.Header("Referrer-Policy", "no-referrer")
}

// guard refuses requests that are too long, and does not wait for bodies.
func (s *Server) guard(c *gin.Context) {
	if c.Request.ContentLength != 0 {
		c.Header("Connection", "close")
		// A writer that cannot do this has no connection that could be held up.
		_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Now().Add(min(bodyTimeout, s.options.Stall)))
	}
	if len(c.Request.RequestURI) > maxAddress {
		c.Abort()
		s.fail(c, errLongAddress)
		return
	}
	length := 0
	for name, values := range c.Request.Header {
		length += len(name) + len(strings.Join(values, ""))
	}
	if length > maxHeaders {
		c.Abort()
		s.fail(c, errLongHeaders)
	}
}

const parametersKey = "parameters"

// checkParameters notes which parameters were given, and refuses under /api/v1
// those that the route does not know, are given twice, or do not decode; everywhere,
// those that are not as the contract says.
func (s *Server) checkParameters(r route) handler {
	documented := s.promised.Operation(r.pattern)
	strict := strings.HasPrefix(r.pattern, "/api/v1/")
	return func(c *gin.Context) error {
		query, err := parseQuery(c.Request.URL.RawQuery)
		if err != nil && strict {
			return &problem{kind: errParameter, detail: "La partie de l'adresse qui suit « ? » n'est pas bien formée.", cause: err,
				fixes: fixed("Codez les caractères spéciaux (%20 pour une espace).")}
		}
		var known []string
		for _, name := range query.names {
			if slices.Contains(r.parameters, name) {
				known = append(known, name)
			}
		}
		c.Set(parametersKey, known)
		if strict {
			if err := query.refuse(r.parameters, documented.Several); err != nil {
				return err
			}
		}
		if err := s.checkContract(documented, r.pattern, query); err != nil {
			return err
		}
		return r.answer(c)
	}
}
