// Package searchtest is what any search engine must pass: one suite on a catalogue made
// by hand, and judged queries on the synthetic catalogue.
package searchtest
