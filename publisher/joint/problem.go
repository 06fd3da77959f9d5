package joint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
	"github.com/parvis-opendata/parvis/datasets"
)

// Numbers of the measures of the first layer.
const (
	files = iota
	euros
	persons
	knownFiles
)

// problem is the problem of one layer, with the cell of each row.
type problem struct {
	tabular.Problem
	cell []int32 // by row
	// outside are the cells that a virtual one is the sum of, for each group of rule P4.
	outside map[int32][]int32
	soles   []sole
}

// cells makes the problem of the first layer. Rows that rest on the same files are one
// cell.
func (p *Period) cells() (*problem, error) {
	q := &problem{cell: make([]int32, len(p.rows)), outside: map[int32][]int32{}}
	q.Measures = []tabular.Measure{
		files:   {Name: "nb_dossiers", Whole: true, Lower: lowestCount, AtMost: -1},
		euros:   {Name: "montant_engage", Decimals: 2, AtMost: -1},
		persons: {Name: "nb_titulaires", Whole: true, Lower: lowestCount, Distinct: true, AtMost: files},
	}
	if p.telling() {
		q.Measures = append(q.Measures, tabular.Measure{Name: "nb_dossiers_a_duree_connue", Whole: true, AtMost: files})
	}
	q.Rules, q.Remainder = p.Profile.Rules(euros, files), p.Profile.Remainder
	known := map[[2]uint64]int32{}
	for i := range p.rows {
		r := &p.rows[i]
		c, ok := known[r.same]
		if !ok {
			c = int32(len(q.Cells))
			known[r.same] = c
			q.Cells = append(q.Cells, p.cellOf(r, len(q.Measures)))
		}
		q.cell[i] = c
	}
	err := p.sums(q)
	q.agree()
	return q, err
}

// lowestCount is what a reader knows to be the least count of a cell: one that is listed or
// known to be possible may still be zero in his eyes.
const lowestCount = 0

// cellOf is a row as a cell of the first layer.
func (p *Period) cellOf(r *row, measures int) tabular.Cell {
	return tabular.Cell{
		Values:    []int64{r.files, r.cents, r.persons, r.knownFiles}[:measures],
		Levels:    p.levels(r.judged(r.persons), r.files, measures),
		Sensitive: p.sensitive(r),
		Holders:   r.holders(r.persons, len(p.Profile.Rules(euros, files))),
		Price:     float64(1 + r.files), // readers lose a cell, and the files in it
	}
}

// sensitive reports whether a row must not be shown for its own sake, or because one
// funder alone brings its amount and must not be shown.
func (p *Period) sensitive(r *row) bool {
	if p.Profile.Sensitive(r.judged(r.persons)) {
		return true
	}
	return len(r.funders) == 1 && p.Profile.Sensitive(r.funders[0].judged(r.funders[0].persons))
}

// levels are the protection levels of a cell of the first layer; nil if there are none.
func (p *Period) levels(c anonymize.Cell, count int64, measures int) []tabular.Level {
	of := [...]tabular.Level{files: p.Profile.CountLevel(c.Persons, count), euros: p.Profile.AmountLevel(c)}
	if of == [...]tabular.Level{files: {}, euros: {}} {
		return nil
	}
	all := make([]tabular.Level, measures)
	copy(all, of[:])
	return all
}

// judged is a cell as the rules see it.
func (f *figures) judged(persons int64) anonymize.Cell {
	return anonymize.Cell{
		Persons: persons, Shares: [ways]anonymize.Shares{f.shares(0), f.shares(1)},
		Organisations: int64(len(f.smallest[providers])), Provided: f.shares(providers),
	}
}

// shares are the largest contributions of one kind.
func (f *figures) shares(kind int) anonymize.Shares {
	s := anonymize.Shares{Total: f.cents}
	for i, to := range []*int64{&s.First, &s.Second} {
		if i < len(f.largest[kind]) {
			*to = f.largest[kind][i].cents
		}
	}
	return s
}

// holders are those behind a cell, for so many rules: the persons counted in both ways,
// the providers.
func (f *figures) holders(persons int64, rules int) []tabular.Holders {
	all := make([]tabular.Holders, rules)
	for kind := range all {
		h := &all[kind]
		h.Smallest = f.smallest[kind]
		h.Count = int64(len(h.Smallest))
		if kind != providers {
			h.Count = max(h.Count, persons)
		}
		for _, s := range f.largest[kind] {
			h.Largest = append(h.Largest, tabular.Share{Number: s.number, Amount: s.cents})
		}
	}
	return all
}

