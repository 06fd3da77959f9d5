package audit

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// square is a secret and three cells that move with it, of so much each.
func square(secret, beside, below, across int64) tabular.Problem {
	p := counts(secret, beside, below, across, secret+beside, below+across, secret+below, beside+across)
	sum(&p, 4, 0, 1)
	sum(&p, 5, 2, 3)
	sum(&p, 6, 0, 2)
	sum(&p, 7, 1, 3)
	return p
}

// TestLevelsFollowFromRules: the levels are worked out from the contributions, whatever the
// cells say.
func TestLevelsFollowFromRules(t *testing.T) {
	for _, c := range []struct {
		name   string
		across int64 // how far the secret can fall
		rule   tabular.Rule
		given  []tabular.Level
		want   []string
	}{
		{"no levels", 10, tabular.Rule{PPercent: 10}, nil, []string{}},
		{"10 % of 1 000", 100, tabular.Rule{PPercent: 10, Levels: true}, nil, []string{}},
		{"a little less", 99, tabular.Rule{PPercent: 10, Levels: true}, nil, []string{"narrow 0"}},
		{"85 % of 1 176.5", 177, tabular.Rule{DominancePercent: 85, Levels: true}, nil, []string{}},
		{"a little less than that", 176, tabular.Rule{DominancePercent: 85, Levels: true}, nil, []string{"narrow 0"}},
		{"a level that is too low", 99, tabular.Rule{PPercent: 10, Levels: true}, []tabular.Level{{Up: 50, Down: 50}}, []string{"narrow 0"}},
		{"one end of a level", 99, tabular.Rule{PPercent: 10, Levels: true}, []tabular.Level{{Up: 100, Down: 100, Either: true}}, []string{"narrow 0"}},
		{"a level that asks for more", 100, tabular.Rule{PPercent: 10, Levels: true}, []tabular.Level{{Down: 101}}, []string{"narrow 0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := square(1000, 2000, 3000, c.across)
			p.Rules = []tabular.Rule{c.rule}
			for i := range p.Cells {
				p.Cells[i].Holders = []tabular.Holders{{Count: 9, Largest: []tabular.Share{{Number: 2, Amount: 1}, {Number: 3, Amount: 1}}}}
			}
			p.Cells[0].Holders = []tabular.Holders{{Count: 1, Smallest: []uint64{1}, Largest: []tabular.Share{{Number: 1, Amount: 1000}}}}
			p.Cells[0].Levels = c.given
			if got := kinds(t, p, hide(&p, []int{0}, 1, 2, 3), Options{}); !cmp.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestIntervalReachesZeroOrThreshold: a reader must take it for possible that nobody is in a
// cell, or as many as the threshold.
func TestIntervalReachesZeroOrThreshold(t *testing.T) {
	for _, c := range []struct {
		name   string
		values [4]int64
		want   []string
	}{
		{"may be empty", [4]int64{3, 1, 1, 3}, []string{}},
		{"may be as many as the threshold", [4]int64{3, 2, 2, 0}, []string{}},
		{"neither", [4]int64{3, 1, 9, 2}, []string{"narrow 0"}},
		{"many files of few persons", [4]int64{5, 1, 1, 1}, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := square(c.values[0], c.values[1], c.values[2], c.values[3])
			p.Rules = []tabular.Rule{{MinFrequency: 5, Interval: true}}
			for i := range p.Cells {
				p.Cells[i].Holders = []tabular.Holders{{Count: 20}}
			}
			p.Cells[0].Holders[0].Count = 3
			if got := kinds(t, p, hide(&p, []int{0}, 1, 2, 3), Options{}); !cmp.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// known is two rows of three cells, all hidden, of files and files of known duration.
func known(values ...[2]int64) (tabular.Problem, []bool) {
	files := make([]int64, 0, 11)
	for _, v := range values {
		files = append(files, v[0])
	}
	p := counts(append(files, make([]int64, 5)...)...)
	p.Measures = append(p.Measures, tabular.Measure{Name: "known", Whole: true, AtMost: 0})
	for i := range p.Cells {
		p.Cells[i].Values = append(p.Cells[i].Values, 0)
		if i < len(values) {
			p.Cells[i].Values[1] = values[i][1]
		}
	}
	for n, members := range [][]int32{{0, 1, 2}, {3, 4, 5}, {0, 3}, {1, 4}, {2, 5}} {
		total := int32(len(values) + n)
		for _, c := range members {
			for m := range p.Measures {
				p.Cells[total].Values[m] += p.Cells[c].Values[m]
			}
		}
		sum(&p, total, members...)
	}
	return p, hide(&p, []int{0}, 1, 2, 3, 4, 5)
}

// TestSmallerCountMovesAlongInPart: two files can go, one of them of known duration; moves
// of the files alone, or of both counts together, would not do.
func TestSmallerCountMovesAlongInPart(t *testing.T) {
	p, hidden := known([2]int64{2, 1}, [2]int64{9, 5}, [2]int64{9, 5}, [2]int64{9, 5}, [2]int64{9, 5}, [2]int64{9, 5})
	p.Cells[0].Levels = []tabular.Level{{Down: 2, Up: 99, Either: true}, {}}
	if got := kinds(t, p, hidden, Options{}); len(got) > 0 {
		t.Errorf("got %v, want none: all of the secret may be elsewhere", got)
	}
}

// TestSmallerCountMovesWithTheLarger: all files are of known duration, so that two more of
// these are two more files.
func TestSmallerCountMovesWithTheLarger(t *testing.T) {
	all := [2]int64{3, 3}
	p, hidden := known(all, all, all, all, all, all)
	p.Cells[0].Levels = []tabular.Level{{}, {Up: 2}}
	if got := kinds(t, p, hidden, Options{}); len(got) > 0 {
		t.Errorf("got %v, want none", got)
	}
}
