// Package odsql reads the query language of the Explore API (ODSQL), checks a
// query against the fields of a table, and compiles it to DuckDB SQL with
// parameters. It runs nothing.
//
// Invariant: no text of a query ever reaches the SQL. Names in the SQL come from
// the [Schema]; all else is a parameter or a constant of this package.
package odsql
