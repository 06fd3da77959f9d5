package odsql

// FacetRow is one row of a facet's statement.
type FacetRow struct {
	Parent, Name, Path string
	Count              int64
	// State is displayed, refined or excluded.
	State string
	// Total is the number of values of the row's level.
	Total int64
}

// FacetValue is one value of a facet.
type FacetValue struct {
	Name string
	// Path is what refine takes: the value, for a date "2020/12".
	Path  string
	Count int64
	State string
	// Facets are the values below this one, when it is refined, and Total how many there
	// are, those that are cut off included.
	Facets []FacetValue
	Total  int64
}

// Tree arranges the rows of the statement: the values of the facet, and how many
// there are in all, those that are cut off included.
func (f *Facet) Tree(rows []FacetRow) (values []FacetValue, total int64) {
	below := map[string][]FacetRow{}
	for _, r := range rows {
		below[r.Parent] = append(below[r.Parent], r)
	}
	return branch(below, "", 0)
}

// branch arranges the values below a path.
func branch(below map[string][]FacetRow, parent string, depth int) (values []FacetValue, total int64) {
	if depth > maxGroups {
		return nil, 0
	}
	for _, r := range below[parent] {
		v := FacetValue{Name: r.Name, Path: r.Path, Count: r.Count, State: r.State}
		if r.Path != parent {
			v.Facets, v.Total = branch(below, r.Path, depth+1)
		}
		values, total = append(values, v), r.Total
	}
	return values, total
}
