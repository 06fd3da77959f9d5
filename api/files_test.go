package api_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

const csvName = catalogue + ".csv"

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

func TestFileHeaders(t *testing.T) {
	b := newBench(t)
	r := b.publish(t, "2026-11-21")
	exact := map[string]string{
		"Cache-Control": "public, max-age=3600, s-maxage=86400, immutable", "Last-Modified": "Sat, 21 Nov 2026 04:18:00 GMT",
	}
	latest := map[string]string{
		"Cache-Control": "public, max-age=60, s-maxage=60, must-revalidate", "Last-Modified": "Sun, 22 Nov 2026 06:00:00 GMT",
	}
	readable := "offre-de-formation-du-cpf_2026-11-21"
	whole := "mon-compte-formation-l-offre-de-formation_2026-11-21"
	for _, c := range []struct {
		object, mediaType, name, vary string
	}{
		{csvName, "text/csv; charset=utf-8", readable + ".csv", "Accept-Encoding"},
		{catalogue + ".csv.gz", "application/gzip", readable + ".csv.gz", ""},
		{catalogue + ".excel.csv", "text/csv; charset=utf-8", readable + ".excel.csv", ""},
		{catalogue + ".parquet", "application/vnd.apache.parquet", readable + ".parquet", ""},
		{"empty.csv", "text/csv; charset=utf-8", whole + "_empty.csv", ""},
		{"schema.json", "application/json", whole + "_schema.json", ""},
		{"manifest.json", "application/json", whole + "_manifest.json", ""},
	} {
		for id, changing := range map[string]map[string]string{r.id: exact, "latest": latest} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				t.Run(method+" "+id+" "+c.object, func(t *testing.T) {
					data := r.content[c.object]
					if c.object == "manifest.json" {
						var err error
						if data, _, err = objects.ReadAll(t.Context(), b.store, release.ObjectName(catalogue, r.id, c.object), 1<<20); err != nil {
							t.Fatal(err)
						}
					}
					a := b.do(t, method, path(id, c.object))
					if a.StatusCode != http.StatusOK {
						t.Fatalf("%d: %s", a.StatusCode, a.body)
					}
					sum := sha256.Sum256(data)
					want := map[string]string{
						"Content-Type": c.mediaType, "Content-Length": strconv.Itoa(len(data)), "Accept-Ranges": "bytes", "Content-Encoding": "",
						"ETag": `"` + hex.EncodeToString(sum[:]) + `"`, "Repr-Digest": digest(data), "X-Release": r.id, "X-Synthetic": "",
						"Content-Disposition":         fmt.Sprintf("attachment; filename=%q; filename*=UTF-8''%s", c.name, c.name),
						"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff", "Vary": c.vary,
					}
					for k, v := range changing {
						want[k] = v
					}
					got := map[string]string{}
					for k := range want {
						got[k] = a.Header.Get(k)
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Error(diff)
					}
					if method == http.MethodGet && !bytes.Equal(a.body, data) || method == http.MethodHead && len(a.body) > 0 {
						t.Errorf("%d bytes of body, want those of the object", len(a.body))
					}
					for _, h := range []string{"ETag", "Content-Range", "Content-Disposition", "X-Release", "Repr-Digest"} {
						if !strings.Contains(a.Header.Get("Access-Control-Expose-Headers"), h) {
							t.Errorf("%s is not exposed to scripts", h)
						}
					}
				})
			}
		}
	}
}

func TestSyntheticFilesSaySo(t *testing.T) {
	b := newBench(t)
	b.publish(t, "2026-11-21", func(m *release.Manifest) { m.Synthetic = true })
	a := b.get(t, path("latest", csvName))
	if a.Header.Get("X-Synthetic") != "true" || !strings.Contains(a.Header.Get("Content-Disposition"), "_2026-11-21_donnees-fictives.csv") {
		t.Errorf("%v", a.Header)
	}
}

func TestFileNameIsReadableWithAndWithoutAccents(t *testing.T) {
	b := newBench(t, func(o *api.Options) { o.Datasets[0].Tables[0].Title = "Les entrées « cœur » du CPF : é\"\r\nX: y" })
	b.publish(t, "2026-11-21")
	want := `attachment; filename="entrees-coeur-du-cpf-e-x-y_2026-11-21.csv"; filename*=UTF-8''entr%C3%A9es-c%C5%93ur-du-cpf-%C3%A9-x-y_2026-11-21.csv`
	if diff := cmp.Diff(want, b.get(t, path("latest", csvName)).Header.Get("Content-Disposition")); diff != "" {
		t.Error(diff)
	}
}

