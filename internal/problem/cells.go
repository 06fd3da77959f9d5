package problem

import (
	"io/fs"
	"slices"
	"strings"
)

// cells are the distinct cells of all tables, with the file where each was met first.
type cells struct {
	*combos
	sensitive []bool
	// implied: no table has the cell, which is zero; it joins equations only.
	implied []bool
	// table and line are where the cell was met first; line 0 is a margin.
	table, line []int32
	// stamp is the last table that had the cell.
	stamp []int32
}

// add returns the number of a cell, a new one if it is new.
func (c *cells) add(key uint64, table, line int32) (i int32, found bool) {
	if i, found = c.at(key); !found {
		c.sensitive, c.implied = append(c.sensitive, false), append(c.implied, false)
		c.table, c.line, c.stamp = append(c.table, table), append(c.line, line), append(c.stamp, table)
	}
	return i, found
}

// in reports whether a table has a cell. It is good while that table is the last that
// cells were stamped with.
func (c *cells) in(i, table int32) bool { return c.stamp[i] == table }

// zero reports whether a cell is zero.
func (c *cells) zero(i int32) bool { return c.value[i] == 0 }

// buildCells makes the cells of all tables.
func (r *reader) buildCells(fs.FS) error {
	r.scale()
	if r.faults.count() > 0 {
		return nil
	}
	rows := 0
	for _, t := range r.tables {
		rows += len(t.line)
	}
	r.cells = &cells{combos: newCombos(len(r.Largest), rows)}
	for number, t := range r.tables {
		own := r.rows(t)
		if r.faults.count() > 0 || t.detail && !r.addMargins(t, own) {
			continue
		}
		r.merge(t, int32(number), own)
		if t.detail && r.Zeros == zerosSecret {
			r.addZeros(t, int32(number))
		}
		if len(r.cells.key) > maxCells {
			r.faultf(r.faults, "the tables have more than %d cells together; split the problem", maxCells)
			return nil
		}
	}
	for _, t := range r.tables {
		r.checkZeros(t)
	}
	return nil
}

// scale chooses the unit of all figures: the last decimal of any.
func (r *reader) scale() {
	r.places = max(r.sharePlaces, r.bound.places)
	for _, t := range r.tables {
		r.places = max(r.places, t.places)
	}
	var ok bool
	if r.lower, ok = r.bound.scale(r.places); !ok {
		r.faultf(r.faults, "lower_bound %s has more than 15 digits, %d of them decimals; give the figures in a larger unit", r.bound, r.places)
	}
}

// rows returns the rows of a table as combinations, zeros too, numbered as the rows.
func (r *reader) rows(t *table) *combos {
	own := newCombos(len(r.Largest), len(t.line))
	t.key = make([]uint64, 0, len(t.line))
	for row := range t.line {
		at := place{file: t.file, line: int(t.line[row])}
		var key uint64
		for i, dim := range t.dims {
			key = r.layout.with(key, dim, t.codes[row*len(t.dims)+i])
		}
		t.key = append(t.key, key)
		i, twice := own.at(key)
		if twice {
			r.faults.addf(at, "%s is in line %d already; remove one of the rows", r.combination(t, key), t.line[i])
			continue
		}
		own.value[i], own.count[i] = r.scaled(t.value[row], at, r.Value), t.count[row]
		for k, share := range t.largest[row*own.width : (row+1)*own.width] {
			if share.n != absent {
				own.shares(i)[k] = r.scaled(share, at, r.Largest[k])
			}
		}
		if !r.noBound && own.value[i] < r.lower && r.counts(own, i, t.sensitive[row]) {
			at.column = r.Value
			r.faults.addf(at, "%s is below lower_bound %s; correct it, or write \"lower_bound\": null", t.value[row], r.bound)
		}
	}
	t.codes, t.largest = nil, nil
	return own
}

// scaled is a figure in the unit of all.
func (r *reader) scaled(d decimal, at place, column string) int64 {
	n, ok := d.scale(r.places)
	if !ok {
		at.column = column
		r.faults.addf(at, "%s has more than 15 digits, %d of them decimals; give the figures in a larger unit, or round them", d, r.places)
	}
	return n
}

