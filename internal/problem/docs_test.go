package problem

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// TestExampleOfTheDocs reads the files of docs/protect.md and compares the mask.
func TestExampleOfTheDocs(t *testing.T) {
	docs, err := os.ReadFile("../../docs/protect.md")
	if err != nil {
		t.Fatal(err)
	}
	files, masks := fstest.MapFS{}, fstest.MapFS{}
	for _, block := range regexp.MustCompile("(?s)```[a-z]+ ([a-z./]+)\n(.*?)```").FindAllStringSubmatch(string(docs), -1) {
		file := &fstest.MapFile{Data: []byte(block[2])}
		if name, ok := strings.CutPrefix(block[1], "mask/"); ok {
			masks[name] = file
		} else {
			files[block[1]] = file
		}
	}
	in := mustRead(t, files)
	mask, err := in.ReadMask(masks)
	if err != nil {
		t.Fatal(err)
	}
	written := fstest.MapFS{}
	if err := in.WriteMask(mask.Hidden, into(written)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(masks["turnover.csv"].Data), string(written["turnover.csv"].Data)); diff != "" {
		t.Errorf("mask (-docs +written):\n%s", diff)
	}
	if s := in.Summary(mask.Hidden); s.Sensitive != 1 || s.Secondary != 3 {
		t.Errorf("%+v", s)
	}
}

// TestDocsNameTheKeys compares the keys of the docs with those of the description.
func TestDocsNameTheKeys(t *testing.T) {
	docs, err := os.ReadFile("../../docs/protect.md")
	if err != nil {
		t.Fatal(err)
	}
	for key := range strings.SplitSeq(describedKeys+", "+describedRules, ", ") {
		if !strings.Contains(string(docs), "`"+key+"`") {
			t.Errorf("docs/protect.md does not name %s", key)
		}
	}
}
