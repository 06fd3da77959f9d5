package web

import (
	"html/template"
	"slices"

	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/chart"
	"github.com/parvis-opendata/parvis/web/dashboard"
)

// HomeQuestions are what the first page asks, by name.
var HomeQuestions = map[string]ask.Question{
	"offre": {Table: catalogueID, Select: "count(distinct numero_formation) as formations, count(distinct siret) as organismes, count(distinct code_certifinfo) as certifications"},
	"mois":  {Table: engageesID + "_mensuel", Select: "date_validation, nb_dossiers, montant_engage, prix_moyen", OrderBy: "date_validation desc", Limit: 13},
	"trimestres": {
		Table: usagersID + "_departement", Select: "trimestre, sum(nb_dossiers) as nb_dossiers, count(*) as n, count(nb_dossiers) as k", GroupBy: "trimestre", OrderBy: "trimestre desc", Limit: 1,
	},
}

// Home is what the first page shows.
type Home struct {
	Offers []Offer
	// Answers are those to [HomeQuestions]; those that could not be asked are missing.
	Answers map[string][]ask.Row
	// Search says that the catalogue can be searched.
	Search bool
}

// homeView is the page as the template sees it.
type homeView struct {
	Frame
	Home

	Figures map[string][]figure // by dataset
	// Months is a chart of the purchases by month; nil if it cannot be drawn.
	Months *monthsView
}

// monthsView is the chart of the first page.
type monthsView struct {
	Drawing template.HTML
	Table   chart.Table
}

// figure is a number that matters, with what it counts.
type figure struct{ Value, Label string }

// Home renders the first page.
func (s *Site) Home(f Frame, h Home) ([]byte, error) {
	v := homeView{Frame: f, Home: h, Figures: map[string][]figure{}}
	if rows := h.Answers["offre"]; len(rows) > 0 {
		v.Figures[catalogueID] = figures(rows[0], [][2]string{{"formations", "formations ouvertes"}, {"organismes", "organismes"}, {"certifications", "certifications"}})
	}
	if rows := h.Answers["mois"]; len(rows) > 0 {
		month := monthName(rows[0].Text("date_validation"))
		v.Figures[engageesID] = figures(rows[0], [][2]string{{"nb_dossiers", "dossiers en " + month}, {"montant_engage", "€ engagés"}, {"prix_moyen", "€ en moyenne"}})
	}
	if rows := h.Answers["trimestres"]; len(rows) > 0 {
		label := "entrées au " + quarterName(rows[0].Text("trimestre"))
		if !complete(rows[0]) { // some départements are secret
			label += ", au moins"
		}
		v.Figures[usagersID] = figures(rows[0], [][2]string{{"nb_dossiers", label}})
	}
	v.Months = months13(h.Answers["mois"])
	return s.render("home", v)
}

// months13 draws the purchases of the last months, which rows give from the latest.
func months13(rows []ask.Row) *monthsView {
	if len(rows) < 2 {
		return nil
	}
	c := chart.Columns{
		Figure: chart.Figure{Title: "Dossiers validés par mois", Description: "Nombre de dossiers du compte personnel de formation validés chaque mois.", Unit: "dossiers"},
		Label:  "Mois",
	}
	for _, row := range slices.Backward(rows) {
		v := chart.Secret()
		if x, ok := row.Number("nb_dossiers"); ok {
			v = chart.Known(x)
		}
		c.Points = append(c.Points, chart.Point{Label: dashboard.PeriodLabel(row.Text("date_validation")), Value: v})
	}
	return &monthsView{chart.Both(c, "mois", chart.File), c.Table()}
}

// figures are those of a row that are known.
func figures(row ask.Row, wanted [][2]string) []figure {
	var all []figure
	for _, w := range wanted {
		if x, ok := row.Number(w[0]); ok {
			all = append(all, figure{short(x), w[1]})
		}
	}
	return all
}
