package explore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/odsql"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// property is a part of the description of a dataset: a key and its value, in order.
type property struct {
	name  string
	value any
}

// properties are the description of a dataset. It marshals as an object.
type properties []property

// MarshalJSON implements [json.Marshaler].
func (p properties) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, one := range p {
		if i > 0 {
			out = append(out, ',')
		}
		text, err := marshal(one.value)
		if err != nil {
			return nil, err
		}
		out = append(append(appendJSONText(out, one.name), ':'), text...)
	}
	return append(out, '}'), nil
}

// marshal is [json.Marshal] that leaves "<" as it is.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimRight(out.Bytes(), "\n"), err
}

func (p properties) get(name string) (any, bool) {
	i := slices.IndexFunc(p, func(one property) bool { return one.name == name })
	if i < 0 {
		return nil, false
	}
	return p[i].value, true
}

// find returns a property by its name: one of the description, or of its default
// metadata, with or without the path before it.
func (p properties) find(name string) (any, bool) {
	if v, ok := p.get(name); ok {
		return v, true
	}
	name = strings.TrimPrefix(strings.TrimPrefix(name, "metas."), "default.")
	metas, _ := p.get("metas")
	all, _ := metas.(properties)
	standard, _ := all.get("default")
	if metas, ok := standard.(properties); ok {
		return metas.get(name)
	}
	return nil, false
}

// choose keeps the properties of some names, in that order; all if there are none.
//
// Errors: a name that is none.
func (p properties) choose(names []string) (properties, error) {
	if len(names) == 0 {
		return p, nil
	}
	var out properties
	for _, name := range names {
		v, ok := p.find(name)
		if !ok {
			return nil, &odsql.Error{Code: odsql.CodeQuery, Clause: "select", Found: name,
				Message: fmt.Sprintf("Clause select : « %s » n'est pas une propriété d'un jeu de données.", cut(name, 60))}
		}
		out = append(out, property{name, v})
	}
	return out, nil
}

// fieldType is the type of a field in the words of the API.
func fieldType(t odsql.Type) string {
	switch t {
	case odsql.Decimal:
		return "double"
	case odsql.Month:
		return "date"
	default:
		return string(t)
	}
}

// fieldBody describes a field.
type fieldBody struct {
	Name        string              `json:"name"`
	Label       string              `json:"label"`
	Type        string              `json:"type"`
	Description *string             `json:"description"`
	Annotations map[string][]string `json:"annotations"`
}

func fieldsOf(l loan) []fieldBody {
	t, out := l.Definition(), []fieldBody{}
	for _, f := range l.Schema().Fields {
		body := fieldBody{Name: f.Name, Label: f.Label, Type: fieldType(f.Type), Annotations: map[string][]string{}}
		if f.Facet {
			body.Annotations["facet"] = []string{}
		}
		if slices.Contains(t.Key, f.Name) {
			body.Annotations["id"] = []string{}
		}
		if f.Type == odsql.Month {
			body.Annotations["timeserie_precision"] = []string{"month"}
		}
		if defined, ok := t.Field(f.Name); ok {
			body.Description = &defined.Description
			if defined.Unit != "" {
				body.Annotations["unit"] = []string{defined.Unit}
			}
		}
		out = append(out, body)
	}
	return out
}

// described is a table to describe.
type described struct {
	loan
	modified time.Time
	zone     *time.Location
	extras   extras
}

// describe returns the description of a table.
func (c *Call) describe(d described) properties {
	at := func(t time.Time) string { return t.In(d.zone).Format(zonedTime) }
	var out properties
	if d.extras.links {
		address := c.dataset(d.ID())
		out = append(out, property{"_links", []map[string]string{
			{"rel": "self", "href": address.self()}, {"rel": "catalog", "href": c.catalog() + "/datasets"}, {"rel": "records", "href": address.records()},
			{"rel": "exports", "href": address.self() + "/exports"}, {"rel": "attachments", "href": address.self() + "/attachments"},
		}})
	}
	if d.extras.metas {
		out = append(out, property{"_id", uid(d.ID())}, property{"_timestamp", at(d.modified)})
	}
	return append(out,
		property{"dataset_id", d.ID()}, property{"dataset_uid", uid(d.ID())}, property{"attachments", c.attachmentBodies(d.loan)},
		property{"has_records", d.Rows() > 0}, property{"data_visible", true}, property{"fields", fieldsOf(d.loan)},
		property{"metas", properties{{"default", c.standardMetas(d, at)}, {"custom", customMetas(d.loan)}}},
		property{"features", featuresOf(d.loan)}, property{"alternative_exports", c.alternatives(d.loan)},
	)
}

