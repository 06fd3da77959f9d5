package problem

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
)

// large is a detailed table of three dimensions with hierarchies, about 330 000 cells
// with its margins.
func large() fstest.MapFS {
	const certifs, deps, months = 2000, 101, 12
	random := rand.New(rand.NewPCG(1, 2))
	var certif, dep, month, rows strings.Builder
	for _, b := range []*strings.Builder{&certif, &dep, &month} {
		b.WriteString("parent,child\n")
	}
	for c := range certifs {
		fmt.Fprintf(&certif, "F%02d,C%05d\n", c%60, c)
	}
	for f := range 60 {
		fmt.Fprintf(&certif, "S%d,F%02d\n", f%8, f)
	}
	for d := range deps {
		fmt.Fprintf(&dep, "R%02d,D%03d\n", d%18, d)
	}
	for m := range months {
		fmt.Fprintf(&month, "Q%d,M%02d\n", m/3, m)
	}
	rows.WriteString("certif,dep,month,n\n")
	for c := range certifs {
		for d := range deps {
			for m := range months {
				if random.IntN(56) == 0 {
					fmt.Fprintf(&rows, "C%05d,D%03d,M%02d,%d\n", c, d, m, 1+random.IntN(20))
				}
			}
		}
	}
	return fstest.MapFS{
		"problem.json": {Data: []byte(`{"tables":[{"name":"t","file":"t.csv","detail":true}],
			"dimensions":{"certif":{"total":"Total","hierarchies":["certif.csv"]},"dep":{"total":"Total","hierarchies":["dep.csv"]},"month":{"total":"Total","hierarchies":["month.csv"]}},
			"value":"n","frequency":"n","whole":true,"rules":{"min_frequency":5,"remainder":true}}`)},
		"t.csv": {Data: []byte(rows.String())}, "certif.csv": {Data: []byte(certif.String())}, "dep.csv": {Data: []byte(dep.String())}, "month.csv": {Data: []byte(month.String())},
	}
}

// BenchmarkRead reads a table of 330 000 cells; the metric MB is the memory in use
// after it, MB-system what the process has taken from the system.
func BenchmarkRead(b *testing.B) {
	files := large()
	var in *Input
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if in, err = Read(files, "problem.json"); err != nil {
			b.Fatal(err)
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	sys := m.Sys
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(len(in.Problem.Cells)), "cells")
	b.ReportMetric(float64(len(in.Problem.Equations)), "equations")
	b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB")
	b.ReportMetric(float64(sys)/1e6, "MB-system")
	runtime.KeepAlive(in)
}

// BenchmarkWriteMask writes the mask of the same table.
func BenchmarkWriteMask(b *testing.B) {
	in, err := Read(large(), "problem.json")
	if err != nil {
		b.Fatal(err)
	}
	hidden := sensitiveCells(in)
	for b.Loop() {
		err := in.WriteMask(hidden, func(_ string, write func(io.Writer) error) error { return write(io.Discard) })
		if err != nil {
			b.Fatal(err)
		}
	}
}

// sensitiveCells is the mask that hides the sensitive cells only.
func sensitiveCells(in *Input) []bool {
	hidden := make([]bool, len(in.Problem.Cells))
	for i, c := range in.Problem.Cells {
		hidden[i] = c.Sensitive || c.Unprinted
	}
	return hidden
}
