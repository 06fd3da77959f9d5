package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// releaseList is the history of a dataset.
type releaseList struct {
	Dataset   string        `json:"dataset"`
	Synthetic bool          `json:"synthetic"`
	Notice    string        `json:"notice,omitempty"`
	Releases  []releaseBody `json:"releases"` // latest first
}

// releaseBody describes a release, also one that can no longer be read.
type releaseBody struct {
	Dataset string        `json:"dataset"`
	Release string        `json:"release"`
	State   release.State `json:"state"`
	// Since is when it came to be served, or was pruned or withdrawn; null for a
	// release that is only kept.
	Since       *time.Time `json:"since"`
	Reason      string     `json:"reason,omitempty"`
	DateExtract string     `json:"date_extract"`
	PublishedAt time.Time  `json:"published_at"`
	Previous    string     `json:"previous,omitempty"`
	// Nearest is the release to read instead of one that is gone.
	Nearest     string `json:"nearest,omitempty"`
	Note        string `json:"note,omitempty"`
	Synthetic   bool   `json:"synthetic"`
	Notice      string `json:"notice,omitempty"`
	CodeVersion string `json:"code_version"`
	// ContentDigest is absent for a withdrawn release: whoever kept the other rows
	// could try guesses of a withdrawn one against it.
	ContentDigest string          `json:"content_digest,omitempty"`
	Rows          int64           `json:"rows"`
	Tables        []release.Table `json:"tables"`
	// Objects are the files; the history leaves them out, and one that is gone has
	// none.
	Objects []objectBody `json:"objects,omitempty"`
	Links   releaseLinks `json:"links"`
}

// releaseLinks are the addresses about a release; those of its content are absent
// when it is gone.
type releaseLinks struct {
	Self       string `json:"self"`
	Manifest   string `json:"manifest,omitempty"`
	Changes    string `json:"changes,omitempty"`
	Quality    string `json:"quality,omitempty"`
	Disclosure string `json:"disclosure,omitempty"`
}

// listReleases answers with the history of a dataset.
func (s *Server) listReleases(c *gin.Context) error {
	d, err := s.dataset(c)
	if err != nil {
		return err
	}
	history, err := s.history(c, d)
	if err != nil {
		return err
	}
	out := releaseList{Dataset: d.ID, Releases: []releaseBody{}}
	l := s.linksFor(c.Request)
	for _, h := range history.entries {
		one := history.body(h, l)
		one.Objects = nil
		out.Synthetic = out.Synthetic || one.Synthetic
		out.Releases = append(out.Releases, one)
	}
	out.Notice = datasets.Notice(out.Synthetic)
	if id := history.pointer.Release; id != "" {
		c.Header("X-Release", id)
	}
	return writeJSON(c, out)
}

// showRelease answers with one release, whatever has become of it.
func (s *Server) showRelease(c *gin.Context) error {
	d, err := s.dataset(c)
	if err != nil {
		return err
	}
	history, err := s.history(c, d)
	if err != nil {
		return err
	}
	id := parameter(c, "release")
	if id == latest {
		snap, err := s.library.served(c.Request.Context(), d)
		if err != nil {
			return err
		}
		id = snap.id()
	}
	e, err := s.library.entry(c.Request.Context(), d, id)
	if err != nil {
		return err
	}
	mark(c, e.Manifest)
	body := history.body(e, s.linksFor(c.Request))
	body.Notice = datasets.Notice(body.Synthetic)
	return writeJSON(c, body)
}

// document returns the handler of a report of a release: of the served one, or of
// the one that the parameter release names.
func (s *Server) document(name string) handler {
	return func(c *gin.Context) error {
		d, err := s.dataset(c)
		if err != nil {
			return err
		}
		id := latest
		if c.Request.URL.Query().Has("release") {
			id = c.Query("release")
		}
		return s.serve(c, asked{dataset: d, release: id, object: name})
	}
}

// history is the history of a dataset with the pointer as it is known now.
type history struct {
	entries []release.Entry
	pointer release.Current
}

func (s *Server) history(c *gin.Context, d datasets.Dataset) (history, error) {
	pointer, err := s.library.pointers.Get(c.Request.Context(), d.ID)
	if err != nil && !isNotFound(err) {
		return history{}, err
	}
	entries, err := s.library.history(c.Request.Context(), d)
	return history{entries, pointer}, err
}

// body describes a release of the history.
func (h history) body(e release.Entry, l links) releaseBody {
	m := e.Manifest
	body := releaseBody{
		Dataset: m.Dataset, Release: m.Release, State: e.State, Reason: e.Reason, DateExtract: m.DateExtract, PublishedAt: m.PublishedAt,
		Previous: m.Previous, Note: m.Note, Synthetic: m.Synthetic, CodeVersion: m.CodeVersion, ContentDigest: m.ContentDigest,
		Rows: m.Rows(), Tables: m.Tables, Links: releaseLinks{Self: l.release(m.Dataset, m.Release)},
	}
	if e.State == release.Withdrawn {
		body.ContentDigest = ""
	}
	if e.State == release.Pruned || e.State == release.Withdrawn {
		body.Since, body.Nearest = &e.Since, release.Nearest(h.entries, m.Release)
		return body
	}
	follow := ""
	body.State = release.Kept
	if m.Release == h.pointer.Release {
		body.State, body.Since, follow = release.Served, &h.pointer.ServedSince, latest
	}
	body.Objects = objectBodies(m, l, follow)
	body.Links.Manifest = l.file(m.Dataset, m.Release, release.ManifestName)
	body.Links.Changes = l.document(m.Dataset, "changes", m.Release)
	body.Links.Quality = l.document(m.Dataset, "quality", m.Release)
	body.Links.Disclosure = l.document(m.Dataset, "disclosure", m.Release)
	return body
}
