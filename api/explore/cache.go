package explore

import (
	"fmt"

	"github.com/maypok86/otter/v2"

	"github.com/parvis-opendata/parvis/api/exchange"
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
type cache struct{ answers *otter.Cache[string, linked] }

// linked is the body of an answer, with its Link header if it has one.
type linked struct {
	body []byte
	link string
}

// newCache returns a cache of so many bytes; without any it keeps nothing.
func newCache(bytes int64) (cache, error) {
	if bytes <= 0 {
		return cache{}, nil
	}
	answers, err := otter.New(&otter.Options[string, linked]{
		MaximumWeight: uint64(bytes),
		Weigher:       func(tag string, v linked) uint32 { return uint32(len(tag) + len(v.body) + len(v.link) + overhead) },
	})
	if err != nil {
		return cache{}, fmt.Errorf("make cache: %w", err)
	}
	return cache{answers}, nil
}

func (c cache) get(tag string) (linked, bool) {
	if c.answers == nil {
		return linked{}, false
	}
	return c.answers.GetIfPresent(tag)
}

func (c cache) keep(tag string, v linked) {
	if c.answers != nil && len(v.body) <= maxKept {
		c.answers.Set(tag, v)
	}
}

// answer answers with JSON under a key: with what is kept, or with what produce makes.
func (a *API) answer(c *Call, l loan, key string, produce func() ([]byte, error)) error {
	return a.answerLinked(c, l, key, func() (linked, error) {
		body, err := produce()
		return linked{body: body}, err
	})
}

// answerLinked is [API.answer] with a Link header.
func (a *API) answerLinked(c *Call, l loan, key string, produce func() (linked, error)) error {
	pre, err := c.open(l, key, false)
	if err != nil || pre.over {
		return err
	}
	if c.onlyHead() {
		return c.sendHead(jsonType, pre)
	}
	v, ok := a.cache.get(pre.tag)
	if ok {
		c.cheap()
	} else {
		if v, err = produce(); err != nil {
			return err
		}
		if v.body, err = exchange.Encode(pre.coding, v.body); err != nil {
			return err
		}
		a.cache.keep(pre.tag, v)
	}
	if v.link != "" {
		c.Writer.Header().Set("Link", v.link)
	}
	return a.sendJSON(c, pre, v.body)
}
