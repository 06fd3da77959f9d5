package explore_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/api"
)

// TestLimitsInTheOriginalsShape: what a client of the original reads of its quota is
// there, and answers from memory cost a tenth.
func TestLimitsInTheOriginalsShape(t *testing.T) {
	s := open(t)
	limited := s.serve(t, func(o *api.Options) { o.RateLimit = 5 })
	for i := range 20 { // 1 + 19 tenths
		a := do(t, limited, http.MethodGet, records)
		if h := a.Header; a.StatusCode != http.StatusOK || h.Get("X-RateLimit-Limit") != "5" || h.Get("X-RateLimit-Remaining") == "" || h.Get("RateLimit-Remaining") != h.Get("X-RateLimit-Remaining") {
			t.Fatalf("call %d: %d %v", i, a.StatusCode, h)
		}
		if _, err := time.Parse("2006-01-02 15:04:05-07:00", a.Header.Get("X-RateLimit-Reset")); err != nil {
			t.Error(err)
		}
	}
	var a answer
	for i := range 9 {
		if a = do(t, limited, http.MethodGet, ask(records, "offset="+string(rune('1'+i)))); a.StatusCode != http.StatusOK {
			break
		}
	}
	var body struct {
		Code  int       `json:"errorcode"`
		Reset time.Time `json:"reset_time"`
		Unit  string    `json:"limit_time_unit"`
		Limit int       `json:"call_limit"`
		Error string
	}
	check(t, json.Unmarshal(a.body, &body))
	if a.StatusCode != http.StatusTooManyRequests || body.Code != 10005 || body.Unit != "minute" || body.Limit != 5 || body.Reset.IsZero() || !strings.Contains(body.Error, "5 appels") {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	if h := a.Header; h.Get("Retry-After") == "" || h.Get("X-RateLimit-Remaining") != "0" || h.Get("Cache-Control") != "no-store" || h.Get("ETag") != "" {
		t.Errorf("%v", h)
	}
	p := do(t, limited, http.MethodGet, rowsOf(catalogue)).problem(t, http.StatusTooManyRequests, "trop-de-requetes")
	if !strings.Contains(p.Fixes[1], "/exports/parquet") {
		t.Errorf("%+v", p)
	}
}

// TestQueryTimeIsLimited: a client that has used its query time up is told so, while what
// is in memory is still answered.
func TestQueryTimeIsLimited(t *testing.T) {
	s := open(t)
	limited := s.serve(t, func(o *api.Options) { o.QueryTime = time.Millisecond })
	kept := do(t, limited, http.MethodGet, records)
	if kept.StatusCode != http.StatusOK {
		t.Fatalf("%s", kept.body)
	}
	a := kept
	for i := 0; i < 500 && a.StatusCode == http.StatusOK; i++ {
		a = do(t, limited, http.MethodGet, ask(records, "where=search(\"formation\")", fmt.Sprintf("offset=%d", i)))
	}
	if a.StatusCode != http.StatusTooManyRequests || !strings.Contains(string(a.body), "secondes de calcul") || a.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := do(t, limited, http.MethodGet, records); a.StatusCode != http.StatusOK {
		t.Errorf("%s", a.body)
	}
	do(t, limited, http.MethodGet, rowsOf(catalogue)).problem(t, http.StatusTooManyRequests, "trop-de-requetes")
}

// TestQueriesThatTakeTooLongAreExplained in both shapes.
func TestQueriesThatTakeTooLongAreExplained(t *testing.T) {
	s := open(t)
	hasty := s.serve(t, func(o *api.Options) { o.QueryTimeout = time.Nanosecond })
	late := func(path string) (a answer) {
		for i := range 1000 { // a query may be faster than the clock
			if a = do(t, hasty, http.MethodGet, ask(path, fmt.Sprintf("order_by=random(%d)", i))); a.StatusCode != http.StatusOK {
				break
			}
		}
		return a
	}
	if m := late(records).fault(t, http.StatusServiceUnavailable, "QueryTimeout"); !strings.Contains(m, "exports/parquet") {
		t.Error(m)
	}
	a := late(rowsOf(catalogue))
	if p := a.problem(t, http.StatusServiceUnavailable, "requete-trop-longue"); !strings.Contains(p.Fixes[1], "exports/parquet") || a.Header.Get("Retry-After") != "" {
		t.Errorf("%+v", p)
	}
}

// TestManyAtOnce: far more requests than slots, from clients of which some leave; those
// that stay are answered.
func TestManyAtOnce(t *testing.T) {
	s := open(t)
	busy := s.serve(t, func(o *api.Options) {
		o.RateLimit, o.QueryTime, o.TrustedProxies = 100_000, time.Hour, []string{"127.0.0.1"}
	})
	var group sync.WaitGroup
	var answered, refused atomic.Int64
	for i := range 16 {
		group.Go(func() {
			for n := range 12 {
				address := ask(records, "order_by=random("+string(rune('0'+n%10))+")", "where=nb_action >= 0", "offset="+string(rune('0'+i%10)))
				if n%3 == 0 {
					address = exports + "/csv?limit=" + string(rune('1'+n%9))
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				if (i+n)%4 == 0 { // one that leaves
					ctx, cancel = context.WithTimeout(t.Context(), 2*time.Millisecond)
				}
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, busy.URL+address, http.NoBody)
				if err != nil {
					t.Error(err)
				}
				req.Header.Set("X-Forwarded-For", "192.0.2."+string(rune('1'+i%8)))
				if resp, err := busy.Client().Do(req); err == nil {
					_ = resp.Body.Close()
					switch resp.StatusCode {
					case http.StatusOK:
						answered.Add(1)
					case http.StatusTooManyRequests, http.StatusServiceUnavailable:
						refused.Add(1)
					default:
						t.Errorf("%s: %d", address, resp.StatusCode)
					}
				}
				cancel()
			}
		})
	}
	group.Wait()
	if answered.Load() < 16*12/2 {
		t.Errorf("%d answers, %d refusals", answered.Load(), refused.Load())
	}
	if a := do(t, busy, http.MethodGet, ask(records, "limit=99")); a.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %s", a.body)
	}
}
