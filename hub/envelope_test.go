package hub

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// scanBytes scans content as the file of the given name.
func scanBytes(t testing.TB, name string, content []byte) (envelope, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return scan(t.Context(), path, File{Entity: "x", Name: "x/" + name})
}

// csvRecords counts the records of a CSV file with the standard library; ok is
// false if it does not take the file whole.
func csvRecords(content []byte, delim rune) (n int64, ok bool) {
	r := csv.NewReader(bytes.NewReader(content))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = delim, -1, true
	for {
		_, err := r.Read()
		if errors.Is(err, io.EOF) {
			return n - 1, true
		}
		if err != nil {
			return 0, false
		}
		n++
	}
}

func TestScanFindsCharactersAcrossChunks(t *testing.T) {
	head := "a,b\n"
	for _, pad := range []int{1<<18 - 6, 1<<18 - 5, 1<<18 - 4, 1<<18 - 3, 1<<18 - 2} {
		text := head + strings.Repeat("x", pad-len(head)) + "é€😀,1\n"
		if env, err := scanBytes(t, "x.csv", []byte(text)); err != nil || env.records != 1 {
			t.Errorf("pad %d: %d records, %v", pad, env.records, err)
		}
		if _, err := scanBytes(t, "x.csv", []byte(text[:len(text)-4])); err == nil && !utf8.ValidString(text[:len(text)-4]) {
			t.Errorf("pad %d: a cut character is accepted", pad)
		}
	}
}

func TestScanCountsLinesOfQuotes(t *testing.T) {
	_, err := scanBytes(t, "x.csv", []byte("a,b\n1,\"x\ny\"\n2,\"open\n3,4\n"))
	if err == nil || !strings.Contains(err.Error(), "a quote at line 4 that is never closed") {
		t.Errorf("got %v", err)
	}
}

// FuzzScanCSV: what the standard library reads whole, the scan accepts with the
// same number of records; and what the scan accepts is UTF-8.
func FuzzScanCSV(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "a;b\r\n1;\"x;\"\"y\"\"\"\r\n", "a,b\n\n1,\"x\ny\"\n\n", "\xef\xbb\xbfa,b\n1,2", "a,b\n1,\"open\n", "a\n\xe9\n", "a,b\n\"x\"y,2\n", "a,b\n\x00", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		env, err := scanBytes(t, "x.csv", content)
		if err != nil {
			var refused *FileError
			if !errors.As(err, &refused) {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		body := bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
		if !utf8.Valid(body) {
			t.Fatal("accepted, and not UTF-8")
		}
		// The library drops blank lines before the header and takes a quote in
		// the middle of a field for an error; both are left out of the comparison.
		if n, ok := csvRecords(body, env.delim); ok && len(bytes.TrimSpace(bytes.SplitN(body, []byte("\n"), 2)[0])) > 0 && n != env.records {
			t.Fatalf("%d records, the standard library finds %d", env.records, n)
		}
	})
}

// FuzzScanJSONLines: the number of records is that of the lines with content.
func FuzzScanJSONLines(f *testing.F) {
	for _, seed := range []string{"{}\n{}\n", "{}\n\n{}", "", "\n", "{\"a\":\"\\n\"}\r\n", "x\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		env, err := scanBytes(t, "x.jsonl", content)
		if err != nil {
			return
		}
		var want int64
		for _, line := range strings.Split(string(content), "\n") {
			if strings.Trim(line, " \r") != "" {
				want++
			}
		}
		if env.records != want {
			t.Fatalf("%d records, want %d", env.records, want)
		}
	})
}
