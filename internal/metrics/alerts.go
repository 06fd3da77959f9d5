package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Alerts is how the alerts of a store stand.
type Alerts struct {
	// Readable says that they, and what they are about, could be read.
	Readable bool
	Pending  int
	// Oldest is when the first of the pending ones was made; zero if there is none.
	Oldest time.Time
	// Undeliverable counts those that were given up in the last day.
	Undeliverable int
	// Delivered is when the last one was; zero if none is kept.
	Delivered time.Time
}

// Alerts tells of the alerts as they stood when they were last looked at; known is false
// before that.
func (r *Registry) Alerts(sum func() (s Alerts, known bool)) {
	var (
		readable      = describe("alerts_readable", "1 if the alerts, and what is recorded of jobs, could be read.")
		pending       = describe("alerts_pending", "Alerts that wait to be delivered.")
		oldest        = describe("alerts_oldest_pending_timestamp_seconds", "When the first of the alerts that wait was made; absent if none waits.")
		undeliverable = describe("alerts_undeliverable", "Alerts that were given up in the last day.")
		delivered     = describe("alerts_last_delivered_timestamp_seconds", "When the last alert was delivered.")
	)
	r.all.MustRegister(states{[]*prometheus.Desc{readable, pending, oldest, undeliverable, delivered}, func(to chan<- prometheus.Metric) {
		s, known := sum()
		if !known {
			return
		}
		to <- gauge(readable, yes(s.Readable))
		to <- gauge(pending, float64(s.Pending))
		to <- gauge(undeliverable, float64(s.Undeliverable))
		if !s.Oldest.IsZero() {
			to <- gauge(oldest, instant(s.Oldest))
		}
		if !s.Delivered.IsZero() {
			to <- gauge(delivered, instant(s.Delivered))
		}
	}})
}
