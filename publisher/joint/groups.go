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
// sum gives away. A row that has a single part tells at once what its persons are.
func (p *Period) balance(q *problem, s datasets.Sum, total int32, members []int32, parts []row, numbers []int32) {
	same := len(members) == 1 && members[0] == total
	e := tabular.Equation{Total: total, Members: members}
	groups := p.Profile.Groups(&q.Problem, e, p.categories(s, parts, numbers))
	alone := slices.ContainsFunc(groups, func(g anonymize.Group) bool { return len(g.Outside) == 0 })
	if same {
		q.Cells[total].Sensitive = q.Cells[total].Sensitive || alone
		return
	}
	groups = slices.DeleteFunc(groups, func(g anonymize.Group) bool { return len(g.Outside) == 0 })
	first, past := int32(len(q.Cells)), len(q.Equations)
	for i, g := range groups {
		q.Cells = append(q.Cells, g.Cell(&q.Problem))
		q.outside[first+int32(i)] = g.Outside
	}
	if len(groups) == 0 {
		q.Equations = append(q.Equations, e)
	} else {
		q.Equations = append(q.Equations, anonymize.Equations(e, groups, first)...)
	}
	if alone {
		q.soles = append(q.soles, sole{row: total, first: past, past: len(q.Equations)})
	}
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

// told are the rows that a mask shows and of which it tells that all their persons are in
// one category.
//
// Everything else is protected against who knows each zero. He knows the categories of such
// a row without any table; the rule is about who does not. In his eyes there is one more
// part, of which he does not know that it is empty, and he must not be able to tell.
func (q *problem) told(hidden []bool) ([]int32, error) {
	blind := &problem{Problem: q.Problem}
	blind.Remainder = false
	blind.Cells = slices.Clone(q.Cells)
	for c := range blind.Cells {
		blind.Cells[c].Sensitive = false
	}
	blind.Equations = slices.Clone(q.Equations)
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
