// Package chart draws figures: bars, columns, lines, stacks, pyramids, a map, spreads and heat
// tables, from plain values to SVG for pages, SVG and PNG for files, and to a table that says
// the same.
//
// It owns how figures look and how their numbers read in French. What is drawn is given to
// it; pages around it are the business of package web, whose stylesheet has the colours.
//
// Every figure is drawn once, into a scene of rectangles, lines, areas and words; back ends
// write the scene. So what a reader sees on a page, in a file and in print is the same.
//
// Invariants: drawing is a pure function of what is given, to the byte. A secret has no
// number: no length, height or position depends on one. What is secret or absent is never
// drawn as zero, no line passes over it, and no total or share is made where a part is
// secret. All text is escaped; no figure has a script or a style of its own, so that a strict
// Content-Security-Policy lets it be. Nothing is drawn outside the figure. Colour never
// carries a message alone.
package chart
