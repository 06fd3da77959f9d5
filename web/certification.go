package web

import (
	"cmp"
	"html/template"
	"strings"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/chart"
)

// Certification is what the page of a certification shows.
type Certification struct {
	Code Code
	// Answers are those to [OfferQuestions] and [DemandQuestions]; those that could not be
	// asked are missing. Regions are those to [RegionQuestion] of Month.
	Answers map[string][]ask.Row
	Regions []ask.Row
	Month   string
	// Release is that of the catalogue, Purchases that of the purchases; empty if there is
	// none.
	Release, Purchases string
}

// certificationView is the page as the template sees it.
type certificationView struct {
	Frame
	Certification

	Fiche         ficheCertification
	Variants      []ficheCertification
	Trainings     int
	Extract       string
	Figures       []figure
	Find          string // a search for its trainings
	Map, Price    *plot
	Hours         *plot
	Providers     []providerRow
	AllProviders  string // as CSV
	MoreProviders int
	Lists         []listRow
	Listed        bool // the certifier files a list
	Months, Paid  *plot
	ByRegion      *plot
	MonthName     string
}

// plot is a chart of the page, with its twin and the address of its data.
type plot struct {
	ID, Note, Data string
	Drawing        template.HTML
	chart.Table
}

// draw draws a chart for a page.
func draw(id, note string, c chart.Chart, data string) *plot {
	return &plot{id, note, data, chart.Both(c, id, chart.Half), c.Table()}
}

// providerRow is an organism that offers the certification.
type providerRow struct{ Name, Siret, Find, Trainings, Price, Places, Accreditation string }

// listRow is how many organisms have a mention.
type listRow struct {
	Word, Meaning, Providers, Trainings, Date string
}

// Certification renders the page of a certification.
func (s *Site) Certification(f Frame, c Certification) ([]byte, error) {
	v := certificationView{Frame: f, Certification: c, Find: f.Root + "recherche?" + query("q", c.Code.searched()), MonthName: monthName(c.Month)}
	rows := c.Answers["fiche"]
	if len(rows) == 0 {
		rows = c.Answers["achetée"]
	}
	for _, row := range rows {
		v.Variants = append(v.Variants, certificationOf(f.Root, row))
	}
	if len(v.Variants) > 0 {
		v.Fiche, v.Variants = v.Variants[0], v.Variants[1:]
	}
	v.offer()
	v.providers()
	v.demand()
	return s.render("certification", v)
}

// Title is that of the page.
func (v certificationView) Title() string {
	return cmp.Or(v.Fiche.Title, "Certification "+v.Code.String())
}

// Summary says the certification in a line.
func (v certificationView) Summary() string {
	parts := []string{v.Code.String()}
	for _, x := range v.Figures {
		parts = append(parts, x.Value+" "+x.Label)
	}
	return strings.Join(parts, " · ")
}

// Questions of the offer and of the demand, for their addresses.
func (v certificationView) data(q ask.Question) string { return q.Export(v.Root, "csv") }

// offer reads what is offered.
func (v *certificationView) offer() {
	sum := first(v.Answers["offre"])
	v.Trainings = whole(sum, "formations")
	if v.Trainings == 0 {
		return
	}
	v.Extract = date(sum.Text("date_extract"))
	far := whole(first(v.Answers["distance"]), "formations")
	v.Figures = []figure{
		count(v.Trainings, "formation", "formations"), count(whole(sum, "organismes"), "organisme", "organismes"), count(whole(sum, "departements"), "département", "départements"),
		count(far, "formation à distance", "formations à distance"), count(whole(sum, "sessions"), "session ouverte", "sessions ouvertes"),
	}
	questions := OfferQuestions(v.Code)
	v.Map = draw("carte", "Une formation compte dans chaque département où elle a lieu ; celles qui n'ont pas de lieu, à distance ou nationales, n'y sont pas.", v.departements(), v.data(questions["departements"]))
	note := "Prix moyen de chaque formation en chaque lieu : " + number(whole(first(v.Answers["prix"]), "lignes")) + " lignes du catalogue."
	v.Price = v.spread("prix", "Prix", "€", note, questions["prix"])
	note = "Durée moyenne de chaque formation en chaque lieu, où elle est renseignée : " + number(whole(first(v.Answers["durees"]), "lignes")) + " lignes du catalogue."
	v.Hours = v.spread("durees", "Durée", "h", note, questions["durees"])
	for _, row := range v.Answers["habilitation"] {
		v.Listed = v.Listed || row.Text("habilitation") != "sans objet"
		v.Lists = append(v.Lists, listRow{
			row.Text("habilitation"), accreditations[row.Text("habilitation")], number(whole(row, "organismes")), number(whole(row, "formations")), date(row.Text("date_habilitation")),
		})
	}
}

func count(n int, one, several string) figure {
	if n < 2 {
		return figure{number(n), one}
	}
	return figure{number(n), several}
}

// departements maps the trainings. The catalogue is whole: where it has none there is none.
func (v *certificationView) departements() chart.Departements {
	d := chart.Departements{Figure: chart.Figure{
		Title: "Formations par département", Unit: "formations", Description: "Nombre de formations qui mènent à cette certification, par département ; le tableau dit les mêmes nombres.",
	}}
	offered := map[string]float64{}
	for _, row := range v.Answers["departements"] {
		offered[row.Text("code_departement")], _ = row.Number("formations")
	}
	for _, code := range search.Defaults().Values(search.Departement) {
		d.Areas = append(d.Areas, chart.Area{Code: code, Value: chart.Known(offered[code])})
	}
	return d
}

// spread draws how a figure lies; nil if it is not known.
func (v *certificationView) spread(name, title, unit, note string, q ask.Question) *plot {
	row := first(v.Answers[name])
	if whole(row, "lignes") == 0 {
		return nil
	}
	value := func(column string) chart.Value {
		if x, ok := row.Number(column); ok {
			return chart.Known(x)
		}
		return chart.Absent()
	}
	return draw(name, note, chart.Spread{
		Figure: chart.Figure{Title: title + " des formations", Unit: unit, Description: "Le plus bas, les quartiles et le plus haut ; le tableau dit les mêmes nombres."},
		Label:  "Mesure",
		Rows:   []chart.Range{{Label: title, Least: value("minimum"), Low: value("premier_quartile"), Median: value("mediane"), High: value("troisieme_quartile"), Top: value("maximum")}},
	}, v.data(q))
}

// providers reads who offers the certification.
func (v *certificationView) providers() {
	v.AllProviders = v.data(OfferQuestions(v.Code)["organismes"])
	for _, row := range v.Answers["organismes"] {
		at := number(whole(row, "departements"))
		if whole(row, "sessions_a_distance") > 0 {
			at += " et à distance"
		}
		v.Providers = append(v.Providers, providerRow{
			row.Text("nom_of"), siret(row.Text("siret")), v.Root + "recherche?" + query("q", v.Code.searched()+" "+row.Text("siret")),
			number(whole(row, "formations")), interval(row, "prix_min", "prix_max", "€"), at, row.Text("habilitation"),
		})
	}
	v.MoreProviders = max(whole(first(v.Answers["offre"]), "organismes")-len(v.Providers), 0)
}
