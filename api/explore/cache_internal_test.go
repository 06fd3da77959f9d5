package explore

import (
	"bytes"
	"fmt"
	"testing"
)

func TestTheCacheIsBounded(t *testing.T) {
	c, err := newCache(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	body := bytes.Repeat([]byte("x"), 10_000)
	for i := range 1000 {
		c.keep(fmt.Sprint(i), linked{body: body})
	}
	c.answers.CleanUp()
	if size, n := c.answers.WeightedSize(), c.answers.EstimatedSize(); size > 1<<20 || n < 50 {
		t.Errorf("%d bytes in %d answers", size, n)
	}
	c.keep("large", linked{body: make([]byte, maxKept+1)})
	if _, ok := c.get("large"); ok {
		t.Error("a large answer is kept")
	}
	c.keep("small", linked{body: body})
	if got, ok := c.get("small"); ok && !bytes.Equal(got.body, body) {
		t.Error("another answer comes back")
	}
	none, err := newCache(-1)
	if err != nil {
		t.Fatal(err)
	}
	none.keep("x", linked{body: body})
	if _, ok := none.get("x"); ok {
		t.Error("no cache keeps an answer")
	}
}
