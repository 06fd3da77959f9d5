// Package web renders the pages for people: HTML in French that needs no script, with one
// stylesheet, and nothing from elsewhere.
//
// It owns how things look and read. What is shown is given to it, and who asks for which
// address is the business of the api package.
//
// Invariants: rendering is a pure function of what is given; every text is escaped, those
// that an engine has marked too; no page has a script, or a style of its own.
package web
