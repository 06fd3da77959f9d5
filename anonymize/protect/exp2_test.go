package protect

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"
	"time"
)

func TestExp2(t *testing.T) {
	rounds := 2000
	if x := os.Getenv("ROUNDS"); x != "" {
		rounds, _ = strconv.Atoi(x)
	}
	for _, d := range []string{"c30", "c60", "c120"} {
		for _, mode := range []int{0, 1} {
			p := loadC("/work/shared/disclosure/data/" + d)
			s := newSystem(&p)
			n := len(s.cells)
			t0 := time.Now()
			hid := s.hidden
			piv, _ := eliminate(s.rows(func(v int32) bool { return hid[v] }), n, hid)
			r := &random{1}
			v1, v2 := nullVector(piv, n, hid, r), nullVector(piv, n, hid, r)
			core := make([]bool, n)
			var needs []need
			classes := map[uint64][]int32{}
			var keys []uint64
			for v := range n {
				core[v] = hid[v] && (v1[v] != 0 || v2[v] != 0)
				if hid[v] && !core[v] {
					needs = append(needs, need{column: int32(v), avoid: nil})
				}
				if core[v] {
					k := mulMod(v1[v], inverseMod(v2[v]))
					if len(classes[k]) == 0 {
						keys = append(keys, k)
					}
					classes[k] = append(classes[k], int32(v))
				}
			}
			one := func(v int32) bool { return p.Cells[s.cells[v][0]].Values[0] == 1 }
			if mode&1 == 1 {
				for _, k := range keys {
					c := classes[k]
					conf := false
					for i := range c {
						for j := range i {
							if one(c[i]) || one(c[j]) {
								conf = true
								needs = append(needs, need{column: c[j], avoid: []int32{c[i]}})
							}
						}
					}
					if conf {
						for _, v := range c {
							core[v] = false
						}
					}
				}
			}
			_, q := eliminate(s.rows(func(int32) bool { return true }), n, core)
			price := make([]float64, n)
			for v := range n {
				price[v] = float64(len(s.cells[v])) + 0.00001*float64(p.Cells[s.cells[v][0]].Values[0])
			}
			_ = math.Inf
			se := newSearch(newMatrix(q, n), price, hid, needs, 7)
			unmet := se.start()
			fmt.Println(d, mode, "needs", len(needs), "unmet", len(unmet), "start", se.spent, len(se.secondaries()), time.Since(t0))
			for range 4 {
				se.improve(rounds)
				fmt.Println("   ", se.spent, len(se.secondaries()), time.Since(t0))
			}
		}
	}
}
