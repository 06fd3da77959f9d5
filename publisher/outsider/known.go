package outsider

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
)

// Figure is what a reader knows of a row from elsewhere.
type Figure struct {
	Table string
	// Key are the columns of the key; what is not there is null.
	Key map[string]string
	// Values are measures by name, in cents for amounts, hours and means.
	Values map[string]int64
}

// InvalidError says what is wrong with a file of known figures, and what to do.
type InvalidError struct{ Reason string }

func (e *InvalidError) Error() string { return e.Reason }

func invalid(format string, args ...any) error {
	return &InvalidError{Reason: fmt.Sprintf(format, args...)}
}

// ReadKnown reads known figures: a CSV with a header of the column table and columns of
// the tables, where a row fills the key of its table, and the measures that are known.
//
// Errors: an [InvalidError] with the row and the remedy; [ErrCountsNobody].
func ReadKnown(from io.Reader, dataset datasets.Dataset) ([]Figure, error) {
	l, err := newLayout(dataset)
	if err != nil {
		return nil, err
	}
	rows := csv.NewReader(from)
	header, err := rows.Read()
	if err != nil || !slices.Contains(header, "table") {
		return nil, invalid("known figures: the first row must name the columns, table among them")
	}
	for i, name := range header {
		if slices.Index(header, name) != i {
			return nil, invalid("known figures: column %q is there twice; leave one out", name)
		}
	}
	var all []Figure
	for number := 2; ; number++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, invalid("known figures, row %d: %v; correct the CSV", number, err)
		}
		f, err := l.figure(header, row)
		if err != nil {
			return nil, invalid("known figures, row %d: %v", number, err)
		}
		all = append(all, f)
	}
}

// figure reads a row of known figures.
func (l *layout) figure(header, row []string) (Figure, error) {
	f := Figure{Key: map[string]string{}, Values: map[string]int64{}}
	f.Table = row[slices.Index(header, "table")]
	t := l.table(f.Table)
	if t == nil {
		return f, fmt.Errorf("there is no table %q; name one of %s", f.Table, l.dataset.ID)
	}
	for i, name := range header {
		if name == "table" || row[i] == "" {
			continue
		}
		field := t.field(l, name)
		switch {
		case slices.Contains(t.Key, name):
			f.Key[name] = row[i]
		case field < 0:
			return f, fmt.Errorf("table %s has no key or measure %q; leave the field empty", f.Table, name)
		default:
			_, factor := l.column(field)
			value, err := parse(row[i], factor)
			if err != nil {
				return f, fmt.Errorf("%s: %w", name, err)
			}
			f.Values[name] = value
		}
	}
	if f.Key[t.Period.Field] == "" || len(f.Values) == 0 {
		return f, fmt.Errorf("fill %s and a measure at least", t.Period.Field)
	}
	return f, nil
}

// field returns the number of a measure of a table; −1 if it has none of that name.
func (t *table) field(l *layout, name string) int {
	for field, has := range t.fields {
		if column, _ := l.column(field); has && column == name {
			return field
		}
	}
	return -1
}

// parse reads a figure and returns how many units of 1/factor it is.
func parse(text string, factor int64) (int64, error) {
	r, ok := new(big.Rat).SetString(text)
	if !ok || strings.ContainsAny(text, "/eExX_") {
		return 0, fmt.Errorf("%q is no number such as 1234.50", text)
	}
	r.Mul(r, new(big.Rat).SetInt64(factor))
	if !r.IsInt() || r.Sign() < 0 || r.Num().BitLen() > 50 {
		return 0, fmt.Errorf("%q is negative, too large or has too many decimals", text)
	}
	return r.Num().Int64(), nil
}

// byPeriod sorts known figures by the period of their system.
func byPeriod(l *layout, all []Figure) map[string][]Figure {
	out := map[string][]Figure{}
	for _, f := range all {
		period := f.Key[l.table(f.Table).Period.Field]
		out[period] = append(out[period], f)
	}
	return out
}

// place takes known figures for printed.
func (s *system) place(all []Figure) {
	for _, f := range all {
		id := s.cellOf(f)
		if id == none {
			s.unplaced++
			continue
		}
		t := s.instances[s.cells[id].instance]
		for name, value := range f.Values {
			field := t.field(s.layout, name)
			if field == price && s.isPrinted(id, price) && s.price[id] != value || field == duration && s.isPrinted(id, duration) && s.duration[id] != value {
				s.failf("%s, a mean that is known and printed", s.describe(id))
			}
			s.print(id, field, value)
		}
	}
}

// cellOf returns the cell of a known figure; none if there is none.
func (s *system) cellOf(f Figure) int32 {
	in := s.instance(f.Table, s.period)
	if in == nil {
		return none
	}
	k := emptyKey
	for i, dimension := range in.dimensions {
		var values []string
		for _, column := range in.columns[i] {
			value, ok := f.Key[column]
			if !ok {
				value = null
			}
			values = append(values, value)
		}
		id, ok := s.dimension(dimension).ids[strings.Join(values, separator)]
		if !ok {
			return none
		}
		k[i] = id
	}
	return in.find(k)
}
