package chart_test

import (
	"fmt"
	"strings"

	"github.com/parvis-opendata/parvis/web/chart"
)

func Example() {
	c := chart.Columns{
		Figure: chart.Figure{
			Title:       "Entrées en formation par trimestre",
			Description: "Les entrées montent de 9 120 à 10 480 ; celles du troisième trimestre sont secrètes.",
			Unit:        "entrées en formation",
			Source:      "Parvis, purchases, données arrêtées au 3 novembre 2026",
		},
		Label: "Trimestre",
		Points: []chart.Point{
			{Label: chart.Quarter(2025, 1), Value: chart.Known(9120)},
			{Label: chart.Quarter(2025, 2), Value: chart.Known(10480)},
			{Label: chart.Quarter(2025, 3), Value: chart.Secret()},
		},
	}
	page := string(chart.Both(c, "entrees", chart.Wide)) // of type template.HTML, for a page
	fmt.Println(strings.Count(page, "<svg"), "figures, of which the stylesheet shows one")
	fmt.Println(strings.Join(c.Table().Header, " | "))
	for _, row := range c.Table().Rows {
		fmt.Println(strings.ReplaceAll(strings.Join(row, " | "), "\u202f", " "))
	}
	// Output:
	// 2 figures, of which the stylesheet shows one
	// Trimestre | entrées en formation
	// T1 2025 | 9 120
	// T2 2025 | 10 480
	// T3 2025 | secret
}
