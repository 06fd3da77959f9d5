package fairuse_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parvis-opendata/parvis/api/fairuse"
)

func client(text string) fairuse.Client { return fairuse.ClientOf(netip.MustParseAddr(text)) }

var (
	anna  = client("192.0.2.1")
	bruno = client("192.0.2.2")
)

// as returns a context of a client's query.
func as(t *testing.T, c fairuse.Client) context.Context { return fairuse.WithClient(t.Context(), c) }

// refused checks an error that is a refusal.
func refused(t *testing.T, err error, want fairuse.Reason) *fairuse.RefusedError {
	t.Helper()
	var r *fairuse.RefusedError
	if !errors.As(err, &r) || r.Reason != want || r.Retry <= 0 || r.Seconds() < 1 || r.Own() != (want <= fairuse.TooManyAtOnce) {
		t.Fatalf("%v, want reason %d", err, want)
	}
	return r
}

func enter(t *testing.T, u *fairuse.Use, c fairuse.Client, lane fairuse.Lane) *fairuse.Turn {
	t.Helper()
	turn, err := u.Enter(as(t, c), lane)
	if err != nil {
		t.Fatal(err)
	}
	return turn
}

func TestClients(t *testing.T) {
	same := [][2]string{
		{"192.0.2.1", "::ffff:192.0.2.1"}, {"2001:db8:1:2::1", "2001:db8:1:2:ffff::9"}, {"fe80::1%eth0", "fe80::2%eth1"},
	}
	for _, pair := range same {
		if client(pair[0]) != client(pair[1]) {
			t.Errorf("%v are two clients", pair)
		}
	}
	for _, pair := range [][2]string{{"192.0.2.1", "192.0.2.2"}, {"2001:db8:1:2::1", "2001:db8:1:3::1"}, {"0.0.0.0", "::"}} {
		if client(pair[0]) == client(pair[1]) {
			t.Errorf("%v are one client", pair)
		}
	}
	if fairuse.ClientOf(netip.Addr{}) != (fairuse.Client{}) {
		t.Error("no address is somebody")
	}
}

func TestCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := fairuse.New(fairuse.Options{Calls: 60})
		call := func(c fairuse.Client) error {
			r, err := u.Call(c, 1)
			if err == nil {
				r.Done()
				r.Done()
			}
			return err
		}
		for i := range 60 {
			if err := call(anna); err != nil {
				t.Fatalf("call %d: %v", i, err)
			}
		}
		if s, ok := u.Standing(anna); !ok || s != (fairuse.Standing{Limit: 60, Remaining: 0, Reset: time.Minute}) {
			t.Errorf("%+v", s)
		}
		r := refused(t, call(anna), fairuse.TooManyCalls)
		if r.Limit != 60 || r.Retry != time.Second {
			t.Errorf("%+v", r)
		}
		if err := call(bruno); err != nil {
			t.Errorf("another client: %v", err)
		}
		time.Sleep(r.Retry)
		if err := call(anna); err != nil {
			t.Errorf("after the wait: %v", err)
		}
		refused(t, call(anna), fairuse.TooManyCalls)
		time.Sleep(time.Hour)
		if s, _ := u.Standing(anna); s.Remaining != 60 || s.Reset != 0 {
			t.Errorf("more is saved up than a minute's: %+v", s)
		}
		// An easy answer costs a tenth.
		for i := range 500 {
			r, err := u.Call(anna, 1)
			if err != nil {
				t.Fatalf("easy call %d: %v", i, err)
			}
			r.Ease()
			r.Ease() // it is not cheaper for being said twice
			r.Done()
		}
		if s, _ := u.Standing(anna); s.Remaining != 10 {
			t.Errorf("%+v", s)
		}
	})
}

