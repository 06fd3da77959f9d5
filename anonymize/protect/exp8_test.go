package protect

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/problem"
)

func TestExp8(t *testing.T) {
	for _, d := range []string{"z2", "c30"} {
		for _, r := range []int{1000, 3000} {
			in, err := problem.Read(os.DirFS("/work/shared/disclosure/data/"+d), "problem.json")
			if err != nil {
				t.Fatal(err)
			}
			p := in.Problem
			t0 := time.Now()
			testRounds = r
			Debug = true
			m := Protect(&p, Options{ZerosKnown: true})
			testRounds = 0
			n := 0
			for c := range p.Cells {
				if m.Hidden[c] && !p.Cells[c].Sensitive {
					n++
				}
			}
			fmt.Println(d, "rounds", r, n, time.Since(t0))
		}
	}
}
