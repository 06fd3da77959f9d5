package portal

import (
	"context"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/web"
	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/dashboard"
)

const xmlType = "application/xml; charset=utf-8"

// The sitemaps, by their names below /sitemaps/.
const (
	sitemapPages          = "pages.xml"
	sitemapCertifications = "certifications.xml"
	sitemapTrainings      = "formations.xml" // with apres: of the trainings after a number
)

// perSitemap is how many addresses a sitemap has at most; the query API gives so many
// groups at once, and search engines take 50 000.
const perSitemap = 20_000

func (p *Portal) crawlerEndpoints() []Endpoint {
	return []Endpoint{
		{Pattern: "/robots.txt", Answer: p.robots},
		{Pattern: "/sitemap.xml", Answer: p.sitemapIndex},
		{Pattern: "/sitemaps/:name", Parameters: []string{"apres"}, Answer: p.sitemap},
	}
}

// robots answers with what crawlers are asked not to read.
func (p *Portal) robots(c *Call) error {
	return p.send(c, sheet{mediaType: "text/plain; charset=utf-8", make: func(context.Context) ([]byte, error) { return web.Robots(c.Base), nil }})
}

// sitemapIndex answers with the addresses of the sitemaps.
func (p *Portal) sitemapIndex(c *Call) error {
	r, err := p.read(c.Request.Context(), nil, []string{search.Table})
	if err != nil {
		return err
	}
	defer r.close()
	return p.send(c, sheet{of: []any{r.releases()}, mediaType: xmlType, make: func(ctx context.Context) ([]byte, error) {
		all := []web.SitemapPlace{{Address: c.Base + "/sitemaps/" + sitemapPages}}
		if !r.has(search.Table) {
			return web.SitemapIndex(all)
		}
		all = append(all, web.SitemapPlace{Address: c.Base + "/sitemaps/" + sitemapCertifications})
		for after := ""; ; {
			numbers, err := r.texts(ctx, trainings(after))
			if err != nil {
				return nil, err
			}
			if len(numbers) > 0 {
				all = append(all, web.SitemapPlace{Address: c.Base + "/sitemaps/" + sitemapTrainings + following(after)})
			}
			if len(numbers) < perSitemap {
				return web.SitemapIndex(all)
			}
			after = numbers[len(numbers)-1]
		}
	}})
}

// following is the query of the sitemap of the trainings after a number.
func following(after string) string {
	if after == "" {
		return ""
	}
	return "?" + url.Values{"apres": {after}}.Encode()
}

// trainings asks for the numbers of trainings after one of them.
func trainings(after string) ask.Question {
	q := groups("numero_formation")
	if after != "" {
		q.Where = []string{`numero_formation > ` + ask.Literal(after)}
	}
	return q
}

// groups asks for the values of a column of the catalogue.
func groups(column string) ask.Question {
	return ask.Question{Table: search.Table, Select: column, GroupBy: column, OrderBy: column, Limit: perSitemap}
}

// texts are the answers to a question for one column.
func (r *reading) texts(ctx context.Context, q ask.Question) ([]string, error) {
	rows, err := r.ask(ctx, q)
	if err != nil {
		return nil, err
	}
	all := make([]string, len(rows))
	for i, row := range rows {
		all[i] = row.Text(q.Select)
	}
	return all, nil
}

// sitemap answers with one of the sitemaps.
func (p *Portal) sitemap(c *Call) error {
	name := c.Path("name")
	if !slices.Contains([]string{sitemapPages, sitemapCertifications, sitemapTrainings}, name) {
		return ErrUnknown
	}
	if name == sitemapPages {
		return p.sitemapOfPages(c)
	}
	after := c.Request.URL.Query().Get("apres")
	if !utf8.ValidString(after) {
		return &RefusedError{"Le paramètre « apres » n'est pas en UTF-8."}
	}
	r, err := p.read(c.Request.Context(), []string{search.Table}, nil)
	if err != nil {
		return err
	}
	defer r.close()
	return p.send(c, sheet{of: []any{r.releases()}, mediaType: xmlType, make: func(ctx context.Context) ([]byte, error) {
		pages := func() ([]web.SitemapPlace, error) { return r.trainingPages(ctx, c, after) }
		if name == sitemapCertifications {
			pages = func() ([]web.SitemapPlace, error) { return r.certificationPages(ctx, c) }
		}
		all, err := pages()
		if err != nil {
			return nil, err
		}
		return web.Sitemap(all)
	}})
}

// sitemapOfPages answers with the sitemap of the pages that there always are.
func (p *Portal) sitemapOfPages(c *Call) error {
	offers, pointers, err := p.offers(c.Request.Context())
	if err != nil {
		return err
	}
	return p.send(c, sheet{of: []any{pointers}, mediaType: xmlType, make: func(context.Context) ([]byte, error) {
		var all []web.SitemapPlace
		add := func(path, changed string) {
			all = append(all, web.SitemapPlace{Address: c.Base + path, Changed: changed})
		}
		add("/", "")
		if p.o.Search != nil {
			add(SearchPattern, "")
		}
		add("/jeux-de-donnees", "")
		add("/tableaux-de-bord", "")
		for _, o := range offers {
			if !o.Served { // its page says that it is not published yet; its dashboard is not there
				add("/jeux-de-donnees/"+o.ID, "")
				continue
			}
			changed := o.PublishedAt.UTC().Format(time.DateOnly)
			add("/jeux-de-donnees/"+o.ID, changed)
			add("/tableaux-de-bord/"+o.Dashboard(), changed)
		}
		add("/tableaux-de-bord/"+dashboard.OwnName, "")
		for _, name := range web.TextNames() {
			add("/"+name, "")
		}
		return web.Sitemap(all)
	}})
}

// trainingPages are the pages of the trainings after a number.
func (r *reading) trainingPages(ctx context.Context, c *Call, after string) ([]web.SitemapPlace, error) {
	numbers, err := r.texts(ctx, trainings(after))
	return places(c, "/formations/", numbers), err
}

// certificationPages are the pages of the certifications of the two registers.
func (r *reading) certificationPages(ctx context.Context, c *Call) ([]web.SitemapPlace, error) {
	var all []web.SitemapPlace
	for _, register := range []struct{ column, prefix string }{{"code_rncp", "RNCP"}, {"code_inventaire", "RS"}} {
		codes, err := r.texts(ctx, groups(register.column))
		if err != nil {
			return nil, err
		}
		codes = slices.DeleteFunc(codes, func(code string) bool { return code == "" || code == "-1" })
		all = append(all, places(c, "/certifications/"+register.prefix, codes)...)
	}
	return all, nil
}

// places are the addresses below a path that end in some names.
func places(c *Call, path string, names []string) []web.SitemapPlace {
	all := make([]web.SitemapPlace, len(names))
	for i, name := range names {
		all[i].Address = c.Base + path + url.PathEscape(name)
	}
	return all
}
