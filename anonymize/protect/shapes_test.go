package protect_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/anonymize/audit"
	"github.com/parvis-opendata/parvis/anonymize/protect"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// shape is a table of several dimensions.
type shape struct {
	name      string
	axes      []axis
	files     int
	threshold int
	remainder bool
	levels    bool // amounts with dominance, ±10 %, instead of counts
}

// shapes have 3 000 to 5 000 cells.
var shapes = []shape{
	{name: "3 dimensions, 3 levels", axes: []axis{regular(24, 8, 3), regular(12, 4, 2), regular(8, 3)}, files: 9000, threshold: 5},
	{name: "3 dimensions, 3 levels", axes: []axis{regular(24, 8, 3), regular(12, 4, 2), regular(8, 3)}, files: 9000, threshold: 5, remainder: true},
	{name: "4 dimensions", axes: []axis{regular(10, 3), regular(6, 2), regular(5), regular(4)}, files: 9000, threshold: 3},
	{name: "4 dimensions", axes: []axis{regular(10, 3), regular(6, 2), regular(5), regular(4)}, files: 9000, threshold: 5, remainder: true},
	{name: "3 dimensions, 2 groupings", axes: []axis{regular(24, 8, 3).and(5), regular(10, 3), regular(6)}, files: 9000, threshold: 5},
	{name: "3 dimensions, amounts", axes: []axis{regular(16, 5), regular(10, 3), regular(6)}, files: 5000, threshold: 3, levels: true},
}

func (s shape) problem() tabular.Problem {
	rng := rand.New(rand.NewPCG(5, uint64(s.files+s.threshold)))
	skew := []float64{1.8, 1.4, 1.2, 1}
	files := draws(rng, s.axes, s.files, skew)
	p := crossing(s.axes, files, s.threshold, 2)
	p.Remainder = s.remainder
	p.Measures[0].Lower = 0
	p.Measures = p.Measures[:1]
	for c := range p.Cells {
		p.Cells[c].Values = p.Cells[c].Values[:1]
	}
	if s.levels {
		dominated(&p, s.axes, files)
	}
	return p
}

// dominated makes a problem of amounts, in which a cell is sensitive as well if its
// largest file is above 85 % of it, and each needs ±10 %.
func dominated(p *tabular.Problem, axes []axis, files []file) {
	q := crossing(axes, files, int(p.Rules[0].MinFrequency), 2)
	p.Measures = q.Measures[1:]
	p.Rules = p.Rules[:1]
	for c := range p.Cells {
		cell := &p.Cells[c]
		cell.Values, cell.Holders = q.Cells[c].Values[1:], q.Cells[c].Holders[:1]
		if cell.Sensitive {
			cell.Levels = []tabular.Level{{Down: cell.Values[0] / 10, Up: cell.Values[0] / 10}}
		}
	}
}

// BenchmarkShapes prints what is hidden in tables of several dimensions.
func BenchmarkShapes(b *testing.B) {
	for range b.N {
		fmt.Printf("\n%-26s %-9s %6s %10s %11s %6s %8s %7s\n", "shape", "remainder", "cells", "sensitive", "secondaries", "unmet", "seconds", "faults")
		for _, s := range shapes {
			p := s.problem()
			sensitive := 0
			for _, c := range p.Cells {
				if c.Sensitive {
					sensitive++
				}
			}
			start := time.Now()
			mask := protect.Protect(&p, protect.Options{ZerosKnown: true})
			took := time.Since(start).Seconds()
			report, err := audit.Check(p, mask.Hidden, audit.Options{ZerosKnown: true})
			if err != nil {
				b.Fatal(err)
			}
			count, _ := secondaries(&p, mask.Hidden)
			fmt.Printf("%-26s %-9t %6d %10d %11d %6d %8.1f %7d\n", s.name, s.remainder, len(p.Cells), sensitive, count, mask.Unmet, took, len(report.Faults))
		}
	}
}
