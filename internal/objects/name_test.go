package objects

import (
	"path"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzNameStaysInside holds a name that is accepted to be one that leads nowhere but to itself, and every beginning
// of it to be a prefix that can be listed.
func FuzzNameStaysInside(f *testing.F) {
	for _, seed := range []string{"a", "a/b", "../a", "a/../b", "/a", "a//b", ".tmp/x", "a/.tmpx", "é/🚲", "a\\b", "..a/b..", "\x00", "a/", "."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if checkName(name) != nil {
			return
		}
		if !filepath.IsLocal(name) || path.Clean(name) != name || name == "." {
			t.Errorf("%q is not the name of a file inside", name)
		}
		if strings.HasPrefix(name, reserved) || strings.Contains(name, "/"+reserved) {
			t.Errorf("%q is reserved", name)
		}
		for cut := range name {
			if err := checkPrefix(name[:cut]); err != nil {
				t.Errorf("%q begins %q, which is no prefix: %v", name[:cut], name, err)
			}
		}
		if !utf8.ValidString(name) {
			t.Errorf("%q is not UTF-8", name)
		}
	})
}
