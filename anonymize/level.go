package anonymize

import "github.com/parvis-opendata/parvis/anonymize/tabular"

// CountLevel is the protection level of the number of files of a cell that rests on too
// few persons (P1).
//
// Inputs: persons, the number of distinct persons, and count, that of files, ≥ 1.
//
// Result: zero, unless the profile asks for an interval that reaches 0 or the threshold:
// then one of the two, unless the count itself does.
//
// Source: Handbook on Statistical Disclosure Control, section 4.2: where a rule on the
// number of contributors is enough, protection levels of zero are.
func (p Profile) CountLevel(persons, count int64) tabular.Level {
	up := int64(p.Persons.Threshold) - count
	if !p.Persons.Interval || !p.tooFew(persons) || up <= 0 {
		return tabular.Level{}
	}
	return tabular.Level{Down: count, Up: up, Either: true}
}

// AmountLevel is the protection level of the amount of a cell by the rules of
// concentration in force (P2, P3): from an interval that reaches it, nobody can estimate
// a contribution better than the rule allows.
//
// Inputs: as for [Profile.Sensitive].
//
// Result: in cents, whole, rounded up; the largest level of all rules and ways of
// counting, the lower one no larger than the amount. Zero for a cell that no rule of
// concentration makes sensitive, whatever others do, and if the profile asks for none.
//
// Source: Handbook on Statistical Disclosure Control, section 4.2, table of upper
// protection levels: p/100·x₁ − (X − x₁ − x₂) for p %, 100/k·x₁ − X for dominance; the
// lower level is set identical, as there.
func (p Profile) AmountLevel(c Cell) tabular.Level {
	if !p.Levels {
		return tabular.Level{}
	}
	level := max(p.Amounts.level(c.Shares[0]), p.Amounts.level(c.Shares[1]), p.Organisations.level(c.Provided))
	return tabular.Level{Down: min(level, max(c.Shares[0].Total, 0)), Up: level}
}

// level is the upper protection level of both tests.
func (r AmountsRule) level(s Shares) int64 {
	var level int64
	if s.Total <= 0 {
		return 0
	}
	if p := int64(r.PPercent); p > 0 {
		level = max(level, (p*s.First+99)/100-(s.Total-s.First-s.Second))
	}
	if k := int64(r.DominancePercent); k > 0 {
		level = max(level, (100*s.First+k-1)/k-s.Total)
	}
	return level
}
