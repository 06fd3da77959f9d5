package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Errors of [Begin], before anything is sent.
var (
	ErrCoding       = errors.New("the client takes no coding that there is")
	ErrPrecondition = errors.New("a condition of the request does not hold")
)

// Reply is how an answer is told.
type Reply struct {
	// Key names the bytes of the answer before they are coded: other bytes, another key.
	Key       string
	MediaType string
	// Modified is when the answer came to be what it is; zero if conditions on dates do
	// not count.
	Modified time.Time
	// Caching is the value of Cache-Control.
	Caching string
	// Dense says that the body is compressed already.
	Dense bool
}

// Key makes a key of what an answer depends on.
func Key(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = fmt.Fprintf(h, "%d:%s,", len(p), p) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil)[:20])
}

// Preface is the head of an answer.
type Preface struct {
	Tag string // quoted
	// Coding is the content coding: zstd, gzip, or "" for none.
	Coding string
	// Over says that there is nothing more to answer.
	Over bool
}

// Begin decides how to answer: it sets the headers of validation and caching, and
// answers 304 itself.
//
// Errors: [ErrCoding], [ErrPrecondition].
func Begin(w http.ResponseWriter, r *http.Request, a Reply) (Preface, error) {
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	client := ParseAccepts(r.Header)
	coding, ok := "", true
	if _, asItIs := client.Choose(); !a.Dense || !asItIs {
		coding, ok = client.Choose(Zstd, Gzip)
	}
	pre := Preface{Tag: Tag(a.Key, coding), Coding: coding}
	if !ok {
		return pre, ErrCoding
	}
	switch Judge(r, pre.Tag, a.Modified) {
	case ConditionFailed:
		return pre, ErrPrecondition
	case NotModified:
		Unchanged(w, pre.Tag, a.Caching)
		pre.Over = true
		return pre, nil
	case Proceed:
	}
	h.Set("ETag", pre.Tag)
	h.Set("Cache-Control", a.Caching)
	if !a.Modified.IsZero() {
		h.Set("Last-Modified", a.Modified.UTC().Format(http.TimeFormat))
	}
	return pre, nil
}

// Head answers a HEAD request, without the work that the body would be.
func (p Preface) Head(w http.ResponseWriter, mediaType string) error {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	if p.Coding != "" {
		h.Set("Content-Encoding", p.Coding)
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// body sends a body that is whole and coded.
func (p Preface) body(w http.ResponseWriter, mediaType string, body []byte, stall time.Duration) error {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	if p.Coding != "" {
		h.Set("Content-Encoding", p.Coding)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, err := NewPaced(w, stall).Write(body)
	return err
}
