package problem

import (
	"io/fs"
	"math"
	"strings"
)

// maxRows is the largest number of rows of a table.
const maxRows = 4_000_000

// absent stands in the list of largest contributions where there is none.
const absent = math.MinInt64

// table is what a CSV file holds, one entry a row, in the order of the file.
type table struct {
	name, file string
	detail     bool
	// dims are the dimensions of the table in the order of its columns.
	dims []int
	// codes has one number per row and dimension of the table.
	codes []uint32
	// value is as written; count and sensitive too.
	value     []decimal
	count     []int64
	sensitive []bool
	// largest has as many entries per row as the description has columns of them.
	largest []decimal
	line    []int32
	// places is the largest number of decimals in the value column.
	places uint8

	// key is the combination of each row, cell its number or −1: a zero that is none.
	key  []uint64
	cell []int32
	// margins are the cells of a detailed table that no row has, in the order of codes;
	// cells are all cells of the table.
	margins []int32
	cells   []int32
}

// columns are the numbers of the columns that are read; −1 if there is none.
type columns struct {
	dims             []int
	value, frequency int
	largest          []int
	sensitive        int
}

// readTable reads a table. It returns nil if there is a fault that hides the rows.
func (r *reader) readTable(fsys fs.FS, entry tableEntry) (*table, error) {
	s, err := openSheet(fsys, entry.File, r.faults)
	if s == nil || err != nil {
		return nil, err
	}
	t := &table{name: entry.Name, file: entry.File, detail: entry.Detail}
	c, ok := r.columns(s, t)
	if !ok {
		return nil, nil
	}
	s.each(r.faults, func(record []string, line int) {
		if len(t.line) < maxRows {
			r.row(t, c, record, line)
		} else if len(t.line) == maxRows {
			t.line = append(t.line, int32(line))
			r.faults.addf(place{file: t.file, line: line}, "a table has at most %d rows; split it", maxRows)
		}
	})
	if len(t.line) == 0 && r.faults.count() == 0 {
		r.faults.addf(place{file: t.file}, "has no rows; add them, or leave the table out")
	}
	return t, nil
}

// columns finds the columns of a table, and notes those that are not read.
func (r *reader) columns(s *sheet, t *table) (c columns, ok bool) {
	before := r.faults.count()
	read := map[string]bool{}
	for i, name := range s.header {
		if d, found := r.byName[name]; found {
			t.dims, c.dims, read[name] = append(t.dims, d), append(c.dims, i), true
		}
	}
	find := func(name, what string) int {
		read[name] = true
		return s.find(name, what, r.faults)
	}
	c.value = find(r.Value, "value")
	c.frequency = find(r.Frequency, "frequency")
	for _, name := range r.Largest {
		c.largest = append(c.largest, find(name, "largest"))
	}
	c.sensitive = -1
	if r.Sensitive != "" {
		c.sensitive = find(r.Sensitive, "sensitive")
	}
	var left []string
	for _, name := range s.header {
		if !read[name] {
			left = append(left, name)
		}
	}
	if len(left) > 0 {
		r.notef("%s: columns that are not read: %s", s.file, strings.Join(left, ", "))
	}
	return c, r.faults.count() == before
}

