package objects

import (
	"math"
	"testing"
)

func TestSpanIsAskedForByItsLastByte(t *testing.T) {
	for want, r := range map[string]span{
		"bytes=0-0":   {0, 1},
		"bytes=5-14":  {5, 10},
		"bytes=5-":    {5, -1},
		"bytes=9-":    {9, math.MaxInt64},
		"bytes=0-99":  {0, 100},
		"bytes=1-100": {1, 100},
	} {
		if got := r.header(); got != want {
			t.Errorf("%+v: %s, want %s", r, got, want)
		}
	}
}

func TestContentRangeIsReadStrictly(t *testing.T) {
	first, last, total, ok := parseContentRange("bytes 5-14/100")
	if first != 5 || last != 14 || total != 100 || !ok {
		t.Error(first, last, total, ok)
	}
	for _, text := range []string{
		"", "bytes", "bytes 5-14", "bytes 5-14/*", "bytes */100", "bytes 14-5/100", "bytes -5-14/100", "5-14/100", "bytes a-b/c",
		"bytes 5-99999999999999999999/100", "items 5-14/100",
	} {
		if _, _, _, ok := parseContentRange(text); ok {
			t.Errorf("%q is taken", text)
		}
	}
}