func TestRequestsAtOnce(t *testing.T) {
	u := fairuse.New(fairuse.Options{Calls: 1000, Requests: 3})
	var all []*fairuse.Request
	for range 3 {
		r, err := u.Call(anna, 1)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	_, err := u.Call(anna, 1)
	refused(t, err, fairuse.TooManyAtOnce)
	all[1].Done()
	if _, err := u.Call(anna, 1); err != nil {
		t.Error(err)
	}
}

func TestWithoutLimits(t *testing.T) {
	u := fairuse.New(fairuse.Options{Requests: 1})
	for range 1000 {
		r, err := u.Call(anna, 1)
		if err != nil {
			t.Fatal(err)
		}
		r.Ease()
	}
	if _, ok := u.Standing(anna); ok {
		t.Error("there is a limit")
	}
}

func TestQueryTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := fairuse.New(fairuse.Options{QueryTime: 30 * time.Second})
		use := func(d time.Duration) error {
			turn, err := u.Enter(as(t, anna), fairuse.Page)
			if err != nil {
				return err
			}
			time.Sleep(d)
			turn.Leave()
			turn.Leave()
			return nil
		}
		// Thirty seconds at once, and half a second per second.
		if err := use(59 * time.Second); err != nil {
			t.Fatal(err)
		}
		if err := use(time.Second); err != nil {
			t.Fatalf("half a second is left: %v", err)
		}
		if err := use(2 * time.Second); err != nil && refused(t, err, fairuse.TooMuchTime).Limit != 30 {
			t.Error(err)
		}
		if err := use(10 * time.Minute); err != nil { // a debt of one minute's quota, not of ten
			r := refused(t, err, fairuse.TooMuchTime)
			time.Sleep(r.Retry)
			if err := use(10 * time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		r := refused(t, use(0), fairuse.TooMuchTime)
		if r.Retry > 63*time.Second {
			t.Errorf("wait %s", r.Retry)
		}
		enter(t, u, bruno, fairuse.Page).Leave()
		time.Sleep(r.Retry)
		if err := use(0); err != nil {
			t.Errorf("after the wait: %v", err)
		}
		// Time in which an export waits for its client costs nothing.
		time.Sleep(5 * time.Minute)
		turn := enter(t, u, anna, fairuse.Export)
		for range 10 {
			turn.Pause()
			time.Sleep(time.Minute)
			if err := turn.Resume(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		turn.Leave()
		if err := use(29 * time.Second); err != nil {
			t.Error(err)
		}
	})
}

// TestPagesPassExports: exports fill their half, and pages and aggregates still run.
func TestPagesPassExports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := fairuse.New(fairuse.Options{Slots: 4, Wait: time.Minute})
		turns := []*fairuse.Turn{enter(t, u, anna, fairuse.Export), enter(t, u, anna, fairuse.Export)}
		third := make(chan *fairuse.Turn)
		go func() { third <- enter(t, u, anna, fairuse.Export) }()
		synctest.Wait()
		select {
		case <-third:
			t.Fatal("three exports run in four slots")
		default:
		}
		turns = append(turns, enter(t, u, bruno, fairuse.Aggregate), enter(t, u, bruno, fairuse.Page))
		began := time.Now()
		waits := make(chan *fairuse.Turn)
		go func() { waits <- enter(t, u, bruno, fairuse.Page) }()
		synctest.Wait()
		time.Sleep(time.Second)
		turns[3].Leave()
		turns[3] = <-waits
		if time.Since(began) != time.Second {
			t.Error("a page waited although a slot was free")
		}
		turns[0].Leave()
		turns[0] = <-third
		for _, turn := range turns {
			turn.Leave()
		}
	})
}

// TestClientsTakeTurns: one that asks for much is not served before one that asks for
// little.
func TestClientsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := fairuse.New(fairuse.Options{Slots: 1, Wait: time.Hour})
		running := enter(t, u, anna, fairuse.Page)
		var (
			mu    sync.Mutex
			order []string
			group sync.WaitGroup
		)
		ask := func(name string, c fairuse.Client) {
			group.Go(func() {
				turn := enter(t, u, c, fairuse.Page)
				mu.Lock()
				order = append(order, name)
				mu.Unlock()
				time.Sleep(time.Second)
				turn.Leave()
			})
			synctest.Wait()
		}
		for range 5 {
			ask("anna", anna)
		}
		ask("bruno", bruno)
		ask("bruno", bruno)
		running.Leave()
		group.Wait()
		if want := []string{"anna", "bruno", "anna", "bruno", "anna", "anna", "anna"}; !slices.Equal(order, want) {
			t.Errorf("%v", order)
		}
	})
}

func TestWaitingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := fairuse.New(fairuse.Options{Slots: 1, Queue: 2, Wait: 10 * time.Second})
		running := enter(t, u, anna, fairuse.Page)
		began := time.Now()
		errs := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := u.Enter(as(t, bruno), fairuse.Page)
				errs <- err
			}()
		}
		synctest.Wait()
		_, err := u.Enter(as(t, anna), fairuse.Page)
		refused(t, err, fairuse.QueueFull)
		if time.Since(began) != 0 {
			t.Error("the queue was full, and the refusal late")
		}
		for range 2 {
			refused(t, <-errs, fairuse.WaitedTooLong)
		}
		if time.Since(began) != 10*time.Second {
			t.Errorf("waited %s", time.Since(began))
		}
		// A client that leaves frees its place in the queue, and its slot, at once.
		ctx, cancel := context.WithCancel(as(t, bruno))
		go func() {
			_, err := u.Enter(ctx, fairuse.Page)
			errs <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		running.Leave()
		enter(t, u, bruno, fairuse.Page).Leave()
	})
}

func TestOneClientDoesNotFillTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := fairuse.New(fairuse.Options{Calls: 1000, Slots: 2, Queue: 64, Exports: 16, Wait: time.Second})
		var exports []*fairuse.Turn
		for range 2 {
			turn := enter(t, u, anna, fairuse.Export)
			turn.Pause()
			exports = append(exports, turn)
		}
		_, err := u.Enter(as(t, anna), fairuse.Export)
		refused(t, err, fairuse.TooManyAtOnce)
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() {
				turn, err := u.Enter(as(t, anna), fairuse.Page)
				if err == nil {
					time.Sleep(10 * time.Second)
					turn.Leave()
				}
			})
		}
		synctest.Wait()
		_, err = u.Enter(as(t, anna), fairuse.Page)
		refused(t, err, fairuse.TooManyAtOnce)
		group.Wait()
		exports[0].Leave()
		exports[1].Leave()
		enter(t, u, anna, fairuse.Export).Leave()
	})
}

// TestExportsUnderWayAreBounded: clients that read nothing hold exports, not slots.
func TestExportsUnderWayAreBounded(t *testing.T) {
	u := fairuse.New(fairuse.Options{Slots: 4, Exports: 10})
	var turns []*fairuse.Turn
	for i := range 10 {
		turn := enter(t, u, client(fmt.Sprintf("192.0.2.%d", i)), fairuse.Export)
		turn.Pause()
		turns = append(turns, turn)
	}
	_, err := u.Enter(as(t, anna), fairuse.Export)
	refused(t, err, fairuse.QueueFull)
	for range 4 {
		enter(t, u, bruno, fairuse.Page).Leave()
	}
	turns[3].Leave()
	enter(t, u, anna, fairuse.Export).Leave()
}

// TestNothingIsLost: after many queries that end in every way, all slots are free.
func TestNothingIsLost(t *testing.T) {
	u := fairuse.New(fairuse.Options{Calls: 1 << 20, QueryTime: time.Hour, Slots: 3, Queue: 20, Wait: 3 * time.Millisecond})
	var group sync.WaitGroup
	for seed := range uint64(16) {
		group.Go(func() {
			random := rand.New(rand.NewPCG(seed, 1))
			for range 200 {
				ctx, cancel := context.WithTimeout(as(t, client(fmt.Sprintf("192.0.2.%d", random.IntN(5)))), time.Duration(random.IntN(4000))*time.Microsecond)
				turn, err := u.Enter(ctx, fairuse.Lane(random.IntN(3)))
				if err == nil {
					for range random.IntN(3) {
						time.Sleep(time.Duration(random.IntN(300)) * time.Microsecond)
						turn.Pause()
						if turn.Resume(ctx) != nil {
							break
						}
					}
					turn.Leave()
				}
				cancel()
			}
		})
	}
	group.Wait()
	for range 3 {
		defer enter(t, u, anna, fairuse.Page).Leave()
	}
	if _, err := u.Enter(as(t, anna), fairuse.Page); err == nil {
		t.Error("there are more slots than before")
	}
}
