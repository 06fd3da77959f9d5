package objectstest

import (
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
)

var names = []outcome{
	{"unusual names are kept byte by byte", func(t *testing.T, s objects.Store) {
		for _, name := range []string{
			"a",
			"données/été — 🚲.csv",
			"nfc/\u00e9",
			"nfd/e\u0301",
			"Case/x",
			"case/X",
			"a b+c%20d&e=f?g#h;i,j:k@l!m$n'o(p)q*r~s[t]{u}|v^w`x\"y<z>.csv",
			"...",
			"a/..b/c..",
			".hidden/.file",
			"-dash",
			" space ",
			strings.Repeat("l", 255),
			strings.Repeat(strings.Repeat("m", 127)+"/", 3) + strings.Repeat("m", 128),
		} {
			t.Run(name, func(t *testing.T) {
				mustPut(t, s, name, []byte(name))
				wantBytes(t, s, name, []byte(name))
				wantNames(t, s, name, name)
				if err := s.Delete(t.Context(), name); err != nil {
					t.Fatal(err)
				}
				wantAbsent(t, s, name)
			})
		}
	}},
	{"a bad name is refused by every verb", func(t *testing.T, s objects.Store) {
		for what, name := range map[string]string{
			"empty":             "",
			"a slash":           "/",
			"leading slash":     "/a",
			"trailing slash":    "a/",
			"empty segment":     "a//b",
			"a dot":             ".",
			"dot segment":       "a/./b",
			"two dots":          "..",
			"parent":            "../a",
			"parent inside":     "a/../b",
			"parent at the end": "a/..",
			"backslash":         `a\b`,
			"null":              "a\x00b",
			"newline":           "a\nb",
			"delete character":  "a\x7fb",
			"C1 control":        "a\u0085b",
			"not UTF-8":         "a\xffb",
			"surrogate":         "a\xed\xa0\x80b",
			"reserved":          ".tmp",
			"reserved segment":  "a/.tmp-1/b",
			"a long segment":    strings.Repeat("l", 256),
			"a long name":       strings.Repeat("m/", 256) + "m",
		} {
			for _, v := range allVerbs {
				t.Run(v.name+" "+what, func(t *testing.T) {
					err := v.call(t.Context(), s, name)
					wantError(t, err, objects.ErrInvalid)
					if strings.ContainsAny(err.Error(), "\x00\n") {
						t.Errorf("the message is not one line: %q", err)
					}
				})
			}
		}
		wantNames(t, s, "")
	}},
	{"a prefix with which no name begins is refused", func(t *testing.T, s objects.Store) {
		for _, prefix := range []string{"/", "/a", "a//", "../", "a/../b", "./a", `a\`, "a\n", "\xff", ".tmp", "a/.tmp/"} {
			got := 0
			for info, err := range s.List(t.Context(), prefix) {
				wantError(t, err, objects.ErrInvalid)
				if info != (objects.Info{}) {
					t.Errorf("an error comes with %+v", info)
				}
				got++
			}
			if got != 1 {
				t.Errorf("list %q yields %d times, want one error", prefix, got)
			}
		}
	}},
}
