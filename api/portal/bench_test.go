package portal_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkPages asks for a page of each kind: again and again, as it is kept, and under
// addresses that nobody has asked for yet, when the answers to its questions are kept.
func BenchmarkPages(b *testing.B) {
	d := open(b)
	for _, page := range []string{"/", "/tableaux-de-bord/offre", "/tableaux-de-bord/engagements", "/tableaux-de-bord/usagers", "/certifications/RS6151"} {
		ask := func(b *testing.B, address string) {
			b.Helper()
			w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(b.Context(), http.MethodGet, address, http.NoBody)
			r.Header.Set("Accept-Encoding", "gzip")
			d.Config.Handler.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				b.Fatalf("%s: %d", address, w.Code)
			}
		}
		b.Run("kept"+page, func(b *testing.B) {
			ask(b, page)
			for b.Loop() {
				ask(b, page)
			}
		})
		b.Run("made"+page, func(b *testing.B) {
			n := 0
			for b.Loop() {
				n++
				ask(b, fmt.Sprintf("%s?inconnu=%d-%d", page, b.N, n))
			}
		})
	}
}
