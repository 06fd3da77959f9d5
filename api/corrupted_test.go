package api_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// TestACorruptedDocumentIsNotKept: documents of releases stay in memory for good. One that came
// with another byte than its manifest says is refused, and read again for the next who asks.
func TestACorruptedDocumentIsNotKept(t *testing.T) {
	b := newBench(t)
	m := b.publish(t, "2026-11-21")
	var corrupt atomic.Bool
	corrupt.Store(true)
	b.store.hook(t, func(name string, r io.ReadCloser, info objects.Info, err error) (io.ReadCloser, objects.Info, error) {
		if err != nil || !strings.HasSuffix(name, "/schema.json") || !corrupt.Load() {
			return r, info, err
		}
		data, err := io.ReadAll(r)
		_ = r.Close()
		data[len(data)/2] ^= 1
		return io.NopCloser(bytes.NewReader(data)), info, err
	})
	address := "/datasets/" + catalogue + "/releases/" + m.id + "/schema.json"
	if a := b.get(t, address); a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("corrupted: status %d\n%s", a.StatusCode, a.body)
	}
	corrupt.Store(false)
	if a := b.get(t, address); a.StatusCode != http.StatusOK || string(a.body) != string(m.content["schema.json"]) {
		t.Errorf("after it: status %d\n%s", a.StatusCode, a.body)
	}
}
