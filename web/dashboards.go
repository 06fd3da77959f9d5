package web

import (
	"html/template"
	"math"
	"net/url"
	"strconv"

	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/chart"
	"github.com/parvis-opendata/parvis/web/dashboard"
)

// Board is what a page of a dashboard shows.
type Board struct {
	Dashboard *dashboard.Dashboard
	Choice    dashboard.Choice
	// Fields are what it is composed by, if a reader does.
	Fields []dashboard.Field
	// Keys are the answers for the numbers at its head, in the order of the dashboard's;
	// Before those for as many periods before, if there are.
	Keys, Before [][]ask.Row
	Figures      []Drawing
	// Release is the one that it was made from, of an extract of the day Extract.
	Release, Extract string
}

// Drawing is a figure with the questions that it was drawn from.
type Drawing struct {
	dashboard.Figure
	dashboard.Drawn

	Questions []ask.Question
}

// Themes are the values of theme in the address of an embed.
var Themes = []string{"clair", "sombre"}

// boardView is the page as the template sees it.
type boardView struct {
	Frame
	Board

	Selects []selection
	Numbers []numberView
	Notes   []string
	Figures []figureView
	Theme   string
}

// selection is a field to choose by; without options, one to write in.
type selection struct {
	Name, Label, All string
	Options          []choice
	Value            string
}

// numberView is a number at the head of a dashboard.
type numberView struct{ Label, Value, Change string }

// figureView is a figure as the template sees it.
type figureView struct {
	Name, Title string
	Wide        bool
	Nested      bool // in a section that has a heading of its own
	Drawing     template.HTML
	Notes       []string
	Table       chart.Table
	Ways        bool // to its image, data and code
	SVG, PNG    string
	Data        []dataWay
	Snippet     string
}

// dataWay leads to the answer to a question.
type dataWay struct{ Label, CSV, API string }

// Dashboards renders the list of the dashboards.
func (s *Site) Dashboards(f Frame) ([]byte, error) {
	return s.render("dashboards", struct {
		Frame
		Dashboards []*dashboard.Dashboard
	}{f, dashboard.All})
}

// Board renders the page of a dashboard.
func (s *Site) Board(f Frame, b Board) ([]byte, error) {
	return s.render("dashboard", newBoardView(f, b, true))
}

// EmbeddedBoard renders a dashboard for the pages of others. Theme is one of [Themes], or
// empty for that of the reader.
func (s *Site) EmbeddedBoard(f Frame, b Board, theme string) ([]byte, error) {
	v := newBoardView(f, b, false)
	v.Theme = theme
	return s.render("embeds/dashboard", v)
}

func newBoardView(f Frame, b Board, ways bool) boardView {
	v := boardView{Frame: f, Board: b, Selects: selections(b)}
	v.Numbers, v.Notes = numbers(b)
	for _, d := range b.Figures {
		v.Figures = append(v.Figures, v.figure(d, ways))
	}
	return v
}

// Query are the parameters of the choice.
func (b Board) Query() string { return b.Choice.Values().Encode() }

// Heading says what is shown where the page is shared: of a composed dashboard, its figure.
func (b Board) Heading() string {
	if len(b.Fields) > 0 && len(b.Figures) > 0 {
		return b.Figures[0].Chart.Table().Caption
	}
	if t := b.Choice.Territory(); t != "" {
		return b.Dashboard.Title + ", " + t
	}
	return b.Dashboard.Title
}

// Everywhere says that no territory was chosen.
func (b Board) Everywhere() string { return "Toute la France" }

// Source says where the figures come from.
func (b Board) Source() string { return "extrait du " + date(b.Extract) + ", Licence Ouverte 2.0" }

// with adds the parameters of a choice to an address.
func with(address, query string) string {
	if query == "" {
		return address
	}
	return address + "?" + query
}

