package api_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// part is a part of an answer: the whole body, or one of several ranges.
type part struct{ Range, Type, Body string }

// outcome is what a Range header leads to, the random boundary left out.
type outcome struct {
	Status int
	Range  string
	Length string
	Parts  []part
}

func (a answer) outcome(t testing.TB) outcome {
	t.Helper()
	o := outcome{Status: a.StatusCode, Range: a.Header.Get("Content-Range")}
	if a.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		return o
	}
	o.Length = a.Header.Get("Content-Length")
	kind, parameters, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "multipart/byteranges" {
		o.Parts = []part{{Type: a.Header.Get("Content-Type"), Body: string(a.body)}}
		return o
	}
	r := multipart.NewReader(bytes.NewReader(a.body), parameters["boundary"])
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return o
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		o.Parts = append(o.Parts, part{p.Header.Get("Content-Range"), p.Header.Get("Content-Type"), string(body)})
	}
}

// yardstick serves the same bytes with http.ServeContent.
func yardstick(data []byte, headers ...string) answer {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	a := answer{w.Result(), w.Body.Bytes()}
	if a.Header.Get("Content-Length") == "" && a.StatusCode == http.StatusOK {
		a.Header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	return a
}

func TestRangesAreThoseOfServeContent(t *testing.T) {
	b := newBench(t)
	made := b.publish(t, "2026-11-21")
	data := made.content[csvName]
	size := len(data)
	check := func(t testing.TB, header string) {
		t.Helper()
		got := b.get(t, path("latest", csvName), "Range: "+header).outcome(t)
		want := yardstick(data, "Range: "+header).outcome(t)
		if want.Status == http.StatusRequestedRangeNotSatisfiable && want.Range == "" {
			want.Range = fmt.Sprintf("bytes */%d", size) // we say the size of a file also when the header is malformed
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Range: %s\n%s", header, diff)
		}
	}
	for _, header := range []string{
		"bytes=0-0", "bytes=0-", "bytes=-1", "bytes=5-9", fmt.Sprintf("bytes=%d-", size-1), fmt.Sprintf("bytes=%d-", size), "bytes=0-999999999",
		fmt.Sprintf("bytes=-%d", size), "bytes=-999999999", "bytes=0-0,2-2", "bytes=0-0, -1", "bytes= 0 - 4 , 6-7", "bytes=10-19,5-8", "bytes=0-9,5-14",
		"bytes=0-0,999999999-", "bytes=999999999-", "bytes=999999999-,0-0", "bytes=0-,0-", "bytes=0-,-1", "bytes=5-4", "bytes=a-b", "bytes=", "bytes=,", "bytes=-",
		"bytes=--1", "bytes=1--2", "bytes=0-1,x", "bytes=0", "bytes", "bytes=,0-1,,3-4,",
	} {
		check(t, header)
	}
	rapid.Check(t, func(r *rapid.T) {
		position := rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(size-20, size+20), rapid.IntRange(0, size))
		one := rapid.Custom(func(r *rapid.T) string {
			first, last := position.Draw(r, "first"), position.Draw(r, "last")
			switch rapid.IntRange(0, 9).Draw(r, "form") {
			case 0:
				return fmt.Sprintf("%d-", first)
			case 1:
				return fmt.Sprintf("-%d", first+1)
			case 2:
				return fmt.Sprintf("%d-%d", first, last) // backwards half the time
			case 3:
				return rapid.SampledFrom([]string{"", " ", "x", "-", "1-x"}).Draw(r, "faulty")
			default:
				return fmt.Sprintf("%d-%d", min(first, last), max(first, last))
			}
		})
		for range 5 { // a few hundred headers in all
			ranges := rapid.SliceOfN(one, 1, 5).Draw(r, "ranges")
			check(tb{t, r}, "bytes="+strings.Join(ranges, rapid.SampledFrom([]string{",", ", "}).Draw(r, "comma")))
		}
	})
}

// TestRangesThatDiffer are those where the standard says otherwise than
// http.ServeContent.
func TestRangesThatDiffer(t *testing.T) {
	b := newBench(t)
	r := b.publish(t, "2026-11-21")
	data := r.content[csvName]
	for _, c := range []struct {
		outcome, method, object, header string
		status                          int
		body                            []byte
	}{
		{"unknown unit is ignored", "GET", csvName, "lines=1-2", 200, data},
		{"no unit is ignored", "GET", csvName, "1-2", 200, data},
		{"unit in capitals", "GET", csvName, "Bytes=1-2", 206, data[1:3]},
		{"last nothing is outside", "GET", csvName, "bytes=-0", 416, nil},
		{"position of many digits", "GET", csvName, "bytes=1-99999999999999999999999", 206, data[1:]},
		{"start of many digits is outside", "GET", csvName, "bytes=99999999999999999999999-", 416, nil},
		{"sign is malformed", "GET", csvName, "bytes=+1-2", 416, nil},
		{"HEAD ignores ranges", "HEAD", csvName, "bytes=0-9", 200, nil},
		{"HEAD ignores ranges outside", "HEAD", csvName, "bytes=999999999-", 200, nil},
		{"empty file is sent whole", "GET", "empty.csv", "bytes=0-9", 200, nil},
		{"last byte of an empty file", "GET", "empty.csv", "bytes=-1", 200, nil},
		{"a hundred ranges", "GET", csvName, "bytes=" + strings.Repeat("0-0,", 100), 206, nil},
		{"more are ignored", "GET", csvName, "bytes=" + strings.Repeat("0-0,", 101), 200, data},
	} {
		t.Run(c.outcome, func(t *testing.T) {
			a := b.do(t, c.method, path(r.id, c.object), "Range: "+c.header)
			if a.StatusCode != c.status {
				t.Fatalf("status %d, want %d", a.StatusCode, c.status)
			}
			if c.body != nil && !bytes.Equal(a.body, c.body) {
				t.Errorf("%d bytes, want %d", len(a.body), len(c.body))
			}
			if c.status == 416 {
				a.problem(t, 416)
				if want := fmt.Sprintf("bytes */%d", len(data)); a.Header.Get("Content-Range") != want {
					t.Errorf("Content-Range %q, want %q", a.Header.Get("Content-Range"), want)
				}
			}
		})
	}
}

// tb lets helpers that want a testing.TB fail a run of rapid.
type tb struct {
	testing.TB
	run *rapid.T
}

func (t tb) Helper()                           { t.run.Helper() }
func (t tb) Fatal(args ...any)                 { t.run.Fatal(args...) }
func (t tb) Errorf(format string, args ...any) { t.run.Errorf(format, args...) }
