// Package dashboard says what the dashboards show: which questions each figure asks of the
// tables, for what a reader chose, and how the answers are drawn.
//
// It owns the choice of figures, their words and their units. Asking is the business of
// the caller, drawing that of web/chart, the page around that of web.
//
// Invariants: it is a pure function of what is given. A figure is drawn from the answers
// to its own questions and nothing else. What is secret stays secret; a sum that leaves
// secret rows out is said to be a lower bound.
package dashboard
