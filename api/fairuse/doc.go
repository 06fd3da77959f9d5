// Package fairuse shares the service among its clients: how often each may call, how
// much query time each may use, and which query runs next when not all can.
//
// It owns budgets and queues. What a refusal says to the client is the business of its
// callers.
//
// Invariants: what it remembers is bounded, and none of it is written down; a query that
// ends, or whose client leaves, gives its place back at once; no client waits behind all
// the queries of another, and no page behind all exports.
package fairuse
