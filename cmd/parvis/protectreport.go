package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/internal/problem"
)

// Outcomes of an audit.
const (
	auditPassed = "passed"
	auditFailed = "failed"
)

// protectReport is what `parvis protect` says of a mask, and report.json.
type protectReport struct {
	Cells          int           `json:"cells"`
	Sensitive      int           `json:"sensitive"`
	Secondary      int           `json:"secondary"`
	SecondaryValue json.Number   `json:"secondary_value"`
	Seconds        float64       `json:"seconds"`
	Audit          string        `json:"audit"`
	Learned        []learnedCell `json:"learned"`
	Notes          []string      `json:"notes"`

	files []string
}

// learnedCell is one thing that an attacker learns, by the names of the cells.
type learnedCell struct {
	Kind string `json:"kind"`
	Cell string `json:"cell"`
	By   string `json:"by,omitempty"`
}

func newProtectReport(in *problem.Input, hidden []bool, faults []learned, took time.Duration) *protectReport {
	s := in.Summary(hidden)
	r := &protectReport{
		Cells: s.Cells, Sensitive: s.Sensitive, Secondary: s.Secondary, SecondaryValue: json.Number(s.SecondaryValue),
		Seconds: took.Seconds(), Audit: auditPassed, Learned: []learnedCell{}, Notes: []string{},
	}
	seen := map[learnedCell]bool{} // by several rules or measures: told once
	for _, f := range faults {
		r.Audit = auditFailed
		l := learnedCell{Kind: f.Kind}
		switch {
		case f.Cell >= 0:
			l.Cell = in.Name(f.Cell)
		case f.Equation >= 0:
			l.Cell = in.Name(int(in.Problem.Equations[f.Equation].Total))
		}
		if f.By >= 0 {
			l.By = in.Name(f.By)
		}
		if !seen[l] {
			seen[l] = true
			r.Learned = append(r.Learned, l)
		}
	}
	return r
}

// means says what the kinds of an audit mean.
var means = map[string]string{
	"shown":       "is sensitive and printed",
	"rule":        "is printed and does not pass the rules",
	"remainder":   "has hidden members that do not pass the rules together",
	"determined":  "follows from the printed figures",
	"pinned":      "has one value left",
	"narrow":      "is known too closely",
	"unproven":    "is not proven to be safe",
	"contributor": "can be worked out by the only contributor to",
}

func (l learnedCell) text() string {
	what, known := means[l.Kind]
	if !known {
		what = "is disclosed"
	}
	text := l.Cell + " " + what
	if l.By != "" {
		text += " " + l.By
	}
	return text + " (" + l.Kind + ")"
}

// mostLearned is how many disclosures are printed for a person.
const mostLearned = 50

// text is the report for a person.
func (r *protectReport) text() string {
	b := &strings.Builder{}
	fmt.Fprintf(b, "cells      %d\nsensitive  %d\nsecondary  %d, value %s\ntook       %.1f s\naudit      %s\n",
		r.Cells, r.Sensitive, r.Secondary, r.SecondaryValue, r.Seconds, r.Audit)
	for i, l := range r.Learned {
		if i == mostLearned {
			fmt.Fprintf(b, "learned    and %d more; --json lists all\n", len(r.Learned)-i)
			break
		}
		fmt.Fprintf(b, "learned    %s\n", l.text())
	}
	for _, note := range r.Notes {
		fmt.Fprintf(b, "note       %s\n", note)
	}
	for _, file := range r.files {
		fmt.Fprintf(b, "mask       %s\n", file)
	}
	return b.String()
}

// writeJSON writes report.json.
func (r *protectReport) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
