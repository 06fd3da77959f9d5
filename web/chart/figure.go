package chart

// Figure is what every kind of chart has.
type Figure struct {
	// Title says what is shown; Description, what is to be seen, for who cannot see it.
	Title, Description string
	// Unit is a sign such as € or %, which stands behind each number, or a text such as
	// «entrées en formation», which stands above all of them.
	Unit string
	// Decimals is how many a number has in the table, 0 to 6.
	Decimals int
	// Note and Source are said at the foot of files.
	Note, Source string
}

// Chart is a figure that can be drawn: Bars, Columns, Lines, Stacked, Pyramid, Departements,
// Spread or Matrix.
type Chart interface {
	// Table is the same data as rows of text.
	Table() Table
	about() Figure
	draw(s *scene)
}

// Table is the twin of a chart: all of its data, formatted. The first cell of a row is its
// heading. Rows have as many cells as the header.
type Table struct {
	Caption string
	Header  []string
	Rows    [][]string
}

func (f Figure) about() Figure { return f }

// Noted is a chart with what must be said of it wherever its file goes.
func Noted(c Chart, note string) Chart { return noted{c, note} }

type noted struct {
	Chart

	note string
}

func (n noted) about() Figure {
	f := n.Chart.about()
	f.Note = n.note
	return f
}

// table starts the twin of a figure.
func (f Figure) table(header ...string) Table {
	return Table{Caption: f.Title, Header: header}
}

// heading is that of a column of figures.
func (f Figure) heading() string {
	if f.Unit == "" {
		return "Valeur"
	}
	return f.Unit
}

// points is the table of one figure a label.
func (f Figure) points(label string, points []Point) Table {
	t := f.table(label, f.heading())
	for _, p := range points {
		t.Rows = append(t.Rows, []string{p.Label, f.exact(p.Value)})
	}
	return t
}

// matrix is the table of several figures a label.
func (f Figure) matrix(first string, labels []string, series []Series) Table {
	t := f.table(first)
	for _, s := range series {
		t.Header = append(t.Header, s.Name)
	}
	for i, label := range labels {
		row := []string{label}
		for _, s := range series {
			row = append(row, f.exact(s.at(i)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// all are the values of series for labels.
func all(labels []string, series []Series) []Value {
	var values []Value
	for _, s := range series {
		for i := range labels {
			values = append(values, s.at(i))
		}
	}
	return values
}
