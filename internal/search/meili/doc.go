// Package meili is the search engine on a server of Meilisearch.
//
// It owns what an index of Meilisearch holds (entry.go, settings.go), how it is made,
// checked and removed, and how a plan becomes requests: conditions are filters, the order
// is a merge of requests by weight, and words that nothing has are left to Meilisearch,
// which finds those that look like them.
//
// Invariant: an index that can be opened is whole. Its last document, which says that it
// is finished, is written after all the others were counted and read again.
package meili
