package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Release is what a server has of a dataset.
type Release struct {
	Dataset string
	// Published is when the release that queries are answered from was published; zero if
	// there is none.
	Published time.Time
	// Behind says that another release is to be served, and is not loaded yet.
	Behind bool
	// Secret is the share of the training files that are in secret cells, in 0..1, by
	// table; without those of which it is not told.
	Secret map[string]float64
	// Loads is how often a release was loaded since the start, Loading how long that took
	// all together, Failures how often it failed.
	Loads, Failures int64
	Loading         time.Duration
}

// Search is what can be searched.
type Search struct{ Ready, Behind bool }

// Job is what is recorded of a job.
type Job struct {
	Name string
	// Due is the last due date that has not been served; zero if none is open.
	Due time.Time
	// Success is when the last run ended that was done or had nothing to do; zero if none.
	Success time.Time
	// Outcome, End and Took are of the last run; Outcome is empty if there is none.
	Outcome string
	End     time.Time
	Took    time.Duration
	// Rows are those of the last release that a run made; 0 if not known.
	Rows int64
	// Steps is how long the steps of the last run took.
	Steps map[string]time.Duration
	// Audit is how the last audit of a publication ended: "passed", "refused", or empty if
	// none is known.
	Audit string
	// Damaged counts the releases that the last verification found damaged.
	Damaged int
	// Runs counts the runs that are recorded, by outcome.
	Runs map[string]int
}

// states reads metrics when they are asked for.
type states struct {
	descriptions []*prometheus.Desc
	collect      func(chan<- prometheus.Metric)
}

// Describe implements prometheus.Collector.
func (s states) Describe(to chan<- *prometheus.Desc) {
	for _, d := range s.descriptions {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (s states) Collect(to chan<- prometheus.Metric) { s.collect(to) }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+name, help, labels, nil)
}

func gauge(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func counter(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.CounterValue, value, labels...)
}

// summary is a number of things and how long they took all together.
func summary(d *prometheus.Desc, n int64, took time.Duration, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstSummary(d, uint64(n), took.Seconds(), nil, labels...)
}

func instant(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func yes(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// Served tells of the releases that are served, and of the search, as they are when the
// metrics are read.
func (r *Registry) Served(releases func() []Release, search func() Search) {
	var (
		published = describe("release_published_timestamp_seconds", "When the release that queries are answered from was published.", "dataset")
		loaded    = describe("release_loaded", "1 if queries about the dataset are answered.", "dataset")
		behind    = describe("release_behind", "1 while another release is to be served than the one that is.", "dataset")
		secret    = describe("release_secret_ratio", "Share of the training files that are in secret cells of a table of the release that queries are answered from.", "dataset", "table")
		loads     = describe("release_load_duration_seconds", "Time that releases took to load.", "dataset")
		failures  = describe("release_load_failures_total", "Releases that could not be loaded, each attempt.", "dataset")
		ready     = describe("search_ready", "1 if the catalogue can be searched.")
		late      = describe("search_behind", "1 while another release is searched than the one that is served.")
	)
	r.all.MustRegister(states{[]*prometheus.Desc{published, loaded, behind, secret, loads, failures, ready, late}, func(to chan<- prometheus.Metric) {
		for _, s := range releases() {
			if !s.Published.IsZero() {
				to <- gauge(published, instant(s.Published), s.Dataset)
			}
			to <- gauge(loaded, yes(!s.Published.IsZero()), s.Dataset)
			to <- gauge(behind, yes(s.Behind), s.Dataset)
			for table, share := range s.Secret {
				to <- gauge(secret, share, s.Dataset, table)
			}
			to <- summary(loads, s.Loads, s.Loading, s.Dataset)
			to <- counter(failures, float64(s.Failures), s.Dataset)
		}
		s := search()
		to <- gauge(ready, yes(s.Ready))
		to <- gauge(late, yes(s.Behind))
	}})
}

// Jobs tells of the jobs, as they are recorded when the metrics are read. Read may fail: what
// it then returns is told, and that it failed.
func (r *Registry) Jobs(read func() ([]Job, error)) {
	var (
		readable = describe("jobs_readable", "1 if what is recorded of jobs can be read.")
		due      = describe("job_due_timestamp_seconds", "The due date that has not been served; absent if none is open.", "name")
		success  = describe("job_last_success_timestamp_seconds", "When the last run ended that was done or had nothing to do.", "name")
		ended    = describe("job_last_end_timestamp_seconds", "When the last run ended, by what it came to.", "name", "outcome")
		took     = describe("job_last_duration_seconds", "How long the last run took.", "name")
		rows     = describe("job_last_rows", "Rows of the last release that a run made.", "name")
		steps    = describe("job_last_step_duration_seconds", "How long a step of the last run took.", "name", "step")
		audit    = describe("job_last_audit_passed", "1 if the last audit of a publication passed, 0 if it refused it.", "name")
		damaged  = describe("job_last_damaged_releases", "Releases that the last verification found damaged; absent if none.", "name")
		runs     = describe("job_recorded_runs", "Runs that are recorded, by what they came to.", "name", "outcome")
	)
	r.all.MustRegister(states{[]*prometheus.Desc{readable, due, success, ended, took, rows, steps, audit, damaged, runs}, func(to chan<- prometheus.Metric) {
		all, err := read()
		to <- gauge(readable, yes(err == nil))
		for _, j := range all {
			if !j.Due.IsZero() {
				to <- gauge(due, instant(j.Due), j.Name)
			}
			if !j.Success.IsZero() {
				to <- gauge(success, instant(j.Success), j.Name)
			}
			if j.Outcome != "" {
				to <- gauge(ended, instant(j.End), j.Name, j.Outcome)
				to <- gauge(took, j.Took.Seconds(), j.Name)
			}
			if j.Rows > 0 {
				to <- gauge(rows, float64(j.Rows), j.Name)
			}
			for step, took := range j.Steps {
				to <- gauge(steps, took.Seconds(), j.Name, step)
			}
			if j.Audit != "" {
				to <- gauge(audit, yes(j.Audit == "passed"), j.Name)
			}
			if j.Damaged > 0 {
				to <- gauge(damaged, float64(j.Damaged), j.Name)
			}
			for outcome, n := range j.Runs {
				to <- gauge(runs, float64(n), j.Name, outcome)
			}
		}
	}})
}
