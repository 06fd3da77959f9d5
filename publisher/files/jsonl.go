package files

import (
	"strconv"
	"unicode/utf8"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// jsonSink writes one JSON object per line, with every field in order; numbers
// keep their decimals.
type jsonSink struct {
	out    *output
	names  []string
	fields []datasets.Field
	buf    []byte
}

func newJSONLines(out *output, t datasets.Table) *jsonSink {
	s := &jsonSink{out: out, fields: t.Fields}
	for i, f := range t.Fields {
		head := `,"` + f.Name + `":`
		if i == 0 {
			head = `{"` + f.Name + `":`
		}
		s.names = append(s.names, head)
	}
	return s
}

func (s *jsonSink) row(r []engine.Text) error {
	s.buf = s.buf[:0]
	for i, v := range r {
		s.buf = append(s.buf, s.names[i]...)
		switch t := s.fields[i].Type; {
		case !v.Valid:
			s.buf = append(s.buf, "null"...)
		case t == datasets.TypeInt || t == datasets.TypeDecimal:
			s.buf = append(s.buf, v.String...)
		default:
			s.buf = appendJSON(s.buf, v.String)
		}
	}
	s.buf = append(s.buf, '}', '\n')
	_, err := s.out.Write(s.buf)
	return err
}

func (s *jsonSink) close() error { return s.out.close() }

// appendJSON appends a text as a JSON string: only what JSON demands is escaped,
// so that accents stay readable.
func appendJSON(b []byte, text string) []byte {
	b = append(b, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r < 0x20:
			b = append(b, '\\', 'u', '0', '0', hexDigit(byte(r)>>4), hexDigit(byte(r)&15))
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

func hexDigit(n byte) byte { return strconv.FormatInt(int64(n), 16)[0] }