// row reads one row. What is wrong is recorded, and the row is kept in shape.
func (r *reader) row(t *table, c columns, record []string, line int) {
	t.line = append(t.line, int32(line))
	for i, column := range c.dims {
		t.codes = append(t.codes, r.code(t, t.dims[i], record[column], line))
	}
	value := r.figure(t, r.Value, record[c.value], line, r.Whole)
	count := value
	if c.frequency != c.value {
		count = r.figure(t, r.Frequency, record[c.frequency], line, true)
	}
	n, whole := count.whole()
	at := place{file: t.file, line: line, column: r.Frequency}
	switch {
	case !whole:
		r.faults.addf(at, "%s is a fraction; a number of contributors is whole", count)
	case n < 0:
		r.faults.addf(at, "%d is below zero; a number of contributors is 0 or more", n)
	case n == 0 && value.n != 0:
		r.faults.addf(at, "is zero where the value is %s; write the number of contributors", value)
	}
	t.value, t.count = append(t.value, value), append(t.count, n)
	t.places = max(t.places, value.places)
	r.contributions(t, c, record, line, n)
	sensitive := false
	if c.sensitive >= 0 {
		switch word := strings.TrimSpace(record[c.sensitive]); {
		case strings.EqualFold(word, "TRUE"):
			sensitive = true
		case !strings.EqualFold(word, "FALSE"):
			r.faults.addf(place{file: t.file, line: line, column: r.Sensitive}, "%s is neither TRUE nor FALSE; write one of them", quoted(word))
		}
	}
	t.sensitive = append(t.sensitive, sensitive)
}

// code returns the number of a code, and checks that it may stand in the table.
func (r *reader) code(t *table, dim int, text string, line int) uint32 {
	d := r.dims[dim]
	n, known := d.number[text]
	fault := func(format string, args ...any) uint32 {
		r.faults.addf(place{file: t.file, line: line, column: d.name}, format, args...)
		return total
	}
	switch {
	case text == "":
		return fault("is empty; write a code, %s for the total", quoted(d.codes[total]))
	case !known && !d.flat:
		return fault("%s has no parent; add it to %s, or correct the code", quoted(text), d.files())
	case !known:
		n = d.add(text)
	}
	switch {
	case t.detail && n == total:
		return fault("%s is the total, and the table is detailed; remove the row (margins are made), or write \"detail\": false", quoted(text))
	case t.detail && d.inner[n]:
		return fault("%s is the sum of other codes, and the table is detailed; remove the row (margins are made), or write \"detail\": false", quoted(text))
	case n == total || d.inner[n]:
		return n
	}
	if problem := d.meet(n); problem != "" {
		return fault("%s", problem)
	}
	return n
}

// files names the hierarchy files of a dimension.
func (d *dimension) files() string {
	names := make([]string, len(d.groupings))
	for i, g := range d.groupings {
		names[i] = g.file
	}
	return strings.Join(names, ", ")
}

// figure reads a number of a row; where it must be whole, it has no decimals.
func (r *reader) figure(t *table, column, text string, line int, whole bool) decimal {
	d, problem := parseDecimal(text)
	if problem != "" {
		r.faults.addf(place{file: t.file, line: line, column: column}, "%s", problem)
		return decimal{}
	}
	if !whole {
		return d
	}
	n, ok := d.whole()
	if !ok {
		r.faults.addf(place{file: t.file, line: line, column: column}, "%s is a fraction; write a whole number, or leave \"whole\" out if it is the value", text)
	}
	return decimal{n: n}
}

// contributions reads the largest contributions of a row: as many as there are
// contributors and columns, the largest first.
func (r *reader) contributions(t *table, c columns, record []string, line int, count int64) {
	before := decimal{n: absent}
	for i, column := range c.largest {
		share := decimal{n: absent}
		at := place{file: t.file, line: line, column: r.Largest[i]}
		switch text := strings.TrimSpace(record[column]); {
		case text != "":
			share = r.figure(t, r.Largest[i], text, line, r.Whole)
		case int64(i) < count:
			r.faults.addf(at, "is empty where the frequency is %d; write the contribution, 0 if it is zero", count)
		}
		if int64(i) >= count {
			if share.n != absent && share.n != 0 {
				r.faults.addf(at, "is %s where the frequency is %d; leave it empty", share, count)
			}
			share.n = absent
		}
		if share.n != absent && before.n != absent && share.above(before) {
			r.faults.addf(at, "%s is larger than the one before, %s; write the largest first", share, before)
		}
		t.largest = append(t.largest, share)
		r.sharePlaces = max(r.sharePlaces, share.places)
		before = share
	}
}
