package metrics

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// prefix begins every name of ours.
const prefix = "parvis_"

// Registry holds the metrics of a process. It is safe for concurrent use.
type Registry struct{ all *prometheus.Registry }

// New returns a registry with what every process tells of itself: its version, memory,
// goroutines, files and time of the processors.
func New(version string) *Registry {
	r := &Registry{prometheus.NewRegistry()}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "build_info", Help: "The build, as a label.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	r.all.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Handler answers with all metrics, in the format that the server asks for.
func (r *Registry) Handler() http.Handler {
	return promhttp.HandlerFor(r.all, promhttp.HandlerOpts{Registry: r.all, ErrorHandling: promhttp.ContinueOnError})
}

// Path is the address of the metrics.
const Path = "/metrics"

// Serve answers at an address with the metrics until ctx ends or stop is called, which waits
// for the end. At is the address, with the port that was free if it was 0.
//
// Errors: the address cannot be listened on.
func (r *Registry) Serve(ctx context.Context, address string) (at string, stop func() error, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return "", nil, fmt.Errorf("serve metrics: %w; set PARVIS_METRICS_LISTEN to a free address", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+Path, r.Handler())
	server := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	forget := context.AfterFunc(ctx, func() { _ = server.Close() })
	return listener.Addr().String(), func() error {
		forget()
		closed := server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			return errors.Join(fmt.Errorf("serve metrics: %w", err), closed)
		}
		return closed
	}, nil
}
