package exchange

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// Paced writes to a client that may be slow, but must take each piece within a
// time.
type Paced struct {
	to      io.Writer
	control *http.ResponseController
	stall   time.Duration
}

// NewPaced returns a writer to w, whose client may take as long as stall for one
// piece.
func NewPaced(w http.ResponseWriter, stall time.Duration) Paced {
	return Paced{w, http.NewResponseController(w), stall}
}

// Write implements [io.Writer].
func (p Paced) Write(b []byte) (int, error) {
	// The system keeps the deadline, so it goes by the system's clock. A writer
	// without deadlines has no connection that could be held up.
	if err := p.control.SetWriteDeadline(time.Now().Add(p.stall)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.to.Write(b)
}
