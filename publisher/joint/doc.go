// Package joint protects the tables of a statistical dataset together, one period at a
// time: it makes the problem that disclosure control sees from the raw tables, has it
// protected and attacked, and says what of each row may be shown.
//
// It owns how the tables of a dataset hang together in that problem. What a secret is,
// how secrets are protected and how masks are attacked are the business of
// anonymize and the packages below it.
//
// Three layers follow one another; what an earlier one shows, a later one takes as
// known, and what it hides stays hidden:
//
//   - the cells: files, persons, euros, files of known duration;
//   - the means that rest on some of the persons of a cell;
//   - what each funder brings, where a table tells of it: all or nothing of a row.
package joint
