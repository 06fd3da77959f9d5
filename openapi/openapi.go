// Package openapi is the contract of the HTTP service: a document in OpenAPI 3.0 and
// what follows from it, the check of the parameters of a request and the page that
// shows it.
//
// It owns what is promised to re-users. Who answers, and in which form an error is
// told, is the business of the api package.
//
// Invariant: the document is written by hand, and what it promises is tested against
// every route; nothing of it is made from the code.
package openapi

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed openapi.yaml
var source []byte

// Document is the contract. It is safe for concurrent use.
type Document struct {
	spec       *openapi3.T
	yaml, json addressed
	operations map[string]*Operation // by path
}

// addressed is a text with the address of the service in it.
type addressed struct{ before, after []byte }

func (a addressed) at(base string) []byte {
	address, err := json.Marshal(base) // YAML reads it too
	if err != nil {
		panic(err) // a text always encodes
	}
	return bytes.Join([][]byte{a.before, a.after}, address)
}

// The address of the service, as it stands in the source and in its JSON form.
const (
	serverInYAML = "servers:\n  - url: "
	anyServer    = "/"
	serverInJSON = "https://service.invalid"
)

// Load returns the document, which is read once: that takes a tenth of a second.
func Load() (*Document, error) { return loaded() }

var loaded = sync.OnceValues(load)

func load() (*Document, error) {
	spec, err := openapi3.NewLoader().LoadFromData(source)
	if err != nil {
		return nil, fmt.Errorf("load API document: %w", err)
	}
	d := &Document{spec: spec, operations: map[string]*Operation{}}
	if d.yaml, err = splitAt(source, serverInYAML, anyServer); err != nil {
		return nil, err
	}
	local := *spec
	local.Servers = openapi3.Servers{{URL: serverInJSON, Description: spec.Servers[0].Description}}
	text, err := json.Marshal(&local)
	if err != nil {
		return nil, fmt.Errorf("load API document: write JSON: %w", err)
	}
	if d.json, err = splitAt(text, "", `"`+serverInJSON+`"`); err != nil {
		return nil, err
	}
	for path, item := range spec.Paths.Map() {
		d.operations[path] = newOperation(item)
	}
	return d, nil
}

// splitAt cuts a text at a word that follows another, and leaves the word out.
func splitAt(text []byte, lead, word string) (addressed, error) {
	before, after, ok := bytes.Cut(text, []byte(lead+word))
	if !ok {
		return addressed{}, errors.New("load API document: it has no servers")
	}
	return addressed{append(bytes.Clone(before), lead...), after}, nil
}

// YAML returns the document of the service at an address.
func (d *Document) YAML(base string) []byte { return d.yaml.at(base) }

// JSON returns the document of the service at an address.
func (d *Document) JSON(base string) []byte { return d.json.at(base) }

// Operation returns what is documented of a route; nil if nothing is. The pattern has
// :name for a part of the path that varies and *name for all that follows; a final
// slash makes no difference.
func (d *Document) Operation(pattern string) *Operation { return d.operations[templateOf(pattern)] }

// templateOf writes the pattern of a route as a path of the document.
func templateOf(pattern string) string {
	parts := strings.Split(strings.TrimRight(pattern, "/"), "/")
	for i, part := range parts {
		if part != "" && (part[0] == ':' || part[0] == '*') {
			parts[i] = "{" + part[1:] + "}"
		}
	}
	return strings.Join(parts, "/")
}

// Spec is the document as it was parsed. It is not to be changed.
func (d *Document) Spec() *openapi3.T { return d.spec }
