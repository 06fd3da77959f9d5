package datasets

import "encoding/json"

// schemaPackage is a Frictionless data package: the Table Schema of every table,
// with the file that holds it (specs.frictionlessdata.io, data package and table
// schema, version 1).
type schemaPackage struct {
	Profile     string           `json:"profile"`
	Name        string           `json:"name"`
	Title       string           `json:"title"`
	Description string           `json:"description"`
	Licenses    []schemaLicense  `json:"licenses"`
	Keywords    []string         `json:"keywords"`
	Resources   []schemaResource `json:"resources"`
}

type schemaLicense struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Path  string `json:"path"`
}

type schemaResource struct {
	Profile     string      `json:"profile"`
	Name        string      `json:"name"`
	Path        string      `json:"path"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Format      string      `json:"format"`
	Mediatype   string      `json:"mediatype"`
	Encoding    string      `json:"encoding"`
	Schema      tableSchema `json:"schema"`
}

type tableSchema struct {
	Fields        []schemaField `json:"fields"`
	MissingValues []string      `json:"missingValues"`
	// PrimaryKey is not Table Schema's primaryKey, which allows no empty part.
	Key []string `json:"cle"`
}

type schemaField struct {
	Name        string         `json:"name"`
	Type        string         `json:"type"`
	Format      string         `json:"format,omitempty"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Example     string         `json:"example,omitempty"`
	Unit        string         `json:"unit,omitempty"`
	Constraints map[string]any `json:"constraints,omitempty"`
}

// Schema returns the content of schema.json: the Table Schema of every table of
// the dataset, as a data package that names their CSV files.
func (d Dataset) Schema() ([]byte, error) {
	p := schemaPackage{
		Profile: "tabular-data-package", Name: d.ID, Title: d.Title, Description: d.Description, Keywords: d.Keywords,
		Licenses: []schemaLicense{{Name: d.LicenseID, Title: d.License, Path: d.LicenseURL}},
	}
	for _, t := range d.Tables {
		r := schemaResource{
			Profile: "tabular-data-resource", Name: t.ID, Path: t.ID + ".csv", Title: t.Title, Description: t.Description,
			Format: "csv", Mediatype: "text/csv", Encoding: "utf-8", Schema: tableSchema{MissingValues: []string{""}, Key: t.Key},
		}
		for _, f := range t.Fields {
			r.Schema.Fields = append(r.Schema.Fields, f.schema())
		}
		p.Resources = append(p.Resources, r)
	}
	b, err := json.MarshalIndent(p, "", "  ")
	return append(b, '\n'), err
}

func (f Field) schema() schemaField {
	names := map[Type]string{TypeText: "string", TypeInt: "integer", TypeDecimal: "number", TypeDate: "date", TypeMonth: "yearmonth"}
	s := schemaField{
		Name: f.Name, Type: names[f.Type], Title: f.Title, Description: f.Description, Example: f.Example, Unit: f.Unit,
		Constraints: map[string]any{},
	}
	if f.Required {
		s.Constraints["required"] = true
	}
	if len(f.Enum) > 0 {
		s.Constraints["enum"] = f.Enum
	}
	if f.Pattern != "" && f.Type == TypeText { // Table Schema allows none elsewhere
		s.Constraints["pattern"] = f.Pattern
	}
	if f.Minimum != nil {
		s.Constraints["minimum"] = *f.Minimum
	}
	return s
}