// counts reports whether a combination is a cell. A zero is one if it has
// contributors, if the user calls it sensitive, or if zeros are secret.
func (r *reader) counts(own *combos, i int32, sensitive bool) bool {
	return own.value[i] != 0 || own.count[i] != 0 || sensitive || r.Zeros == zerosSecret
}

// merge makes cells of the rows and margins of a table.
func (r *reader) merge(t *table, number int32, own *combos) {
	rows := len(t.line)
	t.cell = make([]int32, rows)
	enter := func(from, line int32, sensitive bool) int32 {
		if !r.counts(own, from, sensitive) {
			return -1
		}
		i, found := r.cells.add(own.key[from], number, line)
		if found {
			r.agree(t, i, own.value[from], own.count[from], own.shares(from), line)
		} else {
			r.cells.value[i], r.cells.count[i] = own.value[from], own.count[from]
			copy(r.cells.shares(i), own.shares(from))
		}
		r.cells.sensitive[i] = r.cells.sensitive[i] || sensitive
		r.cells.stamp[i] = number
		t.cells = append(t.cells, i)
		return i
	}
	for row := range t.line {
		t.cell[row] = enter(int32(row), t.line[row], t.sensitive[row])
	}
	for _, from := range sortedMargins(own, rows) {
		i := enter(from, 0, false)
		if i < 0 {
			continue
		}
		t.margins = append(t.margins, i)
		if v := r.cells.value[i]; !r.noBound && v < r.lower {
			r.faults.addf(place{file: t.file}, "the margin %s is %s, below lower_bound %s; the bound holds for margins too: write a lower one, or null", r.combination(t, own.key[from]), decimal{v, r.places}, r.bound)
		}
	}
}

// agree compares the figures that two tables give to the same cell.
func (r *reader) agree(t *table, i int32, value, count int64, shares []int64, line int32) {
	c := r.cells
	differ := func(column, before, now string) {
		first := r.tables[c.table[i]]
		r.faults.addf(place{file: t.file, line: int(line), column: column}, "%s is %s here and %s in %s; the same cell must have the same figures in all tables",
			r.combination(t, c.key[i]), now, before, place{file: first.file, line: int(c.line[i])})
	}
	switch {
	case c.value[i] != value:
		differ(r.Value, decimal{c.value[i], r.places}.String(), decimal{value, r.places}.String())
	case c.count[i] != count:
		differ(r.Frequency, decimal{n: c.count[i]}.String(), decimal{n: count}.String())
	case shares != nil && !slices.Equal(c.shares(i), shares):
		differ(strings.Join(r.Largest, ", "), r.sharesText(c.shares(i)), r.sharesText(shares))
	}
}

// sharesText writes contributions for a message.
func (r *reader) sharesText(shares []int64) string {
	var list []string
	for _, s := range shares {
		if s != absent {
			list = append(list, decimal{s, r.places}.String())
		}
	}
	if list == nil {
		return "empty"
	}
	return strings.Join(list, ", ")
}

// checkZeros compares the zero rows of a table that are no cells with the cells of the
// other tables.
func (r *reader) checkZeros(t *table) {
	for row, i := range t.cell {
		if i >= 0 {
			continue
		}
		if i, found := r.cells.index[t.key[row]]; found {
			r.agree(t, i, 0, 0, nil, t.line[row])
			t.cell[row] = i
		}
	}
}

// combination names the codes of a combination in the dimensions of a table.
func (r *reader) combination(t *table, key uint64) string {
	return combination(r.dims, r.layout, t, key)
}

func combination(dims []*dimension, l layout, t *table, key uint64) string {
	if len(t.dims) == 0 {
		return "the total"
	}
	b := &strings.Builder{}
	for i, dim := range t.dims {
		if i > 0 {
			b.WriteString(", ")
		}
		d := dims[dim]
		b.WriteString(d.name + "=" + d.codes[l.code(key, dim)])
	}
	return b.String()
}

// Name names a cell for a message: the first table that has it, and its codes, such as
// "engagees: certif=C00001, dep=D002".
func (in *Input) Name(cell int) string {
	t := in.tables[in.cells.table[cell]]
	return t.name + ": " + combination(in.dims, in.layout, t, in.cells.key[cell])
}
