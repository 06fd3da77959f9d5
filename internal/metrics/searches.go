package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Searches counts what is searched.
type Searches struct {
	took    prometheus.Histogram
	refused *prometheus.CounterVec
}

// Searches returns the counters of searches. Call it once.
func (r *Registry) Searches() *Searches {
	s := &Searches{
		took:    prometheus.NewHistogram(prometheus.HistogramOpts{Name: prefix + "search_duration_seconds", Help: "Time that a search took in its index, without the wait for its turn.", Buckets: latencies}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "searches_refused_total", Help: "Searches that were not made, by reason."}, []string{"reason"}),
	}
	r.all.MustRegister(s.took, s.refused)
	return s
}

// Count counts a search that was made, or if refused is not empty one that was not, and why.
func (s *Searches) Count(refused string, took time.Duration) {
	if refused != "" {
		s.refused.WithLabelValues(refused).Inc()
		return
	}
	s.took.Observe(took.Seconds())
}
