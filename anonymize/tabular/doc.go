// Package tabular holds tables of additive figures in the form in which disclosure
// control sees them: cells, the equations between them, and who stands behind each
// cell. Protection and audit share these types and nothing else.
//
// A Problem has one cell for each distinct figure over all tables that are published
// together. A figure that is printed in two tables is one cell. A combination that
// has no cell is zero and every reader knows it.
package tabular
