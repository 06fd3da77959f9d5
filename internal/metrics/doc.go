// Package metrics tells a Prometheus server what the program does.
//
// It owns the names, units and labels of the metrics, and the listener that they are
// read from: one of its own, never that of the public. What is counted comes from those
// who do it; the package knows no other of ours.
//
// Invariant: a label has few values, none of which a client or a person chooses.
package metrics
