package exchange

import "net/http"

// Call is a request on its way, as a package that answers requests sees it.
type Call struct {
	Writer  http.ResponseWriter
	Request *http.Request
	// Path returns a part of the path by its name in the pattern, decoded.
	Path func(name string) string
	// Base is the public address of the service, without a final slash.
	Base string
	// Cheap is told that the answer costs next to nothing; it may be nil.
	Cheap func()
}

// Eased says that the answer costs next to nothing.
func (c *Call) Eased() {
	if c.Cheap != nil {
		c.Cheap()
	}
}
