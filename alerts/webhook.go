package alerts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Bounds of one attempt.
const (
	connectTime = 5 * time.Second
	attemptTime = 15 * time.Second
)

// Webhook is where events are sent, by the rules of standardwebhooks.com. It is safe for
// concurrent use.
type Webhook struct {
	address *url.URL
	keys    []key
	client  *http.Client
	// patience bounds an attempt.
	patience time.Duration
}

// NewWebhook returns the webhook of an address and its secrets, one or several with spaces
// between. It does not connect.
//
// Errors: what is wrong with either. They repeat neither.
func NewWebhook(address, secrets string) (*Webhook, error) {
	u, err := ParseAddress(address)
	if err != nil {
		return nil, err
	}
	keys, err := parseKeys(secrets)
	if err != nil {
		return nil, err
	}
	return &Webhook{address: u, keys: keys, patience: attemptTime, client: &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: connectTime}).DialContext,
			TLSHandshakeTimeout: connectTime, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// ParseAddress reads the address of a webhook: https, or http on this machine.
//
// Errors repeat nothing of it: it may hold a password.
func ParseAddress(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Fragment != "":
		return nil, errors.New("it is no address such as https://alerts.example.fr/parvis")
	case u.Scheme == "https", u.Scheme == "http" && onThisMachine(u.Hostname()):
		return u, nil
	}
	return nil, errors.New("it does not begin with https://; only an address of this machine, such as http://127.0.0.1:9000, may do without")
}

func onThisMachine(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Host is where events are sent, without what may be secret.
func (w *Webhook) Host() string { return w.address.Scheme + "://" + w.address.Host }

// Answer is what came of an attempt.
type Answer struct {
	// Status is that of HTTP; 0 if there was no answer, and Err says why.
	Status int
	Err    error
	// After is how long the receiver wants to be left alone; 0 if it did not say.
	After time.Duration
}

// Good reports whether the event was taken.
func (a Answer) Good() bool { return a.Status >= 200 && a.Status < 300 }

// Passes reports whether another attempt may come to another end.
func (a Answer) Passes() bool {
	switch a.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return a.Status < 400 || a.Status >= 500
}

func (a Answer) String() string {
	switch text := strings.TrimSpace(strconv.Itoa(a.Status) + " " + http.StatusText(a.Status)); {
	case a.Status == 0:
		return "no answer: " + a.Err.Error()
	case a.Status >= 300 && a.Status < 400:
		return text + ": redirects are not followed; set PARVIS_WEBHOOK_URL to the final address"
	case a.Good():
		return text
	default:
		return text + remedy(a.Status)
	}
}

// remedy says what to look at, as far as an error tells.
func remedy(status int) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return ": it refuses the signature or the sender; compare PARVIS_WEBHOOK_SECRET with the secret of the receiver"
	case http.StatusNotFound, http.StatusGone:
		return ": nobody takes webhooks there; correct PARVIS_WEBHOOK_URL"
	}
	return "; look at the log of the receiver"
}

// Post sends an event once. The same id means the same event.
func (w *Webhook) Post(ctx context.Context, id string, at time.Time, body []byte) Answer {
	ctx, cancel := context.WithTimeoutCause(ctx, w.patience, fmt.Errorf("none within %s", w.patience))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.address.String(), bytes.NewReader(body))
	if err != nil {
		return Answer{Err: bare(err)}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "parvis")
	request.Header.Set("webhook-id", id)
	request.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	request.Header.Set("webhook-signature", w.sign(id, at, body))
	response, err := w.client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return Answer{Err: bare(err)}
	}
	// The status is the answer; the rest is read so that the receiver sees no error.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	_ = response.Body.Close()
	return Answer{Status: response.StatusCode, After: after(response.Header.Get("Retry-After"), at)}
}

// bare is an error of HTTP without the address, which may be secret.
func bare(err error) error {
	var named *url.Error
	if errors.As(err, &named) {
		return named.Err
	}
	return err
}

// after reads a Retry-After: seconds, or a time of HTTP.
func after(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if t, err := http.ParseTime(text); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}
