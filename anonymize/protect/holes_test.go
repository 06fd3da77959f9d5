package protect_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/parvis-opendata/parvis/anonymize/audit"
	"github.com/parvis-opendata/parvis/anonymize/protect"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
	"github.com/parvis-opendata/parvis/internal/problem"
)

// masked protects one detailed table and says which cells are hidden.
func masked(t *testing.T, dimensions, rest, table string, files map[string]string) func(cell string) bool {
	t.Helper()
	fsys := fstest.MapFS{
		"problem.json": {Data: fmt.Appendf(nil, `{"tables": [{"name": "t", "file": "t.csv", "detail": true}], "dimensions": %s, %s}`, dimensions, rest)},
		"t.csv":        {Data: []byte(table)},
	}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	in, err := problem.Read(fsys, "problem.json")
	if err != nil {
		t.Fatal(err)
	}
	mask := protect.Protect(&in.Problem, protect.Options{ZerosKnown: in.ZerosKnown})
	report, err := audit.Check(in.Problem, mask.Hidden, audit.Options{ZerosKnown: in.ZerosKnown})
	if err != nil || !report.OK() {
		t.Fatalf("faults %+v, error %v", report.Faults, err)
	}
	hidden := map[string]bool{}
	for c := range in.Problem.Cells {
		hidden[in.Name(c)] = mask.Hidden[c]
	}
	return func(cell string) bool {
		h, found := hidden["t: "+cell]
		if !found {
			t.Fatalf("no cell %q among %v", cell, hidden)
		}
		return h
	}
}

const (
	oneWay = `{"c": {"total": "T"}}`
	twoWay = `{"r": {"total": "T"}, "c": {"total": "T"}}`
	counts = `"value": "n", "frequency": "n", "whole": true, "rules": {"min_frequency": %d}`
)

// UserSupport #194, first case: 0 = x + x + 0 tells that both are 0.
func TestHoleZeroTotal(t *testing.T) {
	hidden := masked(t, twoWay, `"value": "v", "frequency": "f", "whole": true, "zeros": "secret", "rules": {"min_frequency": 5}`,
		"r,c,v,f\na,x,0,2\na,y,0,0\na,z,0,0\nb,x,7,9\nb,y,9,12\nb,z,20,8\n", nil)
	if !hidden("r=a, c=T") {
		t.Error("the total of a row of zeros is printed")
	}
}

// #194, second case: 15 = 10 + 5 + x + x tells that both are 0.
func TestHoleZeroRemainder(t *testing.T) {
	hidden := masked(t, oneWay, `"value": "v", "frequency": "f", "whole": true, "zeros": "secret", "rules": {"min_frequency": 5}`,
		"c,v,f\na,10,9\nb,5,8\nc,0,2\nd,0,6\n", nil)
	if !hidden("c=T") && !hidden("c=a") && !hidden("c=b") {
		t.Error("the hidden cells add up to 0")
	}
}

// #194, third case: 15 = 10 + 3 + x + x with counts tells that both are 1.
func TestHoleOnesInARow(t *testing.T) {
	hidden := masked(t, oneWay, fmt.Sprintf(counts, 2), "c,n\na,10\nb,3\nc,1\nd,1\n", nil)
	if !hidden("c=T") && !hidden("c=a") && !hidden("c=b") {
		t.Error("two ones are alone in a row")
	}
}

// #135: three cells of one contributor each in a row whose other cells are printed.
func TestHoleThreeOnesInARow(t *testing.T) {
	hidden := masked(t, twoWay, fmt.Sprintf(counts, 3),
		"r,c,n\na,u,1\na,v,1\na,w,7\na,x,1\na,y,0\nb,u,1\nb,v,0\nb,w,0\nb,x,2\nb,y,8\n", nil)
	if !hidden("r=a, c=w") && !hidden("r=a, c=T") {
		t.Error("three ones are alone in a row")
	}
}

// Two cells of one contributor each: either subtracts himself and knows the other.
func TestHoleTwoContributors(t *testing.T) {
	hidden := masked(t, twoWay, `"value": "v", "frequency": "f", "rules": {"min_frequency": 3}`,
		"r,c,v,f\na,x,31,1\na,y,57,1\na,z,800,20\nb,x,900,30\nb,y,700,20\nb,z,600,25\n", nil)
	if !hidden("r=a, c=z") && !hidden("r=a, c=T") {
		t.Error("two contributors are alone in a row")
	}
}

// #160: the hidden cells of a row add up to a figure that one firm dominates.
func TestHoleDominatedRemainder(t *testing.T) {
	hidden := masked(t, oneWay, `"value": "v", "frequency": "f", "largest": ["first", "second"], "protection_percent": 10, "rules": {"min_frequency": 3, "dominance_percent": 80, "remainder": true}`,
		"c,f,v,first,second\na,12,9000,8600,100\nb,4,90,80,5\nc,5,120,110,4\nd,60,7000,900,800\ne,25,400,60,55\n", nil)
	if !hidden("c=d") && !hidden("c=T") {
		t.Error("one firm has more than 80 % of what is hidden")
	}
}

// #136: two groupings of the same codes, each safe by itself.
func TestHoleLinkedTables(t *testing.T) {
	hidden := masked(t, `{"region": {"total": "T", "hierarchies": ["county.csv", "size.csv"]}}`, fmt.Sprintf(counts, 4),
		"region,n\nA,2\nB,2\nI,8\nJ,8\nK,3\nL,3\nM,3\nN,7\n", map[string]string{
			"county.csv": "parent,child\nc1,A\nc1,B\nc1,I\nc1,J\nc2,K\nc2,L\nc2,M\nc2,N\n",
			"size.csv":   "parent,child\nsmall,A\nsmall,B\nsmall,I\nsmall,J\nsmall,K\nbig,L\nbig,M\nsmall,N\n",
		})
	// c1 and small differ by K and N: if they are printed, K and N must both be hidden.
	if !hidden("region=c1") && !hidden("region=small") && !hidden("region=N") {
		t.Error("K follows from the two groupings")
	}
}

// 3 + 3 contributors in two hidden cells that are the same 3.
func TestHoleSamePersons(t *testing.T) {
	numbers := []uint64{11, 22, 33}
	holders := func(count int64, smallest ...uint64) []tabular.Holders {
		return []tabular.Holders{{Count: count, Smallest: smallest}}
	}
	other := []uint64{41, 42, 43, 44, 45}
	p := tabular.Problem{
		Measures: []tabular.Measure{{Name: "n", Whole: true, AtMost: -1}},
		Rules:    []tabular.Rule{{MinFrequency: 5}},
		Cells: []tabular.Cell{
			{Values: []int64{18}, Holders: holders(8, 11, 22, 33, 41, 42)},
			{Values: []int64{3}, Sensitive: true, Holders: holders(3, numbers...)},
			{Values: []int64{4}, Sensitive: true, Holders: holders(3, numbers...)},
			{Values: []int64{11}, Holders: holders(5, other...)},
		},
		Equations: []tabular.Equation{{Total: 0, Members: []int32{1, 2, 3}}},
		Remainder: true,
	}
	mask := protect.Protect(&p, protect.Options{ZerosKnown: true})
	report, err := audit.Check(p, mask.Hidden, audit.Options{ZerosKnown: true})
	if err != nil || !report.OK() {
		t.Fatalf("faults %+v, error %v", report.Faults, err)
	}
	if !mask.Hidden[0] && !mask.Hidden[3] {
		t.Error("what is hidden rests on three persons")
	}
}
