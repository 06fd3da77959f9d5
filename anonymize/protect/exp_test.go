package protect

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// quick loader for c30/c60/c120 (experiment)
func genC(certs int, seed uint64) tabular.Problem {
	r := &random{seed}
	cells := [][3]string{}
	ca, de := map[string]string{}, map[string]string{}
	for d := range 101 {
		de[fmt.Sprint("D", d)] = fmt.Sprint("R", d%18)
	}
	for c := range certs {
		ca[fmt.Sprint("C", c)] = fmt.Sprint("F", c%24)
		w := 1.0 / (1 + float64(r.below(1000))/20)
		for d := range 101 {
			dw := 4.0 / (1 + float64(d)/8)
			x := w * dw * (0.3 + float64(r.below(1000))/500) * 3
			n := int(x)
			if float64(r.below(1000))/1000 < x-float64(n) {
				n++
			}
			if n > 0 {
				cells = append(cells, [3]string{fmt.Sprint("C", c), fmt.Sprint("D", d), fmt.Sprint(n)})
			}
		}
	}
	return build(ca, de, cells)
}

func loadC(dir string) tabular.Problem {
	read := func(f string) [][]string {
		h, err := os.Open(dir + "/" + f)
		if err != nil {
			panic(err)
		}
		defer h.Close()
		r, err := csv.NewReader(h).ReadAll()
		if err != nil {
			panic(err)
		}
		return r[1:]
	}
	up := func(f string) map[string]string {
		m := map[string]string{}
		for _, r := range read(f) {
			m[r[1]] = r[0]
		}
		return m
	}
	ca, de := up("certif_domaine.csv"), up("dep_reg.csv")
	var cells [][3]string
	for _, r := range read("engagees.csv") {
		cells = append(cells, [3]string{r[0], r[1], r[2]})
	}
	return build(ca, de, cells)
}

func build(ca, de map[string]string, cells [][3]string) tabular.Problem {
	lv := func(m map[string]string, c string) []string { return []string{c, m[c], "Total"} }
	var p tabular.Problem
	id := map[[2]string]int32{}
	get := func(a, b string) int32 {
		k := [2]string{a, b}
		if i, ok := id[k]; ok {
			return i
		}
		id[k] = int32(len(p.Cells))
		p.Cells = append(p.Cells, tabular.Cell{Values: []int64{0}})
		return id[k]
	}
	type ek struct {
		t int32
		d int
	}
	var order []ek
	eq := map[ek]map[int32]bool{}
	var ms = map[ek][]int32{}
	for _, r := range cells {
		n, _ := strconv.ParseInt(r[2], 10, 64)
		A, B := lv(ca, r[0]), lv(de, r[1])
		for i := range A {
			for j := range B {
				c := get(A[i], B[j])
				p.Cells[c].Values[0] += n
				add := func(t int32, d int) {
					k := ek{t, d}
					if eq[k] == nil {
						eq[k] = map[int32]bool{}
						order = append(order, k)
					}
					if !eq[k][c] {
						eq[k][c] = true
						ms[k] = append(ms[k], c)
					}
				}
				if i < 2 {
					add(get(A[i+1], B[j]), 0)
				}
				if j < 2 {
					add(get(A[i], B[j+1]), 1)
				}
			}
		}
	}
	for _, k := range order {
		p.Equations = append(p.Equations, tabular.Equation{Total: k.t, Members: ms[k]})
	}
	p.Measures = []tabular.Measure{{Name: "n", Whole: true, AtMost: -1}}
	p.Rules = []tabular.Rule{{MinFrequency: 5}}
	for i := range p.Cells {
		v := p.Cells[i].Values[0]
		p.Cells[i].Sensitive = v < 5
		p.Cells[i].Holders = []tabular.Holders{{Count: v}}
	}
	return p
}

func TestExp(t *testing.T) {
	for _, d := range []string{"c30", "c60", "c120"} {
		p := loadC("/work/shared/disclosure/data/" + d)
		s := newSystem(&p)
		t0 := time.Now()
		hid := s.hidden
		rows := s.rows(func(v int32) bool { return hid[v] })
		piv, left := eliminate(rows, len(s.cells), hid)
		r := &random{1}
		v1, v2 := nullVector(piv, len(s.cells), hid, r), nullVector(piv, len(s.cells), hid, r)
		col, nh, ns := 0, 0, 0
		classes := map[uint64][]int{}
		for v := range s.cells {
			if hid[v] {
				nh++
			}
			if s.sensitive[v] {
				ns += len(s.cells[v])
			}
			if hid[v] && v1[v] == 0 && v2[v] == 0 {
				col++
			} else if hid[v] {
				k := mulMod(v1[v], inverseMod(v2[v]))
				classes[k] = append(classes[k], v)
			}
		}
		big, conf := 0, 0
		for _, c := range classes {
			if len(c) > 1 {
				big += len(c)
				for _, v := range c {
					if p.Cells[s.cells[v][0]].Values[0] == 1 {
						conf += len(c)
						break
					}
				}
			}
		}
		for _, a5 := range []bool{false, true} {
			core := make([]bool, len(s.cells))
			for v := range core {
				core[v] = hid[v] && (v1[v] != 0 || v2[v] != 0)
			}
			if a5 {
				for _, c := range classes {
					if len(c) > 1 {
						for _, v := range c {
							if p.Cells[s.cells[v][0]].Values[0] == 1 {
								for _, w := range c {
									core[w] = false
								}
								break
							}
						}
					}
				}
			}
			t1 := time.Now()
			_, q := eliminate(s.rows(func(int32) bool { return true }), len(s.cells), core)
			nz, mx := 0, 0
			for _, r := range q {
				nz += len(r)
				mx = max(mx, len(r))
			}
			deg := map[int]int{}
			for c, l := range incidence(q, len(s.cells)) {
				if !core[c] {
					deg[min(len(l), 9)]++
				}
			}
			fmt.Println(d, "Q rows", len(q), "nz", nz, "max", mx, "deg", deg, time.Since(t1))
		}
		fmt.Println(d, "cells", len(p.Cells), "vars", len(s.cells), "eqs", len(s.equations), "sens cells", ns, "hidden vars", nh, "pivots", len(piv), "left", len(left), "coloops", col, "in classes", big, "conflicted", conf, time.Since(t0))
	}
}
