package files

import (
	"path/filepath"
)

// set is the files of a table that are written row by row.
type set struct {
	members []member
}

type member struct {
	file File
	sink sink
	out  *output   // nil for a workbook
	book *workbook // nil for the others
}

// open begins every file of a table.
func (s Source) open(dir string, rows int64) (*set, error) {
	all := &set{}
	for _, kind := range []struct {
		ext, mediaType string
		gzip           bool
		sink           func(*output) (sink, error)
	}{
		{".csv", "text/csv; charset=utf-8", false, func(o *output) (sink, error) { return newCSV(o, s.Table, false) }},
		{".csv.gz", "application/gzip", true, func(o *output) (sink, error) { return newCSV(o, s.Table, false) }},
		{".excel.csv", "text/csv; charset=utf-8", false, func(o *output) (sink, error) { return newCSV(o, s.Table, true) }},
		{".jsonl.gz", "application/gzip", true, func(o *output) (sink, error) { return newJSONLines(o, s.Table), nil }},
	} {
		name := s.Table.ID + kind.ext
		out, err := newOutput(dir, name, kind.gzip)
		if err != nil {
			all.abandon()
			return nil, err
		}
		m := member{file: File{Name: name, MediaType: kind.mediaType, Path: filepath.Join(dir, name)}, out: out}
		all.members = append(all.members, m)
		if all.members[len(all.members)-1].sink, err = kind.sink(out); err != nil {
			all.abandon()
			return nil, err
		}
	}
	if rows > MaxWorkbookRows {
		return all, nil
	}
	return all, all.addWorkbook(s, rows, dir)
}

func (all *set) addWorkbook(s Source, rows int64, dir string) error {
	f := File{Name: s.Table.ID + ".xlsx", MediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
	f.Path = filepath.Join(dir, f.Name)
	book, err := newWorkbook(s, rows, f.Path, dir)
	if err != nil {
		all.abandon()
		return err
	}
	all.members = append(all.members, member{file: f, sink: book, book: book})
	return nil
}

func (all *set) sinks() []sink {
	var out []sink
	for _, m := range all.members {
		out = append(out, m.sink)
	}
	return out
}

// files describes what was written, after the sinks were closed.
func (all *set) files() []File {
	var out []File
	for _, m := range all.members {
		if m.out != nil {
			m.out.describe(&m.file)
		} else {
			m.file.Bytes, m.file.SHA256 = m.book.bytes, m.book.sha256
		}
		out = append(out, m.file)
	}
	return out
}

// abandon closes what is open, after a failure; the files are thrown away with
// their directory.
func (all *set) abandon() {
	for _, m := range all.members {
		if m.out != nil {
			_ = m.out.file.Close() // already failed, or closed by its sink
		}
	}
}
