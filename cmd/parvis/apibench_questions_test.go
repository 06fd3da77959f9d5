package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// subject is a table that questions are asked about, and the columns that they name.
type subject struct {
	name, table string
	// pair are two columns whose values together few rows have; part one of whose
	// values some per cent of the rows have.
	pair [2]string
	part string
	// group is a column to group by, measure one of amounts, facets two columns of at
	// most 100 values, without nulls.
	group, measure string
	facets         []string
}

// offers are the trainings of the catalogue.
var offers = subject{
	name: "catalogue", table: catalogue, pair: [2]string{"siret", "code_certifinfo"}, part: "code_region",
	group: "nom_region", measure: "frais_ttc_tot_mean", facets: []string{"libelle_niveau_sortie_formation", "habilitation"},
}

// bought are purchases in detail.
func bought(name string) subject {
	return subject{
		name: name, table: purchases, pair: [2]string{"code_certifinfo", "code_region_lieu_formation"}, part: "date_validation",
		group: "region_lieu_formation", measure: "montant_engage", facets: []string{"region_lieu_formation", "domaine_formation_nsf"},
	}
}

// kind is what is asked for.
type kind string

const (
	kindPage   kind = "page"
	kindFilter kind = "filter"
	kindGroups kind = "groups"
	kindFacets kind = "facets"
	kindExport kind = "export"
)

// ask is one request, in the words of every system.
type ask struct {
	Kind          kind
	Table         string
	Measure       string
	Where         []condition // all hold
	Group         string
	Facets        []string
	Limit, Offset int
}

// condition compares a column with a value: for equality with a text, or at least with a
// number.
type condition struct {
	Column, Value string
	AtLeast       bool
}

// where writes conditions, in ODSQL and in SQL alike.
func (a ask) where() string {
	all := make([]string, len(a.Where))
	for i, c := range a.Where {
		if c.AtLeast {
			all[i] = c.Column + " >= " + c.Value
		} else {
			all[i] = c.Column + " = " + engine.Literal(c.Value)
		}
	}
	return strings.Join(all, " AND ")
}

// question is a series of requests that differ in a value, or one that is repeated.
type question struct {
	name string
	asks []ask
}

// kept reports whether the same request is repeated.
func (q question) kept() bool { return len(q.asks) == 1 }

const (
	// variants is how many requests a question has: more than are asked in one go of the
	// fastest system that keeps answers.
	variants = 50_000
	pageSize = 20
	maxReach = 10_000 // of offset and limit
	fullPage = 100
)

// questions makes the questions about a table, whose rows are in a Parquet file.
func (s subject) questions(file *engine.DB, parquet string) ([]question, error) {
	v, err := s.read(file, parquet)
	if err != nil {
		return nil, err
	}
	of := map[kind]func(i int) ask{
		kindPage: func(i int) ask {
			limit := pageSize + i%40
			return ask{Limit: limit, Offset: i * 37 % (min(v.rows, maxReach) - limit)}
		},
		kindFilter: func(i int) ask {
			pair := v.pairs[i%len(v.pairs)]
			// The last condition always holds: it makes every request another one.
			other := condition{s.measure, fmt.Sprintf("%.6f", -1-float64(i)/1e6), true}
			return ask{Limit: fullPage, Where: []condition{{s.pair[0], pair[0], false}, {s.pair[1], pair[1], false}, other}}
		},
		kindGroups: func(i int) ask { return ask{Limit: fullPage, Group: s.group, Where: s.above(v, i)} },
		kindFacets: func(i int) ask { return ask{Facets: s.facets, Where: s.above(v, i)} },
		kindExport: func(i int) ask { return ask{Where: []condition{{s.part, v.parts[i%len(v.parts)], false}}} },
	}
	var all []question
	for _, k := range []kind{kindPage, kindFilter, kindGroups, kindFacets, kindExport} {
		asks := make([]ask, variants)
		for i := range asks {
			asks[i] = of[k](i)
			asks[i].Kind, asks[i].Table, asks[i].Measure = k, s.table, s.measure
		}
		if k == kindPage || k == kindGroups || k == kindFacets {
			all = append(all, question{string(k) + ", repeated", asks[:1]})
		}
		all = append(all, question{string(k), asks})
	}
	return all, nil
}