func TestConditions(t *testing.T) {
	b := newBench(t)
	r := b.publish(t, "2026-11-21")
	tag := r.tags[csvName]
	const published, before, after = "Sat, 21 Nov 2026 04:18:00 GMT", "Sat, 21 Nov 2026 04:17:59 GMT", "Sat, 21 Nov 2026 04:18:01 GMT"
	for _, c := range []struct {
		outcome string
		headers []string
		status  int
	}{
		{"same tag is not sent again", []string{"If-None-Match: " + tag}, 304},
		{"weak comparison", []string{"If-None-Match: W/" + tag}, 304},
		{"tag in a list", []string{`If-None-Match: "x", W/"y,z" ,, ` + tag}, 304},
		{"tag in a second line", []string{`If-None-Match: "x"`, "If-None-Match: " + tag}, 304},
		{"any tag", []string{"If-None-Match: *"}, 304},
		{"other tag", []string{`If-None-Match: "x"`}, 200},
		{"tag without quotes", []string{"If-None-Match: " + strings.Trim(tag, `"`)}, 200},
		{"tag wins over date", []string{`If-None-Match: "x"`, "If-Modified-Since: " + after}, 200},
		{"same date", []string{"If-Modified-Since: " + published}, 304},
		{"later date", []string{"If-Modified-Since: " + after}, 304},
		{"earlier date", []string{"If-Modified-Since: " + before}, 200},
		{"faulty date", []string{"If-Modified-Since: yesterday"}, 200},
		{"If-Match of the tag", []string{"If-Match: " + tag}, 200},
		{"If-Match of any", []string{"If-Match: *"}, 200},
		{"If-Match is strong", []string{"If-Match: W/" + tag}, 412},
		{"If-Match of another", []string{`If-Match: "x"`}, 412},
		{"If-Match before If-None-Match", []string{`If-Match: "x"`, "If-None-Match: " + tag}, 412},
		{"unmodified since then", []string{"If-Unmodified-Since: " + published}, 200},
		{"modified since", []string{"If-Unmodified-Since: " + before}, 412},
		{"If-Match wins over date", []string{"If-Match: " + tag, "If-Unmodified-Since: " + before}, 200},
		{"condition before range", []string{"If-None-Match: " + tag, "Range: bytes=0-9"}, 304},
		{"If-Range of the tag", []string{"If-Range: " + tag, "Range: bytes=0-9"}, 206},
		{"If-Range is strong", []string{"If-Range: W/" + tag, "Range: bytes=0-9"}, 200},
		{"If-Range of another", []string{`If-Range: "x"`, "Range: bytes=0-9"}, 200},
		{"If-Range of the date", []string{"If-Range: " + published, "Range: bytes=0-9"}, 206},
		{"If-Range of a later date", []string{"If-Range: " + after, "Range: bytes=0-9"}, 200},
		{"If-Range of another with a range outside", []string{`If-Range: "x"`, "Range: bytes=999999999-"}, 200},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			t.Run(method+" "+c.outcome, func(t *testing.T) {
				want := c.status
				if method == http.MethodHead && want == 206 {
					want = 200 // Range means nothing for HEAD
				}
				a := b.do(t, method, path(r.id, csvName), c.headers...)
				if a.StatusCode != want {
					t.Fatalf("status %d, want %d", a.StatusCode, want)
				}
				if want == 304 {
					if len(a.body) > 0 || a.Header.Get("ETag") != tag || a.Header.Get("Content-Type") != "" || a.Header.Get("Content-Length") != "" ||
						a.Header.Get("Vary") != "Accept-Encoding" || a.Header.Get("X-Release") != r.id || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
						t.Errorf("304: %v", a.Header)
					}
				}
				if want == 412 && method == http.MethodGet {
					a.problem(t, 412)
				}
			})
		}
	}
}

func TestConditionsAndHeadReadNoObject(t *testing.T) {
	b := newBench(t)
	r := b.publish(t, "2026-11-21")
	b.get(t, path("latest", csvName))
	b.get(t, path(r.id, csvName))
	before := b.store.opens.Load()
	for range 20 {
		b.get(t, path("latest", csvName), "If-None-Match: "+r.tags[csvName])
		b.do(t, http.MethodHead, path(r.id, csvName))
		b.get(t, path("latest", "schema.json"))
		b.get(t, path(r.id, "manifest.json"))
	}
	// schema.json is read once, manifest.json was read to know the release.
	if n := b.store.opens.Load() - before; n != 1 {
		t.Errorf("%d reads of the store, want 1", n)
	}
}

