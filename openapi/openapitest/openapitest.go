// Package openapitest compares the responses of a server with the API document, for the
// tests of whoever serves.
package openapitest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/parvis-opendata/parvis/openapi"
)

// general are the headers that the document speaks of once for all, and those of the
// connection.
var general = []string{
	"Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Content-Security-Policy", "Cross-Origin-Resource-Policy", "Referrer-Policy", "X-Content-Type-Options",
	"Connection", "Content-Length", "Content-Type", "Date", "Transfer-Encoding",
}

// Check says what of a response, whose body was read, is not as documented: its status,
// its headers, its media type, its body; and what the document does not know of it.
func Check(d *openapi.Document, resp *http.Response, body []byte) error {
	method := resp.Request.Method
	item := find(d.Spec(), resp.Request.URL.EscapedPath())
	if item == nil || method != http.MethodGet && method != http.MethodHead {
		return checkElsewhere(d.Spec(), resp, body)
	}
	ref := item.Get.Responses.Value(strconv.Itoa(resp.StatusCode))
	if ref == nil {
		return fmt.Errorf("status %d is not documented", resp.StatusCode)
	}
	return errors.Join(checkHeaders(ref.Value, resp), checkContent(ref.Value.Content, resp, body))
}

// checkElsewhere looks at what is answered where nothing is, or to other methods. Pages for
// people are not documented.
func checkElsewhere(spec *openapi3.T, resp *http.Response, body []byte) error {
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		return nil
	}
	if resp.StatusCode < 300 {
		if resp.Request.Method == http.MethodOptions {
			return nil
		}
		return errors.New("the address is not documented")
	}
	either := openapi3.Content{
		"application/json":         {Schema: &openapi3.SchemaRef{Value: &openapi3.Schema{AnyOf: openapi3.SchemaRefs{spec.Components.Schemas["ExploreError"], spec.Components.Schemas["ExploreQuota"]}}}},
		"application/problem+json": {Schema: spec.Components.Schemas["Problem"]},
	}
	return checkContent(either, resp, body)
}

func checkHeaders(want *openapi3.Response, resp *http.Response) error {
	var all []error
	documented := map[string]bool{}
	for name := range want.Headers {
		documented[http.CanonicalHeaderKey(name)] = true
	}
	for name := range resp.Header {
		if !documented[name] && !slices.Contains(general, name) {
			all = append(all, fmt.Errorf("status %d: header %s is not documented", resp.StatusCode, name))
		}
	}
	for name := range resp.Trailer {
		if !documented[http.CanonicalHeaderKey(name)] {
			all = append(all, fmt.Errorf("status %d: trailer %s is not documented", resp.StatusCode, name))
		}
	}
	for name, h := range want.Headers {
		if h.Value.Required && resp.Header.Get(name) == "" {
			all = append(all, fmt.Errorf("status %d: header %s is missing", resp.StatusCode, name))
		}
	}
	return errors.Join(all...)
}

func checkContent(want openapi3.Content, resp *http.Response, body []byte) error {
	if len(body) == 0 {
		return nil
	}
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("media type: %w", err)
	}
	m := want[media]
	if m == nil {
		if want["*/*"] != nil {
			return nil
		}
		return fmt.Errorf("status %d: media type %s is not documented", resp.StatusCode, media)
	}
	if media != "application/json" && media != "application/problem+json" || m.Schema.Value.Format == "binary" {
		return nil
	}
	body, err = decoded(resp.Header.Get("Content-Encoding"), body)
	if err != nil || body == nil {
		return err
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	if err := m.Schema.Value.VisitJSON(value, openapi3.VisitAsResponse(), openapi3.MultiErrors()); err != nil {
		return fmt.Errorf("status %d: %w", resp.StatusCode, shortly(err))
	}
	return undocumented(m.Schema.Value, value, "body")
}

// shortly leaves the schemas and the values out of what a validation found.
func shortly(err error) error {
	var several openapi3.MultiError
	if errors.As(err, &several) {
		var all []error
		for _, one := range several {
			all = append(all, shortly(one))
		}
		return errors.Join(all...)
	}
	var one *openapi3.SchemaError
	if errors.As(err, &one) {
		return fmt.Errorf("body at /%s: %s", strings.Join(one.JSONPointer(), "/"), one.Reason)
	}
	return err
}

// decoded takes off a content coding; nil for one that is not looked into.
func decoded(coding string, body []byte) ([]byte, error) {
	switch coding {
	case "":
		return body, nil
	case "gzip":
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(z)
	}
	return nil, nil
}

// undocumented looks for keys that the document has no word of. Clients may meet new
// ones, so that its schemas allow them; here they are faults.
func undocumented(s *openapi3.Schema, value any, at string) error {
	if s == nil {
		return nil
	}
	if len(s.AnyOf) > 0 {
		var err error
		for _, one := range s.AnyOf {
			if err = undocumented(one.Value, value, at); err == nil {
				return nil
			}
		}
		return err
	}
	var all []error
	switch value := value.(type) {
	case []any:
		for i, v := range value {
			if s.Items != nil {
				all = append(all, undocumented(s.Items.Value, v, fmt.Sprintf("%s[%d]", at, i)))
			}
		}
	case map[string]any:
		for key, v := range value {
			all = append(all, undocumentedKey(s, key, v, at+"."+key))
		}
	}
	return errors.Join(all...)
}

func undocumentedKey(s *openapi3.Schema, key string, value any, at string) error {
	if p, ok := s.Properties[key]; ok {
		return undocumented(p.Value, value, at)
	}
	more := s.AdditionalProperties
	switch {
	case more.Schema != nil:
		return undocumented(more.Schema.Value, value, at)
	case more.Has != nil && *more.Has:
		return nil
	case len(s.Properties) == 0: // it may be anything
		return nil
	}
	return fmt.Errorf("%s is not documented", at)
}

// find returns the path of the document that a path is; nil if there is none.
func find(spec *openapi3.T, path string) *openapi3.PathItem {
	parts := strings.Split(strings.TrimRight(path, "/"), "/")
	var found *openapi3.PathItem
	most := -1
	for template, item := range spec.Paths.Map() {
		if literal, ok := matches(strings.Split(template, "/"), parts); ok && literal > most {
			found, most = item, literal
		}
	}
	return found
}

// matches compares a path with a template, and counts the parts that they have in
// common. {rest} stands for all that follows.
func matches(template, parts []string) (literal int, ok bool) {
	for i, want := range template {
		if want == "{rest}" {
			return literal, len(parts) > i
		}
		if i >= len(parts) {
			return 0, false
		}
		if want == parts[i] {
			literal++
		} else if !strings.HasPrefix(want, "{") || parts[i] == "" {
			return 0, false
		}
	}
	return literal, len(template) == len(parts)
}
