package exchange

import "net/http"

// How long caches may keep an answer.
const (
	// CacheExact is for files that never change. Shared caches keep them a day;
	// whoever withdraws a release purges them.
	CacheExact = "public, max-age=3600, s-maxage=86400, immutable"
	// CachePinned is for answers about a named release. Nobody can list their
	// addresses to purge them after a withdrawal, so they are kept ten minutes.
	CachePinned = "public, max-age=600, s-maxage=600"
	// CacheLatest is for what the next publication changes.
	CacheLatest = "public, max-age=60, s-maxage=60, must-revalidate"
	// NoStore is for what is true only now.
	NoStore = "no-store"
)

// Unchanged answers that the client has what it asks for.
func Unchanged(w http.ResponseWriter, tag, cache string) {
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", cache)
	w.WriteHeader(http.StatusNotModified)
}
