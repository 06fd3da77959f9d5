package web

import (
	"slices"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/chart"
)

// demand reads what was bought.
func (v *certificationView) demand() {
	months := v.Answers["mois"]
	if len(months) == 0 {
		return
	}
	questions := DemandQuestions(v.Code)
	data := v.data(questions["mois"])
	dossiers, hidden := byMonth(v.Answers["publiés"], months, "nb_dossiers")
	v.Months = draw("dossiers", secretNote(hidden), chart.Columns{
		Figure: chart.Figure{Title: "Dossiers validés par mois", Unit: "dossiers", Description: "Nombre de dossiers de chaque mois ; le tableau dit les mêmes nombres."},
		Label:  "Mois", Points: dossiers,
	}, data)
	montants, hidden := byMonth(v.Answers["publiés"], months, "montant_engage")
	v.Paid = draw("montants", secretNote(hidden), chart.Columns{
		Figure: chart.Figure{Title: "Montant engagé par mois", Unit: "€", Description: "Montant de chaque mois ; le tableau dit les mêmes nombres."},
		Label:  "Mois", Points: montants,
	}, data)
	if len(v.Regions) > 0 {
		v.ByRegion = v.regions()
	}
}

// secretNote says what a secret is, where there is one.
func secretNote(hidden bool) string {
	if !hidden {
		return ""
	}
	return "Secret : aucun dossier, ou trop peu pour être publié."
}

// regions draws the régions whose figures are shown; the note and the table have the
// others too.
func (v *certificationView) regions() *plot {
	bars := chart.Bars{
		Figure: chart.Figure{Title: "Dossiers par région en " + v.MonthName, Unit: "dossiers", Description: "Nombre de dossiers par région du lieu de formation ; le tableau dit les mêmes nombres."},
		Label:  "Région",
	}
	var shown []chart.Point
	var hidden []string
	cells := mostCells(v.Regions)
	for _, row := range v.Regions {
		p := chart.Point{Label: row.Text("region_lieu_formation"), Value: shownValue(row, "nb_dossiers", cells)}
		bars.Points = append(bars.Points, p)
		if p.Value == chart.Secret() {
			hidden = append(hidden, p.Label)
		} else {
			shown = append(shown, p)
		}
	}
	note := ""
	if len(hidden) > 0 {
		note = "Secret, parce qu'il n'y a aucun dossier, ou trop peu pour être publié : " + strings.Join(hidden, ", ") + "."
	}
	p := draw("regions", note, bars, v.data(RegionQuestion(v.Code, v.Month)))
	if len(shown) > 0 {
		bars.Points = shown
		p.Drawing = chart.Both(bars, p.ID, chart.Half)
	}
	return p
}

// mostCells is how many cells a row has that has them all: one for each variant of the
// certification.
func mostCells(rows []ask.Row) int {
	most := 1
	for _, row := range rows {
		most = max(most, whole(row, "lignes"))
	}
	return most
}

// shownValue is a figure of what may have several cells: secret where one of them is, or is
// not published.
func shownValue(row ask.Row, column string, cells int) chart.Value {
	x, ok := row.Number(column)
	if !ok || whole(row, "connues") < cells {
		return chart.Secret()
	}
	return chart.Known(x)
}

// byMonth are the figures of the months that are published, the first one first, and
// whether one of them is secret. A month
// that has no row of the certification is secret: it may have none, or too few.
func byMonth(published, rows []ask.Row, column string) (points []chart.Point, hidden bool) {
	values := map[string]chart.Value{}
	cells := mostCells(rows)
	for _, row := range rows {
		values[row.Text("date_validation")] = shownValue(row, column, cells)
	}
	for _, row := range published {
		month := row.Text("date_validation")
		value, ok := values[month]
		if !ok {
			value = chart.Secret()
		}
		hidden = hidden || value == chart.Secret()
		label := month
		if t, err := time.Parse("2006-01", month); err == nil {
			label = chart.Month(t.Year(), int(t.Month()))
		}
		points = append(points, chart.Point{Label: label, Value: value})
	}
	slices.Reverse(points)
	return points, hidden
}
