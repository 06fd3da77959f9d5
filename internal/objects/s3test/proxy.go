package s3test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// Proxy stands between a store and its server, and spoils some of the requests.
type Proxy struct {
	Address string // of the proxy
	// Stop ends it: connections are refused from then on.
	Stop      func()
	upstream  *url.URL
	transport *http.Transport
	mutex     sync.Mutex
	choose    func(r *http.Request) Fault // nil lets the request pass
	seen      []Request
}

// Fault deals with a request in place of the proxy.
type Fault func(p *Proxy, w http.ResponseWriter, r *http.Request)

// StartProxy starts a proxy in front of a server, and returns options that lead through it.
func StartProxy(t *testing.T, o objects.S3Options) (*Proxy, objects.S3Options) {
	t.Helper()
	p := StartHTTPProxy(t, o.Endpoint)
	o.Endpoint, o.Patience = p.Address, Impatient()
	return p, o
}

// StartHTTPProxy starts a proxy in front of any server that speaks HTTP.
func StartHTTPProxy(t *testing.T, address string) *Proxy {
	t.Helper()
	upstream, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{upstream: upstream, transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	server := httptest.NewServer(p)
	p.Stop = sync.OnceFunc(func() {
		server.CloseClientConnections()
		server.Close()
		p.transport.CloseIdleConnections()
	})
	t.Cleanup(p.Stop)
	p.Address = server.URL
	return p
}

// Impatient keeps the tests short.
func Impatient() objects.S3Patience {
	return objects.S3Patience{Answer: 10 * time.Second, Stall: 250 * time.Millisecond, Attempts: 4, Retry: 20 * time.Second}
}

// Hasty is for a server that does not answer. A loaded machine may make a good one seem so: hence more attempts.
func Hasty() objects.S3Patience {
	return objects.S3Patience{Answer: 250 * time.Millisecond, Stall: 250 * time.Millisecond, Attempts: 8, Retry: 20 * time.Second}
}

// ServeHTTP deals with a request, or lets a fault do so.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mutex.Lock()
	p.seen = append(p.seen, KindOf(r))
	var f Fault
	if p.choose != nil {
		f = p.choose(r)
	}
	p.mutex.Unlock()
	if f == nil {
		f = Pass
	}
	f(p, w, r)
}

// Spoil lets the next requests of a kind meet these faults, one each.
func (p *Proxy) Spoil(kind Request, faults ...Fault) {
	p.Set(func(r *http.Request) Fault {
		if KindOf(r) != kind || len(faults) == 0 {
			return nil
		}
		next := faults[0]
		faults = faults[1:]
		return next
	})
}

// SpoilAll lets every request of a kind meet a fault.
func (p *Proxy) SpoilAll(kind Request, f Fault) {
	p.Set(func(r *http.Request) Fault {
		if KindOf(r) == kind {
			return f
		}
		return nil
	})
}

// Set lets a function choose the fault that a request meets; nil, as the function or as the fault, is none.
func (p *Proxy) Set(choose func(r *http.Request) Fault) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.choose, p.seen = choose, nil
}

// Count says how many requests of a kind came since the last change of faults.
func (p *Proxy) Count(kind Request) (n int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, k := range p.seen {
		if k == kind {
			n++
		}
	}
	return n
}

// Request is a kind of request.
type Request string

// Kinds of requests.
const (
	PutRequest      Request = "put"
	GetRequest      Request = "get"
	HeadRequest     Request = "head"
	ListRequest     Request = "list"
	DeleteRequest   Request = "delete"
	InitiateRequest Request = "initiate"
	PartRequest     Request = "part"
	CompleteRequest Request = "complete"
	AbortRequest    Request = "abort"
)

// KindOf says of which kind a request is.
func KindOf(r *http.Request) Request {
	query := r.URL.Query()
	upload := query.Has("uploadId")
	switch r.Method {
	case http.MethodPost:
		return map[bool]Request{true: CompleteRequest, false: InitiateRequest}[upload]
	case http.MethodPut:
		return map[bool]Request{true: PartRequest, false: PutRequest}[upload]
	case http.MethodDelete:
		return map[bool]Request{true: AbortRequest, false: DeleteRequest}[upload]
	case http.MethodHead:
		return HeadRequest
	}
	return map[bool]Request{true: ListRequest, false: GetRequest}[query.Has("list-type")]
}

// forward sends a request on as it is, so that its signature stays right.
func (p *Proxy) forward(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host, out.RequestURI = p.upstream.Scheme, p.upstream.Host, ""
	if r.ContentLength == 0 {
		out.Body = nil
	}
	return p.transport.RoundTrip(out)
}
