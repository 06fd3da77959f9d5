// Package search finds trainings of the catalogue by words: what a document is, what
// a query means, and what any engine that answers it must give back.
//
// It owns the language: folding, stems, synonyms, stop words, places (folder data). An
// [Engine] owns its index and how a [Plan] is run on it; engines are packages below,
// and all of them pass the suite of searchtest.
//
// Invariant: an [Index] is made once, of one release, and never changes.
package search
