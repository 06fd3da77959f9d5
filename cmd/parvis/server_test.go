package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// liveServer is the program as a process of its own that goes on: `parvis serve`, or work.
type liveServer struct {
	t             *testing.T
	cmd           *exec.Cmd
	base, metrics string // addresses; base of serve only
	log           *lockedText
	client        *http.Client
}

var (
	servesAt  = regexp.MustCompile(`msg=serving address=(\S+)`)
	metricsAt = regexp.MustCompile(`msg="telling metrics" address=(\S+)`)
)

// startServer starts `parvis serve`.
func startServer(t *testing.T, environ ...string) *liveServer {
	t.Helper()
	s := startProcess(t, []string{"serve"}, append(environ, "PARVIS_LISTEN=127.0.0.1:0", "PARVIS_RATE_LIMIT=0", "PARVIS_QUERY_TIME=0")...)
	await(t, "serve listens", func() bool { return servesAt.MatchString(s.log.text()) })
	s.base = servesAt.FindStringSubmatch(s.log.text())[1]
	return s
}

// startProcess starts the program, which stops, well, at the end of the test.
func startProcess(t *testing.T, args []string, environ ...string) *liveServer {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &liveServer{t: t, cmd: exec.Command(self), log: &lockedText{}, client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{}}}
	s.cmd.Args = append([]string{"parvis"}, args...)
	s.cmd.Env = slices.Concat([]string{"TMPDIR=" + t.TempDir(), "PARVIS_WORKDIR=" + t.TempDir()}, environ,
		[]string{"PARVIS_METRICS_LISTEN=127.0.0.1:0", "PARVIS_MEMORY_LIMIT=1GB"})
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	pipe, err := s.cmd.StderrPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines, ended := bufio.NewScanner(pipe), make(chan struct{})
	go func() {
		defer close(ended)
		for lines.Scan() {
			_, _ = s.log.Write([]byte(lines.Text() + "\n"))
		}
	}()
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		if err := s.cmd.Wait(); err != nil {
			t.Errorf("%v: %v", args, err)
		}
		if t.Failed() {
			t.Log(s.log.text())
		}
	})
	await(t, "it tells metrics", func() bool { return metricsAt.MatchString(s.log.text()) })
	s.metrics = metricsAt.FindStringSubmatch(s.log.text())[1]
	return s
}

// await waits for something that may take two minutes.
func await(t *testing.T, what string, there func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !there(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after two minutes it is not so: %s", what)
		}
	}
}

// reply is an answer that was read to its end, or as far as it came.
type reply struct {
	status int
	header http.Header
	body   []byte
	err    error
}

// get asks for what the public can.
func (s *liveServer) get(path string, headers ...string) reply { return s.ask(s.base+path, headers...) }

func (s *liveServer) ask(address string, headers ...string) reply {
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		return reply{err: err}
	}
	req.Header.Set("Accept-Encoding", "identity")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, body, err}
}

// whole reports whether the body is what the digest in the header says.
func (r reply) whole() bool {
	sum := sha256.Sum256(r.body)
	return r.err == nil && r.header.Get("Repr-Digest") == "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":"
}

func (r reply) String() string {
	return fmt.Sprintf("status %d, release %s, %v: %.300s", r.status, r.header.Get("X-Release"), r.err, r.body)
}

// Addresses of the catalogue that a server answers from what it has loaded, and of a file.
const (
	catalogueRecords = "/api/explore/v2.1/catalog/datasets/" + catalogue + "/records?limit=5"
	catalogueExport  = "/api/explore/v2.1/catalog/datasets/" + catalogue + "/exports/csv"
	catalogueSearch  = "/api/v1/search?q=formation"
	catalogueFile    = "/datasets/" + catalogue + "/releases/latest/" + catalogue + ".csv"
)
