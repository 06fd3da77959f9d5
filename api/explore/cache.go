package explore

import (
	"fmt"

	"github.com/maypok86/otter/v2"
)

// maxKept is the size in bytes of the largest answer that is kept, and overhead about
// what keeping one costs besides.
const (
	maxKept  = 256 << 10
	overhead = 200
)

// cache keeps small answers by their entity tag, which stands for the release, the
// query, the page and the form. Nothing in it is ever wrong; what is not asked for
// makes room. A release that was withdrawn is refused before the cache is asked.
type cache struct{ answers *otter.Cache[string, []byte] }

// newCache returns a cache of so many bytes; without any it keeps nothing.
func newCache(bytes int64) (cache, error) {
	if bytes <= 0 {
		return cache{}, nil
	}
	answers, err := otter.New(&otter.Options[string, []byte]{
		MaximumWeight: uint64(bytes),
		Weigher:       func(tag string, body []byte) uint32 { return uint32(len(tag) + len(body) + overhead) },
	})
	if err != nil {
		return cache{}, fmt.Errorf("make cache: %w", err)
	}
	return cache{answers}, nil
}

func (c cache) get(tag string) ([]byte, bool) {
	if c.answers == nil {
		return nil, false
	}
	return c.answers.GetIfPresent(tag)
}

func (c cache) keep(tag string, body []byte) {
	if c.answers != nil && len(body) <= maxKept {
		c.answers.Set(tag, body)
	}
}

// answer answers with JSON under a key: with what is kept, or with what produce makes.
func (a *API) answer(c *Call, l loan, key string, produce func() ([]byte, error)) error {
	pre, err := c.open(l, key, false)
	if err != nil || pre.over {
		return err
	}
	if c.onlyHead() {
		return c.sendHead(jsonType, pre)
	}
	body, ok := a.cache.get(pre.tag)
	if !ok {
		if body, err = produce(); err != nil {
			return err
		}
		if pre.gzip {
			if body, err = compress(body); err != nil {
				return err
			}
		}
		a.cache.keep(pre.tag, body)
	}
	return a.sendJSON(c, pre, body)
}
