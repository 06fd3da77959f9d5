package tabular

import "math"

// NoBound is the lower bound of a measure that may take any value.
const NoBound = math.MinInt64

// Problem is a set of tables that are published together, over one period.
//
// Cells and equations are numbered from 0 in an order that the tables decide alone;
// results depend on nothing else.
type Problem struct {
	Measures  []Measure
	Cells     []Cell
	Equations []Equation
	// Rules are the rules in force on each kind of contributor; Cell.Holders is in
	// the same order.
	Rules []Rule
	// Remainder is rule P6: in each equation whose total is published, what the
	// hidden members add up to must pass the rules too.
	Remainder bool
}

// Measure is a figure that each cell has. All measures of a cell are published, or
// none.
type Measure struct {
	Name string
	// Decimals d: a value v stands for v·10⁻ᵈ; d in 0..9.
	Decimals int
	// Whole: a reader knows that values are whole numbers (of units of 10⁰).
	Whole bool
	// Lower is a bound that a reader knows of each value, in units of 10⁻ᵈ, or
	// NoBound.
	Lower int64
	// Distinct: the measure counts distinct contributors and does not add up: the
	// total of an equation is at least its largest member and at most their sum.
	Distinct bool
	// AtMost is the number of the measure, of the same cell, that a reader knows to
	// be no smaller (persons against files); −1 if there is none.
	AtMost int
}

// Cell is one figure per measure, with what is known of it.
type Cell struct {
	// Values are the true values, one per measure, |v| ≤ 2⁵³.
	Values []int64
	// Levels are the protection levels, one per measure, or nil for zero throughout.
	// They count for sensitive cells only.
	Levels []Level
	// Sensitive: a rule says that the cell must not be shown for its own sake.
	Sensitive bool
	// Secondary: the cell is sensitive only because an earlier mask hides it for the sake of
	// others. It passes every rule: readers must be in doubt about it, but a contributor who
	// stands alone behind another cell may work it out.
	Secondary bool
	// Known: every reader knows the values although they may not be printed (a zero).
	// Such a cell is no unknown in any equation; it needs no protection from others
	// and gives none.
	Known bool
	// Unprinted: no table has the cell; it only joins equations.
	Unprinted bool
	// Price is what it costs readers not to see the cell, in cells of about the mean
	// value; 0 stands for what its value says. A figure that is printed anyway has a price
	// that nothing else reaches.
	Price float64
	// Holders say who stands behind the cell, in the order of Problem.Rules.
	Holders []Holders
}

// Level is by how much an attacker must be in doubt about a sensitive cell: the
// interval that he can compute for it must reach value − Down and value + Up, both
// ≥ 0 and in the units of the measure. With both zero the cell must not be
// determined: two tables at least must agree with everything published and differ in
// the cell. With Either, one of the two ends is enough.
type Level struct {
	Down, Up int64
	Either   bool
}

// Equation says that the total is the sum of its members, in every additive measure.
// The total is no member; no cell is a member twice; members that are not listed are
// zero.
type Equation struct {
	Total   int32
	Members []int32
}

// Rule is what makes the sum of some cells sensitive, for one way of counting one kind
// of contributor. A figure of zero switches its test off.
type Rule struct {
	// MinFrequency T: 1 to T − 1 distinct contributors.
	MinFrequency int64
	// DominancePercent d: the largest contribution is above d % of the whole.
	DominancePercent int64
	// PPercent p: what remains besides the two largest is below p % of the largest.
	PPercent int64
	// Measure is the number of the measure that contributions are parts of.
	Measure int
	// Levels: an amount that the tests of concentration make sensitive must be in doubt by
	// their protection levels (Handbook on Statistical Disclosure Control, section 4.2);
	// Cell.Levels may ask for more.
	Levels bool
	// Interval: what can be computed of the count of a cell with 1 to MinFrequency − 1
	// contributors must reach 0 or MinFrequency; Count is the number of the measure.
	Interval bool
	Count    int
	// Alone: a contributor who stands alone behind a cell is taken to know that, and
	// hence its values.
	Alone bool
}

// Holders are the contributors of one kind behind a cell.
type Holders struct {
	// Count is the number of distinct contributors; where Smallest is given, exact up
	// to its length only.
	Count int64
	// Smallest are the smallest random numbers of the contributors, ascending and
	// distinct, at least MinFrequency of them where the cell has so many. Merging
	// the lists of several cells says whether their union has fewer than
	// MinFrequency. Nil: contributors have no numbers, and those of different cells
	// that share no part are taken to be different.
	Smallest []uint64
	// Largest are the largest contributions, descending: two at least where the rule
	// has a concentration test and the cell has two contributors, three where
	// contributors have numbers.
	Largest []Share
}

// Share is what one contributor brings to a cell.
type Share struct {
	// Number is the contributor's, 0 if it is not known.
	Number uint64
	Amount int64
}
