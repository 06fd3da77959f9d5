package exchange

import (
	"bytes"
	"fmt"
	"testing"
)

func TestTheCacheIsBounded(t *testing.T) {
	c, err := NewCache(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	body := bytes.Repeat([]byte("x"), 10_000)
	for i := range 1000 {
		c.Keep(fmt.Sprint(i), Body{Bytes: body})
	}
	c.answers.CleanUp()
	if size, n := c.answers.WeightedSize(), c.answers.EstimatedSize(); size > 1<<20 || n < 50 {
		t.Errorf("%d bytes in %d answers", size, n)
	}
	c.Keep("large", Body{Bytes: make([]byte, maxKept+1)})
	if _, ok := c.Get("large"); ok {
		t.Error("a large answer is kept")
	}
	c.Keep("small", Body{Bytes: body})
	if got, ok := c.Get("small"); ok && !bytes.Equal(got.Bytes, body) {
		t.Error("another answer comes back")
	}
	if s := c.Stats(); s.Hits != 1 || s.Misses != 1 || s.Limit != 1<<20 || s.Bytes < 100_000 || s.Bytes > s.Limit {
		t.Errorf("%+v", s)
	}
	var none *Cache
	if s := none.Stats(); s != (CacheStats{}) {
		t.Errorf("of no cache: %+v", s)
	}
	none.Keep("x", Body{Bytes: body})
	if _, ok := none.Get("x"); ok {
		t.Error("no cache keeps an answer")
	}
}
