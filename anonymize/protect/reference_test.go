package protect_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/anonymize/audit"
	"github.com/parvis-opendata/parvis/anonymize/protect"
	"github.com/parvis-opendata/parvis/internal/problem"
)

// reference is what other tools reach on a problem, and where the figure is from.
type reference struct {
	name      string
	remainder bool
	tellAll   bool // the only contributor to a cell may learn others
	effort    protect.Effort
	others    string
}

var references = []reference{
	{name: "linked4", others: "τ-Argus 334 worth 312.9 M, 6 of 260 fail; GaussSuppression 261 worth 154.3 M, 84 fail"},
	{name: "linked4", effort: protect.High, others: "the same"},
	{name: "linked4", tellAll: true, others: "the same"},
	{name: "linked4", tellAll: true, effort: protect.High, others: "the same"},
	{name: "z1", others: "GaussSuppression 3"},
	{name: "z2", others: "GaussSuppression 15"},
	{name: "c30", others: "GaussSuppression 129, τ-Argus modular 118"},
	{name: "c60", others: "GaussSuppression 168, τ-Argus modular 144"},
	{name: "c120", others: "GaussSuppression 247"},
	{name: "c30", remainder: true, others: "none known"},
	{name: "c60", remainder: true, others: "none known"},
	{name: "c120", remainder: true, others: "none known"},
}

// BenchmarkDisclosure prints the reference problems with our figures beside those of
// other tools. High effort takes minutes: it is run where PARVIS_BENCH_HIGH is set.
func BenchmarkDisclosure(b *testing.B) {
	for range b.N {
		fmt.Printf("\n%-10s %-9s %-5s %-6s %11s %9s %7s %7s %6s  %s\n", "problem", "remainder", "alone", "effort", "secondaries", "value", "seconds", "CPU s", "faults", "other tools (specification, section 6)")
		for _, r := range references {
			if r.effort == protect.High && os.Getenv("PARVIS_BENCH_HIGH") == "" {
				continue
			}
			in, err := problem.Read(os.DirFS("../testdata/problems/"+r.name), "problem.json")
			if err != nil {
				b.Fatal(err)
			}
			p := in.Problem
			p.Remainder = r.remainder
			p.Rules[0].Alone = !r.tellAll
			start, before := time.Now(), processor(b)
			mask := protect.Protect(&p, protect.Options{ZerosKnown: in.ZerosKnown, Effort: r.effort})
			took, used := time.Since(start).Seconds(), processor(b)-before
			report, err := audit.Check(p, mask.Hidden, audit.Options{ZerosKnown: in.ZerosKnown})
			if err != nil {
				b.Fatal(err)
			}
			count, value := secondaries(&p, mask.Hidden)
			fmt.Printf("%-10s %-9t %-5t %-6s %11d %9.4g %7.1f %7.1f %6d  %s\n", r.name, r.remainder, !r.tellAll, map[bool]string{true: "high", false: "normal"}[r.effort == protect.High], count, value, took, used, len(report.Faults), r.others)
		}
	}
}
