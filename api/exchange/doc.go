// Package exchange is the HTTP mechanism that every part of the API shares:
// conditions on entity tags, content codings, how long caches keep an answer, and
// writing to a client that may be slow.
//
// It owns what the RFCs say. What is answered is the business of its callers.
//
// Invariant: nothing in it depends on what is served.
package exchange
