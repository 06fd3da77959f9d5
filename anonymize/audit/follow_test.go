package audit

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// durations is a table of two rows and three columns of files, each of another person, of
// some of which the duration is known; its inner cells are hidden. The shown totals say that
// there are as many persons as files, so persons move with files, while what is of known
// duration may have to stay.
func durations(seed uint64) (p tabular.Problem, hidden []bool) {
	const rows, columns = 2, 3
	r := rand.New(rand.NewPCG(seed, 1))
	at := func(row, column int) int32 { return int32(row*(columns+1) + column) }
	p = tabular.Problem{
		Measures: []tabular.Measure{
			{Name: "files", Whole: true, AtMost: -1},
			{Name: "persons", Whole: true, Distinct: true, AtMost: 0},
			{Name: "known", Whole: true, AtMost: 0},
		},
		Cells: make([]tabular.Cell, (rows+1)*(columns+1)),
	}
	for i := range p.Cells {
		p.Cells[i].Values = make([]int64, len(p.Measures))
	}
	for row := range rows {
		for column := range columns {
			files := 1 + r.Int64N(2)
			known := r.Int64N(files + 1)
			for _, c := range []int32{at(row, column), at(row, columns), at(rows, column), at(rows, columns)} {
				for m, v := range []int64{files, files, known} {
					p.Cells[c].Values[m] += v
				}
			}
		}
	}
	for row := range rows + 1 {
		sum(&p, at(row, columns), at(row, 0), at(row, 1), at(row, 2))
	}
	for column := range columns + 1 {
		sum(&p, at(rows, column), at(0, column), at(1, column))
	}
	return p, hide(&p, []int{0}, 1, 2, 4, 5, 6)
}

// TestPersonsFollowWhileDurationsStay holds tables whose secrets have witnesses in which
// persons move along with files and the files of known duration do not.
func TestPersonsFollowWhileDurationsStay(t *testing.T) {
	for _, seed := range []uint64{314, 543, 766, 1435, 1499, 1647, 1738, 2086, 2350, 2630, 2880, 3040, 3237, 3242, 3706, 3920, 3987} {
		p, hidden := durations(seed)
		if got := kinds(t, p, hidden, Options{ZerosKnown: true}); strings.Contains(strings.Join(got, " "), string(Unproven)) {
			t.Errorf("table %d: %v", seed, got)
		}
	}
}
