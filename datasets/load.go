package datasets

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed definitions/*.yaml
var definitions embed.FS

//go:embed sql/*.sql
var recipes embed.FS

// order is the order in which datasets are shown.
var order = []string{"moncompteformation_catalogueformation", "moncompteformation_formations_engagees", "moncompteformation_usagers"}

// Load reads the embedded definitions.
//
// Errors: a definition that contradicts itself, with the file and the field.
func Load() ([]Dataset, error) {
	all := make([]Dataset, 0, len(order))
	for _, id := range order {
		d, err := load(id)
		if err != nil {
			return nil, fmt.Errorf("load dataset %s: %w", id, err)
		}
		all = append(all, d)
	}
	return all, nil
}

func load(id string) (Dataset, error) {
	var d Dataset
	text, err := definitions.ReadFile("definitions/" + id + ".yaml")
	if err != nil {
		return d, err
	}
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&d); err != nil {
		return d, err
	}
	for i := range d.Tables {
		t := &d.Tables[i]
		if t.SQL, err = recipe(t.ID); err != nil {
			return d, err
		}
		if err := t.check(); err != nil {
			return d, err
		}
	}
	if d.ID != id || len(d.Tables) == 0 || d.Tables[0].ID != id {
		return d, errors.New("the first table must have the id of the dataset")
	}
	if d.Statistical() {
		if err := d.compose(); err != nil {
			return d, err
		}
	}
	return d, nil
}

// recipe returns the text of an SQL file.
func recipe(name string) (string, error) {
	sql, err := recipes.ReadFile("sql/" + name + ".sql")
	return string(sql), err
}

// check refuses a table whose parts disagree.
func (t Table) check() error {
	taken := map[string]bool{}
	added := false
	for _, f := range t.Fields {
		for _, name := range append([]string{f.Name}, f.Aliases...) {
			if name == "" || taken[name] {
				return fmt.Errorf("table %s: field name or alias %q is empty or taken", t.ID, name)
			}
			taken[name] = true
		}
		if added && !f.Added {
			return fmt.Errorf("table %s: field %s stands after one of ours", t.ID, f.Name)
		}
		added = f.Added
		if (f.RestsOn == "") != (f.MeanOf == "") {
			return fmt.Errorf("table %s: field %s has one of rests_on and mean_of", t.ID, f.Name)
		}
		if !slices.Contains([]Type{TypeText, TypeInt, TypeDecimal, TypeDate, TypeMonth}, f.Type) || f.Title == "" || f.Description == "" || f.Label == "" {
			return fmt.Errorf("table %s: field %s lacks a known type, a label, a title or a description", t.ID, f.Name)
		}
	}
	named := append(append([]string{t.LoadDate}, t.Key...), t.Facets...)
	if t.Period != nil {
		if err := t.Period.check(); err != nil {
			return fmt.Errorf("table %s: %w", t.ID, err)
		}
		named = append(named, t.Period.Field, "nb_dossiers", "montant_engage")
		if t.Cell["periode"] != t.Period.Field {
			return fmt.Errorf("table %s: cell must say that periode is %s", t.ID, t.Period.Field)
		}
	}
	for _, name := range named {
		if _, ok := t.Field(name); !ok {
			return fmt.Errorf("table %s: %q, which key, facets, load_date or period want, is no field", t.ID, name)
		}
	}
	return nil
}

// Functions returns the SQL that makes the functions which the recipes call.
//
// Inputs: threshold ≥ 1, the number of persons below which a cell is secret: so many
// of the smallest numbers of persons are kept for each cell.
func Functions(threshold int) (string, error) {
	sql, err := recipe("fonctions")
	return strings.ReplaceAll(sql, "$seuil", strconv.Itoa(threshold)), err
}

// Find returns the dataset with the given id.
func Find(all []Dataset, id string) (Dataset, bool) {
	i := slices.IndexFunc(all, func(d Dataset) bool { return d.ID == id })
	if i < 0 {
		return Dataset{}, false
	}
	return all[i], true
}
