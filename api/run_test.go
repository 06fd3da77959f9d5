package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// running is a server that runs as the command runs it, with an object too large
// for the buffers between it and a client.
type running struct {
	*bench
	addr string
	stop func() error
}

const bigSize = 96 << 20

var big = path("latest", catalogue+".parquet")

// zeros has as many bytes as the manifest says, and no memory.
type zeros struct{ left int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.left)
	clear(p[:n])
	z.left -= n
	return int(n), nil
}

func run(t *testing.T, drain, stall time.Duration) running {
	t.Helper()
	b := newBench(t)
	b.publish(t, "2026-11-21", func(m *release.Manifest) { m.Objects[0].Bytes = bigSize })
	b.store.hook(t, func(name string, r io.ReadCloser, info objects.Info, err error) (io.ReadCloser, objects.Info, error) {
		if strings.HasSuffix(name, ".parquet") {
			if err := r.Close(); err != nil {
				return nil, info, err
			}
			info.Size = bigSize
			return io.NopCloser(&zeros{bigSize}), info, nil
		}
		return r, info, err
	})
	b.options.Drain, b.options.Stall = drain, stall
	s, err := api.New(b.options)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, l) }()
	return running{b, l.Addr().String(), func() error { cancel(); return <-done }}
}

// download begins to read the big object, and returns its body.
func (r running) download(t *testing.T) io.Reader {
	t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return request(t, conn, big)
}

// request asks for a path on a connection, and reads the head of the answer.
func request(t *testing.T, conn net.Conn, path string) io.Reader {
	t.Helper()
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
	return resp.Body
}

func TestStopFinishesDownloads(t *testing.T) {
	r := run(t, time.Minute, time.Minute)
	body := r.download(t)
	stopped := make(chan error, 1)
	go func() { stopped <- r.stop() }()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", r.addr)
		if err != nil {
			break
		}
		_ = conn.Close()
		if time.Now().After(deadline) {
			t.Fatal("connections are still taken")
		}
	}
	select {
	case err := <-stopped:
		t.Fatalf("stopped before the download ended: %v", err)
	default:
	}
	if n, err := io.Copy(io.Discard, body); err != nil || n != bigSize {
		t.Errorf("%d bytes, %v", n, err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestStopBreaksOffDownloadsThatTakeTooLong(t *testing.T) {
	r := run(t, 200*time.Millisecond, time.Minute)
	body := r.download(t)
	if err := r.stop(); err == nil || !strings.Contains(err.Error(), "broken off") {
		t.Errorf("error %v", err)
	}
	if n, err := io.Copy(io.Discard, body); err == nil || n == bigSize {
		t.Errorf("%d bytes, %v", n, err)
	}
}

func TestClientThatStallsIsGivenUp(t *testing.T) {
	r := run(t, time.Minute, 300*time.Millisecond)
	body := r.download(t)
	time.Sleep(1500 * time.Millisecond)
	if n, err := io.Copy(io.Discard, body); err == nil || n == bigSize {
		t.Errorf("%d bytes, %v", n, err)
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}

// TestSlowClientIsServed reads for several times as long as a client may stall.
func TestSlowClientIsServed(t *testing.T) {
	r := run(t, time.Minute, 500*time.Millisecond)
	body := r.download(t)
	began := time.Now()
	for read := int64(0); read < bigSize; {
		n, err := io.CopyN(io.Discard, body, bigSize/20)
		if read += n; err != nil && read < bigSize {
			t.Fatalf("broken off after %d bytes and %s: %v", read, time.Since(began), err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	if time.Since(began) < time.Second {
		t.Error("the client was not slow")
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}

func TestConnectionIsUsableLongAfterADownload(t *testing.T) {
	r := run(t, time.Minute, 200*time.Millisecond)
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for range 3 {
		if _, err := io.Copy(io.Discard, request(t, conn, path("latest", csvName))); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
	}
	_ = conn.Close()
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}

func TestBodyThatNeverComesIsNotWaitedFor(t *testing.T) {
	r := run(t, time.Minute, 500*time.Millisecond)
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	answer, err := io.ReadAll(conn) // to the end: the server closes
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 405") {
		t.Errorf("%v after %s: %s", err, time.Since(began), answer)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("closed after %s", took)
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}

func TestRunEndsWithItsListener(t *testing.T) {
	b := newBench(t)
	s, err := api.New(b.options)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context(), l); err == nil {
		t.Error("no error")
	}
}

// TestClientsThatReadNothingHoldUpNobody: hundreds of connections stop reading, or never
// say what they want, and others are served as ever.
func TestClientsThatReadNothingHoldUpNobody(t *testing.T) {
	r := run(t, 100*time.Millisecond, time.Minute)
	for i := range 400 {
		conn, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		ask := "GET " + big + " HTTP/1.1\r\nHost: x\r\n\r\n"
		if i%4 == 0 {
			ask = "GET /heal"
		}
		if _, err := io.WriteString(conn, ask); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		conn, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, request(t, conn, path("latest", csvName))); err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
	}
	if err := r.stop(); err == nil {
		t.Error("no download was under way")
	}
}

// TestGetWithABodyIsAnsweredWithoutIt: the body is not read, and the connection closed.
func TestGetWithABodyIsAnsweredWithoutIt(t *testing.T) {
	r := run(t, time.Minute, 500*time.Millisecond)
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nGET /secret HTTP/1.1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200") || strings.Count(string(answer), "HTTP/1.1") != 1 {
		t.Errorf("%v: %s", err, answer)
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}
