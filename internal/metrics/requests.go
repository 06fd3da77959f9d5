package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// latencies are the bounds of the histogram of requests, in seconds: from an answer that
// is kept to an export.
var latencies = []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// Requests counts the requests of the public.
type Requests struct {
	count *prometheus.CounterVec
	bytes *prometheus.CounterVec
	took  *prometheus.HistogramVec
}

// Requests returns the counters of requests. Call it once.
func (r *Registry) Requests() *Requests {
	q := &Requests{
		count: prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "http_requests_total", Help: "Requests answered, by route, method and status."}, []string{"route", "method", "status"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "http_response_bytes_total", Help: "Bytes of the bodies of answers, by route."}, []string{"route"}),
		took:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + "http_request_duration_seconds", Help: "Time until a request was answered, by route.", Buckets: latencies}, []string{"route"}),
	}
	r.all.MustRegister(q.count, q.bytes, q.took)
	return q
}

// Count counts a request. Route is a pattern, empty for an address that there is not.
func (q *Requests) Count(route, method string, status int, bytes int64, took time.Duration) {
	if route == "" {
		route = "none"
	}
	q.count.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	q.bytes.WithLabelValues(route).Add(float64(bytes))
	q.took.WithLabelValues(route).Observe(took.Seconds())
}
