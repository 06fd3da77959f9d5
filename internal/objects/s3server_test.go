package objects_test

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/testneed"
)

// s3Program is an S3 server that the tests can start.
type s3Program struct {
	name, install string
	command       func(address, path, access, secret string) (arguments, environment []string)
}

var versitygw = s3Program{
	name:    "versitygw",
	install: "go install github.com/versity/versitygw/cmd/versitygw@v1.8.0",
	command: func(address, path, access, secret string) (arguments, environment []string) {
		return []string{"--port", address, "--quiet", "--keep-alive", "posix", path},
			[]string{"ROOT_ACCESS_KEY=" + access, "ROOT_SECRET_KEY=" + secret}
	},
}

var minioServer = s3Program{
	name:    "minio",
	install: "a MinIO server is optional",
	command: func(address, path, access, secret string) (arguments, environment []string) {
		return []string{"server", "--quiet", "--address", address, path},
			[]string{"MINIO_ROOT_USER=" + access, "MINIO_ROOT_PASSWORD=" + secret, "MINIO_BROWSER=off"}
	},
}

// find returns the path of a program, which may also be where go install puts it.
func (p s3Program) find() (string, error) {
	path, err := exec.LookPath(p.name)
	if err == nil {
		return path, nil
	}
	home, _ := os.UserHomeDir()
	folders := []string{os.Getenv("GOBIN")}
	for _, folder := range filepath.SplitList(os.Getenv("GOPATH")) {
		folders = append(folders, filepath.Join(folder, "bin"))
	}
	for _, folder := range append(folders, filepath.Join(home, "go", "bin")) {
		path := filepath.Join(folder, p.name)
		if file, err := os.Stat(path); folder != "" && err == nil && file.Mode().IsRegular() {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: %s", err, p.install)
}

// s3Server is a running server on a free port of this machine with keys of its own.
type s3Server struct {
	options objects.S3Options // without bucket
	client  *minio.Client
}

// start starts a server that stops at the end of the test.
func (p s3Program) start(t *testing.T, program string) *s3Server {
	t.Helper()
	address, access, secret := freeAddress(t), "access"+rand.Text(), "secret"+rand.Text()
	arguments, environment := p.command(address, t.TempDir(), access, secret)
	cmd := exec.Command(program, arguments...)
	cmd.Env = append(os.Environ(), environment...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var log lockedBuffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("%s says:\n%s", p.name, log.String())
		}
	})
	s := &s3Server{options: objects.S3Options{Endpoint: "http://" + address, AccessKey: access, SecretKey: secret}}
	s.client = newMinio(t, address, access, secret)
	s.await(t, ended, &log)
	return s
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

func (s *s3Server) await(t *testing.T, ended <-chan struct{}, log *lockedBuffer) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		_, err := s.client.ListBuckets(t.Context())
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

// bucket makes a new bucket and returns options that lead there.
func (s *s3Server) bucket(t *testing.T) objects.S3Options {
	t.Helper()
	o := s.options
	o.Bucket = "test-" + strings.ToLower(rand.Text())
	if err := s.client.MakeBucket(t.Context(), o.Bucket, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return o
}

// unfinished returns the keys of the multipart uploads that are neither completed nor aborted.
func (s *s3Server) unfinished(t *testing.T, bucket string) (keys []string) {
	t.Helper()
	result, err := minio.Core{Client: s.client}.ListMultipartUploads(t.Context(), bucket, "", "", "", "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, upload := range result.Uploads {
		keys = append(keys, upload.Key)
	}
	return keys
}

// startVersitygw starts the server that the tests need.
func startVersitygw(t *testing.T) *s3Server {
	t.Helper()
	program, err := versitygw.find()
	if err != nil {
		testneed.Missing(t, "no S3 server to test with", err)
	}
	return versitygw.start(t, program)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func openS3(t *testing.T, o objects.S3Options) *objects.S3 {
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

// lockedBuffer keeps what a process prints.
type lockedBuffer struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.String()
}
