package audit

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/anonymize/protect"
	"github.com/parvis-opendata/parvis/internal/problem"
)

// TestMutations: whoever prints one secondary of a mask is found out if that gives a
// secret away, by a second elimination of everything. In the small masks each secondary
// is needed.
func TestMutations(t *testing.T) {
	for _, c := range []struct {
		name  string
		every int // of how many secondaries one is tried
	}{{"z1", 1}, {"z2", 1}, {"c30", 8}, {"c60", 24}} {
		t.Run(c.name, func(t *testing.T) {
			in, err := problem.Read(os.DirFS("../testdata/problems/"+c.name), "problem.json")
			if err != nil {
				t.Fatal(err)
			}
			hidden := protect.Protect(&in.Problem, protect.Options{ZerosKnown: in.ZerosKnown}).Hidden
			tried := 0
			for i, h := range hidden {
				if !h || in.Problem.Cells[i].Sensitive {
					continue
				}
				if tried++; tried%c.every > 0 {
					continue
				}
				less := slices.Clone(hidden)
				less[i] = false
				r, err := Check(in.Problem, less, Options{ZerosKnown: in.ZerosKnown})
				if err != nil || c.every == 1 && r.OK() {
					t.Errorf("%s is printed, and no fault is found (%v)", in.Name(i), err)
				}
				var got []int32
				for _, f := range r.Faults {
					if f.Kind == Determined {
						got = append(got, f.Cell)
					}
				}
				if diff := cmp.Diff(sorted(determined(&in.Problem, less)), got); diff != "" {
					t.Errorf("%s is printed; determined (-want +got):\n%s", in.Name(i), diff)
				}
			}
		})
	}
}

// sorted are numbers in order, nil if there are none.
func sorted(all []int32) []int32 {
	slices.Sort(all)
	return all
}
