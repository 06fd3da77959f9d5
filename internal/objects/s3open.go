package objects

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/s3utils"

	"github.com/parvis-opendata/parvis/internal/traces"
)

// S3Options say where a store in S3 is and who asks. Printed, they show no key.
type S3Options struct {
	// Endpoint is https://host or https://host:port; http is meant for a server on the same machine or network.
	// Buckets of Amazon are addressed as hosts, those of any other server as the first segment of the path.
	Endpoint string
	// Region is what requests are signed for. If it is empty, that of an endpoint of Amazon, or us-east-1.
	Region    string
	AccessKey string `json:"-"`
	SecretKey string `json:"-"`
	Bucket    string
	// Prefix is what all keys begin with; a slash is put behind it. It may be empty.
	Prefix   string
	Patience S3Patience
	// Transport sends the requests, for tests. If it is nil, it is one that honours HTTPS_PROXY, trusts what the
	// system trusts and has the time limits of Patience.
	Transport http.RoundTripper `json:"-"`
}

// Format implements [fmt.Formatter] and prints the place without the keys.
func (o S3Options) Format(f fmt.State, _ rune) { fmt.Fprint(f, o.place()) }

func (o S3Options) place() string {
	endpoint, err := parseEndpoint(o.Endpoint)
	if err != nil || checkPlace(o.Bucket, o.Prefix) != nil {
		return "S3 at a bad address"
	}
	return strings.TrimSuffix("s3://"+o.Bucket+"/"+o.Prefix, "/") + " at " + endpoint.String()
}

// S3Patience says how long a store in S3 waits and how often it tries. Fields that are zero take their defaults.
type S3Patience struct {
	// Connect is the time to set up a connection: 10 s.
	Connect time.Duration
	// Answer is the time for an answer to begin, or for the server to take another piece of what is sent: 60 s.
	Answer time.Duration
	// Stall is the time for another piece of an object that is being read to come: 30 s. It runs only while the
	// reader is read from.
	Stall time.Duration
	// Attempts is how often a request is sent at most: 6. The wait before the second is 50 to 100 ms, and doubles
	// from one to the next up to 5 s. A reader is also resumed so many times, and again after every 16 MiB.
	Attempts int
	// Retry is the time after which a request that failed is not sent again: 2 min.
	Retry time.Duration
}

func (p S3Patience) withDefaults() S3Patience {
	return S3Patience{
		Connect:  positive(p.Connect, 10*time.Second),
		Answer:   positive(p.Answer, time.Minute),
		Stall:    positive(p.Stall, 30*time.Second),
		Attempts: positive(p.Attempts, 6),
		Retry:    positive(p.Retry, 2*time.Minute),
	}
}

func positive[N int | time.Duration](n, otherwise N) N {
	if n > 0 {
		return n
	}
	return otherwise
}

// OpenS3 opens the store in a bucket, which must exist, and checks that it answers by listing one object.
//
// Errors: ErrInvalid when the options cannot be right; ErrUnavailable, with what to do about it, when the server
// cannot be reached or refuses, or when there is no such bucket. No error holds a key.
func OpenS3(ctx context.Context, o S3Options) (*S3, error) {
	s, err := newS3(o)
	if err != nil {
		return nil, fmt.Errorf("open S3: %w", err)
	}
	if _, err := s.page(ctx, "", "", 1); err != nil {
		s.close()
		return nil, fmt.Errorf("open %s: %w", s, err)
	}
	return s, nil
}

func newS3(o S3Options) (*S3, error) {
	endpoint, err := o.check()
	if err != nil {
		return nil, err
	}
	patience := o.Patience.withDefaults()
	transport := o.Transport
	if transport == nil {
		transport = newTransport(patience)
	}
	client, err := newClient(o, endpoint, traces.Transport(transport))
	if err != nil {
		return nil, fmt.Errorf("%w: the endpoint cannot be used: check its host and port", ErrInvalid)
	}
	s := &S3{
		client:   client,
		bucket:   o.Bucket,
		patience: patience,
		parts:    &sync.Pool{New: func() any { return new(make([]byte, partSize)) }},
		redact:   strings.NewReplacer(o.SecretKey, "[secret]", o.AccessKey, "[access key]"),
		close:    (&http.Client{Transport: transport}).CloseIdleConnections,
		place:    o.place(),
	}
	if o.Prefix != "" {
		s.folder = o.Prefix + "/"
	}
	return s, nil
}

func (o S3Options) check() (endpoint *url.URL, err error) {
	if endpoint, err = parseEndpoint(o.Endpoint); err != nil {
		return nil, err
	}
	if err := checkPlace(o.Bucket, o.Prefix); err != nil {
		return nil, err
	}
	if len(o.Prefix)+len("/")+maxName > maxKey {
		return nil, fmt.Errorf("%w: the prefix has more than %d bytes", ErrInvalid, maxKey-maxName-len("/"))
	}
	if o.AccessKey == "" || o.SecretKey == "" {
		return nil, fmt.Errorf("%w: the access key or the secret key is missing", ErrInvalid)
	}
	return endpoint, nil
}

// maxKey is the number of bytes that a key in S3 can have.
const maxKey = 1024

func newClient(o S3Options, endpoint *url.URL, transport http.RoundTripper) (*minio.Core, error) {
	region := o.Region
	if region == "" {
		region = s3utils.GetRegionFromURL(*endpoint)
	}
	if region == "" {
		region = "us-east-1"
	}
	return minio.NewCore(endpoint.Host, &minio.Options{
		Creds:      credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""),
		Secure:     endpoint.Scheme == "https",
		Transport:  transport,
		Region:     region,
		MaxRetries: 1, // retry knows better what may be repeated
	})
}

func newTransport(p S3Patience) *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: p.Connect}).DialContext,
		TLSHandshakeTimeout: p.Connect,
		IdleConnTimeout:     time.Minute,
		MaxIdleConnsPerHost: 32,
		DisableCompression:  true, // the bytes of an object are handed on as they are
	}
}
