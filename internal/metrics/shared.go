package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Shared is how a server is shared among its clients, and what it keeps in memory.
type Shared struct {
	// RefusedCalls are those over the share of their client, by reason.
	RefusedCalls map[string]int64
	Queries      []Queries
	Cache        Cache
}

// Queries are those of a kind.
type Queries struct {
	Kind             string
	Waiting, Running int
	// Begun counts those that got their turn; Waited is how long they waited for it, Used
	// how long they had it, all together.
	Begun        int64
	Waited, Used time.Duration
	Refused      map[string]int64 // by reason
}

// Cache is what is kept of answers, and how often it was asked.
type Cache struct{ Hits, Misses, Bytes, Limit int64 }

// Shared tells how the server is shared when the metrics are read.
func (r *Registry) Shared(read func() Shared) {
	var (
		calls   = describe("calls_refused_total", "Calls refused because their client had more than its share, by reason.", "reason")
		waiting = describe("queries_waiting", "Queries that wait for their turn.", "kind")
		running = describe("queries_running", "Queries that have their turn.", "kind")
		waited  = describe("query_wait_duration_seconds", "Time that queries waited for their turn.", "kind")
		used    = describe("query_duration_seconds", "Time that queries had their turn.", "kind")
		refused = describe("queries_refused_total", "Queries that never got their turn, by reason.", "kind", "reason")
		asked   = describe("answer_cache_requests_total", "Answers, or parts of them, that were looked for in memory: hit or miss.", "result")
		bytes   = describe("answer_cache_bytes", "Size of the answers that are kept in memory.")
		limit   = describe("answer_cache_limit_bytes", "Size that the answers kept in memory may have.")
	)
	r.all.MustRegister(states{[]*prometheus.Desc{calls, waiting, running, waited, used, refused, asked, bytes, limit}, func(to chan<- prometheus.Metric) {
		s := read()
		for reason, n := range s.RefusedCalls {
			to <- counter(calls, float64(n), reason)
		}
		for _, q := range s.Queries {
			to <- gauge(waiting, float64(q.Waiting), q.Kind)
			to <- gauge(running, float64(q.Running), q.Kind)
			to <- summary(waited, q.Begun, q.Waited, q.Kind)
			to <- summary(used, q.Begun, q.Used, q.Kind)
			for reason, n := range q.Refused {
				to <- counter(refused, float64(n), q.Kind, reason)
			}
		}
		to <- counter(asked, float64(s.Cache.Hits), "hit")
		to <- counter(asked, float64(s.Cache.Misses), "miss")
		to <- gauge(bytes, float64(s.Cache.Bytes))
		to <- gauge(limit, float64(s.Cache.Limit))
	}})
}
