package problem

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// Input is a problem with what ties it to its files.
type Input struct {
	// Problem has one measure, the value. Cells that the files say are secret zeros
	// are Unprinted: unknown to the reader, never printed, and no cost.
	Problem tabular.Problem
	// ZerosKnown: a combination that is zero is known to be so.
	ZerosKnown bool
	// Notes say what was read in a way that the user may not expect.
	Notes []string

	files     []string
	value     string
	frequency string
	places    uint8
	dims      []*dimension
	tables    []*table
	layout    layout
	cells     *cells
}

// reader is the state of reading one problem.
type reader struct {
	*description
	faults *faults
	notes  []string
	files  []string
	dims   []*dimension
	byName map[string]int
	tables []*table
	layout layout
	cells  *cells
	// equations are those of all tables, each once.
	equations *equations
	// places is the number of decimals of all figures in cells, sharePlaces the
	// largest in the columns of contributions, lower the bound in these units.
	places, sharePlaces uint8
	lower               int64
}

// Read reads a problem.
//
// Inputs: the file system, and the name in it of the description; all paths of the
// description lie in the folder of the description or below it.
//
// Result: cells are numbered in the order of the tables, in each the rows of the file
// and then the margins in the order of codes; equations by table, dimension, grouping
// and total. Each equation holds exactly in the unit of the measure, which is the last
// decimal of the figures.
//
// Errors: [InvalidError] if the files are wrong; those of the file system.
//
// Notes: time and memory are linear in the number of cells, but for sorting the
// margins; there are at most 4 million cells.
func Read(fsys fs.FS, name string) (*Input, error) {
	name = path.Clean(name)
	r := &reader{faults: &faults{}, byName: map[string]int{}}
	var err error
	if r.description, err = readDescription(fsys, name, r.faults); err != nil {
		return nil, err
	}
	for _, step := range []func(fs.FS) error{r.readDimensions, r.readTables, r.buildCells, r.buildProblem} {
		if err := r.faults.err(); err != nil {
			return nil, err
		}
		if err := step(fsys); err != nil {
			return nil, err
		}
	}
	if err := r.faults.err(); err != nil {
		return nil, err
	}
	return &Input{
		Problem: r.problem(), ZerosKnown: r.Zeros == zerosKnown, Notes: r.notes,
		files: r.files, value: r.Value, frequency: r.Frequency, places: r.places,
		dims: r.dims, tables: r.tables, layout: r.layout, cells: r.cells,
	}, nil
}

// Files are the names of all files that were read.
func (in *Input) Files() []string { return slices.Clone(in.files) }

// Tables are the names of the tables.
func (in *Input) Tables() []string {
	names := make([]string, len(in.tables))
	for i, t := range in.tables {
		names[i] = t.name
	}
	return names
}

func (r *reader) notef(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// readDimensions reads the hierarchies.
func (r *reader) readDimensions(fsys fs.FS) error {
	r.files = append(r.files, r.file)
	for _, name := range sortedKeys(r.Dimensions) {
		entry := r.Dimensions[name]
		d := newDimension(name, entry)
		if err := d.readHierarchies(fsys, entry.Hierarchies, r.faults); err != nil {
			return err
		}
		r.byName[name] = len(r.dims)
		r.dims = append(r.dims, d)
		r.files = append(r.files, entry.Hierarchies...)
	}
	return nil
}

// readTables reads the rows of all tables.
func (r *reader) readTables(fsys fs.FS) error {
	for _, entry := range r.Tables {
		t, err := r.readTable(fsys, entry)
		if err != nil {
			return err
		}
		r.files = append(r.files, entry.File)
		if t != nil {
			r.tables = append(r.tables, t)
		}
	}
	if r.faults.count() > 0 {
		return nil
	}
	var order []int
	for _, t := range r.tables {
		for _, dim := range t.dims {
			if !slices.Contains(order, dim) {
				order = append(order, dim)
			}
		}
	}
	for dim, d := range r.dims {
		if !slices.Contains(order, dim) {
			r.faultf(r.faults, "no table has the dimension %q; correct its name, or leave it out", d.name)
		}
	}
	var ok bool
	if r.layout, ok = newLayout(r.dims, order); !ok {
		r.faultf(r.faults, "the dimensions have too many codes together (their numbers take more than 64 bits); split the problem")
	}
	return nil
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
