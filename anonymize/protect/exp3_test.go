package protect

import (
	"fmt"
	"testing"
	"time"
)

func TestExp3(t *testing.T) {
	for _, d := range []string{"c30", "c60", "c120"} {
		for _, mode := range []int{0, 1, 2, 3} {
			p := loadC("/work/shared/disclosure/data/" + d)
			p.Remainder = mode&1 == 1
			if mode&2 != 0 {
				p.Rules[0].MinFrequency = 5
			}
			t0 := time.Now()
			Debug = true
			m := Protect(&p, Options{ZerosKnown: mode&2 != 0, Rounds: 10, Price: func(c int) float64 { return 1 + 1e-5*float64(p.Cells[c].Values[0]) }})
			n, val := 0, int64(0)
			for c := range p.Cells {
				if m.Hidden[c] && !p.Cells[c].Sensitive {
					n++
					val += p.Cells[c].Values[0]
				}
			}
			fmt.Println(d, "P6", mode&1 == 1, "nonzero", mode&2 != 0, "secondaries", n, val, "unmet", m.Unmet, time.Since(t0))
		}
	}
}

func TestExp4(t *testing.T) {
	for _, c := range []int{500, 1000, 2000, 4000, 8000} {
		if c > 2000 && testing.Short() {
			break
		}
		p := genC(c, 3)
		p.Remainder = true
		sens := 0
		var sv, tv int64
		for i := range p.Cells {
			if p.Cells[i].Sensitive {
				sens++
				sv += p.Cells[i].Values[0]
			}
			tv = max(tv, p.Cells[i].Values[0])
		}
		t0 := time.Now()
		Debug = true
		m := Protect(&p, Options{ZerosKnown: true, Rounds: 0, Price: func(c int) float64 { return 1 + 1e-5*float64(p.Cells[c].Values[0]) }})
		n, val := 0, int64(0)
		for c := range p.Cells {
			if m.Hidden[c] && !p.Cells[c].Sensitive {
				n++
				val += p.Cells[c].Values[0]
			}
		}
		fmt.Println(c, "cells", len(p.Cells), "total", tv, "sens", sens, "secondaries", n, val, "unmet", m.Unmet, time.Since(t0))
	}
}
