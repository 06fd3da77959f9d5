package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/api"
)

// healthTimeout bounds how long the serving process may take to answer: longer than it looks at
// a store that hangs, so that it can say so.
const healthTimeout = api.ProbeTimeout + time.Second

type healthCommand struct {
	URL  string `xor:"whom" placeholder:"URL" help:"Address of the serving process; by default that of PARVIS_LISTEN on this machine."`
	Work bool   `xor:"whom" help:"Ask for the worker that uses PARVIS_WORKDIR."`
}

// Run says in a line whether a process is well.
func (c *healthCommand) Run(ctx context.Context, p *process, s *settings) error {
	if c.Work {
		return c.work(p, s)
	}
	address, err := c.address(s)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	missing, err := askReady(ctx, address)
	if err != nil {
		return fmt.Errorf("check health of %s: %w; look at the log of parvis serve", address, err)
	}
	p.sayf("%s is ready%s", address, missing)
	return nil
}

func (c *healthCommand) work(p *process, s *settings) error {
	age, err := s.heartbeat().Check(p.now())
	if err != nil {
		return fmt.Errorf("check health of the worker in %s: %w; look at the log of parvis work", s.Workdir, err)
	}
	p.sayf("the worker in %s is alive: last sign %s ago", s.Workdir, age.Round(time.Second))
	return nil
}

// address returns where to ask whether the process is ready.
func (c *healthCommand) address(s *settings) (string, error) {
	if c.URL != "" {
		u, err := url.Parse(c.URL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
			return "", fmt.Errorf("%w: check health: --url %q is no address such as http://127.0.0.1:8080", errUsage, c.URL)
		}
		return strings.TrimSuffix(c.URL, "/") + "/readyz", nil
	}
	host, port, err := net.SplitHostPort(s.Listen)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n == 0 {
		return "", fmt.Errorf("%w: check health: PARVIS_LISTEN %q names no port; give --url", errUsage, s.Listen)
	}
	switch host {
	case "", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	return "http://" + net.JoinHostPort(host, port) + "/readyz", nil
}

// askReady asks an address whether the process behind it is ready, and returns which
// checks fail all the same.
//
// Errors: no answer, another than 200, and which checks failed if it says so.
func askReady(ctx context.Context, address string) (missing string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	// No proxy, and no redirect: the process itself is asked.
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return "", fmt.Errorf("no answer within %s", healthTimeout)
		}
		var without *url.Error // the address, which the caller names
		if errors.As(err, &without) {
			return "", without.Err
		}
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body := io.LimitReader(response.Body, 1<<16)
	if response.StatusCode == http.StatusOK {
		return failing(body, "failing"), nil
	}
	return "", fmt.Errorf("it answers %d%s", response.StatusCode, failing(body, "failing", "absent"))
}

// failing names the checks of which an answer says one of some words; "" if there is none.
func failing(body io.Reader, words ...string) string {
	var ready struct {
		Checks []struct{ Name, Status string }
	}
	if json.NewDecoder(body).Decode(&ready) != nil {
		return ""
	}
	var names []string
	for _, check := range ready.Checks {
		if slices.Contains(words, check.Status) {
			names = append(names, check.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ", failing: " + strings.Join(names, ", ")
}
