package protect

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/problem"
)

func TestExp3(t *testing.T) {
	for _, d := range []string{"z1", "z2", "c30", "c60", "c120", "linked4"} {
		for _, mode := range []int{2, 3} {
			if d == "linked4" && mode > 2 {
				continue
			}
			in, err := problem.Read(os.DirFS("/work/shared/disclosure/data/"+d), "problem.json")
			if err != nil {
				t.Fatal(err)
			}
			p := in.Problem
			p.Remainder = mode&1 == 1
			o := Options{ZerosKnown: mode&2 != 0}
			if os.Getenv("HIGH") != "" {
				o.Effort = High
			}
			t0 := time.Now()
			m := Protect(&p, o)
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
