// Package embedded is the search engine in the program itself: an index of Bleve in a
// private directory, with the words of the catalogue in memory.
//
// It owns how a plan is run: which words are near those typed, and the order of what
// is found. Bleve keeps lists of trainings by word, filters, counts and sorts; its own
// scores, made for prose, are not used (score.go).
package embedded
