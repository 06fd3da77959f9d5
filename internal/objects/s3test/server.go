// Package s3test runs S3 servers for tests, and a proxy in front of them that does to requests what networks and
// servers do to them. The servers are real; a test that needs one that is not there goes through testneed.
package s3test

import (
	"crypto/rand"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// Server is a running server on a free port of this machine with keys of its own.
type Server struct {
	Options objects.S3Options // of its owner, without bucket
	Client  *minio.Client     // of its owner
	program string
}

func newMinio(t *testing.T, address, access, secret string) *minio.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client, err := minio.New(address, &minio.Options{
		Creds: credentials.NewStaticV4(access, secret, ""), Transport: transport, Region: "us-east-1", MaxRetries: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (s *Server) await(t *testing.T, ended <-chan struct{}, log *lockedBuffer) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		_, err := s.Client.ListBuckets(t.Context())
		if err == nil {
			return
		}
		select {
		case <-ended:
			t.Fatalf("the server ended:\n%s", log.String())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server does not get ready: %v\n%s", err, log.String())
		}
	}
}

// Bucket makes a new bucket and returns options that lead there.
func (s *Server) Bucket(t *testing.T) objects.S3Options {
	t.Helper()
	o := s.Options
	o.Bucket = "test-" + strings.ToLower(rand.Text())
	if err := s.Client.MakeBucket(t.Context(), o.Bucket, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return o
}

// Unfinished returns the keys of the multipart uploads that are neither completed nor aborted.
func (s *Server) Unfinished(t *testing.T, bucket string) (keys []string) {
	t.Helper()
	result, err := minio.Core{Client: s.Client}.ListMultipartUploads(t.Context(), bucket, "", "", "", "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, upload := range result.Uploads {
		keys = append(keys, upload.Key)
	}
	return keys
}

// FreeAddress returns an address of this machine at which nobody listens.
func FreeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// Open opens a store that is closed at the end of the test.
func Open(t *testing.T, o objects.S3Options) *objects.S3 {
	t.Helper()
	s, err := objects.OpenS3(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
