// Package explore speaks the Explore API v2.1, and what old clients still use of
// version 1, over the loaded tables: a client of the portals that speak it changes
// the host name and nothing else.
//
// It owns parameters, limits, shapes of answers, errors and formats of exports. What
// a query means is the business of odsql, what is loaded that of serving; routes,
// logging and the files of the releases are the business of the api package.
//
// Invariants: an answer comes from one release, which X-Release names. Nothing is
// cut silently: an answer that cannot be finished is broken off by its caller.
package explore
