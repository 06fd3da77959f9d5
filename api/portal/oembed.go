package portal

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strconv"
	"strings"

	"github.com/parvis-opendata/parvis/web"
	"github.com/parvis-opendata/parvis/web/dashboard"
)

// oembedParameters are those of oEmbed 1.0 (oembed.com).
var oembedParameters = []string{"url", "format", "maxwidth", "maxheight"}

// oembedBody is an answer of oEmbed 1.0, of the type rich.
type oembedBody struct {
	XMLName         xml.Name `json:"-" xml:"oembed"`
	Type            string   `json:"type" xml:"type"`
	Version         string   `json:"version" xml:"version"`
	Title           string   `json:"title" xml:"title"`
	ProviderName    string   `json:"provider_name" xml:"provider_name"`
	ProviderURL     string   `json:"provider_url" xml:"provider_url"`
	CacheAge        int      `json:"cache_age" xml:"cache_age"`
	HTML            string   `json:"html" xml:"html"`
	Width           int      `json:"width" xml:"width"`
	Height          int      `json:"height" xml:"height"`
	ThumbnailURL    string   `json:"thumbnail_url" xml:"thumbnail_url"`
	ThumbnailWidth  int      `json:"thumbnail_width" xml:"thumbnail_width"`
	ThumbnailHeight int      `json:"thumbnail_height" xml:"thumbnail_height"`
}

// Size of an embed in pixels where the asking site sets no limit.
const (
	embedWidth  = 900
	embedHeight = 640
)

// oembed tells another site how to show a dashboard, or a figure of one.
func (p *Portal) oembed(c *Call) error {
	q := c.Request.URL.Query()
	name, figure, query, ok := embeddable(q.Get("url"), c.Base)
	if !ok {
		return ErrUnknown
	}
	title := p.titleOf(name, figure)
	if title == "" {
		return ErrUnknown
	}
	format := q.Get("format")
	if format == "" {
		format = "json"
	}
	mediaTypes := map[string]string{"json": "application/json", "xml": "text/xml; charset=utf-8"}
	if mediaTypes[format] == "" {
		return &RefusedError{"Le paramètre « format » vaut json ou xml."}
	}
	page := "/tableaux-de-bord/" + name
	width, height := bounded(q.Get("maxwidth"), embedWidth), bounded(q.Get("maxheight"), embedHeight)
	body := oembedBody{
		Type: "rich", Version: "1.0", Title: title, ProviderName: "Parvis", ProviderURL: c.Base + "/", CacheAge: 3600, Width: width, Height: height,
		HTML:         web.EmbedFrame(with(c.Base+"/embed"+page+figurePath(figure), query), title, width, height),
		ThumbnailURL: with(c.Base+page+"/apercu.png", query), ThumbnailWidth: 1200, ThumbnailHeight: 630,
	}
	return p.send(c, sheet{mediaType: mediaTypes[format], make: func(context.Context) ([]byte, error) {
		if format == "json" {
			return json.Marshal(body)
		}
		text, err := xml.Marshal(body)
		return append([]byte(xml.Header), text...), err
	}})
}

func figurePath(figure string) string {
	if figure == "" {
		return ""
	}
	return "/" + figure
}

// embeddable reads the address of a page that can be embedded: of a dashboard, with a
// figure named by the fragment, or of an embed.
func embeddable(address, base string) (name, figure, query string, ok bool) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", "", false
	}
	rest, ours := strings.CutPrefix(u.Scheme+"://"+u.Host+u.EscapedPath(), base)
	path, dashboards := strings.CutPrefix(strings.TrimPrefix(rest, "/embed"), "/tableaux-de-bord/")
	if !ours || !dashboards {
		return "", "", "", false
	}
	name, figure, _ = strings.Cut(path, "/")
	if figure == "" {
		figure = u.Fragment
	}
	return name, figure, u.RawQuery, true
}

// titleOf is the title of a dashboard or of a figure of one; empty if there is none.
func (p *Portal) titleOf(name, figure string) string {
	d := dashboard.Find(name)
	switch {
	case name == dashboard.OwnName && (figure == "" || figure == dashboard.OwnFigure):
		return "Graphique sur mesure"
	case d == nil:
		return ""
	case figure == "":
		return d.Title
	}
	f, _ := d.Figure(figure)
	return f.Title
}

// bounded is a size that is no greater than a limit, which may be missing.
func bounded(limit string, size int) int {
	if n, err := strconv.Atoi(limit); err == nil && n > 0 {
		return min(n, size)
	}
	return size
}
