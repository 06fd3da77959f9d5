package api

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// representation is the form of an object that is sent.
type representation struct {
	object    release.Object // whose bytes are sent
	mediaType string
	encoding  string // "" or gzip
	varies    bool   // whether the choice depended on Accept-Encoding
}

// tag is the entity tag: the SHA-256 of the bytes, marked when they are a coding.
func (r representation) tag() string {
	if r.encoding != "" {
		return `"` + r.object.SHA256 + "-" + r.encoding + `"`
	}
	return `"` + r.object.SHA256 + `"`
}

// header returns the headers that describe the representation. Its digest is that
// of RFC 9530.
func (r representation) header(modified time.Time) map[string]string {
	h := map[string]string{
		"Accept-Ranges": "bytes", "Content-Type": r.mediaType, "ETag": r.tag(), "Last-Modified": modified.Format(http.TimeFormat),
	}
	if r.encoding != "" {
		h["Content-Encoding"] = r.encoding
	}
	if sum, err := hex.DecodeString(r.object.SHA256); err == nil && len(sum) > 0 {
		h["Repr-Digest"] = "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":"
	}
	return h
}

// file serves an object of a release.
func (s *Server) file(c *gin.Context) error {
	d, err := s.dataset(c)
	if err != nil {
		return err
	}
	return s.serve(c, asked{dataset: d, release: parameter(c, "release"), object: parameter(c, "object"), attached: true})
}

// asked is an object that a request asks for.
type asked struct {
	dataset  datasets.Dataset
	release  string // identifier or latest
	object   string
	attached bool // as a file to keep, under a readable name
	// caching is how long caches may keep it, if its address does not say so.
	caching string
	// follows says that the address follows the served release, although release names
	// the one that is served now.
	follows bool
}

func (a asked) cache() string {
	if a.caching != "" {
		return a.caching
	}
	if a.release == latest {
		return exchange.CacheLatest
	}
	return exchange.CacheExact
}

// serve sends an object. A release that was withdrawn a moment ago may have lost
// its objects before that shows here; then it is looked up again, once.
func (s *Server) serve(c *gin.Context, a asked) error {
	snap, err := s.library.find(c.Request.Context(), a.dataset, a.release)
	if err != nil {
		return err
	}
	err = s.send(c, a, snap)
	if c.Writer.Written() || !errors.Is(err, objects.ErrNotFound) {
		return err
	}
	s.library.forget(a.dataset, snap.id())
	if snap, err = s.library.find(c.Request.Context(), a.dataset, a.release); err != nil {
		return err
	}
	err = s.send(c, a, snap)
	if !c.Writer.Written() && errors.Is(err, objects.ErrNotFound) {
		s.options.Log.Error("object of a manifest is missing", slog.String("request_id", requestID(c)), slog.String("release", snap.id()), slog.Any("error", err))
	}
	return err
}

// send sends an object of a snapshot.
func (s *Server) send(c *gin.Context, a asked, snap snapshot) error {
	o, err := s.object(c.Request.Context(), snap, a.object)
	if err != nil {
		return err
	}
	mark(c, snap.manifest)
	rep, err := negotiate(c.Request, snap.manifest, o)
	if rep.varies {
		c.Header("Vary", "Accept-Encoding")
	}
	if err != nil {
		return err
	}
	snap.latest = snap.latest || a.follows && snap.pointer != nil
	modified := snap.modified().UTC().Truncate(time.Second)
	switch exchange.Judge(c.Request, rep.tag(), modified) {
	case exchange.ConditionFailed:
		return errPrecondition
	case exchange.NotModified:
		unchanged(c, rep.tag(), a.cache())
		return nil
	case exchange.Proceed:
	}
	spans, err := spansOf(c.Request, rep, modified)
	if err != nil {
		return err
	}
	head := rep.header(modified)
	head["Cache-Control"] = a.cache()
	if a.attached {
		head["Content-Disposition"] = snap.disposition(a.object)
	}
	return s.stream(c, outgoing{
		name: release.ObjectName(snap.dataset.ID, snap.id(), rep.object.Name),
		size: rep.object.Bytes, spans: spans, header: head,
	})
}

