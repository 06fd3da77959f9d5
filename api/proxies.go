package api

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// proxies are the networks whose forwarding headers are believed.
type proxies []netip.Prefix

func parseProxies(texts []string) (proxies, error) {
	var all proxies
	for _, text := range texts {
		if !strings.Contains(text, "/") {
			a, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("trusted proxy %q is neither an address nor a network", text)
			}
			all = append(all, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q is neither an address nor a network", text)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

// peer is the address at the other end of the connection; the zero value if it has none.
func peer(r *http.Request) netip.Addr {
	p, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return p.Addr().Unmap()
}

func (p proxies) trust(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(a) })
}

// sent reports whether a request came from a trusted proxy.
func (p proxies) sent(r *http.Request) bool { return p.trust(peer(r)) }

// unknown reports whether a request came from a machine of the private network that is
// no trusted proxy.
func (p proxies) unknown(r *http.Request) bool {
	a := peer(r)
	return (a.IsLoopback() || a.IsPrivate()) && !p.trust(a)
}

// client is the address of whoever asks: the last one in X-Forwarded-For that no trusted
// proxy has, since whatever stands before it is hearsay.
func (p proxies) client(r *http.Request) netip.Addr {
	address := peer(r)
	if !p.trust(address) {
		return address
	}
	list := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(list) {
		next, ok := parseForwarded(strings.TrimSpace(text))
		if !ok {
			return address
		}
		if address = next; !p.trust(address) {
			return address
		}
	}
	return address
}

// parseForwarded reads an address, which may have a port.
func parseForwarded(text string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return a.Unmap(), true
	}
	p, err := netip.ParseAddrPort(text)
	return p.Addr().Unmap(), err == nil
}
