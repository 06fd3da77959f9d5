// Package datasets says what is published: the datasets, their tables and
// fields, in definitions that people read and edit, and for every table the SQL
// that makes it from the hub's clean tables.
//
// It owns names, titles, descriptions, keys and recipes. It runs nothing.
package datasets

import "slices"

// Dataset is one published dataset: a set of tables that are released together.
type Dataset struct {
	ID          string `yaml:"id" json:"id"`
	Title       string `yaml:"title" json:"title"`
	Summary     string `yaml:"summary" json:"summary"`
	Description string `yaml:"description" json:"description"`
	// Frequency is daily, monthly or quarterly.
	Frequency  string   `yaml:"frequency" json:"frequency"`
	Publisher  string   `yaml:"publisher" json:"publisher"`
	License    string   `yaml:"license" json:"license"`
	LicenseID  string   `yaml:"license_id" json:"license_id"`
	LicenseURL string   `yaml:"license_url" json:"license_url"`
	Language   string   `yaml:"language" json:"language"`
	Keywords   []string `yaml:"keywords" json:"keywords"`
	Themes     []string `yaml:"themes" json:"themes"`
	// Entities are the entities of the hub that its tables are made from.
	Entities []string `yaml:"entities" json:"-"`
	Tables   []Table  `yaml:"tables" json:"tables"`
	// Sums are the equations between the tables.
	Sums []Sum `yaml:"sums" json:"-"`
	// Sensitive are the dimensions of the detailed table, columns of champ, of which it
	// must not be seen that all persons of a row, or nearly all, are in one category.
	Sensitive []string `yaml:"sensitive" json:"-"`
	// Scope is the SQL of the files that count in the tables of a statistical
	// dataset, from the schema hub, as one row each with a column periode. The tables
	// are made from it under the name champ. It has the parameters $debut and $fin,
	// the first and the last day.
	Scope string `yaml:"-" json:"-"`
	// Preparation is, for each unit of time of the summary tables, the SQL to run for
	// a lot of files in champ, whole periods of the unit together, before that of the
	// tables. It makes relations that each lot replaces.
	Preparation map[Unit]string `yaml:"-" json:"-"`
	// Published is the SQL to run when the tables of the first unit of time are finished
	// and before those of others are made, which take figures from them; empty if none does.
	Published string `yaml:"-" json:"-"`
}

// Statistical reports whether the dataset counts persons period by period, rather
// than showing a state.
func (d Dataset) Statistical() bool { return d.Tables[0].Period != nil }

// Table is one table of a dataset.
type Table struct {
	ID          string `yaml:"id" json:"id"`
	Title       string `yaml:"title" json:"title"`
	Description string `yaml:"description" json:"description"`
	// Grain says in words what one row is.
	Grain string `yaml:"grain" json:"grain"`
	// Key are the fields that identify a row, in the order by which the table is
	// sorted, nulls last.
	Key []string `yaml:"key" json:"key"`
	// LoadDate is the field that holds the date of the extract, which the content
	// digest and the comparison of releases leave out.
	LoadDate string `yaml:"load_date" json:"-"`
	// Period says over what time a row counts; nil for a table that shows a state.
	Period *Period `yaml:"period" json:"period,omitempty"`
	// Joined tables came to the dataset after its first release: those made before lack
	// them, and the periods that they hold have no row in them.
	Joined bool `yaml:"joined" json:"-"`
	// Cell says for each column of champ that tells the cells of a statistical table
	// apart which column of the table holds it; one that begins with "_" is not
	// published.
	Cell map[string]string `yaml:"cell" json:"-"`
	// Within says the same of columns of champ that follow from those of Cell, as the
	// région follows from the département.
	Within map[string]string `yaml:"within" json:"-"`
	// Margin says under which code a summary table also holds the total over a
	// dimension.
	Margin map[string]string `yaml:"margin" json:"-"`
	// Possible is an SQL condition on the members of the dimensions: everybody knows
	// that other combinations of them cannot be.
	Possible string   `yaml:"possible" json:"-"`
	Facets   []string `yaml:"facets" json:"facets"`
	Fields   []Field  `yaml:"fields" json:"fields"`
	// SQL makes the rows from the schema hub, in a statistical dataset from the table
	// champ ([Dataset.Scope]), in a summary table from what [Dataset.Preparation] made.
	// It has the parameter $date_extract, and may have columns that begin with "_",
	// which are not published.
	SQL string `yaml:"-" json:"-"`
	// Grid makes a row, with empty measures, for every combination of members that a
	// reader knows to exist in the periods of the lot; empty in other tables than
	// summaries. It has the columns of SQL.
	Grid string `yaml:"-" json:"-"`
}

