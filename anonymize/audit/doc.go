// Package audit looks at finished tables as an attacker would and says what secrets can
// be worked out from everything that is published.
//
// It owns the attack: equations solved modulo two primes (A1), bounds (A2), pairs of
// complete tables that prove a secret safe (A3), linear programming where there is none
// (A4), what one contributor learns (A5), and the rules recomputed on the finished tables
// (A6). It leaves to others which cells are hidden and why; it shares with the protection
// the types of package tabular and nothing else. Linear programs may come from the same
// solver, because an answer in favour of a mask counts only when witness.go, which solves
// nothing, has verified it in exact arithmetic.
//
// What a reader must know: a report without faults means that each sensitive unknown cell
// has, for each additive measure, a verified pair of complete tables that agree with
// everything published and with the bounds that everybody knows, and that differ by its
// level, which is worked out anew from the contributions where a rule asks for one; but for
// zeros that Report.Zeros counts. No probability is in that statement. In
// doubt, when nothing proves or refutes a secret, the audit fails. Where no measure adds
// up, the same holds for those that count distinct persons.
//
// Chance has a part in A1, which only names the cause, and in A5. Random vectors of the
// null space modulo a prime p have a zero where a cell is not determined with probability
// 1/p; three vectors each for two primes near 2⁶¹ and 2⁶² raise a false alarm with less
// than 2⁻¹⁸³ per cell in A1. A determined cell, or a pair that determines one another, can
// only be overlooked if both primes divide a denominator of the relation; a combination
// (A5) if the first does.
//
// How it is fast: most witnesses are circuits, found by a local search over equations of
// which none follows from the others, with a few strategies one after the other; linear
// programs are solved for the few secrets that are left, in regions that grow. So time is
// nearly linear in the cells; a mask that leaves many secrets without a witness fails
// before all of them were tried.
//
// What is not looked for: what several contributors know together; knowledge from
// elsewhere that neither the problem nor Options has as Known; for measures that do not
// add up, beside others that do, more than what bounds say (A2). What bounds tell one
// contributor is followed through the 400 nearest equations of a measure. On large
// components, a contributor's cells are tried against secrets in their neighbourhood, and
// against all others for sums and differences of up to six of his figures; the report says
// how many contributors that concerns.
//
// Every function is pure: no input or output, no clock, no state; random vectors have
// fixed seeds. The report does not depend on the number of threads.
package audit
