package api

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/api/explore"
	"github.com/parvis-opendata/parvis/openapi"
)

// cacheContract is for what a new version of the program changes.
const cacheContract = "public, max-age=300, s-maxage=300"

// text is a text that answers a request, with its forms.
type text struct {
	openapi.Asset
	sum     string            // of the plain form
	header  map[string]string // that goes with it
	caching string
}

func newText(a openapi.Asset) text {
	sum := sha256.Sum256(a.Plain)
	return text{Asset: a, sum: hex.EncodeToString(sum[:]), caching: cacheContract}
}

// contract is the contract of the service at one address.
type contract struct {
	base       string
	yaml, json text
}

// contractAt returns the contract of the service at an address. The last one is kept:
// most requests come under one address.
func (s *Server) contractAt(base string) (*contract, error) {
	if last := s.lastContract.Load(); last != nil && last.base == base {
		return last, nil
	}
	out := &contract{base: base}
	for _, form := range []struct {
		to        *text
		mediaType string
		plain     []byte
	}{
		{&out.yaml, "application/yaml; charset=utf-8", s.promised.YAML(base)}, {&out.json, "application/json", s.promised.JSON(base)},
	} {
		packed, err := exchange.Encode("gzip", form.plain)
		if err != nil {
			return nil, err
		}
		*form.to = newText(openapi.Asset{MediaType: form.mediaType, Plain: form.plain, Gzip: packed})
	}
	s.lastContract.Store(out)
	return out, nil
}

// contractYAML answers with the contract of this service.
func (s *Server) contractYAML(c *gin.Context) error {
	all, err := s.contractAt(s.linksFor(c.Request).base)
	if err != nil {
		return err
	}
	return writeText(c, all.yaml)
}

// contractJSON answers with the same as JSON.
func (s *Server) contractJSON(c *gin.Context) error {
	all, err := s.contractAt(s.linksFor(c.Request).base)
	if err != nil {
		return err
	}
	return writeText(c, all.json)
}

// docs answers with the page that shows the contract.
func (s *Server) docs(c *gin.Context) error {
	page := s.page["index.html"]
	page.header = map[string]string{
		// All of it comes from here; what the reader tries goes to the address of the service.
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' " +
			s.linksFor(c.Request).base + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	}
	return writeText(c, page)
}

// docsFile answers with a file of that page.
func (s *Server) docsFile(c *gin.Context) error {
	t, ok := s.page[parameter(c, "file")]
	if !ok {
		return errUnknownRoute
	}
	return writeText(c, t)
}

// loadPage returns the files of the page that shows the contract, which are read once.
var loadPage = sync.OnceValues(func() (map[string]text, error) {
	assets, err := openapi.Assets()
	if err != nil {
		return nil, err
	}
	page := map[string]text{}
	for name, a := range assets {
		page[name] = newText(a)
	}
	return page, nil
})

// writeText answers with the form of a text that the client likes best.
//
// Errors: errEncoding, errPrecondition.
func writeText(c *gin.Context, t text) error {
	var offered []string
	if t.Gzip != nil {
		offered = []string{exchange.Gzip}
	}
	c.Header("Vary", "Accept-Encoding")
	coding, ok := exchange.ParseAccepts(c.Request.Header).Choose(offered...)
	if !ok {
		return &problem{kind: errEncoding, detail: "Accept-Encoding refuse toutes les formes que ce texte peut prendre."}
	}
	body := t.Plain
	if coding != "" {
		body = t.Gzip
	}
	for name, value := range t.header { // that nothing has changed is said under the same policy
		c.Header(name, value)
	}
	tag := exchange.Tag(t.sum, coding)
	switch exchange.Judge(c.Request, tag, time.Time{}) {
	case exchange.ConditionFailed:
		return errPrecondition
	case exchange.NotModified:
		unchanged(c, tag, t.caching)
		return nil
	case exchange.Proceed:
	}
	c.Header("ETag", tag)
	c.Header("Cache-Control", t.caching)
	c.Header("Content-Type", t.MediaType)
	if coding != "" {
		c.Header("Content-Encoding", coding)
	}
	c.Header("Content-Length", strconv.Itoa(len(body)))
	c.Writer.WriteHeader(http.StatusOK)
	c.Writer.WriteHeaderNow()
	if c.Request.Method != http.MethodHead {
		_, _ = c.Writer.Write(body) // a client that left cannot be told
	}
	return nil
}

// checkContract refuses parameters that are not as the contract of the address says.
// That of the old clients is lenient.
//
// Errors: a [*problem].
func (s *Server) checkContract(o *openapi.Operation, pattern string, q query) error {
	if o == nil || s.isPage(pattern) { // a page says itself what is wrong
		return nil
	}
	return checkOperation(o, pattern, q)
}

func checkOperation(o *openapi.Operation, pattern string, q query) error {
	var fault *openapi.ParameterError
	if explore.Owns(pattern) {
		if !errors.As(o.CheckLenient(q.values), &fault) {
			return nil
		}
		return &problem{kind: errParameter, detail: strings.TrimSpace(fault.Detail + " " + fault.Advice), cause: fault}
	}
	if !errors.As(o.Check(q.values), &fault) {
		return nil
	}
	fixes := []string{fault.Fix}
	if fault.Advice != "" {
		fixes = append(fixes, fault.Advice)
	}
	return &problem{kind: errParameter, detail: fault.Detail, fixes: fixed(fixes...), cause: fault}
}
