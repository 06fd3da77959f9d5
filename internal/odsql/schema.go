package odsql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
)

// Type is the type of a field or of an output column.
type Type string

// Types, and how a value of each comes out of the SQL.
const (
	Text     Type = "text"         // VARCHAR
	Int      Type = "int"          // BIGINT
	Decimal  Type = "decimal"      // DECIMAL with two digits after the point
	Double   Type = "double"       // DOUBLE, finite: means, quotients
	Date     Type = "date"         // DATE
	Month    Type = "month"        // VARCHAR, "2024-03": a date of the precision of a month
	DateTime Type = "datetime"     // TIMESTAMP in UTC
	Bool     Type = "boolean"      // BOOLEAN
	GeoPoint Type = "geo_point_2d" // VARCHAR; geographic functions answer with an error
	GeoShape Type = "geo_shape"    // VARCHAR; likewise
)

// Field is one column of a table. It is stored in the SQL type of its [Type], an Int
// in any whole type, a DateTime as TIMESTAMP in UTC.
type Field struct {
	// Name is the column's name in the database and in every answer.
	Name string
	// Label is the name in headers when labels are asked for.
	Label string
	// Aliases are other names that a query may use; they never come out.
	Aliases []string
	Type    Type
	// Code says that a number compared with this text field is read as text.
	Code bool
	// Multivalued text is stored as VARCHAR[].
	Multivalued bool
	// Facet says that the field is among the facets of a request that names none.
	Facet bool
	// FreeText says that people write whatever they like into the field, so that its values
	// are no facet: there are about as many as rows, and they are long.
	FreeText bool
	// Disjunctive facets join their refinements with OR, even if a request does not say so.
	Disjunctive bool
	// Dictionary is the relation, as written in SQL, that holds the distinct values
	// of a text field: columns value, and folded, which is " " + [Fold](value) + " ".
	Dictionary string
	// Folded is, for a text field without dictionary, the column that holds the folded
	// form of each row's text, as a dictionary would. If there is neither, searches fold
	// the column's values as they read them.
	Folded string
}

// Schema is what a query is checked against. It must not change once it is used.
type Schema struct {
	// Relation is the table, a native one, as written in SQL after FROM, quoted by the
	// caller.
	Relation string
	Fields   []Field
	// Key are the fields that identify a row; they end every order of rows.
	Key []string
	// Sorted says that the rows lie in the order of the key, nulls last, in a database that
	// keeps the order of rows, and that none was ever deleted: they are then not sorted
	// again, and their numbers (rowid) count from 0.
	Sorted bool
	// Elsewhere names fields that only other tables have, with the sentence that says
	// where, which ends the error message.
	Elsewhere map[string]string
}

// NewSchema describes a table of a dataset. The caller sets Relation, and the fields'
// dictionaries if there are any.
//
// Errors: the dataset has no such table.
func NewSchema(d datasets.Dataset, table string) (*Schema, error) {
	at := slices.IndexFunc(d.Tables, func(t datasets.Table) bool { return t.ID == table })
	if at < 0 {
		return nil, fmt.Errorf("describe table %s: dataset %s has no such table", table, d.ID)
	}
	t := d.Tables[at]
	s := &Schema{Key: t.Key, Elsewhere: map[string]string{}}
	for _, f := range t.Fields {
		s.Fields = append(s.Fields, Field{
			Name: f.Name, Label: f.Label, Aliases: f.Aliases, Type: Type(f.Type),
			Code:  f.Type == datasets.TypeText && isCode(f.Example),
			Facet: slices.Contains(t.Facets, f.Name), FreeText: f.FreeText,
		})
	}
	for _, other := range d.Tables {
		for _, f := range other.Fields {
			for _, name := range append([]string{f.Name}, f.Aliases...) {
				if _, ok := s.find(name); !ok && s.Elsewhere[name] == "" {
					s.Elsewhere[name] = fmt.Sprintf("Ce champ est dans la table « %s ».", other.ID)
				}
			}
		}
	}
	return s, nil
}

// isCode reports whether a text looks like a code: digits, and no space.
func isCode(example string) bool {
	return strings.ContainsAny(example, "0123456789") && !strings.ContainsAny(example, " \t")
}

// find returns the field of a name or alias. Names that are not written as they should
// be are found if only the case of letters differs.
func (s *Schema) find(name string) (*Field, bool) {
	for _, equal := range []func(string) bool{
		func(n string) bool { return n == name },
		func(n string) bool { return strings.EqualFold(n, name) },
	} {
		for i := range s.Fields {
			if equal(s.Fields[i].Name) || slices.ContainsFunc(s.Fields[i].Aliases, equal) {
				return &s.Fields[i], true
			}
		}
	}
	return nil, false
}

// FacetNames are the declared facets, in the order of the fields.
func (s *Schema) FacetNames() []string {
	var names []string
	for _, f := range s.Fields {
		if f.Facet {
			names = append(names, f.Name)
		}
	}
	return names
}

// unknown says that there is no field of a name, and what was perhaps meant.
func (s *Schema) unknown(name string) string {
	for other, where := range s.Elsewhere {
		if strings.EqualFold(other, name) {
			return fmt.Sprintf("le champ « %s » n'est pas dans cette table. %s", shorten(other), where)
		}
	}
	message := fmt.Sprintf("le champ « %s » n'existe pas.", shorten(name))
	if known := s.closest(name); len(known) > 0 {
		message += " Vouliez-vous dire : " + strings.Join(known, ", ") + " ?"
	}
	return message
}

// closest returns up to three names of fields that differ little from a name.
func (s *Schema) closest(name string) []string {
	if len(name) > 64 {
		return nil
	}
	type candidate struct {
		name     string
		distance int
	}
	var all []candidate
	name = strings.ToLower(name)
	for _, f := range s.Fields {
		best := candidate{f.Name, 1 + (len(name)+1)/3}
		for _, n := range append([]string{f.Name}, f.Aliases...) {
			d := distance(name, strings.ToLower(n))
			if strings.HasPrefix(strings.ToLower(n), name) && len(name) > 2 {
				d = 1
			}
			if d < best.distance {
				best.distance = d
			}
		}
		if best.distance < 1+(len(name)+1)/3 {
			all = append(all, best)
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return a.distance - b.distance })
	var names []string
	for _, c := range all[:min(len(all), 3)] {
		names = append(names, c.name)
	}
	return names
}

// distance is the number of edits between two short texts.
func distance(a, b string) int {
	width := len(a) + 1
	rows := make([]int, 2*width)
	for j := range width {
		rows[j] = j
	}
	for i := range len(b) {
		advance(rows, a, b[i])
		copy(rows, rows[width:])
	}
	return rows[width-1]
}
