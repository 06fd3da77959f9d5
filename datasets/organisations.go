package datasets

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A provider has many files and stands in many cells, so that providers are added up
// apart from persons, and only for a profile that has a rule on them: nothing of it is in
// the SQL of a dataset as it is loaded.

// siren is the SQL of the number of the provider of a file. The hub sets files without a
// valid SIRET apart; were there any, they would count as those of one provider.
const siren = "hash('organisme', substr(d.organisme_siret, 1, 9))"

// WithOrganisations returns a statistical dataset whose raw tables also say which
// providers (SIREN) stand behind each cell, in columns that are not published:
//
//   - _organismes, the smallest numbers of its providers, as many as are kept of persons;
//   - _contributions_organismes, the three largest contributions, {montant, numero};
//   - _organismes_financeurs, in tables that tell of funders, a list with one entry for
//     each funder that engages something, {financeur, organismes, contributions_organismes}.
func (d Dataset) WithOrganisations() (Dataset, error) {
	var err error
	if d.Scope, err = fill(d.ID+".champ", "$organisme", siren); err != nil {
		return d, err
	}
	d.Preparation = maps.Clone(d.Preparation)
	for unit := range d.Preparation {
		more, err := d.providers(unit)
		if err != nil {
			return d, err
		}
		d.Preparation[unit] += more
	}
	d.Tables = slices.Clone(d.Tables)
	for i := range d.Tables {
		source := "apports_organismes"
		if i == 0 { // nothing prepares the detailed table
			source = "champ"
		}
		if err := d.Tables[i].addOrganisations(source); err != nil {
			return d, err
		}
	}
	return d, nil
}

// providers is the SQL of what each provider brings to the summary tables of a unit.
func (d Dataset) providers(unit Unit) (string, error) {
	tables := d.summaries(unit)
	amounts, err := fill("apports_organismes", "$dimensions", dimensions(tables))
	funding := funded(tables)
	if err != nil || len(funding) == 0 {
		return amounts, err
	}
	fundings, err := fill("apports_organismes_financeurs", "$dimensions", dimensions(funding))
	return amounts + fundings, err
}

// addOrganisations adds the providers of each cell to the SQL and the grid of a table.
func (t *Table) addOrganisations(source string) error {
	providers, err := t.withTotals(func(dimensions []string) (string, error) { return t.providersOf(dimensions, source) })
	if err != nil {
		return err
	}
	var on []string
	for _, c := range slices.Sorted(maps.Keys(t.Cell)) {
		on = append(on, fmt.Sprintf("o.%s = CAST(brut.%s AS VARCHAR)", c, t.Cell[c]))
	}
	columns := "o.organismes AS _organismes, o.contributions_organismes AS _contributions_organismes"
	if len(t.Funders()) > 0 {
		columns += ", o.financeurs AS _organismes_financeurs"
	}
	add := func(rows, providers string) string {
		return fmt.Sprintf("SELECT brut.*, %s\nFROM (\n%s\n) AS brut LEFT JOIN (\n%s\n) AS o ON %s", columns, rows, providers, strings.Join(on, " AND "))
	}
	t.SQL = add(t.SQL, providers)
	if t.Grid != "" {
		t.Grid = add(t.Grid, "SELECT * FROM (\n"+providers+"\n) LIMIT 0")
	}
	return nil
}

// providersOf is the SQL of the providers of the cells that some dimensions tell apart,
// with those of each funder if the table tells of them.
func (t *Table) providersOf(dimensions []string, source string) (string, error) {
	grain := strings.Join(append([]string{"periode"}, dimensions...), ", ")
	cells, err := fill("organismes", "$maille", grain, "$source", source)
	if err != nil || len(t.Funders()) == 0 {
		return cells, err
	}
	fundings, err := fill("organismes", "$maille", grain+", financeur", "$source", source+"_financeurs")
	return fmt.Sprintf(`SELECT * FROM (
%[1]s
) LEFT JOIN (
SELECT %[2]s, list_sort(list({financeur: financeur, organismes: organismes, contributions_organismes: contributions_organismes})) AS financeurs
FROM (
%[3]s
) GROUP BY %[2]s
) USING (%[2]s)`, cells, grain, fundings), err
}
