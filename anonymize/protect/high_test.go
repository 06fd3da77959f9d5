package protect_test

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/parvis-opendata/parvis/anonymize/audit"
	"github.com/parvis-opendata/parvis/anonymize/protect"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// loss is what secondaries cost: each one, and more by what is in it. See price.go.
func loss(p *tabular.Problem, hidden []bool) float64 {
	levels, all := false, 0.0
	for _, c := range p.Cells {
		levels = levels || c.Sensitive && c.Levels != nil
		all += math.Abs(float64(c.Values[0]))
	}
	weight := 0.001
	if levels {
		weight = 8
	}
	sum := 0.0
	for c, h := range hidden {
		if h && !p.Cells[c].Sensitive {
			sum += 1 + weight*math.Abs(float64(p.Cells[c].Values[0]))*float64(len(p.Cells))/all
		}
	}
	return sum
}

// High effort never hides more than normal effort does, passes the audit too, and does
// not depend on the number of threads.
func TestHighIsNoWorse(t *testing.T) {
	problems := map[string]tabular.Problem{"z1": read(t, "z1").Problem}
	for _, s := range []shape{
		{name: "amounts", axes: []axis{regular(8, 3), regular(4)}, files: 150, threshold: 3, levels: true},
		{name: "amounts, 3 dimensions, 3 levels", axes: []axis{regular(4, 2), regular(3), regular(2)}, files: 60, threshold: 3, levels: true},
	} {
		problems[s.name] = s.problem()
	}
	for name, p := range problems {
		t.Run(name, func(t *testing.T) {
			normal := protect.Protect(&p, protect.Options{ZerosKnown: true})
			high := protect.Protect(&p, protect.Options{ZerosKnown: true, Effort: protect.High})
			report, err := audit.Check(p, high.Hidden, audit.Options{ZerosKnown: true})
			if err != nil || high.Unmet > 0 || !report.OK() {
				t.Fatalf("unmet %d, faults %v, error %v", high.Unmet, report.Faults, err)
			}
			if n, h := loss(&p, normal.Hidden), loss(&p, high.Hidden); h > n+1e-9 {
				t.Errorf("high effort loses %.3f, normal %.3f", h, n)
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			again := protect.Protect(&p, protect.Options{ZerosKnown: true, Effort: protect.High})
			if !slices.Equal(again.Hidden, high.Hidden) {
				t.Error("one thread gives another mask than several")
			}
		})
	}
}
