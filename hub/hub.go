// Package hub is the only room where a person has a name. It reads the extracts
// of the training-data hub, checks every record, sets faulty ones apart, and
// leaves clean tables in the engine, in which a person is a number.
//
// It owns the extract contract: entities, columns, versions, rules, quarantine.
// What is made of the tables is the business of datasets and publisher.
//
// Invariant: no value of a record leaves this package, neither in an error nor in
// a report nor in the quarantine; they name files, rows, columns and rules.
package hub
