package protect

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/problem"
)

func TestExp7(t *testing.T) {
	for _, d := range []string{"c30", "c60", "c120"} {
		for _, p6 := range []bool{false, true} {
			for _, nz := range []bool{false, true} {
				for _, a5 := range []bool{false} {
					in, err := problem.Read(os.DirFS("/work/shared/disclosure/data/"+d), "problem.json")
					if err != nil {
						t.Fatal(err)
					}
					p := in.Problem
					if !a5 {
						for i := range p.Cells {
							for k := range p.Cells[i].Holders {
								if p.Cells[i].Holders[k].Count == 1 {
									p.Cells[i].Holders[k].Count = 2
								}
							}
						}
					}
					p.Remainder = p6
					p.Rules[0].Alone = a5
					t0 := time.Now()
					m := Protect(&p, Options{ZerosKnown: nz})
					n := 0
					for c := range p.Cells {
						if m.Hidden[c] && !p.Cells[c].Sensitive {
							n++
						}
					}
					fmt.Println(m.Unmet, d, "P6", p6, "nonzero", nz, "A5", a5, n, time.Since(t0))
				}
			}
		}
	}
}
