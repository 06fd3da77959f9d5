// Package indexes keeps the index of the search in step with the served release of the
// catalogue, and lends it to whoever answers a search.
//
// It owns which release is searched, and for how long its index lives. How an index is
// made is the business of its engine, what a query means that of search.
//
// Invariants: a [Loan] is of one release from Acquire to GiveBack; an index is lent only
// when it is whole; what was withdrawn is neither found nor kept.
package indexes
