package objects_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/signer"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
)

// opening returns the error of opening a store, which must come soon, be one line and hold no key.
func opening(t *testing.T, o objects.S3Options) error {
	t.Helper()
	o.Patience = s3test.Impatient()
	start := time.Now()
	s, err := objects.OpenS3(t.Context(), o)
	if err == nil {
		t.Cleanup(func() { _ = s.Close() })
		t.Fatal("no error")
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("takes %v", took)
	}
	if text := err.Error(); strings.ContainsAny(text, "\n\r") || strings.Contains(text, o.SecretKey) ||
		strings.Contains(text, o.AccessKey) || regexp.MustCompile("[0-9a-f]{64}").MatchString(text) {
		t.Errorf("not one line without keys and signatures: %q", text)
	}
	return err
}

func TestOpenS3SaysWhatToDo(t *testing.T) {
	server := s3test.Start(t)
	right := server.Bucket(t)
	for _, c := range []struct {
		name   string
		change func(o *objects.S3Options)
		texts  []string
	}{
		{"another secret", func(o *objects.S3Options) { o.SecretKey = "anothersecret" }, []string{"check the secret key"}},
		{"another key", func(o *objects.S3Options) { o.AccessKey = "anotherkey" }, []string{"does not know the access key"}},
		{"no bucket", func(o *objects.S3Options) { o.Bucket = "missing-bucket" }, []string{"the bucket does not exist", "s3://missing-bucket"}},
		{"another region", func(o *objects.S3Options) { o.Region = "eu-west-3" }, []string{"set the region", "us-east-1"}},
		{"nobody there", func(o *objects.S3Options) { o.Endpoint = "http://" + s3test.FreeAddress(t) }, []string{"cannot reach the host", "4 attempts"}},
		{"no such host", func(o *objects.S3Options) { o.Endpoint = "http://no-such-host.invalid" }, []string{"cannot reach the host"}},
		{"TLS to a server without", func(o *objects.S3Options) { o.Endpoint = strings.Replace(o.Endpoint, "http:", "https:", 1) },
			[]string{"does not speak TLS", "http://"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := right
			c.change(&o)
			err := opening(t, o)
			wantError(t, err, objects.ErrUnavailable, append(c.texts, "open s3://")...)
			t.Log(err)
		})
	}
}

// An answering server may hold anything, also what it was sent.
func TestOpenS3RepeatsNoSecretThatAServerSends(t *testing.T) {
	o := objects.S3Options{AccessKey: "THEACCESSKEY", SecretKey: "thesecretkey", Bucket: "bucket"}
	for name, answer := range map[string]http.HandlerFunc{
		"echo": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, "<Error><Code>Echo%s</Code><Message>%s\nsigned by\r%s %s</Message></Error>",
				o.SecretKey, r.Header.Get("Authorization"), o.SecretKey, strings.Repeat("é", 5000))
		},
		"page": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<html>\n"+o.SecretKey+"\n</html>", http.StatusNotFound)
		},
		"page with 200": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, "<html><p>%s", o.SecretKey) },
		"garbage":       func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "\x00\xff"+o.SecretKey) },
		"clock": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large</Message></Error>")
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answer)
			defer server.Close()
			o := o
			o.Endpoint = server.URL
			err := opening(t, o)
			wantError(t, err, objects.ErrUnavailable)
			if name == "clock" {
				wantError(t, err, objects.ErrUnavailable, "clock skew: set the clock")
			}
			if len(err.Error()) > 800 {
				t.Errorf("%d bytes", len(err.Error()))
			}
			t.Log(err)
		})
	}
}

func TestOpenS3RefusesACertificateThatNobodyVouchesFor(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	err := opening(t, objects.S3Options{Endpoint: server.URL, AccessKey: "THEACCESSKEY", SecretKey: "thesecretkey", Bucket: "bucket"})
	wantError(t, err, objects.ErrUnavailable, "the certificate of the server is not trusted")
}

// without is a proxy that takes a header away, and signs again because the header was signed.
func without(header string, o objects.S3Options) s3test.Fault {
	return func(p *s3test.Proxy, w http.ResponseWriter, r *http.Request) {
		r.Header.Del(header)
		r.URL.Host = strings.TrimPrefix(p.Address, "http://")
		signed := signer.SignV4(*r, o.AccessKey, o.SecretKey, "", "us-east-1")
		s3test.Pass(p, w, signed)
	}
}