// above is a condition that half of the rows or more meet. No amount has a third decimal:
// systems that keep amounts as doubles answer alike.
func (s subject) above(v values, i int) []condition {
	_, part := math.Modf(float64(i) * math.Phi)
	return []condition{{s.measure, fmt.Sprintf("%.2f5%d", v.low+part*(v.middle-v.low), i), true}}
}

// values are those of a table that questions name.
type values struct {
	rows        int
	pairs       [][2]string
	parts       []string
	low, middle float64 // of the measure
}

func (s subject) read(db *engine.DB, parquet string) (v values, err error) {
	ctx, from := background, " FROM read_parquet("+engine.Literal(parquet)+")"
	err = db.Row(ctx, fmt.Sprintf("SELECT count(*), min(%[1]s)::DOUBLE, quantile_cont(%[1]s, 0.5)::DOUBLE %[2]s", s.measure, from), []any{&v.rows, &v.low, &v.middle})
	if err != nil {
		return v, err
	}
	err = db.Texts(ctx, fmt.Sprintf("SELECT DISTINCT %[1]s, %[2]s %[3]s WHERE %[1]s IS NOT NULL AND %[2]s IS NOT NULL ORDER BY hash(%[1]s, %[2]s), 1, 2 LIMIT 10000", s.pair[0], s.pair[1], from), 2, func(row []engine.Text) error {
		v.pairs = append(v.pairs, [2]string{row[0].String, row[1].String})
		return nil
	})
	if err != nil {
		return v, err
	}
	err = db.Texts(ctx, fmt.Sprintf("SELECT DISTINCT %[1]s %[2]s WHERE %[1]s IS NOT NULL ORDER BY hash(%[1]s), 1", s.part, from), 1, func(row []engine.Text) error {
		v.parts = append(v.parts, row[0].String)
		return nil
	})
	return v, err
}

// request is the request in ODSQL.
func (a ask) request() odsql.Request {
	r := odsql.Request{GroupBy: a.Group}
	if len(a.Where) > 0 {
		r.Where = []string{a.where()}
	}
	if a.Group != "" {
		r.Select = a.Group + " as k, count(*) as n, sum(" + a.Measure + ") as s"
	}
	return r
}

// address is the path and query at which Parvis is asked.
func (a ask) address() string {
	r, p := a.request(), url.Values{}
	for _, w := range r.Where {
		p.Add("where", w)
	}
	path := "/records"
	switch a.Kind {
	case kindFacets:
		path = "/facets"
		p["facet"] = a.Facets
	case kindExport:
		path = "/exports/csv"
	default:
		p.Set("limit", strconv.Itoa(a.Limit))
		p.Set("offset", strconv.Itoa(a.Offset))
	}
	if a.Group != "" {
		p.Set("group_by", r.GroupBy)
		p.Set("select", r.Select)
	}
	return "/api/explore/v2.1/catalog/datasets/" + a.Table + path + "?" + p.Encode()
}

// sql is the request for systems that are asked in SQL: what it takes at least. They are
// not asked how many rows there are beyond a page, which Parvis counts. Order is how they
// name the order in which the rows lie, if they can.
func (a ask) sql(order string) string {
	where := ""
	if len(a.Where) > 0 {
		where = " WHERE " + a.where()
	}
	switch a.Kind {
	case kindGroups:
		return fmt.Sprintf("SELECT %[1]s AS k, count(*) AS n, sum(%[2]s) AS s FROM %[3]s%[4]s GROUP BY %[1]s", a.Group, a.Measure, a.Table, where)
	case kindFacets:
		var all []string
		for _, f := range a.Facets {
			all = append(all, fmt.Sprintf("SELECT '%[1]s' AS f, %[1]s AS k, count(*) AS n FROM %[2]s%[3]s GROUP BY %[1]s", f, a.Table, where))
		}
		return strings.Join(all, " UNION ALL ")
	case kindExport:
		return "SELECT * FROM " + a.Table + where + order
	default:
		return fmt.Sprintf("SELECT * FROM %s%s%s LIMIT %d OFFSET %d", a.Table, where, order, a.Limit, a.Offset)
	}
}

