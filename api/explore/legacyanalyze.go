package explore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// series is one figure of an analysis.
type series struct{ name, expression string }

// analysis is an analysis of version 1: figures by the values of some axes.
type analysis struct {
	axes   []string // expressions
	keys   []string // names of the axes in the answer
	series []series
}

// axisFunctions are what may follow a date on an axis (x=date.year).
var axisFunctions = []string{"year", "month", "day", "hour", "minute", "second"}

// aggregates are the functions of version 1 that the language has.
var aggregates = []string{"COUNT", "AVG", "SUM", "MIN", "MAX", "QUANTILES"}

// readAnalysis reads the axes and the series.
func readAnalysis(p params) (analysis, error) {
	var out analysis
	for _, value := range p.all("x") {
		field, function, dated := strings.Cut(value, ".")
		quoted, err := name("x", field)
		if err != nil {
			return out, err
		}
		if dated {
			if !slices.Contains(axisFunctions, function) {
				return out, parameterError(fmt.Sprintf("Le paramètre « x » vaut « %s » ; après le point, il faut %s.", cut(value, 60), strings.Join(axisFunctions, ", ")))
			}
			quoted = function + "(" + quoted + ")"
		}
		out.axes, out.keys = append(out.axes, quoted), append(out.keys, value)
	}
	if len(out.axes) == 0 {
		return out, parameterError("Le paramètre « x » manque : donnez le champ dont les valeurs forment l'axe.")
	}
	for _, parameter := range sortedNames(p) {
		serie, ok := strings.CutPrefix(parameter, "y.")
		if !ok || !strings.HasSuffix(serie, ".func") {
			continue
		}
		serie = strings.TrimSuffix(serie, ".func")
		expression, err := aggregateV1(p, serie)
		if err != nil {
			return out, err
		}
		out.series = append(out.series, series{serie, expression})
	}
	if len(out.series) == 0 {
		out.series = []series{{"count", "count(*)"}}
	}
	return out, nil
}

// aggregateV1 reads the function and the field of a series.
func aggregateV1(p params, serie string) (string, error) {
	if _, err := name("y", serie); err != nil {
		return "", err
	}
	function := strings.ToUpper(p.text("y." + serie + ".func"))
	if !slices.Contains(aggregates, function) {
		return "", parameterError(fmt.Sprintf("Le paramètre « y.%s.func » vaut « %s » ; les fonctions sont %s.", serie, cut(function, 40), strings.Join(aggregates, ", ")))
	}
	field := p.text("y." + serie + ".expr")
	if field == "" {
		if function == "COUNT" {
			return "count(*)", nil
		}
		return "", parameterError(fmt.Sprintf("Le paramètre « y.%s.expr » manque : donnez le champ de la fonction %s.", serie, function))
	}
	quoted, err := name("y."+serie+".expr", field)
	if err != nil {
		return "", err
	}
	if function == "QUANTILES" {
		share := p.text("y." + serie + ".subsets")
		if !number.MatchString(share) {
			return "", parameterError(fmt.Sprintf("Le paramètre « y.%s.subsets » doit être un nombre de 0 à 100.", serie))
		}
		return "percentile(" + quoted + ", " + share + ")", nil
	}
	return strings.ToLower(function) + "(" + quoted + ")", nil
}

// clauses puts the analysis into a query. Aliases are of this function, so that no
// name of a client can clash with another.
func (n analysis) clauses(r *odsql.Request, p params) error {
	var groups, selects []string
	for i, axis := range n.axes {
		groups = append(groups, fmt.Sprintf("%s AS axe_%d", axis, i))
	}
	for i, s := range n.series {
		selects = append(selects, fmt.Sprintf("%s AS serie_%d", s.expression, i))
	}
	r.GroupBy, r.Select = strings.Join(groups, ", "), strings.Join(selects, ", ")
	by, ascending := strings.CutPrefix(p.text("sort"), "-")
	r.OrderBy = "axe_0" + direction(ascending)
	if by == "" || by == "x" {
		return nil
	}
	by = strings.TrimPrefix(strings.TrimPrefix(by, "x."), "y.")
	if i := slices.Index(n.keys, by); i >= 0 {
		r.OrderBy = fmt.Sprintf("axe_%d", i) + direction(ascending)
		return nil
	}
	if i := slices.IndexFunc(n.series, func(s series) bool { return s.name == by }); i >= 0 {
		r.OrderBy = fmt.Sprintf("serie_%d", i) + direction(ascending)
		return nil
	}
	return parameterError(fmt.Sprintf("Le paramètre « sort » vaut « %s », qui n'est ni un axe ni une série.", cut(by, 60)))
}

// analyzeV1 answers an analysis of version 1.
func (a *API) analyzeV1(c *Call, p params, l loan) error {
	n, err := readAnalysis(p)
	if err != nil {
		return err
	}
	r, err := a.requestV1(p, l.Schema())
	if err != nil {
		return err
	}
	if err := n.clauses(&r, p); err != nil {
		return err
	}
	points, err := p.whole("maxpoints", maxGroupLimit, 0, maxGroupLimit, "")
	if err != nil {
		return err
	}
	if points == 0 {
		points = maxGroupLimit
	}
	q, err := prepareOver(disjunctive(l.Schema(), p), l, r, false)
	if err != nil {
		return err
	}
	key := a.key(l, "analyze 1.0", q.Canonical(), q.locale(), page{limit: points}.key(), fmt.Sprint(n))
	return a.answer(c, l, key, func() ([]byte, error) { return a.pointsBody(c.Request.Context(), q, points, newPoints(q, n)) })
}

func (a *API) pointsBody(ctx context.Context, q *prepared, limit int, w *points) ([]byte, error) {
	body := []byte{'['}
	err := a.run(ctx, work{table: q.loan.Table, statement: q.Page(limit, 0), cost: q.Cost()}, func(rows *engine.Rows, _ *meter) error {
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = w.append(body, rows)
		return bounded(body)
	})
	return append(body, "]\n"...), err
}

// points writes groups as version 1 shows them: {"x": value, "series": value}, or with
// several axes {"x": {"axis": value}, "series": value}.
type points struct {
	analysis
	query        *prepared
	axis, figure []int // columns
}

func newPoints(q *prepared, n analysis) *points {
	w := &points{analysis: n, query: q}
	at := func(name string) int {
		return slices.IndexFunc(q.Columns, func(c odsql.Column) bool { return c.Name == name })
	}
	for i := range n.axes {
		w.axis = append(w.axis, at(fmt.Sprintf("axe_%d", i)))
	}
	for i := range n.series {
		w.figure = append(w.figure, at(fmt.Sprintf("serie_%d", i)))
	}
	return w
}

func (w *points) append(b []byte, rows *engine.Rows) []byte {
	kinds, zone := kindsOf(rows), zoneOf(w.query.request)
	b = append(b, `{"x":`...)
	if len(w.axis) == 1 {
		b = appendJSON(b, rows, w.axis[0], kinds[w.axis[0]], zone)
	} else {
		for i, column := range w.axis {
			b = append(b, "{,"[min(i, 1)])
			b = append(appendJSONWord(b, w.keys[i]), ':')
			b = appendJSON(b, rows, column, kinds[column], zone)
		}
		b = append(b, '}')
	}
	for i, column := range w.figure {
		b = append(appendJSONWord(append(b, ','), w.series[i].name), ':')
		b = appendJSON(b, rows, column, kinds[column], zone)
	}
	return append(b, '}')
}