// uid is an opaque identifier of a dataset, in the form that clients know.
func uid(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "da_" + hex.EncodeToString(sum[:3])
}

func featuresOf(l loan) []string {
	if slices.ContainsFunc(l.Schema().Fields, func(f odsql.Field) bool { return f.Type == odsql.Date || f.Type == odsql.Month }) {
		return []string{"analyze", "timeserie"}
	}
	return []string{"analyze"}
}

// standardMetas are the metadata that every portal has. Those that say nothing here
// are null, because clients read them.
func (c *Call) standardMetas(d described, at func(time.Time) string) properties {
	ds, t := d.Dataset(), d.Definition()
	return properties{
		{"title", t.Title}, {"description", t.Description}, {"theme", ds.Themes}, {"keyword", ds.Keywords},
		{"license", ds.License}, {"license_url", ds.LicenseURL}, {"language", ds.Language}, {"metadata_languages", []string{ds.Language}},
		{"timezone", nil}, {"modified", at(d.modified)}, {"modified_updates_on_metadata_change", false}, {"modified_updates_on_data_change", true},
		{"data_processed", at(d.Manifest().PublishedAt)}, {"metadata_processed", at(d.Manifest().PublishedAt)},
		{"publisher", ds.Publisher}, {"references", c.pageOf(ds)}, {"records_count", d.Rows()}, {"attributions", nil},
		{"source_domain", nil}, {"source_domain_title", nil}, {"source_domain_address", nil}, {"source_dataset", nil},
		{"shared_catalog", nil}, {"federated", false}, {"oauth_scope", nil}, {"parent_domain", nil},
		{"geographic_reference", []string{"fr_40_fr"}}, {"geographic_reference_auto", false}, {"geographic_area", nil}, {"geographic_area_mode", nil},
		{"territory", []string{"France"}},
	}
}

// customMetas are what only this service says.
func customMetas(l loan) properties {
	m, t := l.Manifest(), l.Definition()
	out := properties{
		{"dataset", l.Dataset().ID}, {"release", m.Release}, {"date_extract", m.DateExtract}, {"grain", t.Grain}, {"key", t.Key},
		{"frequency", l.Dataset().Frequency}, {"synthetic", m.Synthetic},
	}
	if i := slices.IndexFunc(m.Tables, func(one release.Table) bool { return one.ID == t.ID }); i >= 0 && m.Tables[i].Masked != nil {
		out = append(out, property{"part_masquee", *m.Tables[i].Masked})
	}
	if notice := datasets.Notice(m.Synthetic); notice != "" {
		out = append(out, property{"notice", notice})
	}
	if m.Note != "" {
		out = append(out, property{"note", m.Note})
	}
	return out
}

// pageOf is the page of a dataset for readers.
func (c *Call) pageOf(d datasets.Dataset) string {
	return c.Base + "/jeux-de-donnees/" + url.PathEscape(d.ID)
}

// showDataset answers with the description of a table.
func (a *API) showDataset(c *Call, p params, l loan) error {
	_, zone, err := p.locale()
	if err != nil {
		return err
	}
	e, err := readExtras(p)
	if err != nil {
		return err
	}
	names, ok := propertyNames(p.text("select"))
	if !ok {
		return &odsql.Error{Code: odsql.CodeQuery, Clause: "select", Message: "Clause select : la description d'un jeu de données se choisit par noms de propriétés, séparés par des virgules."}
	}
	body, err := c.describe(described{l, l.modified(), zone, e}).choose(names)
	if err != nil {
		return err
	}
	text, err := marshal(body)
	if err != nil {
		return err
	}
	return a.answer(c, l, a.key(l, "dataset", string(text)), func() ([]byte, error) { return append(text, '\n'), nil })
}
