package alerts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // Europe/Paris on a machine that has no time zones

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/goleak"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/objectstest"
	"github.com/parvis-opendata/parvis/jobs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Secrets of receivers.
const (
	secret  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	another = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

// posted is what a receiver got.
type posted struct {
	id    string
	at    time.Time
	event Event
	body  string
}

// receiver takes webhooks, whose signatures it checks as receivers do: with the library
// that standardwebhooks.com gives them. It is a server, and the transport to one.
type receiver struct {
	t *testing.T
	// answers returns what the n-th request, from 1, is answered; nil means that all are well.
	answers func(n int, id string) (status int, header http.Header, err error)

	mutex sync.Mutex
	got   []posted
}

func (r *receiver) take(req *http.Request) (int, http.Header, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		r.t.Error(err)
	}
	verifier, err := webhooks.NewWebhook(secret)
	if err != nil {
		r.t.Error(err)
	} else if err := verifier.Verify(body, req.Header); err != nil {
		r.t.Error(err)
	}
	p := posted{id: req.Header.Get("webhook-id"), at: time.Now(), body: string(body)}
	if err := json.Unmarshal(body, &p.event); err != nil {
		r.t.Error(err)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.got = append(r.got, p)
	if r.answers == nil {
		return http.StatusNoContent, nil, nil
	}
	return r.answers(len(r.got), p.id)
}

// RoundTrip implements http.RoundTripper, for a bubble of time, which no network is in.
func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	status, header, err := r.take(req)
	if errors.Is(err, errHangs) {
		<-req.Context().Done()
		err = req.Context().Err()
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: header, Body: http.NoBody, Request: req}, nil
}

var errHangs = errors.New("no answer comes")

// all is what was taken so far.
func (r *receiver) all() []posted {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return append([]posted{}, r.got...)
}

// types are those of what was taken, in order.
func (r *receiver) types() string {
	var all []string
	for _, p := range r.all() {
		all = append(all, string(p.event.Type))
	}
	return strings.Join(all, " ")
}

// Kinds of failure of the job under test.
var (
	errNo     = errors.New("the data say no; correct the extract")
	errWrong  = errors.New("a setting is wrong; correct it")
	errPasses = errors.New("the store is out of reach; look at the network")
)

func judge(err error) (jobs.Outcome, bool) {
	switch {
	case errors.Is(err, errNo):
		return jobs.Refused, false
	case errors.Is(err, errWrong):
		return jobs.Failed, false
	}
	return jobs.Failed, true
}

// bench is a job, what is recorded of it, and a receiver of alerts.
type bench struct {
	t        *testing.T
	store    *objectstest.Memory
	ledger   *jobs.Ledger
	schedule jobs.Schedule
	receiver *receiver
	log      *text
}

func newBench(t *testing.T) *bench {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	schedule, err := jobs.ParseSchedule("15 4 * * *", zone)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, store: objectstest.NewMemory(), schedule: schedule, receiver: &receiver{t: t}, log: &text{}}
	b.ledger = b.newLedger("one:1")
	return b
}

func (b *bench) newLedger(holder string) *jobs.Ledger {
	place, err := jobs.OpenPlace(b.t.TempDir())
	if err != nil {
		b.t.Fatal(err)
	}
	return &jobs.Ledger{
		Store: b.store, Place: place, Holder: holder, Judge: judge, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Reached: func(context.Context, string) (int64, error) { return 0, nil },
	}
}

// keeper is one that sends to the receiver.
func (b *bench) keeper(store store) *Keeper {
	b.t.Helper()
	hook, err := NewWebhook("https://user:hush@alerts.example.fr/parvis?token=hush", another+" "+secret)
	if err != nil {
		b.t.Fatal(err)
	}
	hook.client.Transport = b.receiver
	return &Keeper{
		Store: store, Ledger: b.ledger, Jobs: []jobs.Job{{Name: "catalogue", Schedule: b.schedule}}, Webhook: hook,
		Now: time.Now, Log: slog.New(slog.NewTextHandler(b.log, nil)),
	}
}

// sender is a keeper of no job: it delivers what is in the outbox.
func (b *bench) sender(store store) *Keeper {
	k := b.keeper(store)
	k.Jobs = nil
	return k
}

// keep lets a keeper run until it is stopped.
func (b *bench) keep(k *Keeper) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); k.Run(ctx) }()
	return func() { cancel(); <-ended }
}

// attempt makes a run of the job that ends in err.
func (b *bench) attempt(o jobs.Order, err error, found ...jobs.Damage) jobs.Record {
	b.t.Helper()
	record, _ := b.ledger.Do(b.t.Context(), jobs.Job{Name: "catalogue", Run: func(_ context.Context, run *jobs.Run) error {
		for _, d := range found {
			run.Found(d)
		}
		return err
	}}, o)
	if record.Run == 0 {
		b.t.Fatal("the job did not run")
	}
	return record
}

// alerts are those of the store, by their state.
func (b *bench) alerts() map[State]int {
	b.t.Helper()
	all, err := List(context.Background(), b.store)
	if err != nil {
		b.t.Fatal(err)
	}
	n := map[State]int{}
	for _, a := range all {
		n[a.State]++
	}
	return n
}

// text is a log that several write.
type text struct {
	mutex sync.Mutex
	bytes.Buffer
}

func (l *text) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.Buffer.Write(p)
}

func (l *text) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.Buffer.String()
}

// flaky is a store whose writes may be lost or refused.
type flaky struct {
	store
	mutex sync.Mutex
	// meets is what a write of a name meets: applied says that it happens all the same.
	meets func(name string) (applied bool, err error)
}

func (f *flaky) Replace(ctx context.Context, name string, data []byte, version string) (objects.Info, error) {
	f.mutex.Lock()
	applied, err := f.meets(name)
	f.mutex.Unlock()
	if err != nil && !applied {
		return objects.Info{}, err
	}
	info, failed := f.store.Replace(ctx, name, data, version)
	if err == nil {
		err = failed
	}
	return info, err
}
