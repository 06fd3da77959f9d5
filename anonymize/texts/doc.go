// Package texts takes personal data out of free texts.
//
// It owns what must leave a text before it is published: e-mail addresses,
// telephone numbers, social-security numbers (NIR), bank account numbers (IBAN),
// and the name of a provider who opted out of diffusion; the plain text made of
// HTML; and a second, independent look at finished texts.
//
// It leaves to others reading, counting over a whole release, and deciding
// when a publication stops.
//
// Every function is pure: no input or output, no clock, no state. All are safe
// for concurrent use. In doubt, what looks personal is removed.
package texts
