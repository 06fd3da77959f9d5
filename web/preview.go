package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/web/ask"
)

// View is what a reader wants to see of a table of a dataset.
type View struct {
	Table datasets.Table
	// Sort is a field, with "-" before it for the greatest first; empty for the order of
	// the table.
	Sort string
	// Chosen are values of facets.
	Chosen map[string]string
	// main says that the table is the first of its dataset.
	main bool
}

// Preview is what a table has to show.
type Preview struct {
	// Release is the one that was asked.
	Release string
	Rows    []ask.Row
	Total   int64
	// Values are those of each facet, with the number of rows under n.
	Values map[string][]ask.Row
}

const (
	// previewed is how many rows are shown, and listed how many values of a facet.
	previewed, listed = 15, 120
	longestValue      = 200 // characters
	longestCell       = 110 // characters
)

// ViewParameters are the parameters of the address of the page of a dataset.
func ViewParameters(all []datasets.Dataset) []string {
	names := []string{"table", "tri"}
	for _, d := range all {
		for _, t := range d.Tables {
			names = append(names, t.Facets...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// ReadView reads what a reader wants to see. What is empty is not asked, and unknown
// parameters are ignored.
//
// Errors, in French: there is no such table or field; a value cannot be one of its field.
func ReadView(d datasets.Dataset, given url.Values) (View, error) {
	v := View{Table: d.Tables[0], Sort: given.Get("tri"), Chosen: map[string]string{}, main: true}
	if id := given.Get("table"); id != "" {
		i := slices.IndexFunc(d.Tables, func(t datasets.Table) bool { return t.ID == id })
		if i < 0 {
			return v, fmt.Errorf("le jeu de données n'a pas de table « %s »", cut(id, 80))
		}
		v.Table, v.main = d.Tables[i], i == 0
	}
	if err := v.checkSort(d); err != nil {
		return v, err
	}
	for _, facet := range v.Table.Facets {
		value := given.Get(facet)
		if value == "" {
			continue
		}
		if err := fits(v.Table, facet, value); err != nil {
			return v, err
		}
		v.Chosen[facet] = value
	}
	return v, nil
}

// checkSort checks the field to sort by. One that only another table of the dataset has is
// left over from there, and let go.
func (v *View) checkSort(d datasets.Dataset) error {
	name := strings.TrimPrefix(v.Sort, "-")
	if _, ok := v.Table.Field(name); ok || v.Sort == "" {
		return nil
	}
	v.Sort = ""
	if slices.ContainsFunc(fieldsOf(d), func(f datasets.Field) bool { return f.Name == name }) {
		return nil
	}
	return fmt.Errorf("aucune table n'a de champ « %s » d'après lequel trier", cut(name, 80))
}

// fits checks that a value may be one of a facet.
func fits(t datasets.Table, facet, value string) error {
	f, _ := t.Field(facet)
	_, err := strconv.ParseInt(value, 10, 32)
	if f.Type == datasets.TypeInt && err != nil {
		return fmt.Errorf("le filtre « %s » attend un nombre entier", facet)
	}
	if (f.Type == datasets.TypeMonth || f.Type == datasets.TypeDate) && !isDate(value) {
		return fmt.Errorf("le filtre « %s » attend une date, comme 2026, 2026-03 ou 2026-03-31", facet)
	}
	if !utf8.ValidString(value) || utf8.RuneCountInString(value) > longestValue {
		return fmt.Errorf("le filtre « %s » attend un texte de %d caractères au plus", facet, longestValue)
	}
	return nil
}

// isDate reports whether a text is a year, a month or a day.
func isDate(text string) bool {
	return slices.ContainsFunc([]string{"2006", "2006-01", time.DateOnly}, func(layout string) bool {
		_, err := time.Parse(layout, text)
		return err == nil
	})
}

// Values are the parameters of the address, none that says what needs not be said.
func (v View) Values() url.Values {
	q := url.Values{}
	if !v.main {
		q.Set("table", v.Table.ID)
	}
	if v.Sort != "" {
		q.Set("tri", v.Sort)
	}
	for facet, value := range v.Chosen {
		q.Set(facet, value)
	}
	return q
}

// Rows asks for the rows that are shown.
func (v View) Rows() ask.Question {
	q := ask.Question{Table: v.Table.ID, Where: v.where(), Limit: previewed}
	if name, down := strings.CutPrefix(v.Sort, "-"); v.Sort != "" {
		q.OrderBy = name
		if down {
			q.OrderBy += " desc"
		}
	}
	return q
}

// Count asks how many there are.
func (v View) Count() ask.Question {
	return ask.Question{Table: v.Table.ID, Select: "count(*) as n", Where: v.where(), Limit: 1}
}

// Facet asks for the values of a facet, the most frequent ones.
func (v View) Facet(name string) ask.Question {
	return ask.Question{Table: v.Table.ID, Select: name + ", count(*) as n", GroupBy: name, OrderBy: "n desc, " + name, Limit: listed}
}

func (v View) where() []string {
	var all []string
	for _, facet := range v.Table.Facets {
		value, ok := v.Chosen[facet]
		if !ok {
			continue
		}
		if f, _ := v.Table.Field(facet); f.Type == datasets.TypeInt {
			all = append(all, facet+" = "+value)
		} else {
			all = append(all, ask.Equals(facet, value))
		}
	}
	return all
}

// preview is the address of a view of the dataset, at its place on the page.
func (v datasetView) preview(of View) string {
	of.main = of.Table.ID == v.Tables[0].ID
	address := url.PathEscape(v.ID)
	if q := of.Values().Encode(); q != "" {
		address += "?" + q
	}
	return address + "#apercu"
}

// grid is the preview as the template sees it.
type grid struct {
	Title, Count string
	Heads        []head
	Rows         [][]cell
	Filters      []narrowing
	Filtered     bool
	Plain        string // the address without filters
	API, CSV     string
	// Behind is the release that is shown while another is served already.
	Behind string
}

// head is a column, with the address that sorts by it.
type head struct {
	Name, Title, Sort string
	Order             string // ascending, descending or empty
	Number            bool
}

type cell struct {
	Text   string
	Silent bool // secret or not given
	Number bool
}

// narrowing are the values of a facet to choose from.
type narrowing struct {
	Name, Title string
	Values      []choice
	Chosen      bool
}

func (v datasetView) grid() *grid {
	p, t := v.Preview, v.View.Table
	g := &grid{
		Title: t.Title, Filtered: len(v.View.Chosen) > 0, Plain: v.preview(View{Table: t, Sort: v.View.Sort}),
		API: v.View.Rows().Records(v.Root), CSV: v.View.Rows().Export(v.Root, "csv"),
	}
	if p.Release != v.Release {
		g.Behind = p.Release
	}
	g.Count = some(int(p.Total), "ligne", "lignes")
	if n := len(p.Rows); int64(n) < p.Total {
		g.Count = "les " + number(n) + " premières lignes sur " + number(int(p.Total))
	}
	for _, f := range t.Fields {
		g.Heads = append(g.Heads, v.head(f))
	}
	for _, r := range p.Rows {
		var row []cell
		for _, f := range t.Fields {
			row = append(row, v.cell(r, f))
		}
		g.Rows = append(g.Rows, row)
	}
	for _, facet := range t.Facets {
		if c := v.narrowing(facet); c.Chosen || len(c.Values) > 1 && !strings.HasPrefix(facet, "code_") { // names say more
			g.Filters = append(g.Filters, c)
		}
	}
	return g
}

// head is that of a field: its link sorts upwards, then downwards, then not.
func (v datasetView) head(f datasets.Field) head {
	h := head{Name: f.Name, Title: f.Title, Number: isNumber(f)}
	next := View{Table: v.View.Table, Chosen: v.View.Chosen, Sort: f.Name}
	switch v.View.Sort {
	case f.Name:
		h.Order, next.Sort = "ascending", "-"+f.Name
	case "-" + f.Name:
		h.Order, next.Sort = "descending", ""
	}
	h.Sort = v.preview(next)
	return h
}

// isNumber reports whether a field is read as a number, rather than as a name of something.
func isNumber(f datasets.Field) bool {
	return f.Type == datasets.TypeDecimal || f.Type == datasets.TypeInt && f.Minimum == nil || f.Measure
}

func (v datasetView) cell(r ask.Row, f datasets.Field) cell {
	text := r.Text(f.Name)
	switch {
	case text == "" && f.Measure && v.Statistical():
		return cell{"secret", true, isNumber(f)}
	case text == "":
		return cell{"non renseigné", true, isNumber(f)}
	}
	if x, ok := r.Number(f.Name); ok && isNumber(f) {
		return cell{amount(x), false, true}
	}
	return cell{cut(text, longestCell), false, false}
}

// narrowing has the values of a facet in the order of their names, the latest periods first.
func (v datasetView) narrowing(facet string) narrowing {
	f, _ := v.View.Table.Field(facet)
	chosen := v.View.Chosen[facet]
	c := narrowing{Name: facet, Title: f.Title, Chosen: chosen != ""}
	found := false
	for _, r := range v.Preview.Values[facet] {
		value := r.Text(facet)
		if value == "" {
			continue
		}
		found = found || value == chosen
		c.Values = append(c.Values, choice{value, cut(periodName(value), 70) + " (" + number(int(rowCount(r))) + ")", value == chosen})
	}
	if c.Chosen && !found {
		c.Values = append(c.Values, choice{chosen, chosen, true})
	}
	down := f.Type != datasets.TypeText || facet == "trimestre"
	slices.SortFunc(c.Values, func(a, b choice) int {
		if down {
			a, b = b, a
		}
		return strings.Compare(a.Value, b.Value)
	})
	return c
}

func rowCount(r ask.Row) int64 {
	n, _ := r.Number("n")
	return int64(n)
}

// Total reads the answer to [View.Count].
func Total(rows []ask.Row) int64 {
	if len(rows) == 0 {
		return 0
	}
	return rowCount(rows[0])
}

// cut shortens a text to some characters.
func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:most])) + "…"
}
