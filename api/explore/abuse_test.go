package explore_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// abuse are requests that are meant to hurt: long, deep, wide or garbled.
func abuse() map[string]string {
	many := func(n int, one string) string { return strings.Repeat(one, n) }
	where := func(text string) string { return ask(records, "where="+text) }
	text := many(50_000, "a")
	all := map[string]string{
		"parentheses":           where(many(20_000, "(")),
		"closed parentheses":    where(many(5000, "(") + "1=1" + many(5000, ")")),
		"nots":                  where(many(5000, "not ") + "nb_action=1"),
		"nested functions":      ask(records, "select="+many(4000, "lower(")+"siret"+many(4000, ")")),
		"a long sum":            ask(records, "select="+many(8000, "1+")+"1"),
		"quotients of zero":     ask(records, "select=nb_action/0/0/0, 1e999"),
		"a long chain of ands":  where("nb_action=1" + many(2000, " and nb_action=1")),
		"a huge list":           where("siret in ('1'" + many(9000, ",'1'") + ")"),
		"many selected":         ask(records, "select=siret"+many(5000, ",siret")),
		"many orders":           ask(records, "order_by=siret"+many(5000, ",siret")),
		"many groups":           ask(records, "group_by=siret"+many(5000, ",siret")),
		"many bounds":           ask(records, "group_by=range(nb_action, 0"+many(5000, ",1")+")"),
		"a tiny width":          ask(records, "group_by=range(frais_ttc_tot_max, 0.0000001)", "limit=20000"),
		"wild cards":            where("intitule_formation like '" + many(10_000, "%_") + "'"),
		"a pattern of repeats":  where("intitule_formation like '" + many(3000, "%a") + "b'"),
		"words":                 where("search('" + many(5000, "a ") + "')"),
		"a long word":           where("search('" + many(30_000, "a") + "')"),
		"a wide fuzzy word":     where("search('" + many(12, "formation") + "')"),
		"open quote":            where("nom_of='" + many(1000, "\\'")),
		"backslashes":           where("nom_of='" + many(10_001, "\\") + "'"),
		"zero bytes":            where("nom_of='\x00\x00'"),
		"control characters":    where("nom_of='\x1b[2J\r\n\x07'"),
		"no UTF-8":              records + "?where=nom_of%3D%27%ff%fe%c0%80%27",
		"no UTF-8 in a name":    records + "?%ff%fe=%80",
		"half an escape":        records + "?where=%",
		"surrogates":            records + "?where=nom_of%3D%27%ed%a0%80%27",
		"other writing":         where("nom_of = '" + many(300, "\u202eé\u0301") + "'"),
		"many parameters":       records + "?" + many(12_000, "a=&"),
		"many names":            records + "?" + names(6000),
		"many conditions":       records + "?" + many(5000, "where=1=1&"),
		"many refinements":      records + "?" + many(3000, "refine=siret:1&"),
		"many facets":           facets + "?" + many(6000, "facet=siret&"),
		"a large facet":         ask(facets, "facet=facet(name=\"siret\", limit=99999999)"),
		"a deep facet":          ask(facets, "facet=facet(name=\"nom_region\", hierarchical=true, separator=\""+text+"\")"),
		"a large number":        ask(records, "limit="+many(1000, "9")),
		"a negative offset":     ask(records, "offset=-9223372036854775808"),
		"a large literal":       where("nb_action > " + many(10_000, "9")),
		"a long decimal":        where("nb_action > 0." + many(10_000, "9")),
		"a late date":           where("date_extract > date'999999999-01-01'"),
		"a far future":          where("date_extract > now(years=1000000, months=1000000)"),
		"a long pattern":        ask(records, "select=date_format(date_extract, '"+many(10_000, "YYYY")+"') as d"),
		"a zone outside":        ask(records, "timezone=../../../../etc/passwd"),
		"a long zone":           ask(records, "timezone="+text),
		"a long alias":          ask(records, "select=1 as `"+many(20_000, "a")+"`"),
		"another statement":     where("1=1; drop table x --"),
		"a union":               where("1=1) union select * from duckdb_settings() --"),
		"a file":                ask(records, "select=read_text('/etc/passwd')"),
		"an attachment":         where("siret in (select value from secrets)"),
		"a long delimiter":      ask(exports+"/csv", "delimiter="+text),
		"a long separator":      ask(exports+"/csv", "list_separator="+text, "limit=3"),
		"a long dataset":        base + "/datasets/" + text + "/records",
		"a dataset outside":     base + "/datasets/..%2f..%2fetc%2fpasswd/records",
		"a record outside":      records + "/" + many(5000, "%00"),
		"a long cursor":         ask(rowsOf(catalogue), "cursor=20260101T000000Z-00000000.."+text),
		"rows of nothing":       ask(rowsOf(many(5000, "x")), "where="+many(5000, "(")),
		"version 1, deep":       ask("/api/records/1.0/search", "dataset="+catalogue, "q="+many(5000, "(")+"x"),
		"version 1, words":      ask("/api/records/1.0/search", "dataset="+catalogue, "q="+many(5000, "x OR ")+"x"),
		"version 1, series":     "/api/records/1.0/analyze?dataset=" + catalogue + "&x=siret" + many(1500, "&y.a.func=COUNT&sort=a"),
		"version 1, many names": "/api/records/1.0/search?dataset=" + catalogue + "&" + strings.ReplaceAll(names(3000), "n", "refine.n"),
		"a large page":          ask(records, "select='"+many(30_000, "x")+"' as x", "group_by=numero_formation", "limit=20000"),
		"a large answer":        ask(rowsOf(catalogue), "select="+strings.TrimPrefix(many(20, ", '"+many(1400, "é")+"'"), ", "), "limit=1000"),
	}
	return all
}

