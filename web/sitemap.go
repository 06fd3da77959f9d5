package web

import (
	"encoding/xml"
	"net/url"
	"strings"
)

// SitemapPlace is an address that search engines may read, as far as it is known with the
// day on which it last changed (2026-11-21).
type SitemapPlace struct {
	Address string `xml:"loc"`
	Changed string `xml:"lastmod,omitempty"`
}

// SitemapIndex renders the addresses of sitemaps.
//
// Errors: an address has characters that XML cannot have.
func SitemapIndex(all []SitemapPlace) ([]byte, error) {
	return sitemap(struct {
		XMLName xml.Name       `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
		All     []SitemapPlace `xml:"sitemap"`
	}{All: all})
}

// Sitemap renders addresses of pages.
//
// Errors: an address has characters that XML cannot have.
func Sitemap(all []SitemapPlace) ([]byte, error) {
	return sitemap(struct {
		XMLName xml.Name       `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		All     []SitemapPlace `xml:"url"`
	}{All: all})
}

func sitemap(what any) ([]byte, error) {
	text, err := xml.MarshalIndent(what, "", " ")
	return append([]byte(xml.Header), append(text, '\n')...), err
}

// Robots renders what crawlers are asked not to read, of a service at an address: what a
// machine can ask for in endless ways, and what is for programs.
func Robots(base string) []byte {
	folder := ""
	if u, err := url.Parse(base); err == nil {
		folder = u.EscapedPath()
	}
	lines := []string{"User-agent: *"}
	for _, path := range []string{"/api/", "/datasets/", "/explore/", "/recherche?", "/jeux-de-donnees/*?"} {
		lines = append(lines, "Disallow: "+folder+path)
	}
	lines = append(lines, "", "Sitemap: "+base+"/sitemap.xml", "")
	return []byte(strings.Join(lines, "\n"))
}
