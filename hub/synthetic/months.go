package synthetic

import (
	"context"
	"fmt"
	"time"
)

// months makes the table from which the month of validation is drawn. Weights
// follow the year of the CPF: few files in August, many in January and in autumn;
// the rise of 2020 and 2021, the fall of 2023 after the measures against fraud,
// and of May 2024, when holders began to pay a share. All are rough guesses.
func (d *draw) months(ctx context.Context) error {
	season := [12]float64{1.18, 0.98, 1.02, 0.92, 0.90, 0.92, 0.80, 0.58, 1.22, 1.28, 1.16, 1.04}
	years := map[int]float64{2020: 0.9, 2021: 2.0, 2022: 1.75, 2023: 1.25, 2024: 1.3, 2025: 1.2, 2026: 1.25}
	var items []weighted
	for first := d.From; !first.After(d.Until); {
		next := time.Date(first.Year(), first.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		end := next
		if end.After(d.Until) {
			end = d.Until.AddDate(0, 0, 1)
		}
		days := end.Sub(first).Hours() / 24
		weight, ok := years[first.Year()]
		switch {
		case !ok:
			weight = 1.2
		case first.Year() == 2020:
			weight *= 0.6 + 0.07*float64(first.Month())
		case first.Year() == 2024 && first.Month() >= time.May:
			weight *= 0.88
		}
		weight *= season[first.Month()-1] * days / 30
		items = append(items, weighted{fmt.Sprintf("%s, %d", sqlDate(first), int(days)), weight})
		first = next
	}
	return d.expand(ctx, "tirage_mois", "", "debut DATE, jours INTEGER", slots("", 1<<16, items))
}
