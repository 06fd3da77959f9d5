package hub

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// envelope is what a pass over the bytes of a text file tells before the engine
// reads it. The engine drops what follows a quote that is never closed, and
// guesses at encodings, without a word; so a file must pass this scan, and the
// engine must find the same number of records.
type envelope struct {
	header  []string // CSV only
	delim   rune     // CSV only
	records int64    // without the header
	blanks  []int64  // CSV only: ranks of the blank lines among all lines
}

// scan reads a CSV or JSON-lines file once.
//
// Errors: a [*FileError] that says what is wrong with the file and where.
func scan(ctx context.Context, path string, f File) (env envelope, err error) {
	file, err := os.Open(path)
	if err != nil {
		return env, &FileError{File: f.Name, Problem: "cannot be opened", Remedy: "check its permissions"}
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var r io.Reader = bufio.NewReaderSize(file, 1<<20)
	if f.gzipped() {
		if r, err = gzip.NewReader(r); err != nil {
			return env, &FileError{File: f.Name, Problem: "is not gzip", Remedy: "send it again"}
		}
	}
	s := scanner{ctx: ctx, quotes: f.format() == "csv", env: &env, line: 1}
	if problem, remedy := s.run(r); problem != "" {
		return env, &FileError{File: f.Name, Problem: problem, Remedy: remedy}
	}
	return env, ctx.Err()
}

// scanner walks over the bytes of a file and keeps just enough state to count
// records as RFC 4180 and JSON lines define them.
type scanner struct {
	ctx    context.Context
	env    *envelope
	quotes bool // the file is CSV
	line   int64

	inQuotes   bool
	afterQuote bool  // the last byte closed a quote, or is the first of a doubled one
	fieldStart bool  // nothing of the field was read yet
	blank      bool  // nothing of the record was read yet
	quoteLine  int64 // where the open quote stands
	lastCR     bool
	crlf, lf   bool // ends of line seen
	tail       []byte
}

const (
	askUTF8  = "export it in UTF-8"
	askAgain = "send it again"
)

func (s *scanner) run(r io.Reader) (problem, remedy string) {
	s.fieldStart, s.blank = true, true
	buf := make([]byte, 1<<18)
	for first := true; ; first = false {
		n, last, err := fill(r, buf)
		if err != nil {
			return fmt.Sprintf("breaks off or is damaged after line %d", s.line), askAgain
		}
		chunk := buf[:n]
		if first {
			whole := len(chunk)
			chunk = bytes.TrimPrefix(chunk, []byte("\xef\xbb\xbf"))
			if !s.quotes && len(chunk) < whole {
				return "begins with a byte order mark", "export it without"
			}
			if problem, remedy := s.begin(chunk); problem != "" {
				return problem, remedy
			}
		}
		if problem, remedy := s.chunk(chunk); problem != "" {
			return problem, remedy
		}
		if last {
			return s.end()
		}
		if s.ctx.Err() != nil {
			return "", ""
		}
	}
}

// fill reads until buf is full or the stream ends.
func fill(r io.Reader, buf []byte) (n int, last bool, err error) {
	for n < len(buf) {
		k, err := r.Read(buf[n:])
		n += k
		if errors.Is(err, io.EOF) {
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}

// begin reads the header of a CSV file from its first bytes.
func (s *scanner) begin(chunk []byte) (problem, remedy string) {
	if !s.quotes {
		return "", ""
	}
	line, _, _ := bytes.Cut(chunk, []byte("\n"))
	if len(bytes.TrimSpace(line)) == 0 {
		return "is empty: it has no header", "send it again, with its header"
	}
	s.env.delim = ','
	if bytes.Count(line, []byte(";")) > bytes.Count(line, []byte(",")) {
		s.env.delim = ';'
	}
	reader := csv.NewReader(bytes.NewReader(append(bytes.Clone(line), '\n')))
	reader.Comma = s.env.delim
	header, err := reader.Read()
	if err != nil {
		return "has a header that is not CSV", "export it according to RFC 4180"
	}
	for _, name := range header {
		s.env.header = append(s.env.header, strings.ToLower(strings.TrimSpace(name)))
	}
	s.env.records = -1 // the header is no record
	return "", ""
}

// chunk takes the next bytes of the file.
func (s *scanner) chunk(b []byte) (problem, remedy string) {
	if !s.validUTF8(b) {
		return fmt.Sprintf("is not UTF-8 at line %d", s.line+int64(bytes.Count(validPrefix(b), []byte("\n")))), askUTF8
	}
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return fmt.Sprintf("holds a zero byte at line %d", s.line+int64(bytes.Count(b[:i], []byte("\n")))), askAgain
	}
	for _, c := range b {
		switch {
		case c == '\n':
			s.line++
			if s.lastCR {
				s.crlf = s.crlf || !s.inQuotes
			} else {
				s.lf = s.lf || !s.inQuotes
			}
			s.lastCR = false
			if !s.inQuotes {
				s.endRecord()
			}
			continue
		case c == '\r' && !s.inQuotes:
			s.lastCR = true
			continue
		case s.lastCR && !s.inQuotes:
			return fmt.Sprintf("has a carriage return without line feed at line %d", s.line), "end lines with LF or CRLF"
		}
		s.lastCR = c == '\r'
		s.byte(c)
	}
	return "", ""
}

// byte takes one byte that ends no record.
func (s *scanner) byte(c byte) {
	if c != ' ' || s.quotes {
		s.blank = false
	}
	switch {
	case !s.quotes:
	case s.inQuotes:
		if c == '"' {
			s.inQuotes, s.afterQuote = false, true
		}
	case c == '"' && (s.fieldStart || s.afterQuote):
		s.inQuotes, s.afterQuote, s.fieldStart = true, false, false
		s.quoteLine = s.line
	case rune(c) == s.env.delim:
		s.fieldStart, s.afterQuote = true, false
	default:
		s.afterQuote = false
		s.fieldStart = s.fieldStart && c == ' '
	}
}

func (s *scanner) endRecord() {
	if !s.blank {
		s.env.records++
	} else if s.quotes && len(s.env.blanks) <= maxUnreadable {
		s.env.blanks = append(s.env.blanks, s.env.records+int64(len(s.env.blanks))+1)
	}
	s.blank, s.fieldStart, s.afterQuote = true, true, false
}

func (s *scanner) end() (problem, remedy string) {
	switch {
	case len(s.tail) > 0:
		return fmt.Sprintf("is not UTF-8 at line %d", s.line), askUTF8
	case s.inQuotes:
		return fmt.Sprintf("has a quote at line %d that is never closed", s.quoteLine), "close it, or double quotes inside a field (RFC 4180)"
	case len(s.env.blanks) > maxUnreadable:
		return fmt.Sprintf("has more than %d blank lines", maxUnreadable), "check how it was exported"
	case s.quotes && s.crlf && s.lf:
		return "mixes two kinds of line ends", "end all lines with LF, or all with CRLF"
	}
	s.endRecord()
	return "", ""
}

// validUTF8 checks the bytes, the last character of the chunk before included.
func (s *scanner) validUTF8(b []byte) bool {
	if len(s.tail) > 0 {
		need := utf8Len(s.tail[0]) - len(s.tail)
		if need > len(b) {
			need = len(b)
		}
		s.tail = append(s.tail, b[:need]...)
		b = b[need:]
		if !utf8.Valid(s.tail) {
			return cutShort(s.tail)
		}
		s.tail = nil
	}
	if utf8.Valid(b) {
		return true
	}
	good := validPrefix(b)
	rest := b[len(good):]
	if !cutShort(rest) {
		return false
	}
	s.tail = bytes.Clone(rest)
	return true
}

// cutShort reports whether b is the beginning of one character.
func cutShort(b []byte) bool {
	for _, c := range b[1:] {
		if c&0xc0 != 0x80 {
			return false
		}
	}
	return len(b) < utf8Len(b[0])
}

// validPrefix returns the longest part of b from its start that is UTF-8.
func validPrefix(b []byte) []byte {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return b[:i]
		}
		i += n
	}
	return b
}

// utf8Len returns how many bytes a character has that begins with c.
func utf8Len(c byte) int {
	switch {
	case c >= 0xf0:
		return 4
	case c >= 0xe0:
		return 3
	case c >= 0xc0:
		return 2
	default:
		return 1
	}
}
