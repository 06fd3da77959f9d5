package datasets

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Sum says that every row of one table is the sum of the rows of a finer one that it
// holds: their files are the same. It is true of all measures that add up (nb_dossiers,
// montant_engage, nb_dossiers_a_duree_connue, the hours behind duree_moyenne, and
// the parts of each funder where both tables have them, but not the numbers of files of
// funders over funders), and gives bounds for nb_titulaires: the largest part ≤ the
// total ≤ the sum of the parts.
//
// Of a table with a margin, which is its own parts, the total is the margin.
type Sum struct {
	Total string `yaml:"total"` // id of the table of the sums
	Parts string `yaml:"parts"` // id of the table of what is summed
	// Over are the dimensions that the parts have and the total lacks.
	Over []string `yaml:"over"`
}

// Shared is a dimension by which the rows of two tables meet: a row of the parts
// belongs to the total with the same value, or both are null.
type Shared struct {
	Dimension    string // column of champ
	Total, Parts string // column of each raw table
}

// Shared returns by what the rows of an equation meet.
func (d Dataset) Shared(s Sum) []Shared {
	total, _ := d.Table(s.Total)
	parts, _ := d.Table(s.Parts)
	var all []Shared
	for _, dimension := range slices.Sorted(maps.Keys(total.Cell)) {
		if s.Total == s.Parts && slices.Contains(s.Over, dimension) {
			continue
		}
		column, ok := parts.Cell[dimension]
		if !ok {
			column = parts.Within[dimension]
		}
		all = append(all, Shared{Dimension: dimension, Total: total.Cell[dimension], Parts: column})
	}
	return all
}

// Table returns the table with the given id.
func (d Dataset) Table(id string) (Table, bool) {
	for _, t := range d.Tables {
		if t.ID == id {
			return t, true
		}
	}
	return Table{}, false
}

// checkSums refuses equations between tables that cannot add up, and a summary table
// that is in none though it has the period of the others.
func (d Dataset) checkSums() error {
	joined := map[string]bool{}
	for _, s := range d.Sums {
		if err := d.checkSum(s); err != nil {
			return fmt.Errorf("sum of %s to %s: %w", s.Parts, s.Total, err)
		}
		joined[s.Total], joined[s.Parts] = true, true
	}
	for _, t := range d.Tables[1:] {
		if *t.Period == *d.Tables[0].Period && !joined[t.ID] {
			return fmt.Errorf("table %s is in no sum", t.ID)
		}
	}
	return nil
}

func (d Dataset) checkSum(s Sum) error {
	total, ok := d.Table(s.Total)
	parts, there := d.Table(s.Parts)
	if !ok || !there {
		return errors.New("there is no such table")
	}
	if total.Period.Unit != parts.Period.Unit {
		return errors.New("the tables have other units of time")
	}
	for _, shared := range d.Shared(s) {
		if shared.Parts == "" {
			return fmt.Errorf("the parts have no %s", shared.Dimension)
		}
	}
	var over []string
	for _, dimension := range parts.dimensions() {
		if _, ok := total.Cell[dimension]; !ok || s.Total == s.Parts && total.Margin[dimension] != "" {
			over = append(over, dimension)
		}
	}
	if len(over) == 0 || !slices.Equal(over, slices.Sorted(slices.Values(s.Over))) {
		return fmt.Errorf("it goes over %v", over)
	}
	return nil
}
