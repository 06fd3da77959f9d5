package anonymize

import "github.com/parvis-opendata/parvis/anonymize/tabular"

// Rules are the rules P1 to P3 in the form in which tables are protected jointly.
//
// Inputs: the numbers of the measures that are the amount in euros and the number of files;
// count is −1 if there is none.
//
// Result: persons by number, persons by identity and, if P2 is in force, providers: the
// order in which the builder of a problem gives the holders of each cell.
//
// Notes: a contributor who stands alone behind a cell is taken to know it, persons and
// providers alike. P4 makes cells of its own, P6 is a property of the problem
// ([Profile.Remainder]).
func (p Profile) Rules(amount, count int) []tabular.Rule {
	persons := p.Amounts.rule(p.Persons.Threshold, amount, p.Levels)
	if p.Persons.Interval && count >= 0 {
		persons.Interval, persons.Count = true, count
	}
	rules := []tabular.Rule{persons, persons}
	if p.Organisations.On() {
		rules = append(rules, p.Organisations.rule(p.Organisations.MinFrequency, amount, p.Levels))
	}
	return rules
}

// rule is the test of concentration with that of the number of contributors.
func (r AmountsRule) rule(least, measure int, levels bool) tabular.Rule {
	return tabular.Rule{
		MinFrequency: int64(least), DominancePercent: int64(r.DominancePercent), PPercent: int64(r.PPercent), Measure: measure, Levels: levels, Alone: true,
	}
}
