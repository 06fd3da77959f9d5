// Package protect chooses the cells of published tables that must stay secret besides
// those that are sensitive by themselves.
//
// It owns the choice, not its proof: package audit attacks the result and shares nothing
// with this package but the tables (package tabular) and the linear programming, whose
// favourable answers are verified there.
//
// How it works. Cells that equations equate are one variable. An attacker's knowledge is
// the null space of the unknowns, drawn at random modulo 2⁶¹−1: what is zero in it is
// determined, what is proportional in it determines one another. From it follow needs:
// a circuit (cells that balance one another) through a determined cell, one that avoids
// a cell whose only contributor would learn another, one more hidden member where the
// remainder of an equation is sensitive, a move by a protection level within the bounds.
// Where no protection level is above zero, or where a mask must be had quickly, it is made
// in the rough (rough.go): each equation gets cheap partners until it gives nothing away by
// itself; each secret is proven to be free to move, by its level if it has one (lift.go), by
// a walk over hidden variables, or over some that it hides; what no proof needs is given
// back. Otherwise, and for needs that no walk meets, cheap circuits are found by a search
// over equations (circuit.go) or by linear programs, in the small matrix that is left once
// the hidden cells that need nothing are eliminated. Then parts of the mask are taken away
// and rebuilt, and what hides less is kept. A program without solution shows what every mask
// must have (cuts.go); a mask that lacks it is refused without a program, and high effort
// looks for the cheapest mask that has all that is known, solves programs for what changed,
// learns more, and so on (cover.go, together.go).
// The mask is attacked again until nothing is found.
//
// Every function is pure and deterministic: no clock decides how long to look.
package protect
