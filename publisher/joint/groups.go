package joint

import (
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
	"github.com/parvis-opendata/parvis/datasets"
)

// balance says that a cell is the sum of others, and adds the groups (rule P4) that the
// sum gives away.
func (p *Period) balance(q *problem, s datasets.Sum, total int32, members []int32, parts []row, numbers []int32) {
	e := tabular.Equation{Total: total, Members: members}
	if len(members) > 1 || members[0] != total {
		q.Equations = append(q.Equations, e)
	}
	for _, g := range p.Profile.Groups(&q.Problem, e, p.categories(s, parts, numbers)) {
		if g.Everybody() {
			q.conceal(g.Inside)
			continue
		}
		d := int32(len(q.Cells))
		q.Cells = append(q.Cells, g.Cell(&q.Problem))
		q.outside[d] = g.Outside
		q.Equations = append(q.Equations, g.Equations(e, d)...)
	}
}

// conceal makes one of some cells secret, the one with the fewest files, unless one is.
//
// Who knows each zero knows without any table that all persons of a row are in one category;
// the rule is about who does not. As long as a figure inside cannot be worked out even by the
// former, the latter cannot tell that nobody is outside. A row with a single part is that
// part, and is hidden with it.
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
