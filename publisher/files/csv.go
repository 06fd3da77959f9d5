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
	if i > 0 {
		if err := s.out.WriteByte(s.delimiter()); err != nil {
			return err
		}
	}
	if !s.mustQuote(text) {
		_, err := s.out.WriteString(text)
		return err
	}
	_, err := s.out.WriteString(`"` + strings.ReplaceAll(text, `"`, `""`) + `"`)
	return err
}

// mustQuote reports whether a value needs quotes: what RFC 4180 asks, and blanks
// at the ends, which some readers drop otherwise.
func (s *csvSink) mustQuote(text string) bool {
	if text == "" {
		return false
	}
	return text[0] == ' ' || text[len(text)-1] == ' ' || strings.IndexByte(text, s.delimiter()) >= 0 || strings.ContainsAny(text, "\"\r\n\t")
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
