package objects

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

var errTakenBack = errors.New("the request is over")

// loan is a reader of bytes that belong to somebody else. The HTTP client may go on reading the body of a request
// after the request has returned; once the bytes are taken back, it gets no more of them.
type loan struct {
	mutex sync.Mutex
	from  io.Reader
	moved func() // called at each Read
}

func lend(data []byte, moved func()) *loan { return &loan{from: bytes.NewReader(data), moved: moved} }

func (l *loan) Read(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.from == nil {
		return 0, errTakenBack
	}
	l.moved()
	return l.from.Read(p)
}

func (l *loan) takeBack() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.from = nil
}
