package joint

import (
	"slices"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/anonymize/audit"
	"github.com/parvis-opendata/parvis/anonymize/tabular"
	"github.com/parvis-opendata/parvis/datasets"
)

// sole is a row all of whose persons are in one category (rule P4), and its equations, from
// first on.
type sole struct {
	row         int32
	first, past int
}

// balance says that a cell is the sum of others, and adds the groups (rule P4) that the
// sum gives away.
func (p *Period) balance(q *problem, s datasets.Sum, total int32, members []int32, parts []row, numbers []int32) {
	e := tabular.Equation{Total: total, Members: members}
	first := len(q.Equations)
	if len(members) > 1 || members[0] != total {
		q.Equations = append(q.Equations, e)
	}
	for _, g := range p.Profile.Groups(&q.Problem, e, p.categories(s, parts, numbers)) {
		if g.Everybody() {
			q.conceal(g.Inside)
			q.soles = append(q.soles, sole{row: total, first: first})
			continue
		}
		d := int32(len(q.Cells))
		q.Cells = append(q.Cells, g.Cell(&q.Problem))
		q.outside[d] = g.Outside
		q.Equations = append(q.Equations, g.Equations(e, d)...)
	}
	for i := range q.soles {
		if s := &q.soles[i]; s.first == first {
			s.past = len(q.Equations)
		}
	}
}

// conceal makes one of some cells secret, the one with the fewest files, unless one is.
//
// Who knows each zero knows without any table that all persons of a row are in one category;
// the rule is about who does not, and a figure inside must be secret. Whether that is enough
// is seen when the mask is made. A row with a single part is that part, and is hidden with
// it.
func (q *problem) conceal(cells []int32) {
	least := cells[0]
	for _, c := range cells {
		if q.Cells[c].Sensitive {
			return
		}
		if q.Cells[c].Values[files] < q.Cells[least].Values[files] {
			least = c
		}
	}
	q.Cells[least].Sensitive = true
}

// told are the rows that a mask shows and of which it tells that all their persons are in
// one category: in the eyes of who does not know the zeros there is one more part, of which
// he must not be able to tell that it is empty.
func (q *problem) told(hidden []bool) ([]int32, error) {
	blind := &problem{Problem: q.Problem}
	blind.Remainder = false
	blind.Cells, blind.Equations = slices.Clone(q.Cells), slices.Clone(q.Equations)
	for c := range blind.Cells {
		blind.Cells[c].Sensitive = false
	}
	hidden = slices.Clone(hidden)
	rows := map[int32]int32{}
	for _, s := range q.soles {
		if hidden[s.row] {
			continue
		}
		absent := int32(len(blind.Cells))
		rows[absent] = s.row
		blind.Cells, hidden = append(blind.Cells, anonymize.Group{}.Cell(&q.Problem)), append(hidden, true)
		for i := s.first; i < s.past; i++ {
			if e := &blind.Equations[i]; e.Total == s.row {
				e.Members = append(slices.Clone(e.Members), absent)
			}
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	report, err := blind.check(hidden)
	if err != nil {
		return nil, err
	}
	var told []int32
	for _, f := range report.Faults {
		if row, ok := rows[f.Cell]; ok && f.Kind != audit.RuleBroken {
			told = append(told, row)
		}
	}
	return told, nil
}

// categories are those of the sensitive dimensions over which a sum goes, one list for each
// dimension, of some of its parts.
func (p *Period) categories(s datasets.Sum, parts []row, numbers []int32) (all [][]string) {
	t, _ := p.Dataset.Table(s.Parts)
	names, _ := dimensions(t)
	for _, dimension := range p.Dataset.Sensitive {
		if !slices.Contains(s.Over, dimension) {
			continue
		}
		at := slices.Index(names, dimension)
		of := make([]string, len(numbers))
		for i, k := range numbers {
			of[i] = parts[k].at[at]
		}
		all = append(all, of)
	}
	return all
}
