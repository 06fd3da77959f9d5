package odsql

// Type is the type of a field or of an output column.
type Type string

// Types, and how a value of each comes out of the SQL.
const (
	Text     Type = "text"         // VARCHAR
	Int      Type = "int"          // BIGINT (a field may be stored in any whole type)
	Decimal  Type = "decimal"      // DECIMAL; fields of two decimals keep them
	Double   Type = "double"       // DOUBLE: averages, quotients
	Date     Type = "date"         // DATE
	Month    Type = "month"        // VARCHAR, "2024-03": a date of the precision of a month
	DateTime Type = "datetime"     // TIMESTAMP in UTC
	Bool     Type = "boolean"      // BOOLEAN
	GeoPoint Type = "geo_point_2d" // never computed on: geographic functions answer with an error
	GeoShape Type = "geo_shape"    // never computed on
)

// Field is one column of a table.
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
	// Facet says that the field may be used in refine, exclude and facet.
	Facet bool
	// Dictionary is the relation, as written in SQL, that holds the distinct values
	// of a text field: columns value, and folded, which is " " + [Fold](value) + " ".
	// Empty if there is none: searches then fold the column's values as they read them.
	Dictionary string
}

// Schema is what a query is checked against.
type Schema struct {
	// Relation is the table as written in SQL after FROM, quoted by the caller.
	Relation string
	Fields   []Field
	// Key are the fields that identify a row; they end every order of rows.
	Key []string
	// Elsewhere names fields that another table has, with the sentence that says
	// where ("Ce champ est dans la table …"), which ends the error message.
	Elsewhere map[string]string
}
