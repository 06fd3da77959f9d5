package dashboard

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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
	{weightedMean, "Moyenne", "", ""}, {"somme", "Somme", "sum(", ")"},
	{"moyenne", "Moyenne des lignes", "avg(", ")"}, {"mediane", "Médiane", "median(", ")"},
	{"minimum", "Minimum", "min(", ")"}, {"maximum", "Maximum", "max(", ")"}, {"distincts", "Valeurs distinctes", "count(distinct ", ")"},
}

// weightedMean is the calculation of means of which each row has its share.
const weightedMean = "ponderee"

// weighted are the measures that are means, and how they are taken over several rows.
var weighted = map[string]string{
	"prix_moyen":    "sum(montant_engage) / sum(nb_dossiers)",
	"duree_moyenne": "sum(duree_moyenne * nb_dossiers_a_duree_connue) / sum(nb_dossiers_a_duree_connue)",
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
	if p := c.table.Period; p != nil {
		d.Periods = ask.Question{Table: c.table.ID, GroupBy: p.Field + " as periode", OrderBy: "periode", Limit: -1}
		d.Recent = math.MaxInt32 // all of them
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

// things are the fields of the catalogue whose values are worth counting, and what of, the
// most asked for first.
var things = [][2]string{{"numero_formation", "de formations"}, {"siret", "d'organismes"}, {"code_certifinfo", "de certifications"}}

// rank is the place of a measure among those that are offered.
func rank(name string) int {
	i := slices.IndexFunc(things, func(t [2]string) bool { return t[0] == name })
	if i < 0 {
		return len(things)
	}
	return i
}

// counts reports whether a field of the catalogue is worth counting the values of.
func counts(f datasets.Field) bool { return rank(f.Name) < len(things) }

// measureTitle says what a measure is.
func measureTitle(f datasets.Field) string {
	if counts(f) {
		return "Nombre " + things[rank(f.Name)][1]
	}
	return f.Title
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
			options = append(options, Option{f.Name, measureTitle(f)})
		}
	}
	slices.SortStableFunc(options, func(a, b Option) int { return cmp.Compare(rank(a.Value), rank(b.Value)) })
	c.measure, _ = c.table.Field(c.choose(measureParameter, "Mesure", options))
	var offered []Option
	mean := weighted[c.measure.Name] != "" || strings.HasPrefix(c.measure.Name, "frais") || strings.HasPrefix(c.measure.Name, "nombre_heures")
	for _, k := range calculations {
		switch {
		case (k.name == "distincts") != counts(c.measure),
			k.name == weightedMean && weighted[c.measure.Name] == "",
			k.name == "somme" && mean: // a sum of means says nothing
		default:
			offered = append(offered, Option{k.name, k.label})
		}
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
		if c.timed(name) && c.table.Period != nil {
			continue // the periods are chosen by the first and the last
		}
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
	title := measureTitle(c.measure)
	if k.name != "somme" && k.name != weightedMean && !counts(c.measure) {
		title += " (" + strings.ToLower(k.label) + ")"
	}
	first, size := utf8.DecodeRuneInString(c.by.Title)
	title += " par " + string(unicode.ToLower(first)) + c.by.Title[size:]
	made := k.before + c.measure.Name + k.after
	if k.name == weightedMean {
		made = weighted[c.measure.Name]
	}
	return Figure{
		Name: OwnFigure, Title: title, Wide: true,
		Ask: func(choice Choice) []ask.Question {
			q := ask.Question{
				Table: c.table.ID, Select: c.by.Name + ", " + made + " as valeur" + counted(c.measure.Name), GroupBy: c.by.Name,
				Where: append(choice.where(nil, c.period()), c.excluded...), OrderBy: "valeur desc", Limit: shownBars,
			}
			if k.name == weightedMean { // a mean may be secret where the number of files is not
				q.Where = append(q.Where, c.measure.Name+" is not null")
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
	read, said := given, c.notes(rows)
	if c.dataset.Statistical() {
		read = value
	}
	f := choice.figure(title, c.measure.Description, unitOf(c.measure))
	if c.measure.Type == datasets.TypeDecimal && calculations[c.calc].name != "somme" {
		f.Decimals = 2
	}
	if c.by.Name == c.period() && c.kind != barsKind {
		rows = choice.everyPeriod(rows, c.by.Name)
	}
	ps := points(rows, c.by.Name, "valeur", read)
	for i := range ps {
		ps[i].Label = periodLabel(ps[i].Label)
	}
	switch c.kind {
	case mapKind:
		if c.sparse() {
			said = append(said, "Un département sans couleur n'a que des lignes secrètes, ou aucune.")
		}
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

// period is the field that tells when; empty if the table shows a state.
func (c *composer) period() string {
	if c.table.Period == nil {
		return ""
	}
	return c.table.Period.Field
}

// sparse reports whether the table has no row for what is secret.
func (c *composer) sparse() bool {
	if c.table.Cell["certification"] != "" { // none for those of which nothing is published in a period
		return true
	}
	return slices.ContainsFunc(c.table.Fields, func(f datasets.Field) bool { return f.Measure && f.Required })
}

// notes are what must be said of the figures of rows.
func (c *composer) notes(rows []ask.Row) []string {
	var all []string
	calc := calculations[c.calc].name
	if c.dataset.Statistical() {
		text := left(rows)
		if c.sparse() {
			text = "la table n'a pas de ligne pour tout ce qui est secret"
		}
		switch {
		case text == "":
		case calc == "somme":
			all = append(all, "Au moins : "+text+".")
		default:
			all = append(all, "Sur les seules lignes publiées : "+text+".")
		}
	}
	switch {
	case calc == weightedMean:
		all = append(all, "Sur les seules lignes dont la moyenne est publiée ; chacune compte pour ses dossiers.")
	case calc == "moyenne" || calc == "mediane":
		all = append(all, "Chaque ligne de la table compte autant, grande ou petite.")
	case calc == "somme" && c.measure.Name == "nb_titulaires":
		all = append(all, "Une personne qui est dans plusieurs lignes y compte plusieurs fois.")
	case calc == "distincts":
		all = append(all, "Ce qui est dans plusieurs catégories compte une fois dans chacune : elles ne s'additionnent pas.")
	}
	return all
}

// unitOf is the unit of a figure.
func unitOf(f datasets.Field) string {
	switch {
	case counts(f):
		_, what, _ := strings.Cut(strings.Replace(things[rank(f.Name)][1], "'", " ", 1), " ")
		return what
	case f.Unit == "EUR":
		return "€"
	case f.Unit == "heures":
		return "h"
	}
	return f.Unit
}
