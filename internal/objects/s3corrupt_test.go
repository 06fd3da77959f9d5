package objects_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
)

// TestADocumentThatComesCorruptedIsNotBelieved: what was written under a condition is a
// pointer or a lease, and nothing else says what its bytes are. One byte of it is changed on
// its way.
func TestADocumentThatComesCorruptedIsNotBelieved(t *testing.T) {
	proxy, o := s3test.StartProxy(t, s3test.Start(t).Bucket(t))
	s := s3test.Open(t, o)
	for _, size := range []int{1, 100, 200_000} {
		document := bytes.Repeat([]byte("7"), size)
		info, err := s.Create(t.Context(), "d/x", document)
		if err != nil {
			t.Fatal(err)
		}
		for _, share := range []float64{0, 0.5, 0.999999} {
			proxy.Spoil(s3test.GetRequest, s3test.CorruptAnswer(share))
			if got, _, err := objects.ReadAll(t.Context(), s, "d/x", objects.MaxConditional); err != nil || !bytes.Equal(got, document) {
				t.Errorf("%d bytes, corrupted at %g once: read %d bytes, %v", size, share, len(got), err)
			}
			proxy.SpoilAll(s3test.GetRequest, s3test.CorruptAnswer(share))
			if _, _, err := objects.ReadAll(t.Context(), s, "d/x", objects.MaxConditional); !errors.Is(err, objects.ErrUnavailable) {
				t.Errorf("%d bytes, corrupted at %g each time: %v", size, share, err)
			}
			proxy.Spoil(s3test.PutRequest, s3test.CorruptSent(share))
			if info, err = s.Replace(t.Context(), "d/x", document, info.Version); err != nil {
				t.Errorf("%d bytes, corrupted at %g when sent: %v", size, share, err)
			}
		}
		proxy.Set(nil)
		if err := s.Delete(t.Context(), "d/x"); err != nil {
			t.Fatal(err)
		}
	}
}
