package s3test

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Pass lets the request through.
func Pass(p *Proxy, w http.ResponseWriter, r *http.Request) { PassSome(p, w, r, -1) }

// PassSome hands on an answer, or no more than its first bytes.
func PassSome(p *Proxy, w http.ResponseWriter, r *http.Request, some int64) {
	p.pass(w, r, some, func(*http.Response) {})
}

// pass hands on an answer that was changed, or no more than its first bytes.
func (p *Proxy) pass(w http.ResponseWriter, r *http.Request, some int64, change func(*http.Response)) {
	answer, err := p.forward(r)
	if err != nil {
		Reset(p, w, r)
		return
	}
	change(answer)
	defer answer.Body.Close()
	for key, values := range answer.Header {
		w.Header()[key] = values
	}
	w.WriteHeader(answer.StatusCode)
	if some < 0 {
		_, _ = io.Copy(w, answer.Body)
		return
	}
	_, _ = io.CopyN(w, answer.Body, some)
	_ = http.NewResponseController(w).Flush()
}

// Says answers with an error in place of the server.
func Says(status int, code string) Fault {
	return func(_ *Proxy, w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			fmt.Fprintf(w, "<Error><Code>%s</Code><Message>injected</Message></Error>", cmp.Or(code, http.StatusText(status)))
		}
	}
}

// Plain answers as a proxy does that knows nothing of S3.
func Plain(status int) Fault {
	return func(_ *Proxy, w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		http.Error(w, "<html>"+strings.Repeat("no S3 here\n", 100)+"</html>", status)
	}
}

// Reset breaks the connection off before the request reaches the server.
func Reset(_ *Proxy, w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// Lose lets the server do what it is asked, and loses its answer.
func Lose(p *Proxy, w http.ResponseWriter, r *http.Request) { LoseThen(nil)(p, w, r) }

// LoseThen does something more between the server's answer and its loss.
func LoseThen(then func()) Fault {
	return func(p *Proxy, w http.ResponseWriter, r *http.Request) {
		if answer, err := p.forward(r); err == nil {
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
		}
		if then != nil {
			then()
		}
		Reset(p, w, r)
	}
}

// Hold never answers.
func Hold(_ *Proxy, _ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// HoldDone never answers, although the server did.
func HoldDone(p *Proxy, w http.ResponseWriter, r *http.Request) {
	LoseThen(func() { <-r.Context().Done() })(p, w, r)
}

// Truncate breaks off in the middle of what is sent to the server.
func Truncate(p *Proxy, w http.ResponseWriter, r *http.Request) {
	r.Body = io.NopCloser(io.LimitReader(r.Body, r.ContentLength/2))
	if answer, err := p.forward(r); err == nil {
		_ = answer.Body.Close()
	}
	Reset(p, w, r)
}

// Delay lets the request through after a while.
func Delay(d time.Duration) Fault {
	return func(p *Proxy, w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(d):
			Pass(p, w, r)
		case <-r.Context().Done():
		}
	}
}

// CorruptSent changes a byte of what is sent to the server: that at a share, in 0..1, of its
// length.
func CorruptSent(share float64) Fault {
	return func(p *Proxy, w http.ResponseWriter, r *http.Request) {
		r.Body = &corrupted{ReadCloser: r.Body, at: int64(share * float64(r.ContentLength))}
		Pass(p, w, r)
	}
}

// CorruptAnswer changes a byte of an answer: that at a share, in 0..1, of its length.
func CorruptAnswer(share float64) Fault {
	return func(p *Proxy, w http.ResponseWriter, r *http.Request) {
		p.pass(w, r, -1, func(answer *http.Response) {
			answer.Body = &corrupted{ReadCloser: answer.Body, at: int64(share * float64(answer.ContentLength))}
		})
	}
}

// corrupted is a body of which a byte is changed.
type corrupted struct {
	io.ReadCloser
	at int64 // how many bytes come before it
}

func (c *corrupted) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	if c.at >= 0 && c.at < int64(n) {
		b[c.at] ^= 1 // a digit stays a digit
	}
	c.at -= int64(n)
	return n, err
}

// Cut ends an answer after some bytes.
func Cut(some int64) Fault {
	return func(p *Proxy, w http.ResponseWriter, r *http.Request) {
		PassSome(p, w, r, some)
		panic(http.ErrAbortHandler)
	}
}

// Stall goes silent after some bytes.
func Stall(some int64) Fault {
	return func(p *Proxy, w http.ResponseWriter, r *http.Request) {
		PassSome(p, w, r, some)
		<-r.Context().Done()
	}
}