// sums adds the equations between the tables.
func (p *Period) sums(q *problem) error {
	joined := map[string]bool{}
	for _, s := range p.Dataset.Sums {
		total, first := p.of(s.Total)
		parts, start := p.of(s.Parts)
		if len(total) == 0 || len(parts) == 0 {
			continue
		}
		joined[s.Total], joined[s.Parts] = true, true
		e, err := p.equations(s, total, parts)
		if err != nil {
			return err
		}
		for i := range e {
			members := make([]int32, len(e[i]))
			for k, j := range e[i] {
				members[k] = q.cell[start+int(j)]
			}
			p.balance(q, s, q.cell[first+i], members, parts, e[i])
		}
	}
	for _, t := range p.Tables.Tables {
		if !joined[t.ID] {
			p.total(q, t)
		}
	}
	return nil
}

// equate says that a cell is the sum of others, unless it is the same cell.
func (q *problem) equate(total int32, members []int32) {
	if len(members) == 1 && members[0] == total {
		return
	}
	slices.Sort(members)
	q.Equations = append(q.Equations, tabular.Equation{Total: total, Members: members})
}

// equations finds for each row of the total which rows of the parts add up to it, both
// numbered from 0 in their tables.
func (p *Period) equations(s datasets.Sum, total, parts []row) ([][]int32, error) {
	t, _ := p.Dataset.Table(s.Total)
	f, _ := p.Dataset.Table(s.Parts)
	shared := p.Dataset.Shared(s)
	ofTotal, ofParts := places(t, shared), places(f, shared)
	margin := p.margin(s, f)
	index := map[string]int{}
	for i := range total {
		if s.Total != s.Parts || margin(&total[i]) {
			index[meeting(&total[i], ofTotal)] = i
		}
	}
	all := make([][]int32, len(total))
	for k := range parts {
		if margin(&parts[k]) {
			continue
		}
		i, ok := index[meeting(&parts[k], ofParts)]
		if !ok {
			return nil, fmt.Errorf("a row of %s is in no row of %s, of which it is a part", s.Parts, s.Total)
		}
		all[i] = append(all[i], int32(k))
	}
	for i := range all {
		if all[i] == nil && (s.Total != s.Parts || margin(&total[i])) {
			return nil, fmt.Errorf("a row of %s has no parts in %s", s.Total, s.Parts)
		}
	}
	if s.Total == s.Parts {
		for i := range all {
			if !margin(&total[i]) {
				all[i] = []int32{int32(i)} // itself: no equation
			}
		}
	}
	return all, nil
}

// margin reports which rows of the parts are totals themselves.
func (p *Period) margin(s datasets.Sum, parts datasets.Table) func(*row) bool {
	names, _ := dimensions(parts)
	return func(r *row) bool {
		for i, name := range names {
			if code, ok := parts.Margin[name]; ok && slices.Contains(s.Over, name) && r.at[i] == code {
				return true
			}
		}
		return false
	}
}

// places are the places of shared dimensions among the members of the rows of a table.
func places(t datasets.Table, shared []datasets.Shared) []int {
	names, _ := dimensions(t)
	var all []int
	for _, s := range shared {
		if s.Dimension != "periode" {
			all = append(all, slices.Index(names, s.Dimension))
		}
	}
	return all
}

// meeting is by what a row meets rows of other tables.
func meeting(r *row, places []int) string {
	var at []string
	for _, i := range places {
		at = append(at, r.at[i])
	}
	return strings.Join(at, "\x00")
}

// total adds the sum of a table that is in no equation as a figure that is printed anyway:
// other tables say about as much.
func (p *Period) total(q *problem, t datasets.Table) {
	rows, first := p.of(t.ID)
	if len(rows) < 2 {
		return
	}
	var members []int32
	for i := range rows {
		members = append(members, q.cell[first+i])
	}
	sum := anonymize.Group{Outside: members}.Cell(&q.Problem)
	sum.Sensitive, sum.Unprinted, sum.Price = false, false, printedAnyway
	sum.Values[persons] = 0 // one who counts in two rows counts twice: nothing prints it
	for _, c := range members {
		sum.Values[persons] += q.Cells[c].Values[persons]
	}
	for way := range ways {
		sum.Holders[way].Count = max(sum.Holders[way].Count, sum.Values[files])
	}
	if p.Profile.HidesMean(sum.Values[persons]) {
		return
	}
	sum.Values[persons] = q.largest(members) // how many more depends on which numbers are the smallest
	q.Cells = append(q.Cells, sum)
	q.equate(int32(len(q.Cells)-1), members)
}
