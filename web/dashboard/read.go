package dashboard

import (
	"slices"
	"strconv"
	"strings"

	"github.com/parvis-opendata/parvis/web/ask"
	"github.com/parvis-opendata/parvis/web/chart"
)

// counted are the columns that tell how many rows a sum is of, and how many of them are
// not secret.
func counted(measure string) string { return ", count(*) as n, count(" + measure + ") as k" }

// value is a figure of a row, which is secret where there is none, and where a sum is nothing
// but for what is secret.
func value(row ask.Row, column string) chart.Value {
	x, ok := row.Number(column)
	if empty, _ := partial([]ask.Row{row}); !ok || x == 0 && empty > 0 {
		return chart.Secret()
	}
	return chart.Known(x)
}

// given is a figure of a row, which nobody gave where there is none.
func given(row ask.Row, column string) chart.Value {
	if x, ok := row.Number(column); ok {
		return chart.Known(x)
	}
	return chart.Absent()
}

// partial is how many rows of a table are empty that sums over them leave out, and of how
// many.
func partial(rows []ask.Row) (empty, all int) {
	for _, row := range rows {
		n, _ := row.Number("n")
		k, _ := row.Number("k")
		empty, all = empty+int(n-k), all+int(n)
	}
	return empty, all
}

// left says how many rows of a table have no figure; empty if all have one.
func left(rows []ask.Row) string {
	empty, all := partial(rows)
	if empty == 0 {
		return ""
	}
	text := chart.Whole(empty) + " des " + chart.Whole(all) + " lignes lues dans la table "
	if empty == 1 {
		return text + "est vide, parce que secrète ou sans dossier"
	}
	return text + "sont vides, parce que secrètes ou sans dossier"
}

// notes are those of sums, if they need one, and others.
func notes(rows []ask.Row, others ...string) []string {
	if text := left(rows); text != "" {
		return append([]string{"Au moins : " + text + "."}, others...)
	}
	return others
}

// first are the rows of a ranking of so many that have a figure, and what to say of the others;
// all rows if none has.
func first(rows []ask.Row, column string, limit int) (shown []ask.Row, note []string) {
	for _, row := range rows {
		if _, ok := row.Number(column); ok {
			shown = append(shown, row)
		}
	}
	if len(shown) == 0 || len(shown) == len(rows) || len(rows) < limit {
		return rows, nil
	}
	return shown, []string{"Les autres sont secrets, ou sans dossier."}
}

// points are the figures of rows by their labels.
func points(rows []ask.Row, label, column string, read func(ask.Row, string) chart.Value) []chart.Point {
	var all []chart.Point
	for _, row := range rows {
		text := row.Text(label)
		if text == "" {
			text = "Non renseigné"
		}
		all = append(all, chart.Point{Label: text, Value: read(row, column)})
	}
	return all
}

// everyPeriod has a row for each period that is shown, so that none is passed over: what the
// table does not have is secret, or nothing.
func (c Choice) everyPeriod(rows []ask.Row, period string) []ask.Row {
	found := map[string]ask.Row{}
	for _, row := range rows {
		found[row.Text(period)] = row
	}
	all := make([]ask.Row, 0, len(rows))
	for _, p := range c.Shown() {
		row, ok := found[p]
		if !ok {
			row = ask.Row{period: p}
		}
		all = append(all, row)
	}
	return all
}

// byPeriod are the figures of rows for some periods; a period without a row has none.
func byPeriod(periods []string, rows []ask.Row, period, column string) []chart.Value {
	found := map[string]chart.Value{}
	for _, row := range rows {
		found[row.Text(period)] = value(row, column)
	}
	all := make([]chart.Value, len(periods))
	for i, p := range periods {
		all[i] = found[p] // the zero value is absent
	}
	return all
}

func periodLabels(periods []string) []string {
	all := make([]string, len(periods))
	for i, p := range periods {
		all[i] = periodLabel(p)
	}
	return all
}

func periodLabel(period string) string {
	year, part, ok := strings.Cut(period, "-")
	y, err := strconv.Atoi(year)
	if !ok || err != nil {
		return period
	}
	if quarter, is := strings.CutPrefix(part, "T"); is {
		if q, err := strconv.Atoi(quarter); err == nil {
			return chart.Quarter(y, q)
		}
	}
	if m, err := strconv.Atoi(part); err == nil {
		return chart.Month(y, m)
	}
	return period
}

// overTime draws figures of the periods shown: as columns if they are few, else as a line.
func (c Choice) overTime(f chart.Figure, rows []ask.Row, period, column string) chart.Chart {
	periods, label := c.Shown(), c.of.PeriodName
	values, labels := byPeriod(periods, rows, period, column), periodLabels(periods)
	if len(periods) > 24 {
		return chart.Lines{Figure: f, Label: label, Periods: labels, Series: []chart.Series{{Name: f.Unit, Values: values}}}
	}
	columns := chart.Columns{Figure: f, Label: label}
	for i, l := range labels {
		columns.Points = append(columns.Points, chart.Point{Label: l, Value: values[i]})
	}
	return columns
}

// elsewhere are the codes of no département that the tables have.
var elsewhere = map[string]string{"00": "À distance ou non localisé", "99": "Hors de France ou non renseigné"}

// areas are the figures of départements.
func areas(rows []ask.Row, code, column string, read func(ask.Row, string) chart.Value) []chart.Area {
	var all []chart.Area
	for _, row := range rows {
		all = append(all, chart.Area{Code: row.Text(code), Name: elsewhere[row.Text(code)], Value: read(row, column)})
	}
	return all
}

// figure is what every chart of a choice has: its title ends with what was chosen.
func (c Choice) figure(title, description, unit string) chart.Figure {
	parts := slices.DeleteFunc([]string{title, c.Territory(), c.Span()}, func(s string) bool { return s == "" })
	return chart.Figure{Title: strings.Join(parts, "\u00a0· "), Description: description, Unit: unit, Source: c.Source}
}