// Field is one column of a table.
type Field struct {
	Name string `yaml:"name" json:"name"`
	// Label is the name used in headers when labels are asked for.
	Label string `yaml:"label" json:"label"`
	// Aliases are other names under which re-users know the field.
	Aliases     []string `yaml:"aliases" json:"aliases,omitempty"`
	Type        Type     `yaml:"type" json:"type"`
	Unit        string   `yaml:"unit" json:"unit,omitempty"`
	Title       string   `yaml:"title" json:"title"`
	Description string   `yaml:"description" json:"description"`
	Example     string   `yaml:"example" json:"example,omitempty"`
	// FreeText fields are written by people who may put anything into them: markup
	// and personal data are taken out.
	FreeText bool `yaml:"free_text" json:"-"`
	// ProviderName fields name a provider, and are withheld for natural persons
	// who opted out of diffusion.
	ProviderName bool `yaml:"provider_name" json:"-"`
	// Measure fields are what is counted; the others say what of.
	Measure bool `yaml:"measure" json:"measure,omitempty"`
	// RestsOn names the unpublished column that holds the number of persons on whom
	// a mean rests; the mean is secret where they are too few.
	RestsOn string `yaml:"rests_on" json:"-"`
	// MeanOf names the column of champ that such a mean is taken of.
	MeanOf string `yaml:"mean_of" json:"-"`
	// Funder is the funder, as the hub writes it, of whose fundings alone the measure
	// tells.
	Funder string `yaml:"funder" json:"-"`
	// OfMonths: the figure of a year is the sum of those of its months as they are
	// published.
	OfMonths bool `yaml:"of_months" json:"-"`
	// Added fields are ours, placed after those that re-users know.
	Added    bool     `yaml:"added" json:"-"`
	Required bool     `yaml:"required" json:"required,omitempty"`
	Enum     []string `yaml:"enum" json:"enum,omitempty"`
	Pattern  string   `yaml:"pattern" json:"pattern,omitempty"`
	Minimum  *int     `yaml:"minimum" json:"minimum,omitempty"`
}

// Type is the type of a field.
type Type string

// Types of field.
const (
	TypeText    Type = "text"
	TypeInt     Type = "int"
	TypeDecimal Type = "decimal" // two decimals
	TypeDate    Type = "date"
	TypeMonth   Type = "month" // a date of the precision of a month: 2024-03
)

// SQL returns the type in which a column of this type is published.
func (t Type) SQL() string {
	switch t {
	case TypeInt:
		return "INTEGER"
	case TypeDecimal:
		return "DECIMAL(14,2)"
	case TypeDate:
		return "DATE"
	default:
		return "VARCHAR"
	}
}

// Names returns the names of the fields in order.
func (t Table) Names() []string {
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		names[i] = f.Name
	}
	return names
}

// Field returns the field of the given name.
func (t Table) Field(name string) (Field, bool) {
	for _, f := range t.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Means returns the fields that are means over some of the persons of a cell, in order.
func (t Table) Means() []Field {
	return slices.DeleteFunc(slices.Clone(t.Fields), func(f Field) bool { return f.RestsOn == "" })
}

// OfMonths reports whether figures of the table are sums of those of months, so that
// its cells have files and euros of their own beside them.
func (t Table) OfMonths() bool {
	return slices.ContainsFunc(t.Fields, func(f Field) bool { return f.OfMonths })
}

// Hidden returns the columns of a statistical table that tell its cells apart and are
// not published, in order.
func (t Table) Hidden() []string {
	var names []string
	for _, column := range t.Cell {
		if _, ok := t.Field(column); !ok {
			names = append(names, column)
		}
	}
	slices.Sort(names)
	return names
}
