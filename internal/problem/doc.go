// Package problem reads and writes the files of `parvis protect`: a description in
// JSON, tables and hierarchies in CSV, and masks, which are the tables with the
// secret figures left out. docs/protect.md describes them.
//
// It owns the way from files to cells and equations: the margins of detailed tables,
// the cells that several tables share, and the rules that say which cells are
// sensitive by themselves. Which other cells must be hidden, and what a mask gives
// away, is the business of others.
//
// Nothing is guessed and nothing is skipped: what is not understood is an error that
// names the file, the line and the column, and says what to do ([InvalidError]).
// Cells and equations are numbered in the order of the files, so that the same files
// always give the same problem. Files are reached through what the caller hands in.
package problem
