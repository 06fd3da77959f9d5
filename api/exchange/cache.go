package exchange

import (
	"fmt"
	"net/http"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"
)

// maxKept is the size in bytes of the largest answer that is kept, and overhead about
// what keeping one costs besides.
const (
	maxKept  = 256 << 10
	overhead = 200
)

// Cache keeps small answers by their entity tag, which stands for the release, the
// query, the page and the form; and parts of answers by a key that does. Nothing in it is ever wrong; what is not asked for
// makes room. A release that was withdrawn is refused before the cache is asked. A nil
// Cache keeps nothing.
type Cache struct{ answers *otter.Cache[string, Body] }

// Body is the body of an answer, with its Link header if it has one.
type Body struct {
	Bytes []byte
	Link  string
}

// NewCache returns a cache of so many bytes.
func NewCache(bytes int64) (*Cache, error) {
	answers, err := otter.New(&otter.Options[string, Body]{
		MaximumWeight: uint64(bytes),
		StatsRecorder: stats.NewCounter(),
		Weigher:       func(tag string, b Body) uint32 { return uint32(len(tag) + len(b.Bytes) + len(b.Link) + overhead) },
	})
	if err != nil {
		return nil, fmt.Errorf("make cache: %w", err)
	}
	return &Cache{answers}, nil
}

// Get returns what is kept under a tag or key.
func (c *Cache) Get(tag string) (Body, bool) {
	if c == nil {
		return Body{}, false
	}
	return c.answers.GetIfPresent(tag)
}

// Keep keeps a body under a tag or key, unless it is large.
func (c *Cache) Keep(tag string, b Body) {
	if c != nil && len(b.Bytes) <= maxKept {
		c.answers.Set(tag, b)
	}
}

// CacheStats is what a cache holds, and how often it was asked since the start.
type CacheStats struct {
	Hits, Misses int64
	// Bytes is about what is held, Limit the most that is.
	Bytes, Limit int64
}

// Stats says what the cache holds.
func (c *Cache) Stats() CacheStats {
	if c == nil {
		return CacheStats{}
	}
	s := c.answers.Stats()
	return CacheStats{Hits: int64(s.Hits), Misses: int64(s.Misses), Bytes: int64(c.answers.WeightedSize()), Limit: int64(c.answers.GetMaximum())}
}

// Making is how an answer comes about.
type Making struct {
	// Make makes the body, before it is coded.
	Make func() (Body, error)
	// Cheap is told that the answer costs next to nothing.
	Cheap func()
	// Stall is how long the client may take for the body.
	Stall time.Duration
}

// Answer sends a reply whole: what is kept under its tag, or else what is made.
//
// Errors: those of [Begin] and of Make, before anything is sent; that of the connection.
func (c *Cache) Answer(w http.ResponseWriter, r *http.Request, a Reply, m Making) error {
	pre, err := Begin(w, r, a)
	if err != nil {
		return err
	}
	if pre.Over {
		m.Cheap()
		return nil
	}
	if r.Method == http.MethodHead {
		return pre.Head(w, a.MediaType)
	}
	b, ok := c.Get(pre.Tag)
	if ok {
		m.Cheap()
	} else {
		if b, err = m.Make(); err != nil {
			return err
		}
		if b.Bytes, err = Encode(pre.Coding, b.Bytes); err != nil {
			return err
		}
		c.Keep(pre.Tag, b)
	}
	if b.Link != "" {
		w.Header().Set("Link", b.Link)
	}
	return pre.body(w, a.MediaType, b.Bytes, m.Stall)
}
