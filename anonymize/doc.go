// Package anonymize decides which cells of a table of persons may be shown.
//
// It owns the rules of statistical disclosure control, their profiles, and the
// decision on each cell. What a table counts and how its cells are computed is the
// business of datasets, when they are published that of publisher; free texts are
// the business of anonymize/texts.
//
// Every function is pure: no input or output, no clock, no state. All are safe
// for concurrent use.
package anonymize
