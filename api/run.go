package api

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	// maxReceived bounds the request line and headers that are read at all; the
	// limits of [Server.guard] are lower and answer in our form.
	maxReceived = 96 << 10
)

// Run serves the connections of a listener until ctx ends. It then takes no new
// ones, lets the answers under way finish for at most [Options.Drain], breaks off
// the rest, and returns.
//
// Errors: the listener failed; or downloads were broken off.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	server := s.httpServer(ctx)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.Drain)
	defer cancel()
	err := server.Shutdown(limit)
	if err != nil {
		err = errors.Join(fmt.Errorf("stop serving: downloads were broken off after %s: %w", s.options.Drain, err), server.Close())
	}
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// httpServer returns the server with its time limits. There is no ReadTimeout: it
// would end the context of a download that takes longer. A body, which nobody has
// reason to send, is limited by [Server.guard]. WriteTimeout covers short answers;
// [exchange.Paced] moves it on for long ones.
func (s *Server) httpServer(ctx context.Context) *http.Server {
	base := context.WithoutCancel(ctx) // the end of ctx must not end downloads
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		WriteTimeout:      s.options.Stall,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxReceived,
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          log.New(listenerLog{s.options.Log}, "", 0),
	}
}

// listenerLog passes on what net/http says about the listener. The rest is about
// single connections, and names the client's address.
type listenerLog struct{ log *slog.Logger }

func (l listenerLog) Write(line []byte) (int, error) {
	if text := string(line); strings.HasPrefix(text, "http: Accept error") {
		l.log.Warn("listener", slog.String("error", strings.TrimSpace(text)))
	}
	return len(line), nil
}
