package objects_test

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// faultProxy stands between a store and its server, and spoils some of the requests.
type faultProxy struct {
	address   string
	upstream  *url.URL
	transport *http.Transport
	stop      func()
	mutex     sync.Mutex
	choose    func(r *http.Request) fault // nil lets the request pass
	seen      []request
}

// fault deals with a request in place of the proxy.
type fault func(p *faultProxy, w http.ResponseWriter, r *http.Request)

// startProxy starts a proxy in front of a server, and returns options that lead through it.
func startProxy(t *testing.T, o objects.S3Options) (*faultProxy, objects.S3Options) {
	t.Helper()
	upstream, err := url.Parse(o.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	p := &faultProxy{upstream: upstream, transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	server := httptest.NewServer(p)
	p.stop = sync.OnceFunc(func() {
		server.CloseClientConnections()
		server.Close()
		p.transport.CloseIdleConnections()
	})
	t.Cleanup(p.stop)
	o.Endpoint, p.address = server.URL, server.URL
	o.Patience = impatient
	return p, o
}

// impatient keeps the tests short.
var impatient = objects.S3Patience{Answer: 10 * time.Second, Stall: 250 * time.Millisecond, Attempts: 4, Retry: 20 * time.Second}

// hasty is for a server that does not answer. A loaded machine may make a good one seem so: hence more attempts.
var hasty = objects.S3Patience{Answer: 250 * time.Millisecond, Stall: 250 * time.Millisecond, Attempts: 8, Retry: 20 * time.Second}

func (p *faultProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mutex.Lock()
	p.seen = append(p.seen, kindOf(r))
	var f fault
	if p.choose != nil {
		f = p.choose(r)
	}
	p.mutex.Unlock()
	if f == nil {
		f = pass
	}
	f(p, w, r)
}

// spoil lets the next requests of a kind meet these faults, one each.
func (p *faultProxy) spoil(kind request, faults ...fault) {
	p.set(func(r *http.Request) fault {
		if kindOf(r) != kind || len(faults) == 0 {
			return nil
		}
		next := faults[0]
		faults = faults[1:]
		return next
	})
}

// spoilAll lets every request of a kind meet a fault.
func (p *faultProxy) spoilAll(kind request, f fault) {
	p.set(func(r *http.Request) fault {
		if kindOf(r) == kind {
			return f
		}
		return nil
	})
}

func (p *faultProxy) set(choose func(r *http.Request) fault) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.choose, p.seen = choose, nil
}

// count says how many requests of a kind came since the last change of faults.
func (p *faultProxy) count(kind request) (n int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, k := range p.seen {
		if k == kind {
			n++
		}
	}
	return n
}

// request is a kind of request.
type request string

const (
	putRequest      request = "put"
	getRequest      request = "get"
	headRequest     request = "head"
	listRequest     request = "list"
	deleteRequest   request = "delete"
	initiateRequest request = "initiate"
	partRequest     request = "part"
	completeRequest request = "complete"
	abortRequest    request = "abort"
)

func kindOf(r *http.Request) request {
	query := r.URL.Query()
	upload := query.Has("uploadId")
	switch r.Method {
	case http.MethodPost:
		return map[bool]request{true: completeRequest, false: initiateRequest}[upload]
	case http.MethodPut:
		return map[bool]request{true: partRequest, false: putRequest}[upload]
	case http.MethodDelete:
		return map[bool]request{true: abortRequest, false: deleteRequest}[upload]
	case http.MethodHead:
		return headRequest
	}
	return map[bool]request{true: listRequest, false: getRequest}[query.Has("list-type")]
}

// forward sends a request on as it is, so that its signature stays right.
func (p *faultProxy) forward(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host, out.RequestURI = p.upstream.Scheme, p.upstream.Host, ""
	if r.ContentLength == 0 {
		out.Body = nil
	}
	return p.transport.RoundTrip(out)
}

func pass(p *faultProxy, w http.ResponseWriter, r *http.Request) { passSome(p, w, r, -1) }

// passSome hands on an answer, or no more than its first bytes.
func passSome(p *faultProxy, w http.ResponseWriter, r *http.Request, some int64) {
	answer, err := p.forward(r)
	if err != nil {
		reset(p, w, r)
		return
	}
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

// says answers with an error in place of the server.
func says(status int, code string) fault {
	return func(_ *faultProxy, w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			fmt.Fprintf(w, "<Error><Code>%s</Code><Message>injected</Message></Error>", cmp.Or(code, http.StatusText(status)))
		}
	}
}

// plain answers as a proxy does that knows nothing of S3.
func plain(status int) fault {
	return func(_ *faultProxy, w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		http.Error(w, "<html>"+strings.Repeat("no S3 here\n", 100)+"</html>", status)
	}
}

// reset breaks the connection off before the request reaches the server.
func reset(_ *faultProxy, w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// lose lets the server do what it is asked, and loses its answer.
func lose(p *faultProxy, w http.ResponseWriter, r *http.Request) { loseThen(nil)(p, w, r) }

// loseThen does something more between the server's answer and its loss.
func loseThen(then func()) fault {
	return func(p *faultProxy, w http.ResponseWriter, r *http.Request) {
		if answer, err := p.forward(r); err == nil {
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
		}
		if then != nil {
			then()
		}
		reset(p, w, r)
	}
}

// hold never answers.
func hold(_ *faultProxy, _ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// holdDone never answers, although the server did.
func holdDone(p *faultProxy, w http.ResponseWriter, r *http.Request) {
	loseThen(func() { <-r.Context().Done() })(p, w, r)
}

// truncate breaks off in the middle of what is sent to the server.
func truncate(p *faultProxy, w http.ResponseWriter, r *http.Request) {
	r.Body = io.NopCloser(io.LimitReader(r.Body, r.ContentLength/2))
	if answer, err := p.forward(r); err == nil {
		_ = answer.Body.Close()
	}
	reset(p, w, r)
}

// cut ends an answer after some bytes.
func cut(some int64) fault {
	return func(p *faultProxy, w http.ResponseWriter, r *http.Request) {
		passSome(p, w, r, some)
		panic(http.ErrAbortHandler)
	}
}

// stall goes silent after some bytes.
func stall(some int64) fault {
	return func(p *faultProxy, w http.ResponseWriter, r *http.Request) {
		passSome(p, w, r, some)
		<-r.Context().Done()
	}
}
