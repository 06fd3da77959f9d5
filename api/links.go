package api

import (
	"net/http"
	"net/url"
	"strings"
)

// latest stands for the served release in addresses.
const latest = "latest"

// links makes the addresses that answers carry.
type links struct{ base string }

// linksFor returns the links for a request: under the base URL if there is one,
// else under the host that was asked. Only a trusted proxy may say that the
// public side speaks https.
func (s *Server) linksFor(r *http.Request) links {
	if s.options.BaseURL != "" {
		return links{s.options.BaseURL}
	}
	scheme := "http"
	if r.TLS != nil || s.proxies.sent(r) && r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return links{scheme + "://" + hostOf(r)}
}

// hostOf returns the host that was asked, if it looks like one.
func hostOf(r *http.Request) string {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]"
	if r.Host == "" || strings.Trim(r.Host, allowed) != "" {
		return "localhost"
	}
	return r.Host
}

func (l links) dataset(id string) string { return l.base + "/api/v1/datasets/" + url.PathEscape(id) }

func (l links) releases(dataset string) string { return l.dataset(dataset) + "/releases" }

func (l links) release(dataset, id string) string {
	return l.releases(dataset) + "/" + url.PathEscape(id)
}

// document is the address of a report of a release; of the served one if id is
// [latest].
func (l links) document(dataset, name, id string) string {
	address := l.dataset(dataset) + "/" + name
	if id != latest {
		address += "?release=" + url.QueryEscape(id)
	}
	return address
}

func (l links) file(dataset, id, object string) string {
	return l.base + "/datasets/" + url.PathEscape(dataset) + "/releases/" + url.PathEscape(id) + "/" + url.PathEscape(object)
}
