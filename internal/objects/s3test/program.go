package s3test

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/testneed"
)

// Start starts the server that the tests need. It knows its owner only.
func Start(t *testing.T) *Server {
	t.Helper()
	return startVersitygw(t)
}

// StartWithUsers starts one to which users can be added.
func StartWithUsers(t *testing.T) *Server {
	t.Helper()
	return startVersitygw(t, "--iam-dir", t.TempDir())
}

func startVersitygw(t *testing.T, more ...string) *Server {
	t.Helper()
	p := versitygw(more)
	path, err := p.find()
	if err != nil {
		testneed.Missing(t, "no S3 server to test with", err)
	}
	return p.start(t, path)
}

// StartMinIO starts a MinIO server; the test is skipped if there is none.
func StartMinIO(t *testing.T) *Server {
	t.Helper()
	p := minioServer()
	path, err := p.find()
	if err != nil {
		t.Skip(err)
	}
	return p.start(t, path)
}

// program is an S3 server that the tests can start.
type program struct {
	name, install string
	command       func(address, path, access, secret string) (arguments, environment []string)
}

func versitygw(more []string) program {
	return program{
		name:    "versitygw",
		install: "go install github.com/versity/versitygw/cmd/versitygw@v1.8.0",
		command: func(address, path, access, secret string) (arguments, environment []string) {
			return slices.Concat([]string{"--port", address, "--quiet", "--keep-alive"}, more, []string{"posix", path}),
				[]string{"ROOT_ACCESS_KEY=" + access, "ROOT_SECRET_KEY=" + secret}
		},
	}
}

func minioServer() program {
	return program{
		name:    "minio",
		install: "a MinIO server is optional",
		command: func(address, path, access, secret string) (arguments, environment []string) {
			return []string{"server", "--quiet", "--address", address, path},
				[]string{"MINIO_ROOT_USER=" + access, "MINIO_ROOT_PASSWORD=" + secret, "MINIO_BROWSER=off"}
		},
	}
}

// find returns the path of a program, which may also be where go install puts it.
func (p program) find() (string, error) {
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

// start starts a server that stops at the end of the test.
func (p program) start(t *testing.T, path string) *Server {
	t.Helper()
	address, access, secret := FreeAddress(t), "access"+rand.Text(), "secret"+rand.Text()
	arguments, environment := p.command(address, t.TempDir(), access, secret)
	cmd := exec.Command(path, arguments...)
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
	s := &Server{program: path, Options: objects.S3Options{Endpoint: "http://" + address, AccessKey: access, SecretKey: secret}}
	s.Client = newMinio(t, address, access, secret)
	s.await(t, ended, &log)
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