// Self is the address of the dashboard without a choice.
func (v boardView) Self() string { return v.Root + "tableaux-de-bord/" + v.Dashboard.Name }

// Page is the public address of the dashboard.
func (v boardView) Page() string {
	return with(v.Base+"/tableaux-de-bord/"+v.Dashboard.Name, v.Query())
}

// Card is the public address of the image that stands for the page where it is shared.
func (v boardView) Card() string {
	return with(v.Base+"/tableaux-de-bord/"+v.Dashboard.Name+"/apercu.png", v.Query())
}

// OEmbed is the address at which other sites learn how to embed the page.
func (v boardView) OEmbed(format string) string {
	return v.Base + "/oembed?format=" + format + "&url=" + url.QueryEscape(v.Page())
}

// Snippet is the code that embeds the dashboard.
func (v boardView) Snippet() string {
	return EmbedCode(v.Base, with(v.Base+"/embed/tableaux-de-bord/"+v.Dashboard.Name, v.Query()), v.Dashboard.Title, boardHeight)
}

// Heights of frames, in pixels, for who does not load the script that fits them.
const (
	boardHeight  = 2400
	figureHeight = 620
)

// EmbedCode is the HTML that shows an address in a page of another site, as high as it is.
func EmbedCode(base, address, title string, height int) string {
	return frame(address, title, `width="100%"`, height) + "\n" + `<script src="` + template.HTMLEscapeString(base) + `/static/embed.js" defer></script>`
}

// EmbedFrame is the HTML that shows an address in a page of another site, in a size.
func EmbedFrame(address, title string, width, height int) string {
	return frame(address, title, `width="`+strconv.Itoa(width)+`"`, height)
}

func frame(address, title, width string, height int) string {
	return `<iframe src="` + template.HTMLEscapeString(address) + `" title="` + template.HTMLEscapeString(title) + `" ` + width + ` height="` + strconv.Itoa(height) + `" style="border:0" loading="lazy"></iframe>`
}

func (v boardView) figure(d Drawing, ways bool) figureView {
	t, wide := d.Chart.Table(), chart.Half
	if d.Wide {
		wide = chart.File
	}
	f := figureView{Name: d.Name, Title: d.Title, Wide: d.Wide, Drawing: chart.Both(d.Chart, d.Name, wide), Notes: d.Notes, Table: t, Ways: ways}
	if !ways || len(v.Fields) > 0 { // nothing else on the page says what was chosen
		f.Title = t.Caption
	}
	at := v.Root + "tableaux-de-bord/" + v.Dashboard.Name + "/" + d.Name
	f.SVG, f.PNG = with(at+".svg", v.Query()), with(at+".png", v.Query())
	f.Snippet = EmbedCode(v.Base, with(v.Base+"/embed/tableaux-de-bord/"+v.Dashboard.Name+"/"+d.Name, v.Query()), t.Caption, figureHeight)
	f.Data = dataWays(v.Root, d.Questions)
	return f
}

func dataWays(root string, questions []ask.Question) []dataWay {
	var all []dataWay
	for i, q := range questions {
		label := "Données"
		if len(questions) > 1 {
			label += " " + strconv.Itoa(i+1)
		}
		all = append(all, dataWay{label, q.Export(root, "csv"), q.Records(root)})
	}
	return all
}

// selections are the fields to choose by: what composes it, the filters, and the first and
// last period.
func selections(b Board) []selection {
	var all []selection
	for _, f := range b.Fields {
		all = append(all, selection{Name: f.Name, Label: f.Label, Options: choices(f.Options, f.Chosen)})
	}
	c := b.Choice
	for _, f := range b.Dashboard.Filters {
		all = append(all, selection{f.Name, f.Label, f.All, choices(c.Options[f.Name], c.Chosen[f.Name]), c.Chosen[f.Name]})
	}
	if len(c.Periods) < 2 {
		return all
	}
	from, to := selection{Name: "debut", Label: "De"}, selection{Name: "fin", Label: "À"}
	for _, p := range c.Periods {
		from.Options = append(from.Options, choice{p, dashboard.PeriodLabel(p), p == c.From})
		to.Options = append(to.Options, choice{p, dashboard.PeriodLabel(p), p == c.To})
	}
	return append(all, from, to)
}

