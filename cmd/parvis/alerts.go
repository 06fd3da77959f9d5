package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/parvis-opendata/parvis/alerts"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/jobs"
)

// checkWebhook refuses an address without a secret, a secret without an address, and what is
// no address.
func (s *settings) checkWebhook() error {
	switch {
	case s.WebhookURL == "" && s.WebhookSecret.isSet():
		return fmt.Errorf("%w: read PARVIS_WEBHOOK_SECRET: it is set, and PARVIS_WEBHOOK_URL is not; set that to the address of the receiver, or unset the secret", errUsage)
	case s.WebhookURL == "":
		return nil
	case !s.WebhookSecret.isSet():
		return fmt.Errorf("%w: read PARVIS_WEBHOOK_URL: it is set, and PARVIS_WEBHOOK_SECRET is not; set that to the secret of the receiver (whsec_…), or unset the address", errUsage)
	}
	if _, err := alerts.ParseAddress(s.WebhookURL); err != nil {
		return fmt.Errorf("%w: read PARVIS_WEBHOOK_URL: %w", errUsage, err)
	}
	return nil
}

// webhook returns where alerts are sent; nil if nowhere.
func (s *settings) webhook() (*alerts.Webhook, error) {
	if s.WebhookURL == "" {
		return nil, nil
	}
	secrets, err := s.WebhookSecret.reveal()
	if err != nil {
		return nil, err
	}
	hook, err := alerts.NewWebhook(s.WebhookURL, secrets)
	if err != nil {
		return nil, fmt.Errorf("%w: read PARVIS_WEBHOOK_SECRET: %w", errUsage, err)
	}
	return hook, nil
}

// keeper sends alerts of the jobs to a webhook; nil if there is none.
func (w *worker) keeper(list []jobs.Job, store objects.Store, ledger *jobs.Ledger, hook *alerts.Webhook) *alerts.Keeper {
	if hook == nil {
		return nil
	}
	return &alerts.Keeper{Store: store, Ledger: ledger, Jobs: list, Webhook: hook, Now: w.process.now, Log: w.log}
}

type alertListCommand struct {
	JSON bool `help:"Print JSON."`
}

// Run lists the alerts, the latest first.
func (c *alertListCommand) Run(ctx context.Context, p *process, s *settings) (err error) {
	store, err := openStore(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	all, err := alerts.List(ctx, store)
	if err != nil {
		return fmt.Errorf("list alerts: %w", err)
	}
	if c.JSON {
		return p.printJSON(all)
	}
	out := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "MADE\tTYPE\tSTATE\tSUMMARY")
	for _, alert := range all {
		_, _ = fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", s.local(alert.Made), alert.Event.Type, s.alertState(alert), alert.Event.Data.Summary)
	}
	return out.Flush()
}

// alertState says what became of an alert.
func (s *settings) alertState(a alerts.Alert) string {
	switch {
	case a.State != alerts.Pending:
		return fmt.Sprintf("%s %s (%s)", a.State, s.local(a.Ended), a.Answer)
	case a.Answer != "":
		return fmt.Sprintf("attempt %d at %s (%s)", a.Attempts+1, s.local(a.Next), a.Answer)
	}
	return string(a.State)
}

type alertTestCommand struct{}

// Run sends a test alert, past the outbox.
func (c *alertTestCommand) Run(ctx context.Context, p *process, s *settings) error {
	hook, err := s.webhook()
	if err != nil {
		return err
	}
	if hook == nil {
		return fmt.Errorf("%w: test alerts: no webhook is set; set PARVIS_WEBHOOK_URL and PARVIS_WEBHOOK_SECRET", errUsage)
	}
	now := p.now()
	body, err := json.Marshal(alerts.NewTest(now))
	if err != nil {
		return err
	}
	answer := hook.Post(ctx, "test-"+rand.Text(), now, body)
	if !answer.Good() {
		return fmt.Errorf("test alerts: %s: %s", hook.Host(), answer)
	}
	p.sayf("%s answers %s", hook.Host(), answer)
	return nil
}
