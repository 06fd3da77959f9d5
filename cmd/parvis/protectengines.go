package main

import (
	"fmt"

	"github.com/parvis-opendata/parvis/anonymize/audit"
	"github.com/parvis-opendata/parvis/anonymize/protect"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// disclosureControl are the engines of `parvis protect`.
func disclosureControl() engines {
	return engines{protect: protectTables, audit: auditTables}
}

func protectTables(p tabular.Problem, o protectOptions) ([]bool, error) {
	effort := protect.Normal
	if o.High {
		effort = protect.High
	}
	return protect.Protect(&p, protect.Options{Effort: effort, ZerosKnown: o.ZerosKnown}).Hidden, nil
}

func auditTables(p tabular.Problem, hidden []bool, o auditOptions) ([]learned, []string, error) {
	report, err := audit.Check(p, hidden, audit.Options{Threads: o.Threads, ZerosKnown: o.ZerosKnown, Known: o.Known})
	if err != nil {
		return nil, nil, err
	}
	list := make([]learned, len(report.Faults))
	for i, f := range report.Faults {
		list[i] = learned{Kind: string(f.Kind), Cell: int(f.Cell), By: int(f.By), Equation: int(f.Equation)}
	}
	var notes []string
	if n := report.IfNotZero; n > 0 && report.OK() {
		notes = append(notes, fmt.Sprintf("a reader who knows that no hidden count is zero, and computes with it, has one value left for %d sensitive cells; with \"lower_bound\": 1 the mask holds against him", n))
	}
	return list, notes, nil
}
