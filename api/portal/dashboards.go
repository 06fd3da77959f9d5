package portal

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/web"
	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/chart"
	"github.com/parvis-opendata/parvis/web/dashboard"
)

// ErrUnknown says that there is no such page.
var ErrUnknown = errors.New("no such page")

// RefusedError is a parameter that a page cannot take, in words for the reader.
type RefusedError struct{ Detail string }

func (e *RefusedError) Error() string { return e.Detail }

func (p *Portal) dashboardEndpoints() []Endpoint {
	if p.o.Explore == nil {
		return nil
	}
	parameters := dashboard.Parameters()
	embedded := append(slices.Clone(parameters), "theme")
	return []Endpoint{
		{Pattern: "/tableaux-de-bord", Answer: p.dashboards},
		{Pattern: "/tableaux-de-bord/:name", Parameters: parameters, Answer: p.dashboard},
		{Pattern: "/tableaux-de-bord/:name/:file", Parameters: parameters, Answer: p.image},
		{Pattern: "/oembed", Parameters: oembedParameters, Answer: p.oembed, ForPrograms: true},
		{Pattern: "/embed/tableaux-de-bord/:name", Parameters: embedded, Answer: p.embeddedDashboard},
		{Pattern: "/embed/tableaux-de-bord/:name/:figure", Parameters: embedded, Answer: p.embeddedFigure},
	}
}

// dashboards answers with the list of the dashboards.
func (p *Portal) dashboards(c *Call) error {
	return p.send(c, sheet{make: func(context.Context) ([]byte, error) { return p.site.Dashboards(p.frame(c, web.HereDashboards)) }})
}

// board is a dashboard that a reader asks for.
type board struct {
	*reading

	of     *dashboard.Dashboard
	choice dashboard.Choice
	fields []dashboard.Field // that compose it, if a reader does
}

// openBoard reads what a reader chose on a dashboard. The caller closes it.
//
// Errors: [ErrUnknown]; [*RefusedError]; those of [reading.ask].
func (p *Portal) openBoard(c *Call) (*board, error) {
	ctx, values := c.Request.Context(), c.Request.URL.Query()
	d, fields := dashboard.Find(c.Path("name")), []dashboard.Field(nil)
	if c.Path("name") == dashboard.OwnName {
		composed := dashboard.Compose(p.servedFirst(ctx), values)
		d, fields = composed.Dashboard, composed.Fields
	}
	if d == nil {
		return nil, ErrUnknown
	}
	r, err := p.read(ctx, d.Datasets[:1], d.Datasets[1:])
	if err != nil {
		return nil, err
	}
	b := &board{reading: r, of: d, fields: fields}
	if err := b.choose(ctx, values); err != nil {
		r.close()
		return nil, err
	}
	return b, nil
}

// servedFirst are the datasets, those that can be asked now before the others.
func (p *Portal) servedFirst(ctx context.Context) []datasets.Dataset {
	all := slices.Clone(p.o.Datasets)
	ids := make([]string, len(all))
	for i, d := range all {
		ids[i] = d.ID
	}
	r, err := p.read(ctx, nil, ids)
	if err != nil {
		return all // the page says what is wrong
	}
	defer r.close()
	slices.SortStableFunc(all, func(a, b datasets.Dataset) int {
		switch {
		case r.has(a.ID) == r.has(b.ID):
			return 0
		case r.has(a.ID):
			return -1
		}
		return 1
	})
	return all
}

func (b *board) choose(ctx context.Context, values url.Values) error {
	answers, err := b.askAll(ctx, b.of.Options())
	if err != nil {
		return err
	}
	b.choice, err = b.of.Choose(values, answers)
	var unknown *dashboard.UnknownError
	if errors.As(err, &unknown) {
		return &RefusedError{fmt.Sprintf("Le paramètre « %s » n'a pas de valeur « %.60s » ici. Retirez-le de l'adresse, ou choisissez une valeur de la liste sur la page.", unknown.Name, unknown.Value)}
	}
	b.choice.Source = "plateforme AGORA, extrait du " + web.Date(b.extract()) + ", Licence Ouverte 2.0"
	if b.held[b.of.Datasets[0]].Manifest().Synthetic {
		b.choice.Source = "Données fictives, extrait du " + web.Date(b.extract())
	}
	return err
}

