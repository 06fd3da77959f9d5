package problem

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"
)

// maxBytes is the largest size of a file.
const maxBytes = 1 << 30

// sheet is a CSV file with a header.
type sheet struct {
	file   string
	reader *csv.Reader
	header []string
	column map[string]int
}

// readFile returns the bytes of a file of the problem without a byte order mark; nil
// if there is a fault.
//
// Errors: those of the file system, but for a missing file, which is a fault.
func readFile(fsys fs.FS, file string, f *faults) ([]byte, error) {
	at := place{file: file}
	info, err := fs.Stat(fsys, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.addf(at, "there is no such file; correct the name, or add the file")
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", file, err)
	case info.IsDir():
		f.addf(at, "is a folder; name a file")
		return nil, nil
	case info.Size() > maxBytes:
		f.addf(at, "is larger than 1 GiB; split the problem")
		return nil, nil
	}
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(bytes.TrimSpace(data)) == 0 {
		f.addf(at, "is empty; write a header and rows")
		return nil, nil
	}
	if !utf8.Valid(data) {
		f.addf(place{file: file, line: invalidLine(data)}, "is not UTF-8; save the file as UTF-8")
		return nil, nil
	}
	return data, nil
}

// invalidLine is the number of the first line that is not UTF-8.
func invalidLine(data []byte) int {
	line := 1
	for l := range bytes.Lines(data) {
		if !utf8.Valid(l) {
			break
		}
		line++
	}
	return line
}

// openSheet reads the header of a CSV file, nil if there is a fault. The separator is
// the semicolon if the header has one outside quotes, else the comma.
func openSheet(fsys fs.FS, file string, f *faults) (*sheet, error) {
	data, err := readFile(fsys, file, f)
	if data == nil || err != nil {
		return nil, err
	}
	s := &sheet{file: file, reader: csv.NewReader(bytes.NewReader(data)), column: map[string]int{}}
	s.reader.Comma = separator(data)
	s.reader.FieldsPerRecord = -1
	header, err := s.reader.Read()
	if err != nil {
		f.addf(place{file: file, line: 1}, "%s", csvFault(err))
		return nil, nil
	}
	for i, name := range header {
		switch _, twice := s.column[name]; {
		case name == "":
			f.addf(place{file: file, line: 1}, "column %d has no name; give each column a name", i+1)
			return nil, nil
		case twice:
			f.addf(place{file: file, line: 1, column: name}, "there are two columns of this name; rename one")
			return nil, nil
		}
		s.column[name] = i
	}
	s.header = header
	s.reader.ReuseRecord = true
	return s, nil
}

// separator is the character between the fields of a file.
func separator(data []byte) rune {
	quoted := false
	for _, c := range data {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ';':
			return ';'
		case c == '\n':
			return ','
		}
	}
	return ','
}

// each calls do with each row that has as many fields as the header, and its line.
// The record is only good until the next one.
func (s *sheet) each(f *faults, do func(record []string, line int)) {
	for {
		record, err := s.reader.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			f.addf(place{file: s.file, line: parse.Line}, "%s", csvFault(err))
			return
		}
		line, _ := s.reader.FieldPos(0)
		if len(record) != len(s.header) {
			f.addf(place{file: s.file, line: line}, "has %d fields, the header has %d; give each row one field a column, and quote fields that hold a separator", len(record), len(s.header))
			continue
		}
		do(record, line)
	}
}

// find returns the number of a column; it is a fault if there is none.
func (s *sheet) find(name, what string, f *faults) int {
	i, ok := s.column[name]
	if !ok {
		f.addf(place{file: s.file, line: 1, column: name}, "there is no such column for %s; the header has: %s", what, strings.Join(s.header, ", "))
		return -1
	}
	return i
}

// csvFault says what is wrong with the quotes of a file.
func csvFault(err error) string {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		err = parse.Err
	}
	return err.Error() + "; put fields that hold quotes between quotes, and double those inside"
}
