package dashboard

import (
	"net/url"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/chart"
)

// OwnName is the name of the dashboard that a reader composes, and OwnFigure that of its
// only figure.
const (
	OwnName   = "sur-mesure"
	OwnFigure = "graphique"
)

// Names of the parameters that compose it; those of its filters begin with filterPrefix.
const (
	tableParameter   = "table"
	measureParameter = "mesure"
	calcParameter    = "calcul"
	byParameter      = "par"
	kindParameter    = "forme"
	filterPrefix     = "f."
)

// Field is one that a reader composes a figure by.
type Field struct {
	Name, Label string
	Options     []Option
	Chosen      string
}

// Composed is a dashboard of one figure, which a reader composed, with the fields to
// compose it by.
type Composed struct {
	*Dashboard
	Fields []Field
}

// calculations are what can be made of the values of a group.
var calculations = []struct{ name, label, before, after string }{
	{"somme", "Somme", "sum(", ")"}, {"moyenne", "Moyenne des lignes", "avg(", ")"}, {"mediane", "Médiane", "median(", ")"},
	{"minimum", "Minimum", "min(", ")"}, {"maximum", "Maximum", "max(", ")"}, {"distincts", "Valeurs distinctes", "count(distinct ", ")"},
}

// Kinds of charts.
const (
	barsKind    = "barres"
	columnsKind = "colonnes"
	lineKind    = "courbe"
	mapKind     = "carte"
)

// composer makes a composed dashboard.
type composer struct {
	table    datasets.Table
	dataset  datasets.Dataset
	values   url.Values
	fields   []Field
	measure  datasets.Field
	calc     int
	by       datasets.Field
	kind     string
	excluded []string // conditions that leave totals out
}

// Compose makes a dashboard of what a reader chose. What does not fit, since another choice
// has changed, is as by default.
func Compose(all []datasets.Dataset, values url.Values) Composed {
	c := &composer{values: values}
	c.chooseTable(all)
	c.chooseMeasure()
	c.chooseBy()
	c.chooseKind()
	d := &Dashboard{
		Name: OwnName, Title: "Sur mesure", Lead: "Composez un graphique : une table, une mesure, une répartition et des filtres. L'adresse de la page le garde.",
		Datasets: []string{c.dataset.ID}, Fixed: url.Values{}, Filters: c.filters(), Figures: []Figure{c.figure()},
	}
	for _, f := range c.fields {
		d.Fixed.Set(f.Name, f.Chosen)
	}
	return Composed{d, c.fields}
}

// choose reads a field: what is given if it is among the options, else the first of them.
func (c *composer) choose(name, label string, options []Option) string {
	chosen := c.values.Get(name)
	if !slices.ContainsFunc(options, func(o Option) bool { return o.Value == chosen }) {
		chosen = options[0].Value
	}
	c.fields = append(c.fields, Field{name, label, options, chosen})
	return chosen
}

func (c *composer) chooseTable(all []datasets.Dataset) {
	var options []Option
	for _, d := range all {
		for _, t := range d.Tables {
			options = append(options, Option{t.ID, t.Title})
		}
	}
	id := c.choose(tableParameter, "Table", options)
	for _, d := range all {
		for _, t := range d.Tables {
			if t.ID == id {
				c.dataset, c.table = d, t
			}
		}
	}
	for column, code := range c.table.Margin {
		c.excluded = append(c.excluded, c.table.Cell[column]+" != "+ask.Literal(code))
	}
}

// counts reports whether a field of the catalogue is worth counting the values of.
func counts(f datasets.Field) bool {
	return f.Name == "numero_formation" || f.Name == "siret" || f.Name == "code_certifinfo"
}

// measures reports whether a field has figures.
func (c *composer) measures(f datasets.Field) bool {
	if c.dataset.Statistical() {
		return f.Measure
	}
	return f.Type == datasets.TypeInt || f.Type == datasets.TypeDecimal || counts(f)
}

func (c *composer) chooseMeasure() {
	var options []Option
	for _, f := range c.table.Fields {
		if c.measures(f) {
			options = append(options, Option{f.Name, f.Title})
		}
	}
	c.measure, _ = c.table.Field(c.choose(measureParameter, "Mesure", options))
	var offered []Option
	for _, k := range calculations {
		if (k.name == "distincts") == counts(c.measure) {
			offered = append(offered, Option{k.name, k.label})
		}
	}
	if c.measure.MeanOf != "" || strings.HasSuffix(c.measure.Name, "_moyen") || strings.HasPrefix(c.measure.Name, "frais") || strings.HasPrefix(c.measure.Name, "nombre_heures") {
		offered = offered[1:] // a sum of means says nothing
	}
	name := c.choose(calcParameter, "Calcul", offered)
	for i, k := range calculations {
		if k.name == name {
			c.calc = i
		}
	}
}

