package meili

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/meilisearch/meilisearch-go"
)

// DefaultPrefix is the one of the names of the indexes.
const DefaultPrefix = "parvis"

// searchTimeout bounds a search, with all its requests.
const searchTimeout = 5 * time.Second

// Options say where the server is. The key is a master or admin key to make indexes, the
// one of [Engine.SearchKey] to search.
type Options struct {
	URL     string // such as http://127.0.0.1:7700
	Key     string
	Prefix  string        // of the names of the indexes, for several on one server; DefaultPrefix if empty
	Timeout time.Duration // of a search; five seconds if 0
}

// Engine makes, opens and removes indexes on a server. It is safe for concurrent use.
type Engine struct {
	http    *http.Client
	client  meilisearch.ServiceManager
	address string
	prefix  string
	timeout time.Duration
	pause   time.Duration // before what is not answered is asked for again; then twice as long
}

// goodName is of a prefix, or what follows it: no two - beside each other.
var goodName = regexp.MustCompile(`^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$`)

// Most bytes of a prefix and of what follows it; Meilisearch allows 400 together.
const (
	longestPrefix = 60
	longestName   = 200
)

// between stands between the parts of the name of an index, so that none begins with the
// prefix of another engine.
const between = "--"

// New returns an engine. It does not connect.
//
// Errors: the address or the prefix cannot be right.
func New(o Options) (*Engine, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("it must be like http://127.0.0.1:7700, without a user or a query")
	}
	e := &Engine{address: u.Scheme + "://" + u.Host + u.Path, prefix: o.Prefix, timeout: o.Timeout, pause: firstPause}
	if e.prefix == "" {
		e.prefix = DefaultPrefix
	}
	if !goodName.MatchString(e.prefix) || len(e.prefix) > longestPrefix {
		return nil, fmt.Errorf("the prefix %q of the search indexes must be of letters and digits, with single - or _ between them, %d at most", e.prefix, longestPrefix)
	}
	if e.timeout == 0 {
		e.timeout = searchTimeout
	}
	e.http = httpClient()
	e.client = meilisearch.New(e.address, meilisearch.WithAPIKey(o.Key), meilisearch.DisableRetries(), meilisearch.WithCustomClient(e.http))
	return e, nil
}

// Close ends the connections that nothing uses.
func (e *Engine) Close() { e.http.CloseIdleConnections() }

// httpClient keeps enough connections for many searches at once. Requests are bounded by
// their contexts. Answers come as they are: compressed ones come in pieces, for the second
// of which the kernels wait 40 ms.
func httpClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		MaxIdleConns: 200, MaxIdleConnsPerHost: 200, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 5 * time.Second,
		DisableCompression: true,
	}}
}

// Address is where the server is, without any secret.
func (e *Engine) Address() string { return e.address }

// suffix ends the name of the index of the completions.
const suffix = between + "completions"

func (e *Engine) uid(name string) string            { return e.prefix + between + name }
func (e *Engine) completionsUID(name string) string { return e.uid(name) + suffix }
