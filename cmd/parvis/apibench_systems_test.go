package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// system is something that answers, in a process of its own.
type system interface {
	name() string
	pid() int
	// answers answers one request, for comparison.
	answers(a ask) (answer, error)
	// run puts it under a load.
	run(l load, q question) (figures, error)
}

// webSystem is a system that is asked by HTTP.
type webSystem struct {
	title   string
	command *exec.Cmd
	client  *http.Client
	// request makes a request, and read reads its answer.
	request func(a ask) (*http.Request, error)
	read    func(a ask, body io.Reader) (answer, error)
}

func (s *webSystem) name() string { return s.title }
func (s *webSystem) pid() int     { return s.command.Process.Pid }

// get asks, and hands over the body of the answer.
func (s *webSystem) get(a ask, use func(io.Reader) error) error {
	r, err := s.request(a)
	if err != nil {
		return err
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 2000))
		return fmt.Errorf("%s %v: %s: %s", s.title, r.URL, resp.Status, text)
	}
	return use(resp.Body)
}

func (s *webSystem) answers(a ask) (out answer, err error) {
	err = s.get(a, func(body io.Reader) error {
		out, err = s.read(a, body)
		return err
	})
	return out, err
}

func (s *webSystem) run(l load, q question) (figures, error) {
	return l.run(s.pid(), func(i int) error {
		return s.get(q.asks[i%len(q.asks)], func(body io.Reader) error {
			_, err := io.Copy(io.Discard, body)
			return err
		})
	})
}

// start starts a server, and waits until the address answers. The server ends with the
// benchmark, or when the function that is returned is called.
func (s *webSystem) start(b *testing.B, command *exec.Cmd, address string) (stop func()) {
	b.Helper()
	var log bytes.Buffer
	command.Stdout, command.Stderr = nil, &log
	s.command = command
	s.client = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 256}}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	stop = func() {
		if command.ProcessState == nil {
			s.client.CloseIdleConnections()
			_ = command.Process.Signal(os.Interrupt)
			_ = command.Wait() // it was told to end
		}
	}
	b.Cleanup(stop)
	for until := time.Now().Add(5 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if s.ready(address) {
			return stop
		}
		if time.Now().After(until) {
			stop()
			b.Fatalf("%s does not answer at %s: %s", s.title, address, log.Bytes())
		}
	}
}

func (s *webSystem) ready(address string) bool {
	r, err := http.NewRequestWithContext(background, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// freeAddress is an address of this machine on which nobody listens.
func freeAddress(b *testing.B) string {
	b.Helper()
	l, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// startParvis serves a store.
func startParvis(b *testing.B, store string) (*webSystem, func()) {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	address := freeAddress(b)
	command := exec.CommandContext(b.Context(), self)
	command.Args = []string{"parvis", "serve"}
	command.Env = append(os.Environ(), "PARVIS_STORE="+store, "PARVIS_WORKDIR="+b.TempDir(), "PARVIS_LISTEN="+address, "PARVIS_RATE_LIMIT=0", "PARVIS_QUERY_TIME=0")
	s := &webSystem{title: "parvis"}
	s.request = func(a ask) (*http.Request, error) {
		return http.NewRequestWithContext(background, http.MethodGet, "http://"+address+a.address(), nil)
	}
	s.read = func(a ask, body io.Reader) (answer, error) {
		if a.Kind == kindExport {
			return countCSV(body, ';')
		}
		rows, err := a.readRecords(body)
		if err != nil {
			return nil, err
		}
		return a.answerOf(rows)
	}
	return s, s.start(b, command, "http://"+address+"/readyz")
}

// errNoPeer says why another system is not there to be compared with.
var errNoPeer = errors.New("left out")

// peerProgram finds a program of another system: in the virtual environment
// PARVIS_BENCH_PEERS, or else on the path.
func peerProgram(name string) (string, error) {
	if dir := os.Getenv("PARVIS_BENCH_PEERS"); dir != "" {
		name = filepath.Join(dir, "bin", name)
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%w: %w; name a virtual environment that has it in PARVIS_BENCH_PEERS", errNoPeer, err)
	}
	return path, nil
}

// startDatasette serves an SQLite database of the tables. It is asked by its API of
// tables, and in SQL. Limits that would refuse an answer are lifted, and what no question
// asks for is off.
//
// Errors: errNoPeer.
func startDatasette(b *testing.B, tables []table) ([]*webSystem, func(), error) {
	b.Helper()
	path, err := peerProgram("datasette")
	if err != nil {
		return nil, nil, err
	}
	database := filepath.Join(b.TempDir(), "bench.db")
	for _, t := range tables {
		if err := t.toSQLite(b, database); err != nil {
			return nil, nil, err
		}
	}
	address := freeAddress(b)
	_, port, _ := strings.Cut(address, ":")
	args := []string{"serve", "--immutable", database, "--port", port}
	for name, value := range map[string]string{
		"sql_time_limit_ms": "600000", "facet_time_limit_ms": "600000", "max_returned_rows": "10000000", "max_csv_mb": "0",
		"suggest_facets": "off", "default_facet_size": strconv.Itoa(fullPage),
	} {
		args = append(args, "--setting", name, value)
	}
	at := func(address func(ask) string) func(ask) (*http.Request, error) {
		return func(a ask) (*http.Request, error) {
			return http.NewRequestWithContext(background, http.MethodGet, address(a), nil)
		}
	}
	s := &webSystem{title: "datasette", request: at(func(a ask) string { return "http://" + address + a.datasette() })}
	s.read = func(a ask, body io.Reader) (answer, error) {
		if a.Kind == kindGroups || a.Kind == kindExport {
			return readPeer(a, body)
		}
		rows, err := a.readTable(body)
		if err != nil {
			return nil, err
		}
		return a.answerOf(rows)
	}
	stop := s.start(b, exec.CommandContext(b.Context(), path, args...), "http://"+address+"/-/versions.json")
	sql := &webSystem{title: inSQL, command: s.command, client: s.client, read: readPeer}
	sql.request = at(func(a ask) string { return "http://" + address + a.datasetteSQL() })
	return []*webSystem{s, sql}, stop, nil
}

// startRoapi serves the Parquet files of the tables, which it loads into memory. It
// cannot name the order of the rows, and is not asked for any.
//
// Errors: errNoPeer.
func startRoapi(b *testing.B, tables []table) ([]*webSystem, func(), error) {
	b.Helper()
	path, err := peerProgram("roapi")
	if err != nil {
		return nil, nil, err
	}
	address := freeAddress(b)
	args := []string{"--addr-http", address, "--addr-postgres", "127.0.0.1:0", "--addr-flight-sql", "127.0.0.1:0"}
	for _, t := range tables {
		args = append(args, "--table", t.subject.table+"="+t.parquet)
	}
	s := &webSystem{title: "roapi"}
	s.request = func(a ask) (*http.Request, error) {
		r, err := http.NewRequestWithContext(background, http.MethodPost, "http://"+address+"/api/sql", strings.NewReader(a.sql("")))
		if err == nil && a.Kind == kindExport {
			r.Header.Set("Accept", "application/csv")
		}
		return r, err
	}
	s.read = readPeer
	stop := s.start(b, exec.CommandContext(b.Context(), path, args...), "http://"+address+"/health")
	return []*webSystem{s}, stop, nil
}

func readPeer(a ask, body io.Reader) (answer, error) {
	if a.Kind == kindExport {
		return countCSV(body, ',')
	}
	rows, err := readRows(body)
	if err != nil {
		return nil, err
	}
	return a.answerOf(rows)
}

// background is for requests, which a benchmark never breaks off.
var background = context.Background()
