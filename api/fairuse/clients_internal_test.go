package fairuse

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := New(Options{Calls: 10, Clients: 1000})
		address := netip.MustParseAddr("192.0.2.1")
		first := ClientOf(address)
		held, err := u.Call(first, 1)
		if err != nil {
			t.Fatal(err)
		}
		for range 50_000 {
			address = address.Next()
			r, err := u.Call(ClientOf(address), 1)
			if err != nil {
				t.Fatal(err)
			}
			r.Done()
		}
		if n := len(u.clients.known); n > 1001 || n != u.clients.order.Len() {
			t.Errorf("%d clients are known", n)
		}
		if _, ok := u.clients.known[first]; !ok {
			t.Error("a client that is being answered was forgotten")
		}
		held.Done()
		for range 100 {
			time.Sleep(forgetAfter)
			address = address.Next()
			u.Standing(ClientOf(address))
		}
		if n := len(u.clients.known); n > 2 {
			t.Errorf("%d clients are known after a long while", n)
		}
	})
}
