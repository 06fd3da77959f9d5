// Package ask says what a figure of a page asks of the tables, in the words of the query
// API, and reads what was answered.
//
// Invariant: a figure comes from a [Question] and nothing else, so that whoever follows
// its address reads the same.
package ask

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Question is a request for rows of a table, as the Explore API has them.
type Question struct {
	Table                    string
	Select, GroupBy, OrderBy string
	Where                    []string
	// Limit is how many rows are wanted; 0 leaves it to the API, -1 means as many as it
	// gives at once.
	Limit int
}

// Values are the parameters of the request.
func (q Question) Values() url.Values {
	v := url.Values{}
	for name, text := range map[string]string{"select": q.Select, "group_by": q.GroupBy, "order_by": q.OrderBy} {
		if text != "" {
			v.Set(name, text)
		}
	}
	for _, condition := range q.Where {
		v.Add("where", condition)
	}
	if q.Limit != 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	return v
}

// Records is the address of the answer, below that of the service.
func (q Question) Records(root string) string {
	return q.below(root) + "/records?" + encode(q.Values())
}

// Export is the address of all the rows as a file: csv, xlsx, json, parquet.
func (q Question) Export(root, format string) string {
	v := q.Values()
	v.Del("limit")
	return strings.TrimSuffix(q.below(root)+"/exports/"+format+"?"+encode(v), "?")
}

func (q Question) below(root string) string {
	return root + "api/explore/v2.1/catalog/datasets/" + url.PathEscape(q.Table)
}

// encode writes parameters as people read them best: a space is %20.
func encode(v url.Values) string { return strings.ReplaceAll(v.Encode(), "+", "%20") }

// Literal writes a text as one of a condition.
func Literal(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// Equals is the condition that a field has a value.
func Equals(field, text string) string { return field + " = " + Literal(text) }

// Row is a row of an answer: texts, numbers and nothing, by the names of the columns.
type Row map[string]any

// Read reads an answer: a JSON array of objects.
//
// Errors: it is none.
func Read(results []byte) ([]Row, error) {
	d := json.NewDecoder(bytes.NewReader(results))
	d.UseNumber()
	var rows []Row
	if err := d.Decode(&rows); err != nil {
		return nil, fmt.Errorf("read an answer of the query API: %w", err)
	}
	return rows, nil
}

// Text is a value as text; empty if there is none.
func (r Row) Text(name string) string {
	switch v := r[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// Number is a value as a number; ok is false where it is secret or unknown.
func (r Row) Number(name string) (x float64, ok bool) {
	n, is := r[name].(json.Number)
	if !is {
		return 0, false
	}
	x, err := n.Float64()
	return x, err == nil
}