// extract is the day of the extract that the dashboard's release was made from.
func (b *board) extract() string { return b.held[b.of.Datasets[0]].Manifest().DateExtract }

// askAll asks several questions.
func (r *reading) askAll(ctx context.Context, all []ask.Question) ([][]ask.Row, error) {
	answers := make([][]ask.Row, len(all))
	for i, q := range all {
		var err error
		if answers[i], err = r.ask(ctx, q); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// draw asks the questions of a figure, and draws it; ok is false where a dataset that it
// needs is not there.
func (b *board) draw(ctx context.Context, f dashboard.Figure) (d web.Drawing, ok bool, err error) {
	d = web.Drawing{Figure: f, Questions: f.Ask(b.choice)}
	for _, q := range d.Questions {
		if !b.has(b.reading.of[q.Table]) {
			return d, false, nil
		}
	}
	answers, err := b.askAll(ctx, d.Questions)
	if err != nil {
		return d, false, err
	}
	d.Drawn = f.Draw(b.choice, answers)
	return d, true, nil
}

// show makes what a page of the dashboard shows, with some figures.
func (b *board) show(ctx context.Context, figures []dashboard.Figure) (web.Board, error) {
	shown := web.Board{Dashboard: b.of, Choice: b.choice, Fields: b.fields, Release: b.held[b.of.Datasets[0]].ReleaseID(), Extract: b.extract()}
	var err error
	if shown.Keys, err = b.keys(ctx, b.choice); err != nil {
		return shown, err
	}
	if before, ok := b.choice.Before(); ok {
		if shown.Before, err = b.keys(ctx, before); err != nil {
			return shown, err
		}
	}
	for _, f := range figures {
		d, ok, err := b.draw(ctx, f)
		if err != nil {
			return shown, err
		}
		if ok {
			shown.Figures = append(shown.Figures, d)
		}
	}
	return shown, nil
}

func (b *board) keys(ctx context.Context, c dashboard.Choice) ([][]ask.Row, error) {
	var questions []ask.Question
	for _, k := range b.of.Keys {
		questions = append(questions, k.Ask(c))
	}
	return b.askAll(ctx, questions)
}

// overBoard answers with what is made of a dashboard.
func (p *Portal) overBoard(c *Call, s sheet, produce func(context.Context, *board) ([]byte, error)) error {
	b, err := p.openBoard(c)
	if err != nil {
		return err
	}
	defer b.close()
	b.mark(c)
	s.of = append(s.of, b.releases())
	s.make = func(ctx context.Context) ([]byte, error) { return produce(ctx, b) }
	return p.send(c, s)
}

// dashboard answers with a dashboard. An address that says what needs not be said, as
// those do that a browser makes of a form, leads to the short one.
func (p *Portal) dashboard(c *Call) error {
	b, err := p.openBoard(c)
	if err != nil {
		return err
	}
	defer b.close()
	if short := b.choice.Values().Encode(); short != knownQuery(c, b.of.Parameters()).Encode() {
		return redirect(c, with(b.of.Name, short))
	}
	b.mark(c)
	return p.send(c, sheet{of: []any{b.releases()}, make: func(ctx context.Context) ([]byte, error) {
		shown, err := b.show(ctx, b.of.Shown(b.choice))
		if err != nil {
			return nil, err
		}
		return p.site.Board(p.frame(c, web.HereDashboards), shown)
	}})
}

func with(address, query string) string {
	if query == "" {
		return address
	}
	return address + "?" + query
}

// knownQuery is what of a request a page knows.
func knownQuery(c *Call, parameters []string) url.Values {
	q, _ := url.ParseQuery(c.Request.URL.RawQuery) // what can be read counts
	for name := range q {
		if !slices.Contains(parameters, name) {
			delete(q, name)
		}
	}
	return q
}

// theme reads which appearance an embed is to have.
func theme(c *Call) (string, error) {
	t := c.Request.URL.Query().Get("theme")
	if t != "" && !slices.Contains(web.Themes, t) {
		return "", &RefusedError{fmt.Sprintf("Le paramètre « theme » vaut « %.20s » ; les valeurs admises sont %s.", t, strings.Join(web.Themes, " et "))}
	}
	return t, nil
}

// embeddedDashboard answers with a dashboard for the pages of others.
func (p *Portal) embeddedDashboard(c *Call) error {
	t, err := theme(c)
	if err != nil {
		return err
	}
	return p.overBoard(c, sheet{policy: web.EmbedPolicy}, func(ctx context.Context, b *board) ([]byte, error) {
		shown, err := b.show(ctx, b.of.Shown(b.choice))
		if err != nil {
			return nil, err
		}
		return p.site.EmbeddedBoard(p.frame(c, ""), shown, t)
	})
}

// one makes what a page shows of one figure.
func (b *board) one(ctx context.Context, name string) (web.Board, error) {
	f, ok := b.of.Figure(name)
	if !ok || f.Fits != nil && !f.Fits(b.choice) {
		return web.Board{}, ErrUnknown
	}
	shown := web.Board{Dashboard: b.of, Choice: b.choice, Fields: b.fields, Release: b.held[b.of.Datasets[0]].ReleaseID(), Extract: b.extract()}
	d, ok, err := b.draw(ctx, f)
	if err == nil && !ok {
		err = ErrUnknown
	}
	shown.Figures = []web.Drawing{d}
	return shown, err
}

// embeddedFigure answers with a figure for the pages of others.
func (p *Portal) embeddedFigure(c *Call) error {
	t, err := theme(c)
	if err != nil {
		return err
	}
	return p.overBoard(c, sheet{policy: web.EmbedPolicy}, func(ctx context.Context, b *board) ([]byte, error) {
		shown, err := b.one(ctx, c.Path("figure"))
		if err != nil {
			return nil, err
		}
		return p.site.EmbeddedFigure(p.frame(c, ""), shown, t)
	})
}

// image answers with the image of a figure, or with the one that stands for the dashboard.
func (p *Portal) image(c *Call) error {
	file := c.Path("file")
	name, ending, _ := strings.Cut(file, ".")
	mediaTypes := map[string]string{"svg": "image/svg+xml", "png": "image/png"}
	if mediaTypes[ending] == "" || file == "apercu.svg" {
		return ErrUnknown
	}
	return p.overBoard(c, sheet{mediaType: mediaTypes[ending], policy: imagePolicy}, func(ctx context.Context, b *board) ([]byte, error) {
		if name == "apercu" {
			shown, err := b.show(ctx, b.of.Shown(b.choice)[:1])
			if err != nil {
				return nil, err
			}
			return p.site.Card(shown)
		}
		shown, err := b.one(ctx, name)
		if err != nil {
			return nil, err
		}
		d := shown.Figures[0]
		noted := chart.Noted(d.Chart, strings.Join(d.Notes, " "))
		if ending == "svg" {
			return chart.SVG(noted, chart.File), nil
		}
		return chart.PNG(noted, chart.File)
	})
}

// imagePolicy keeps an image that is opened from loading or running anything.
const imagePolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors *"

// mark says in the answer which release it is from.
func (b *board) mark(c *Call) {
	l := b.held[b.of.Datasets[0]]
	c.Writer.Header().Set("X-Release", l.ReleaseID())
	if l.Manifest().Synthetic {
		c.Writer.Header().Set("X-Synthetic", "true")
	}
}