func TestStoredGzip(t *testing.T) {
	b := newBench(t)
	r := b.publish(t, "2026-11-21")
	plainTag, zipped := r.tags[csvName], r.content[catalogue+".csv.gz"]
	zipTag := strings.TrimSuffix(r.tags[catalogue+".csv.gz"], `"`) + `-gzip"`
	for _, c := range []struct {
		outcome string
		headers []string
		status  int
		gzip    bool
	}{
		{"not asked", nil, 200, false},
		{"gzip", []string{"Accept-Encoding: gzip"}, 200, true},
		{"browser", []string{"Accept-Encoding: gzip, deflate, br, zstd"}, 200, true},
		{"capitals", []string{"Accept-Encoding: GZip;Q=0.5"}, 200, true},
		{"old name", []string{"Accept-Encoding: x-gzip"}, 200, true},
		{"refused", []string{"Accept-Encoding: gzip;q=0"}, 200, false},
		{"refused with decimals", []string{"Accept-Encoding: gzip;q=0.000, br"}, 200, false},
		{"faulty weight", []string{"Accept-Encoding: gzip;q=much"}, 200, false},
		{"identity", []string{"Accept-Encoding: identity"}, 200, false},
		{"identity preferred", []string{"Accept-Encoding: gzip;q=0.5, identity"}, 200, false},
		{"gzip preferred", []string{"Accept-Encoding: gzip, identity;q=0.5"}, 200, true},
		{"others only", []string{"Accept-Encoding: br"}, 200, false},
		{"anything", []string{"Accept-Encoding: *"}, 200, true},
		{"anything but gzip", []string{"Accept-Encoding: *, gzip;q=0"}, 200, false},
		{"no identity", []string{"Accept-Encoding: gzip, identity;q=0"}, 200, true},
		{"nothing else", []string{"Accept-Encoding: gzip, *;q=0"}, 200, true},
		{"nothing at all", []string{"Accept-Encoding: identity;q=0"}, 406, false},
		{"nothing by star", []string{"Accept-Encoding: *;q=0"}, 406, false},
		{"neither", []string{"Accept-Encoding: br, identity;q=0, gzip;q=0"}, 406, false},
		{"range counts bytes of the file", []string{"Accept-Encoding: gzip", "Range: bytes=10-19"}, 206, false},
		{"range of what is held", []string{"Accept-Encoding: gzip", "Range: bytes=10-19", "If-Range: " + zipTag}, 206, true},
		{"range without identity", []string{"Accept-Encoding: gzip, identity;q=0", "Range: bytes=10-19"}, 206, true},
		{"its tag", []string{"Accept-Encoding: gzip", "If-None-Match: " + zipTag}, 304, true},
		{"tag of the other form", []string{"Accept-Encoding: gzip", "If-None-Match: " + plainTag}, 200, true},
	} {
		t.Run(c.outcome, func(t *testing.T) {
			a := b.get(t, path("latest", csvName), c.headers...)
			if a.StatusCode != c.status || a.Header.Get("Vary") != "Accept-Encoding" {
				t.Fatalf("status %d, Vary %q: %s", a.StatusCode, a.Header.Get("Vary"), a.body)
			}
			data, tag, coding := r.content[csvName], plainTag, ""
			if c.gzip {
				data, tag, coding = zipped, zipTag, "gzip"
			}
			switch c.status {
			case 406:
				a.problem(t, 406)
				return
			case 206:
				data = data[10:20]
			case 304:
				data, coding = nil, ""
			}
			if !bytes.Equal(a.body, data) || a.Header.Get("ETag") != tag || a.Header.Get("Content-Encoding") != coding {
				t.Errorf("%d bytes, tag %s, coding %q", len(a.body), a.Header.Get("ETag"), a.Header.Get("Content-Encoding"))
			}
			if c.status == 200 && (a.Header.Get("Repr-Digest") != digest(data) || a.Header.Get("Content-Type") != "text/csv; charset=utf-8") {
				t.Errorf("%v", a.Header)
			}
		})
	}
	b.get(t, path("latest", catalogue+".parquet"), "Accept-Encoding: gzip, identity;q=0").problem(t, 406)
}

func TestLastModifiedOfLatestMovesOnWithARollback(t *testing.T) {
	b := newBench(t)
	old := b.publish(t, "2026-11-20")
	b.publish(t, "2026-11-21")
	seen := b.get(t, path("latest", csvName)).Header.Get("Last-Modified")
	b.clock.advance(time.Hour)
	if err := b.archive.Rollback(t.Context(), catalogue, old.id, b.clock.Now()); err != nil {
		t.Fatal(err)
	}
	a := b.get(t, path("latest", csvName), "If-Modified-Since: "+seen)
	if a.StatusCode != http.StatusOK || a.Header.Get("X-Release") != old.id {
		t.Errorf("a client that goes by dates does not see the roll-back: %d %s", a.StatusCode, a.Header.Get("X-Release"))
	}
}
