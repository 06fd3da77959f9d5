// Package simplex solves linear programs whose equations come from tables: few nonzeros
// in each column, nearly triangular bases, many ties.
//
// It is a bounded revised simplex: a sparse LU factorisation of the basis with
// Forrest–Tomlin updates, a dual simplex with steepest edge and bound flips, and a
// primal simplex with Devex prices. A solve starts where the one before ended; the dual
// simplex repairs what new bounds broke, with costs moved out of the way if need be, and
// the primal simplex repairs what new costs broke.
//
// The same calls give the same bits: no clock, no goroutine, no order of a map.
package simplex