// object returns the object of a release that has a name.
func (s *Server) object(ctx context.Context, snap snapshot, name string) (release.Object, error) {
	if o, ok := snap.manifest.Object(name); ok {
		return o, nil
	}
	if name == release.ManifestName {
		doc, err := s.library.shelf.document(ctx, release.ObjectName(snap.dataset.ID, snap.id(), name))
		return release.Object{Name: name, MediaType: "application/json", Bytes: int64(len(doc.data)), SHA256: doc.sha256}, err
	}
	return release.Object{}, unknownObject(snap, name)
}

func unknownObject(snap snapshot, name string) error {
	return &problem{
		kind: errUnknownObject, release: snap.id(),
		detail: fmt.Sprintf("La publication %s n'a pas de fichier « %s ».", snap.id(), shorten(name)),
		fixes: func(l links) []string {
			return []string{"Choisissez dans la liste de ses fichiers : " + l.release(snap.dataset.ID, snap.id())}
		},
	}
}

// negotiate chooses the form in which an object is sent. Where the release has the
// object compressed too, a client that takes gzip gets those stored bytes.
//
// A request for a range gets the bytes as they are, because a client that counts
// bytes means those of the file, unless its If-Range shows that it holds a part of
// the compressed form, or it refuses any other.
//
// Errors: errEncoding.
func negotiate(r *http.Request, m release.Manifest, o release.Object) (representation, error) {
	plain := representation{object: o, mediaType: o.MediaType}
	client := exchange.ParseAccepts(r.Header)
	_, plainWillDo := client.Choose()
	packed, ok := m.Object(o.Name + ".gz")
	if !ok {
		if !plainWillDo {
			return plain, &problem{kind: errEncoding, detail: fmt.Sprintf("Le fichier « %s » n'existe que sans compression, que Accept-Encoding refuse.", o.Name)}
		}
		return plain, nil
	}
	plain.varies = true
	zipped := representation{object: packed, mediaType: o.MediaType, encoding: exchange.Gzip, varies: true}
	counts := r.Method == http.MethodGet && r.Header.Get("Range") != "" && r.Header.Get("If-Range") != zipped.tag()
	coding, ok := client.Choose(exchange.Gzip)
	switch {
	case !ok:
		return plain, &problem{kind: errEncoding, detail: fmt.Sprintf("Le fichier « %s » existe sans compression et en gzip, que Accept-Encoding refuse tous deux.", o.Name)}
	case coding == "", counts && plainWillDo:
		return plain, nil
	}
	return zipped, nil
}

// spansOf returns the spans that a request asks for; none for the whole. Range has
// a meaning for GET only (RFC 9110, section 14.2).
//
// Errors: errRange.
func spansOf(r *http.Request, rep representation, modified time.Time) ([]span, error) {
	header := exchange.Field(r.Header, "Range")
	if r.Method != http.MethodGet || header == "" || !exchange.RangeHolds(r, rep.tag(), modified) {
		return nil, nil
	}
	spans, err := parseRange(header, rep.object.Bytes)
	if err != nil {
		detail := fmt.Sprintf("Le fichier a %d octets ; l'intervalle demandé commence après.", rep.object.Bytes)
		if errors.Is(err, errBadRange) {
			detail = fmt.Sprintf("L'en-tête Range n'est pas bien formé ; le fichier a %d octets.", rep.object.Bytes)
		}
		return nil, &problem{
			kind: errRange, detail: detail, cause: err,
			header: map[string]string{"Content-Range": fmt.Sprintf("bytes */%d", rep.object.Bytes)},
		}
	}
	return spans, nil
}

// mark says which release an answer comes from, and whether its data are invented.
func mark(c *gin.Context, m release.Manifest) {
	c.Header("X-Release", m.Release)
	if m.Synthetic {
		c.Header("X-Synthetic", "true")
	}
}
