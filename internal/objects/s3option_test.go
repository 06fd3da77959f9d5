package objects_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
	"github.com/parvis-opendata/parvis/internal/traces"
	"github.com/parvis-opendata/parvis/internal/traces/tracestest"
)

func TestParseS3URL(t *testing.T) {
	for _, c := range []struct{ text, bucket, prefix string }{
		{"s3://bucket", "bucket", ""},
		{"s3://bucket/", "bucket", ""},
		{"s3://my-bucket.example/prefix", "my-bucket.example", "prefix"},
		{"s3://bucket/a/b/", "bucket", "a/b"},
		{"s3://bucket/données 2026", "bucket", "données 2026"},
	} {
		bucket, prefix, err := objects.ParseS3URL(c.text)
		if err != nil || bucket != c.bucket || prefix != c.prefix {
			t.Errorf("%s: bucket %q, prefix %q, error %v", c.text, bucket, prefix, err)
		}
	}
	for _, text := range []string{
		"", "bucket", "s3:", "s3:/bucket", "s3://", "s3:///prefix", "S3://bucket", "http://bucket/prefix", "s3://b", "s3://bucket//a",
		"s3://bucket/a//b", "s3://bucket/../b", "s3://bucket/a/.tmp", "s3://key:secret@bucket/a", "s3://bucket?x=y", "s3://10.0.0.1/a",
		"s3://bucket/a\nb", "s3://" + strings.Repeat("b", 64),
	} {
		_, _, err := objects.ParseS3URL(text)
		wantError(t, err, objects.ErrInvalid)
		if strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestOpenS3RefusesOptionsThatCannotBeRight(t *testing.T) {
	for name, change := range map[string]func(o *objects.S3Options){
		"no endpoint":             func(o *objects.S3Options) { o.Endpoint = "" },
		"no scheme":               func(o *objects.S3Options) { o.Endpoint = "localhost:9000" },
		"another scheme":          func(o *objects.S3Options) { o.Endpoint = "ftp://localhost" },
		"a path":                  func(o *objects.S3Options) { o.Endpoint = "http://localhost:9000/bucket" },
		"keys in the endpoint":    func(o *objects.S3Options) { o.Endpoint = "http://THEKEY:thesecret@localhost:9000" },
		"a query":                 func(o *objects.S3Options) { o.Endpoint = "http://localhost:9000?x=thesecret" },
		"a bad port":              func(o *objects.S3Options) { o.Endpoint = "http://localhost:thesecret" },
		"no bucket":               func(o *objects.S3Options) { o.Bucket = "" },
		"a bad bucket":            func(o *objects.S3Options) { o.Bucket = "a/b" },
		"a bad prefix":            func(o *objects.S3Options) { o.Prefix = "a//b" },
		"a slash behind a prefix": func(o *objects.S3Options) { o.Prefix = "a/" },
		"a long prefix":           func(o *objects.S3Options) { o.Prefix = strings.Repeat("a/", 255) + "bb" },
		"no access key":           func(o *objects.S3Options) { o.AccessKey = "" },
		"no secret key":           func(o *objects.S3Options) { o.SecretKey = "" },
	} {
		t.Run(name, func(t *testing.T) {
			o := objects.S3Options{Endpoint: "http://127.0.0.1:1", AccessKey: "THEKEY", SecretKey: "thesecret", Bucket: "bucket"}
			change(&o)
			_, err := objects.OpenS3(t.Context(), o)
			wantError(t, err, objects.ErrInvalid, "open S3: ")
			if strings.Contains(err.Error(), "secret\"") || strings.Contains(err.Error(), "thesecret") || strings.Contains(err.Error(), "THEKEY") {
				t.Errorf("shows a key: %v", err)
			}
		})
	}
}

// emptyBucket answers every request as an empty bucket does.
type emptyBucket struct{}

func (emptyBucket) RoundTrip(r *http.Request) (*http.Response, error) {
	body := `<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>`
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: nopCloser{strings.NewReader(body)}, Request: r}, nil
}

type nopCloser struct{ *strings.Reader }

func (nopCloser) Close() error { return nil }

func TestS3PrintsNoKey(t *testing.T) {
	o := objects.S3Options{
		Endpoint: "https://s3.example.org", AccessKey: "THEKEY", SecretKey: "thesecret", Bucket: "bucket", Prefix: "prefix", Transport: emptyBucket{},
	}
	s := s3test.Open(t, o)
	var printed bytes.Buffer
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{s, o, &o, []any{s, o}, struct{ A, B any }{s, o}} {
			fmt.Fprintf(&printed, format+"\n", value)
		}
	}
	encoded, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	printed.Write(encoded)
	for _, handler := range []slog.Handler{slog.NewTextHandler(&printed, nil), slog.NewJSONHandler(&printed, nil)} {
		slog.New(handler).Info("opened", "store", s, "options", o)
	}
	if text := printed.String(); strings.Contains(text, "thesecret") || strings.Contains(text, "THEKEY") ||
		strings.Contains(text, fmt.Sprintf("%x", "thesecret")) || !strings.Contains(text, "s3://bucket/prefix at https://s3.example.org") {
		t.Errorf("printed:\n%s", text)
	}
}

// TestS3IsTraced: each request within a span is told, without what it asks for.
func TestS3IsTraced(t *testing.T) {
	c := tracestest.New(t)
	tracer, err := traces.Open(t.Context(), traces.Options{Service: "objects", Endpoint: c.URL, Environ: func(string) string { return "" }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s := s3test.Open(t, objects.S3Options{Endpoint: "https://s3.example.org", AccessKey: "THEKEY", SecretKey: "thesecret", Bucket: "thebucket", Transport: emptyBucket{}})
	ctx, run := tracer.Begin(t.Context(), "run")
	for info, err := range s.List(ctx, "thefolder") {
		t.Errorf("%v %v", info, err)
	}
	run.End(nil)
	tracer.Close(t.Context())
	below := c.Below(c.Named("run")[0])
	if len(c.Spans()) != 2 || len(below) != 1 || below[0].Name != "object GET" || below[0].Attributes["http.response.status_code"] != int64(200) {
		t.Errorf("%+v", c.Spans())
	}
	for _, text := range []string{"THEKEY", "thesecret", "thebucket", "thefolder", "example.org"} {
		if strings.Contains(c.Raw(), text) {
			t.Errorf("%s was told", text)
		}
	}
}

func TestS3AddressesBucketsOfAmazonAsHosts(t *testing.T) {
	for endpoint, want := range map[string]string{
		"https://s3.eu-west-3.amazonaws.com": "https://bucket.s3.dualstack.eu-west-3.amazonaws.com/",
		"https://s3.example.org":             "https://s3.example.org/bucket/",
		"http://127.0.0.1:9000/":             "http://127.0.0.1:9000/bucket/",
		"https://[2001:db8::1]:9000":         "https://[2001:db8::1]:9000/bucket/",
	} {
		recorder := &recordingBucket{}
		s3test.Open(t, objects.S3Options{Endpoint: endpoint, AccessKey: "THEKEY", SecretKey: "thesecret", Bucket: "bucket", Transport: recorder})
		if !strings.HasPrefix(recorder.url, want) {
			t.Errorf("%s: %s", endpoint, recorder.url)
		}
	}
}

type recordingBucket struct {
	emptyBucket
	url string
}

func (b *recordingBucket) RoundTrip(r *http.Request) (*http.Response, error) {
	b.url = r.URL.String()
	return b.emptyBucket.RoundTrip(r)
}