// names are parameters of different names.
func names(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "n%d=&", i)
	}
	return b.String()
}

// inside are words that only the inside of the service uses.
var inside = []string{"duckdb", "DuckDB", "goroutine", ".go:", "panic", "rowid", "\"@c0\"", "Binder", "Parser Error", "/tmp/", "/root", "parvis/internal", "nil pointer", "127.0.0.1"}

// TestAbuseIsAnswered: whatever is asked, the answer is an answer: never a failure of
// ours, nothing of the inside in it, and never much memory.
func TestAbuseIsAnswered(t *testing.T) {
	s := open(t)
	for name, address := range abuse() {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+address, http.NoBody)
			check(t, err)
			resp, err := s.Client().Do(req)
			check(t, err)
			body, err := io.ReadAll(resp.Body)
			check(t, err)
			check(t, resp.Body.Close())
			runtime.ReadMemStats(&after)
			if resp.StatusCode >= http.StatusInternalServerError {
				t.Errorf("%d: %s", resp.StatusCode, body)
			}
			if resp.StatusCode != http.StatusOK {
				if len(body) > 4<<10 {
					t.Errorf("an error of %d bytes", len(body))
				}
				for _, word := range inside {
					if strings.Contains(string(body), word) && !strings.Contains(address, word) {
						t.Errorf("the answer has %q: %s", word, body)
					}
				}
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 256<<20 {
				t.Errorf("%d MiB were used", used>>20)
			}
		})
	}
	if a := s.get(t, records); a.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %d", a.StatusCode)
	}
}

// TestEndlessAddresses: of what is longer than may be only the beginning is read.
func TestEndlessAddresses(t *testing.T) {
	s := open(t)
	for name, c := range map[string]struct {
		begin, more string
		status      int
	}{
		"address": {"GET " + records + "?where=", "a", http.StatusRequestHeaderFieldsTooLarge},
		"header":  {"GET " + records + " HTTP/1.1\r\nHost: x\r\nX-Long: ", "a", http.StatusRequestHeaderFieldsTooLarge},
		"headers": {"GET " + records + " HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n", http.StatusRequestHeaderFieldsTooLarge},
	} {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		check(t, err)
		defer func() { _ = conn.Close() }()
		check(t, conn.SetDeadline(time.Now().Add(time.Minute)))
		go func() {
			piece := strings.Repeat(c.more, (64<<10)/len(c.more))
			_, err := io.WriteString(conn, c.begin)
			for sent := 0; err == nil && sent < 10<<20; sent += len(piece) {
				_, err = io.WriteString(conn, piece)
			}
		}()
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			continue // the connection was closed before the answer could be read
		}
		if resp.StatusCode != c.status {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
		_ = resp.Body.Close()
	}
	long := s.get(t, ask(records, "where="+strings.Repeat("a", 70<<10)))
	long.fault(t, http.StatusRequestURITooLong, "AddressTooLong")
	s.get(t, ask(rowsOf(catalogue), "where="+strings.Repeat("a", 70<<10))).problem(t, http.StatusRequestURITooLong, "adresse-trop-longue")
}
