package fairuse

import (
	"context"
	"net/netip"
)

// Client is whoever asks, as far as clients can be told apart: an IPv4 address, or a
// network /64 of IPv6, within which a client chooses its addresses freely. The zero value
// stands for all whose address is not known.
type Client struct{ network netip.Prefix }

// ClientOf returns the client at an address.
func ClientOf(a netip.Addr) Client {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	network, err := a.Prefix(bits)
	if err != nil { // no address
		return Client{}
	}
	return Client{network}
}

type contextKey struct{}

// WithClient says in a context for whom a query is.
func WithClient(ctx context.Context, c Client) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

func clientOf(ctx context.Context) Client {
	c, _ := ctx.Value(contextKey{}).(Client)
	return c
}
