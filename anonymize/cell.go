package anonymize

// Cell is what the rules need to know of one cell of a table of persons.
//
// Persons are counted in two ways, since one person may have an identification
// number in one file and not in another: by number, else by identity; and by
// identity alone. A cell must be safe in both.
type Cell struct {
	// Persons is the number of distinct persons, the smaller of the two counts; ≥ 1.
	Persons int64
	// Shares are the contributions to the amount of the cell, for each way of
	// counting persons.
	Shares [2]Shares
	// Organisations is the number of distinct providers, exact where it is below the
	// least number that rule P2 asks for; 0 if they are not counted.
	Organisations int64
	// Provided are the contributions of providers.
	Provided Shares
}

// Shares are the amounts that the largest contributors bring to a cell, in cents,
// and the amount of the cell.
type Shares struct {
	Total, First, Second int64
}

// Sensitive reports whether a cell must not be shown for its own sake (rules P1, P2
// and P3).
//
// Inputs: amounts in cents, 0 ≤ Second ≤ First, First + Second ≤ Total ≤ 9·10¹⁶.
//
// Result: true if any rule in force says so. A cell whose amount is zero has no
// contribution that could be learnt: P3 does not apply.
//
// Source: Hundepool et al., Statistical Disclosure Control, 2012, section 4.2 (p%
// and dominance rules), with the whole cell as the sum of its contributions.
//
// Notes: whole numbers throughout; no rounding.
func (p Profile) Sensitive(c Cell) bool {
	return p.tooFew(c.Persons) || p.Amounts.concentrated(c.Shares[0]) || p.Amounts.concentrated(c.Shares[1]) ||
		p.Organisations.tooFew(c.Organisations) || p.Organisations.concentrated(c.Provided)
}

// HidesMean reports whether a mean must not be shown although its cell is (rule P5):
// it rests on some persons, but on fewer than the threshold.
func (p Profile) HidesMean(persons int64) bool { return p.tooFew(persons) }

// tooFew is rule P1.
func (p Profile) tooFew(persons int64) bool {
	return 1 <= persons && persons < int64(p.Persons.Threshold)
}

// tooFew is the count of rule P2.
func (r OrganisationsRule) tooFew(organisations int64) bool {
	return 1 <= organisations && organisations < int64(r.MinFrequency)
}

// concentrated are the tests of rules P2 and P3 on amounts.
func (r AmountsRule) concentrated(s Shares) bool {
	if s.Total <= 0 {
		return false
	}
	dominated := r.DominancePercent > 0 && 100*s.First > int64(r.DominancePercent)*s.Total
	estimated := r.PPercent > 0 && 100*(s.Total-s.First-s.Second) < int64(r.PPercent)*s.First
	return dominated || estimated
}