func TestProbeFindsAnS3ServerThatIgnoresConditions(t *testing.T) {
	server := s3test.Start(t)
	for _, header := range []string{"If-None-Match", "If-Match"} {
		t.Run(header, func(t *testing.T) {
			o := server.Bucket(t)
			proxy, o := s3test.StartProxy(t, o)
			s := s3test.Open(t, o)
			if err := objects.Probe(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			proxy.SpoilAll(s3test.PutRequest, without(header, o))
			wantError(t, objects.Probe(t.Context(), s), objects.ErrUnavailable, "it ignores "+header+" on a PUT", "use a store that honours")
			for info, err := range s.List(t.Context(), "") {
				t.Errorf("left %q, error %v", info.Name, err)
			}
		})
	}
}

func TestS3RefusesANameThatIsAFolder(t *testing.T) {
	direct, _ := putOld(t, s3test.Start(t))
	for _, name := range []string{"d", "d/x/y"} {
		_, err := direct.Put(t.Context(), name, strings.NewReader("x"), 1)
		wantError(t, err, objects.ErrInvalid)
		_, err = direct.Create(t.Context(), name, []byte("x"))
		wantError(t, err, objects.ErrInvalid)
	}
	holds(t, direct, old)
}

func TestS3TellsAMissingBucketFromAMissingObject(t *testing.T) {
	server := s3test.Start(t)
	direct, o := putOld(t, server)
	info, err := direct.Stat(t.Context(), "d/x")
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Client.RemoveBucketWithOptions(t.Context(), o.Bucket, minio.RemoveBucketOptions{ForceDelete: true}); err != nil {
		t.Log(err) // not all servers can
		if err := direct.Delete(t.Context(), "d/x"); err != nil {
			t.Fatal(err)
		}
		if err := server.Client.RemoveBucket(t.Context(), o.Bucket); err != nil {
			t.Fatal(err)
		}
	}
	for name, err := range everyVerb(t, direct, info.Version) {
		t.Run(name, func(t *testing.T) { wantError(t, err, objects.ErrUnavailable, "the bucket does not exist") })
	}
}

// A key that is withdrawn must not make objects look as if they were gone.
func TestS3TellsADeniedKeyFromAMissingObject(t *testing.T) {
	server := s3test.Start(t)
	direct, o := putOld(t, server)
	info, err := direct.Stat(t.Context(), "d/x")
	if err != nil {
		t.Fatal(err)
	}
	proxy, o := s3test.StartProxy(t, o)
	s := s3test.Open(t, o)
	proxy.Set(func(*http.Request) s3test.Fault {
		return func(p *s3test.Proxy, w http.ResponseWriter, r *http.Request) {
			r.URL.Host = strings.TrimPrefix(p.Address, "http://")
			s3test.Pass(p, w, signer.SignV4(*r, "withdrawn", "withdrawn", "", "us-east-1"))
		}
	})
	for name, err := range everyVerb(t, s, info.Version) {
		t.Run(name, func(t *testing.T) { wantError(t, err, objects.ErrUnavailable, "does not know the access key") })
	}
	holds(t, direct, old)
}

// everyVerb returns what the verbs end in.
func everyVerb(t *testing.T, s objects.Store, version string) map[string]error {
	t.Helper()
	errs := map[string]error{}
	_, errs["put"] = s.Put(t.Context(), "d/x", strings.NewReader("new"), -1)
	_, errs["put of parts"] = s.Put(t.Context(), "d/x", large(), -1)
	_, errs["create"] = s.Create(t.Context(), "d/y", []byte("new"))
	_, errs["replace"] = s.Replace(t.Context(), "d/x", []byte("new"), version)
	_, _, errs["open"] = s.Open(t.Context(), "d/x", 0, -1)
	_, errs["stat"] = s.Stat(t.Context(), "d/x")
	errs["delete"] = s.Delete(t.Context(), "d/x")
	for _, err := range s.List(t.Context(), "") {
		errs["list"] = err
	}
	return errs
}
