package dashboard

import (
	"slices"

	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/chart"
)

// compared is how many domains are compared with the offer.
const compared = 12

// offerAndDemand compares what is bought with what is offered now, by domain and région.
var offerAndDemand = Figure{
	Name: "offre-et-demande", Title: "Demande et offre, par domaine et région", Wide: true,
	Fits: func(c Choice) bool { return !c.Has(domain) && !c.Has(region) },
	Ask: func(c Choice) []ask.Question {
		return []ask.Question{
			purchasesIn(engagees+"_domaine_region", c, "domaine_formation_nsf, code_region_lieu_formation, region_lieu_formation, sum(nb_dossiers) as total"+counted("nb_dossiers"),
				"domaine_formation_nsf, code_region_lieu_formation, region_lieu_formation", "", -1, `code_region_lieu_formation != "`+remote+`"`, "code_nsf is not null"),
			{Table: catalogue, Select: "libelle_nsf_1, code_region, " + distinct, GroupBy: "libelle_nsf_1, code_region", Where: []string{"code_region is not null", "libelle_nsf_1 is not null"}, Limit: -1},
		}
	},
	Draw: func(c Choice, answers [][]ask.Row) Drawn {
		return Drawn{ratios(c, answers[0], answers[1]), notes(answers[0],
			"Nombre de dossiers de la période pour dix formations ouvertes aujourd'hui dans la région. Une formation donnée en plusieurs régions compte dans chacune ; les formations à distance ne comptent pas.",
			"Un tiret : aucune formation ouverte.")}
	},
}

// ratios are the purchases for ten trainings that are offered.
func ratios(c Choice, demand, offer []ask.Row) chart.Matrix {
	m := chart.Matrix{Figure: c.figure("Demande et offre, par domaine et région", "Nombre de dossiers pour dix formations ouvertes.", "dossiers pour 10 formations"), Label: "Domaine"}
	offered := map[[2]string]float64{}
	for _, row := range offer {
		n, _ := row.Number("formations")
		offered[[2]string{row.Text("libelle_nsf_1"), row.Text("code_region")}] = n
	}
	totals, regions := map[string]float64{}, map[string]string{}
	cells := map[[2]string]ask.Row{}
	for _, row := range demand {
		n, _ := row.Number("total")
		name, code := row.Text("domaine_formation_nsf"), row.Text("code_region_lieu_formation")
		totals[name] += n
		regions[code] = row.Text("region_lieu_formation")
		cells[[2]string{name, code}] = row
	}
	m.Labels = most(totals, compared)
	for _, code := range sortedBy(regions) {
		s := chart.Series{Name: regions[code]}
		for _, name := range m.Labels {
			row, known := cells[[2]string{name, code}]
			s.Values = append(s.Values, ratio(row, known, offered[[2]string{name, code}]))
		}
		m.Columns = append(m.Columns, s)
	}
	return m
}

// ratio is that of a cell: secret where the purchases are, and absent without an offer.
func ratio(row ask.Row, known bool, offered float64) chart.Value {
	total, ok := row.Number("total")
	switch {
	case !known || offered == 0:
		return chart.Absent()
	case !ok:
		return chart.Secret()
	}
	return chart.Known(10 * total / offered)
}

// most are the names of the greatest totals.
func most(totals map[string]float64, n int) []string {
	var names []string
	for name := range totals {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		switch {
		case totals[a] != totals[b] && totals[a] > totals[b]:
			return -1
		case totals[a] != totals[b]:
			return 1
		case a < b:
			return -1
		}
		return 1
	})
	return names[:min(n, len(names))]
}

// sortedBy are the keys of a map in the order of its values.
func sortedBy(names map[string]string) []string {
	var codes []string
	for code := range names {
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(a, b string) int {
		if sortable(names[a]) < sortable(names[b]) {
			return -1
		}
		return 1
	})
	return codes
}
