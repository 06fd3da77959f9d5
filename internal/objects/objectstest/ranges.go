package objectstest

import (
	"io"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
)

var ranges = []outcome{
	{"a range returns its bytes and no others", func(t *testing.T, s objects.Store) {
		const digits = "0123456789"
		mustPut(t, s, "digits", []byte(digits))
		for _, c := range []struct {
			name           string
			offset, length int64
			want           string
		}{
			{"everything", 0, -1, digits},
			{"everything, by length", 0, 10, digits},
			{"the middle", 3, 4, "3456"},
			{"to the end", 7, -1, "789"},
			{"a single byte", 5, 1, "5"},
			{"the last byte", 9, 1, "9"},
			{"no bytes", 4, 0, ""},
			{"past the end is clipped", 8, 100, "89"},
			{"at the end is empty", 10, -1, ""},
			{"at the end, by length, is empty", 10, 5, ""},
			{"beyond the end is empty", 1000, -1, ""},
			{"beyond the end, by length, is empty", 1000, 5, ""},
			{"a length near the greatest number is clipped", 9, 1<<63 - 1, "9"},
		} {
			t.Run(c.name, func(t *testing.T) { wantRange(t, s, "digits", c.offset, c.length, c.want) })
		}
	}},
	{"a range of an empty object is empty", func(t *testing.T, s objects.Store) {
		mustPut(t, s, "empty", nil)
		wantRange(t, s, "empty", 0, -1, "")
		wantRange(t, s, "empty", 0, 5, "")
	}},
	{"a range below zero is refused", func(t *testing.T, s objects.Store) {
		mustPut(t, s, "digits", []byte("0123456789"))
		for _, r := range [][2]int64{{-1, 1}, {-1, -1}, {0, -2}} {
			_, _, err := s.Open(t.Context(), "digits", r[0], r[1])
			wantError(t, err, objects.ErrInvalid)
		}
	}},
}

func wantRange(t *testing.T, s objects.Store, name string, offset, length int64, want string) {
	t.Helper()
	r, info, err := s.Open(t.Context(), name, offset, length)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if string(got) != want {
		t.Errorf("from %d, length %d: got %q, want %q", offset, length, got, want)
	}
	if whole := mustStat(t, s, name); info.Size != whole.Size || info.Version != whole.Version {
		t.Errorf("info describes the range, not the object: %+v", info)
	}
}
