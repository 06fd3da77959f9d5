// Package outsider attacks the finished tables of a statistical dataset as a reader
// would who has nothing but what is published: it works out the figures that are not
// printed from those that are.
//
// The reader knows which tables add up to which ([datasets.Dataset.Sums]), that counts
// and amounts are not negative, how means are rounded, and that a summary table lists
// every member there is; of a detailed table he knows that what it does not list is zero
// or secret. For each period the package writes down every figure as an unknown within
// bounds, narrows the bounds until nothing moves, and solves the equations. A figure
// that is left with one value, and not zero, has been worked out.
//
// It shares nothing with the code that chooses what to hide, nor with the audit of that
// code, which knows the true values. What it claims is true of every set of tables that
// agrees with what is printed; it does not claim to find everything: bounds are narrowed
// equation by equation, not by linear programming.
package outsider
