package dashboard

import (
	"net/url"
	"slices"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/chart"
)

// The datasets.
const (
	catalogue = "moncompteformation_catalogueformation"
	engagees  = "moncompteformation_formations_engagees"
	usagers   = "moncompteformation_usagers"
)

// Dashboard is a page of figures about a dataset.
type Dashboard struct {
	// Name is the last part of its address.
	Name string
	// Title and Lead are its heading and what it shows, in a sentence.
	Title, Lead string
	// Datasets are those that it asks; the first one is what it is about.
	Datasets []string
	// Filters are what a reader may choose.
	Filters []Filter
	// Periods is the question for the periods there are, in order; its only column is
	// named periode. A dashboard of what is now has none.
	Periods ask.Question
	// Recent is how many periods are shown unless a reader chooses, and compared with as
	// many before them.
	Recent int
	// PeriodName is what a period is called.
	PeriodName string
	Keys       []Keys
	Figures    []Figure
	// Fixed are the parameters that a composed dashboard is made of.
	Fixed url.Values
}

// Filter is a choice of one among several members of a dimension.
type Filter struct {
	// Name is that of its parameter.
	Name, Label string
	// All says what is shown without a choice.
	All string
	// Members asks for its values: columns valeur and nom.
	Members ask.Question
	// Field is the one that is compared, where the name of the filter does not say it for
	// each table; of a composed dashboard.
	Field datasets.Field
}

// Keys are the numbers at the head of a dashboard that one question answers.
type Keys struct {
	// Ask is the question; it has the columns n (rows) and k (rows that are not secret)
	// if some may be secret.
	Ask     func(Choice) ask.Question
	Numbers []Number
	// Least reports whether the table has no row for some of what is secret, so that the
	// numbers are at least those; never if nil.
	Least func(Choice) bool
}

// Number is one of them.
type Number struct {
	Column, Label, Unit string
	// Decimals is how many it has.
	Decimals int
}

// Figure is a chart of a dashboard.
type Figure struct {
	// Name is the last part of its address.
	Name string
	// Title is what it shows, whatever is chosen.
	Title string
	// Wide figures take the width of the page.
	Wide bool
	// Fits reports whether it says something for a choice; always if nil.
	Fits func(Choice) bool
	// Ask are its questions.
	Ask func(Choice) []ask.Question
	// Draw makes the chart of the answers, in the order of the questions.
	Draw func(Choice, [][]ask.Row) Drawn
}

// Drawn is a chart with what must be said of it.
type Drawn struct {
	Chart chart.Chart
	// Notes are sentences.
	Notes []string
}

// All are the dashboards.
var All = []*Dashboard{Offer, Purchases, Users}

// Find returns the dashboard of a name; nil if there is none.
func Find(name string) *Dashboard {
	i := slices.IndexFunc(All, func(d *Dashboard) bool { return d.Name == name })
	if i < 0 {
		return nil
	}
	return All[i]
}

// Figure returns the figure of a name.
func (d *Dashboard) Figure(name string) (Figure, bool) {
	i := slices.IndexFunc(d.Figures, func(f Figure) bool { return f.Name == name })
	if i < 0 {
		return Figure{}, false
	}
	return d.Figures[i], true
}

// Shown are the figures that say something for a choice.
func (d *Dashboard) Shown(c Choice) []Figure {
	return slices.DeleteFunc(slices.Clone(d.Figures), func(f Figure) bool { return f.Fits != nil && !f.Fits(c) })
}