// datasette is the path and query at which datasette's own API of tables is asked, which
// counts the rows as Parvis does; a page begins after a row, not at an offset. Other
// requests are in SQL.
func (a ask) datasette() string {
	p := url.Values{"_shape": {"objects"}, "_size": {strconv.Itoa(a.Limit)}}
	for _, c := range a.Where {
		if c.AtLeast {
			p.Set(c.Column+"__gte", c.Value)
		} else {
			p.Set(c.Column+"__exact", c.Value)
		}
	}
	switch a.Kind {
	case kindGroups:
		return a.datasetteSQL()
	case kindExport:
		p.Set("_size", "max")
		return "/bench/" + a.Table + ".csv?_stream=on&" + p.Encode()
	case kindFacets:
		p["_facet"] = a.Facets
	default:
		if a.Offset > 0 {
			p.Set("_next", strconv.Itoa(a.Offset))
		}
	}
	return "/bench/" + a.Table + ".json?" + p.Encode()
}

// datasetteSQL is the path and query at which datasette is asked in SQL.
func (a ask) datasetteSQL() string {
	form := ".json?_shape=array&sql="
	if a.Kind == kindExport {
		form = ".csv?sql="
	}
	return "/bench" + form + url.QueryEscape(a.sql(" ORDER BY rowid"))
}

// answer is what of an answer must be the same from all systems: numbers of rows, or the
// values of groups.
type answer map[string]float64

// equal allows for sums of doubles.
func (a answer) equal(b answer) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		w, ok := b[k]
		if !ok || math.Abs(v-w) > 1e-9*math.Abs(v) {
			return false
		}
	}
	return true
}

// row is one row of an answer in JSON.
type row = map[string]any

// answerOf condenses rows. Those of a page may come in any order, so only where the page
// holds all that there are are they the same everywhere.
func (a ask) answerOf(rows []row) (answer, error) {
	out := answer{}
	for _, r := range rows {
		switch a.Kind {
		case kindGroups:
			out[fmt.Sprint(r["k"], " rows")] = number(r["n"])
			out[fmt.Sprint(r["k"], " sum")] = number(r["s"])
		case kindFacets:
			out[fmt.Sprint(r["f"], "=", r["k"])] = number(r["n"])
		default:
			out["rows"]++
			if a.Kind == kindFilter && len(rows) < a.Limit {
				out["sum"] += number(r[a.Measure])
			}
		}
	}
	if len(out) == 0 {
		return nil, errors.New("the answer is empty")
	}
	return out, nil
}

// number reads a number of an answer, which may be a text; NaN if it is none.
func number(v any) float64 {
	f, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

// countCSV counts the rows of CSV below its head.
func countCSV(r io.Reader, delimiter rune) (answer, error) {
	c := csv.NewReader(r)
	c.Comma, c.ReuseRecord, c.LazyQuotes = delimiter, true, true
	for n := 0; ; n++ {
		if _, err := c.Read(); errors.Is(err, io.EOF) {
			return answer{"rows": float64(n - 1)}, nil
		} else if err != nil {
			return nil, err
		}
	}
}

// readRows reads an answer in JSON that is an array of rows.
func readRows(r io.Reader) (rows []row, err error) {
	d := json.NewDecoder(r)
	d.UseNumber()
	return rows, d.Decode(&rows)
}

// readTable reads an answer of datasette's API of tables.
func (a ask) readTable(r io.Reader) ([]row, error) {
	var body struct {
		Rows   []row
		Facets map[string]struct {
			Results []struct {
				Value any
				Count int64
			}
		} `json:"facet_results"`
	}
	d := json.NewDecoder(r)
	d.UseNumber()
	if err := d.Decode(&body); err != nil || a.Kind != kindFacets {
		return body.Rows, err
	}
	var rows []row
	for name, f := range body.Facets {
		for _, v := range f.Results {
			rows = append(rows, row{"f": name, "k": v.Value, "n": v.Count})
		}
	}
	return rows, nil
}

// readRecords reads an answer of Parvis.
func (a ask) readRecords(r io.Reader) ([]row, error) {
	var body struct {
		Results []row
		Facets  []struct {
			Name   string
			Facets []struct {
				Name  string
				Count int64
			}
		}
	}
	d := json.NewDecoder(r)
	d.UseNumber()
	if err := d.Decode(&body); err != nil {
		return nil, err
	}
	for _, f := range body.Facets {
		for _, v := range f.Facets {
			body.Results = append(body.Results, row{"f": f.Name, "k": v.Name, "n": v.Count})
		}
	}
	return slices.Clip(body.Results), nil
}