func choices(options []dashboard.Option, chosen string) []choice {
	all := make([]choice, len(options))
	for i, o := range options {
		all[i] = choice{o.Value, o.Label, o.Value == chosen}
	}
	return all
}

// numbers are those at the head of a dashboard, and what is to be said of them.
func numbers(b Board) (all []numberView, notes []string) {
	for i, k := range b.Dashboard.Keys {
		if i >= len(b.Keys) || len(b.Keys[i]) == 0 {
			continue
		}
		row := b.Keys[i][0]
		whole := complete(row) && (k.Least == nil || !k.Least(b.Choice))
		if !whole {
			notes = []string{"Au moins : des valeurs secrètes n'entrent pas dans ces totaux."}
		}
		for _, n := range k.Numbers {
			x, ok := row.Number(n.Column)
			if !ok {
				all = append(all, numberView{n.Label, secretWord, ""})
				continue
			}
			v := numberView{Label: n.Label, Value: unit(x, n.Unit)}
			if i < len(b.Before) && len(b.Before[i]) > 0 && whole && complete(b.Before[i][0]) {
				v.Change = change(b.Before[i][0], n.Column, x)
			}
			all = append(all, v)
		}
	}
	return all, notes
}

// complete reports whether no row of a sum is secret.
func complete(row ask.Row) bool {
	n, _ := row.Number("n")
	k, _ := row.Number("k")
	return k >= n
}

// unit writes a number with its unit.
func unit(x float64, unit string) string {
	if unit == "" {
		return short(x)
	}
	for _, large := range []struct {
		size   float64
		letter string
	}{{1e9, "Md"}, {1e6, "M"}} {
		if math.Abs(x) >= large.size {
			return decimals(x/large.size) + hard + large.letter + unit
		}
	}
	return number(int(math.Round(x))) + hard + unit
}

// change says how a number compares with that of as long a time before.
func change(before ask.Row, column string, now float64) string {
	was, ok := before.Number(column)
	if !ok || was == 0 {
		return ""
	}
	percent := 100 * (now - was) / was
	sign := "+"
	if percent < 0 {
		sign = "−"
	}
	return sign + decimals(math.Abs(percent)) + hard + "% par rapport à la période précédente"
}

// embeddedFigure is a figure alone, as the template sees it.
type embeddedFigure struct {
	boardView
	Figure figureView
}

// EmbeddedFigure renders a figure for the pages of others: the only one of the board.
func (s *Site) EmbeddedFigure(f Frame, b Board, theme string) ([]byte, error) {
	v := newBoardView(f, b, false)
	v.Theme = theme
	return s.render("embeds/figure", embeddedFigure{v, v.Figures[0]})
}

// secretWord stands for a number that is secret.
const secretWord = "secret"

// Card draws the image that stands for a dashboard where it is shared.
func (s *Site) Card(b Board) ([]byte, error) {
	all, notes := numbers(b)
	c := chart.Card{Title: b.Dashboard.Title, Source: "Source : " + b.Choice.Source}
	if len(b.Fields) > 0 {
		c.Title = b.Heading()
	} else if t := b.Choice.Territory(); t != "" {
		c.Title += " : " + t
	}
	if len(all) > 0 {
		c.Figure, c.Caption = all[0].Value, all[0].Label
		if len(notes) > 0 && c.Figure != secretWord {
			c.Caption += " au moins"
		}
	}
	if span := b.Choice.Span(); span != "" {
		c.Caption += ", " + span
	}
	if len(b.Figures) > 0 {
		c.Chart = b.Figures[0].Chart
	}
	return c.PNG()
}