func (c *composer) chooseBy() {
	var options []Option
	for _, name := range c.dimensions() {
		f, _ := c.table.Field(name)
		options = append(options, Option{name, f.Title})
	}
	c.by, _ = c.table.Field(c.choose(byParameter, "Réparti par", options))
}

// dimensions are the facets, and the codes of places, for maps.
func (c *composer) dimensions() []string {
	names := slices.Clone(c.table.Facets)
	for _, f := range c.table.Fields {
		if strings.HasPrefix(f.Name, "code_departement") && !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}

// timed reports whether a field tells when.
func (c *composer) timed(name string) bool {
	return c.table.Period != nil && name == c.table.Period.Field || name == "annee_de_validation" || name == "annee" || name == "trimestre"
}

func (c *composer) chooseKind() {
	options := []Option{{barsKind, "Barres"}}
	switch {
	case c.timed(c.by.Name):
		options = []Option{{columnsKind, "Colonnes"}, {lineKind, "Courbe"}, {barsKind, "Barres"}}
	case strings.HasPrefix(c.by.Name, "code_departement"):
		options = []Option{{mapKind, "Carte"}, {barsKind, "Barres"}}
	}
	c.kind = c.choose(kindParameter, "Forme", options)
}

// filters are those of the facets.
func (c *composer) filters() []Filter {
	var all []Filter
	for _, name := range c.table.Facets {
		f, _ := c.table.Field(name)
		all = append(all, Filter{
			Name: filterPrefix + name, Label: f.Title, All: "Tout", Field: f,
			Members: ask.Question{Table: c.table.ID, GroupBy: name + " as valeur", OrderBy: "valeur", Where: append([]string{name + " is not null"}, c.excluded...), Limit: MaxOptions + 1},
		})
	}
	return all
}

// shownBars is how many bars a ranking has at most.
const shownBars = 30

func (c *composer) figure() Figure {
	k := calculations[c.calc]
	title := c.measure.Title
	if k.name != "somme" {
		title += " (" + strings.ToLower(k.label) + ")"
	}
	title += " par " + strings.ToLower(c.by.Title[:1]) + c.by.Title[1:]
	return Figure{
		Name: OwnFigure, Title: title, Wide: true,
		Ask: func(choice Choice) []ask.Question {
			q := ask.Question{
				Table: c.table.ID, Select: c.by.Name + ", " + k.before + c.measure.Name + k.after + " as valeur" + counted(c.measure.Name), GroupBy: c.by.Name,
				Where: append(choice.where(nil, ""), c.excluded...), OrderBy: "valeur desc", Limit: shownBars,
			}
			if c.kind != barsKind {
				q.OrderBy, q.Limit = c.by.Name, -1
				q.Where = append(q.Where, c.by.Name+" is not null")
			}
			return []ask.Question{q}
		},
		Draw: func(choice Choice, answers [][]ask.Row) Drawn { return c.draw(choice, title, answers[0]) },
	}
}

func (c *composer) draw(choice Choice, title string, rows []ask.Row) Drawn {
	read := given
	var said []string
	if c.dataset.Statistical() {
		read, said = value, notes(rows)
		if c.measure.Name == "nb_titulaires" {
			said = append(said, "Une personne qui est dans plusieurs lignes y compte plusieurs fois.")
		}
	}
	f := choice.figure(title, c.measure.Description, unitOf(c.measure, calculations[c.calc].name))
	if c.measure.Type == datasets.TypeDecimal && calculations[c.calc].name != "somme" {
		f.Decimals = 2
	}
	ps := points(rows, c.by.Name, "valeur", read)
	for i := range ps {
		ps[i].Label = periodLabel(ps[i].Label)
	}
	switch c.kind {
	case mapKind:
		return Drawn{chart.Departements{Figure: f, Areas: areas(rows, c.by.Name, "valeur", read)}, said}
	case columnsKind:
		return Drawn{chart.Columns{Figure: f, Label: c.by.Title, Points: ps}, said}
	case lineKind:
		l := chart.Lines{Figure: f, Label: c.by.Title, Series: []chart.Series{{Name: c.measure.Title}}}
		for _, p := range ps {
			l.Periods = append(l.Periods, p.Label)
			l.Series[0].Values = append(l.Series[0].Values, p.Value)
		}
		return Drawn{l, said}
	}
	if len(rows) == shownBars {
		said = append(said, "Les trente premiers ; l'API donne les autres.")
	}
	return Drawn{chart.Bars{Figure: f, Label: c.by.Title, Points: ps}, said}
}

// unitOf is the unit of a figure.
func unitOf(f datasets.Field, calculation string) string {
	switch {
	case calculation == "distincts":
		return "valeurs distinctes"
	case f.Unit == "EUR":
		return "€"
	case f.Unit == "heures":
		return "h"
	}
	return f.Unit
}
