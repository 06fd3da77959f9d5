package protect

import (
	"fmt"
	"os"
	"testing"

	"github.com/parvis-opendata/parvis/internal/problem"
)

func TestExp6(t *testing.T) {
	for _, d := range []string{"z1", "z2"} {
		in, err := problem.Read(os.DirFS("/work/shared/disclosure/data/"+d), "problem.json")
		if err != nil {
			t.Fatal(err)
		}
		for _, eff := range []Effort{Normal, High} {
			for _, anon := range []bool{false, true} {
				p := in.Problem
				if anon {
					p.Rules = nil
					for i := range p.Cells {
						c := p.Cells[i]
						c.Holders = nil
						p.Cells[i] = c
					}
				}
				m := Protect(&p, Options{Effort: eff, Price: func(int) float64 { return 1 }})
				n := 0
				for c := range p.Cells {
					if m.Hidden[c] && !p.Cells[c].Sensitive {
						n++
						if d == "z2" && eff == High {
							fmt.Print(in.Name(c), "=", p.Cells[c].Values[0], "; ")
						}
					}
				}
				fmt.Println(d, eff, anon, n)
				if anon {
					in, _ = problem.Read(os.DirFS("/work/shared/disclosure/data/"+d), "problem.json")
				}
			}
		}
	}
}
