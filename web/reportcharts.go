package web

import (
	"cmp"
	"slices"

	"github.com/parvis-opendata/parvis/web/chart"
	"github.com/parvis-opendata/parvis/web/dashboard"
)

// mostRules is how many rules are drawn at most: the ones most often broken.
const mostRules = 12

// reported is a chart of a report, as wide as the page if it is alone.
func reported(id string, c chart.Chart, alone bool, notes ...string) figureView {
	t, wide := c.Table(), chart.Half
	if alone {
		wide = chart.File
	}
	return figureView{Name: id, Title: t.Caption, Nested: true, Wide: alone, Drawing: chart.Both(c, id, wide), Notes: notes, Table: t}
}

// QualityCharts draw the report on what was read: what broke which rule.
func (v datasetView) QualityCharts() []figureView {
	bars := chart.Bars{
		Figure: chart.Figure{Title: "Règles les plus enfreintes", Description: "Nombre d'enregistrements mis à l'écart pour chaque règle, du plus grand au plus petit.", Unit: "enregistrements"},
		Label:  "Règle",
	}
	broken := map[string]int{}
	for _, i := range v.Quality.Input {
		for _, r := range i.Rules {
			if r.Records > 0 {
				broken[r.Title+" ("+i.Entity+")"] += r.Records
			}
		}
	}
	for label, n := range broken {
		bars.Points = append(bars.Points, chart.Point{Label: label, Value: chart.Known(float64(n))})
	}
	slices.SortFunc(bars.Points, func(a, b chart.Point) int {
		return cmp.Or(cmp.Compare(broken[b.Label], broken[a.Label]), cmp.Compare(a.Label, b.Label))
	})
	if len(bars.Points) == 0 {
		return nil
	}
	var notes []string
	if all := len(bars.Points); all > mostRules {
		bars.Points = bars.Points[:mostRules]
		notes = []string{"Les " + number(mostRules) + " premières de " + number(all) + hard + "; la liste ci-dessous les a toutes."}
	}
	return []figureView{reported("regles-enfreintes", bars, true, notes...)}
}

// DisclosureCharts draw the report on what is secret: the share of each table, and that of
// each period in the most detailed one; or what was taken out of texts.
func (v datasetView) DisclosureCharts() []figureView {
	var all []figureView
	if tables := v.Disclosure.Tables; len(tables) > 0 {
		all = append(all, reported("part-masquee", v.maskedByTable(tables), len(tables[0].Periods) < 2))
		if len(tables[0].Periods) > 1 {
			all = append(all, reported("part-masquee-periodes", v.maskedByPeriod(tables[0]), false))
		}
	}
	if w := v.Disclosure.Withheld; w != nil {
		bars := chart.Bars{
			Figure: chart.Figure{Title: "Ce qui a été retiré, ou retenu", Description: "Nombre de noms, adresses et numéros qui ne sont pas publiés, par sorte.", Unit: "retraits"},
			Label:  "Sorte",
		}
		for _, one := range w.kinds() {
			bars.Points = append(bars.Points, chart.Point{Label: one.Label, Value: chart.Known(float64(one.n))})
		}
		all = append(all, reported("retraits", bars, len(all) == 0))
	}
	return all
}

func (v datasetView) maskedByTable(tables []DisclosureTable) chart.Chart {
	bars := chart.Bars{
		Figure: chart.Figure{Title: "Part des dossiers que le secret masque, par table", Description: "En pour cent des dossiers ; une table plus détaillée en masque davantage.", Unit: "%"},
		Label:  "Table",
	}
	for _, t := range tables {
		bars.Points = append(bars.Points, chart.Point{Label: v.TableTitle(t.ID), Value: percentage(t.MaskedFiles)})
	}
	return bars
}

func (v datasetView) maskedByPeriod(t DisclosureTable) chart.Chart {
	f := chart.Figure{Title: "Part des dossiers masquée au fil du temps, dans la table la plus détaillée", Description: "En pour cent des dossiers de chaque période ; une période trop petite pour que la part en soit donnée n'en a pas.", Unit: "%"}
	columns := chart.Columns{Figure: f, Label: "Période"}
	lines := chart.Lines{Figure: f, Label: "Période", Series: []chart.Series{{Name: "part masquée"}}}
	for _, p := range t.Periods {
		label, value := dashboard.PeriodLabel(p.Period), percentage(p.MaskedFiles)
		columns.Points = append(columns.Points, chart.Point{Label: label, Value: value})
		lines.Periods, lines.Series[0].Values = append(lines.Periods, label), append(lines.Series[0].Values, value)
	}
	if len(columns.Points) > 24 {
		return lines
	}
	return columns
}

// percentage is a share that is told or not.
func percentage(share *int) chart.Value {
	if share == nil {
		return chart.Absent()
	}
	return chart.Known(float64(*share))
}
