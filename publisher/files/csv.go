package files

import (
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// csvSink writes CSV according to RFC 4180, in the international form (comma,
// point) or in that of a French spreadsheet (semicolon, decimal comma, BOM).
type csvSink struct {
	out    *output
	fields []datasets.Field
	french bool
	buf    []byte
}

func newCSV(out *output, t datasets.Table, french bool) (*csvSink, error) {
	s := &csvSink{out: out, fields: t.Fields, french: french}
	if french {
		if _, err := out.WriteString("\ufeff"); err != nil {
			return nil, err
		}
	}
	for i, f := range t.Fields {
		if err := s.field(i, f.Name); err != nil {
			return nil, err
		}
	}
	_, err := out.WriteString("\r\n")
	return s, err
}

func (s *csvSink) delimiter() byte {
	if s.french {
		return ';'
	}
	return ','
}

func (s *csvSink) row(r []engine.Text) error {
	for i, v := range r {
		text := v.String
		if s.french && v.Valid {
			text = s.frenchValue(s.fields[i].Type, text)
		}
		if err := s.field(i, text); err != nil {
			return err
		}
	}
	_, err := s.out.WriteString("\r\n")
	return err
}

func (s *csvSink) frenchValue(t datasets.Type, text string) string {
	switch t {
	case datasets.TypeDecimal:
		return strings.Replace(text, ".", ",", 1)
	case datasets.TypeText:
		return neutralise(text)
	default:
		return text
	}
}

// field writes one value, after a delimiter unless it is the first.
func (s *csvSink) field(i int, text string) error {
	s.buf = s.buf[:0]
	if i > 0 {
		s.buf = append(s.buf, s.delimiter())
	}
	s.buf = AppendCSV(s.buf, text, s.delimiter(), false)
	_, err := s.out.Write(s.buf)
	return err
}

// AppendCSV appends a text as a value of CSV, in quotes if it needs them or they are
// asked for. It needs them where RFC 4180 says so, and for blanks at its ends, which
// some readers drop otherwise.
func AppendCSV[T string | []byte](b []byte, text T, delimiter byte, quoted bool) []byte {
	if !quoted && !mustQuote(text, delimiter) {
		return append(b, text...)
	}
	b = append(b, '"')
	start := 0
	for i := range len(text) {
		if text[i] == '"' {
			b = append(append(b, text[start:i]...), '"')
			start = i
		}
	}
	return append(append(b, text[start:]...), '"')
}

// mustQuote reports whether a value needs quotes.
func mustQuote[T string | []byte](text T, delimiter byte) bool {
	if len(text) == 0 {
		return false
	}
	if text[0] == ' ' || text[len(text)-1] == ' ' {
		return true
	}
	for i := range len(text) {
		switch text[i] {
		case '"', '\r', '\n', '\t', delimiter:
			return true
		}
	}
	return false
}

func (s *csvSink) close() error { return s.out.close() }

// neutralise puts an apostrophe before a text that a spreadsheet would run as a
// formula (OWASP, CSV Injection). A text that is a whole number, such as the
// catalogue's -1, is no formula.
func neutralise(text string) string {
	if text == "" {
		return text
	}
	switch first := []rune(text)[0]; first {
	case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
		if isNumber(text) {
			return text
		}
		return "'" + text
	default:
		return text
	}
}

func isNumber(text string) bool {
	digits := strings.TrimLeft(text, "+-")
	return len(text)-len(digits) <= 1 && digits != "" && strings.Trim(digits, "0123456789") == ""
}
