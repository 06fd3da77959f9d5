package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScriptsAreReadByLines(t *testing.T) {
	r := report{client: "x"}
	r.read([]byte("{\"version\": \"1.2\"}\n{\"check\": \"a\"}\n{\"check\": \"b\", \"failed\": \"no\"}\n{\"check\": \"c\", \"skipped\": \"none\"}\nnoise\n"))
	want := report{client: "x", version: "1.2", passed: 1, failures: []remark{{"b", "no"}, {"the script", `it printed "noise"`}}, skips: []remark{{"c", "none"}}}
	if diff := cmp.Diff(want, r, cmp.AllowUnexported(report{}, remark{})); diff != "" {
		t.Error(diff)
	}
}

func TestTableSaysWhatFailed(t *testing.T) {
	for name, c := range map[string]struct {
		r       report
		require bool
		failed  bool
		says    string
	}{
		"passed":           {report{client: "a", version: "1", passed: 3}, true, false, "a       1        3       0        0"},
		"failed":           {report{client: "a", failures: []remark{{"sum", "got 1"}}}, false, true, "FAILED   a: sum\ngot 1"},
		"skipped":          {report{client: "a", skips: []remark{{"", "no node"}}}, false, false, "SKIPPED  a: no node"},
		"skipped but must": {report{client: "a", skips: []remark{{"", "no node"}}}, true, true, "SKIPPED  a: no node"},
	} {
		var out bytes.Buffer
		if failed := printTable(&out, []report{c.r}, c.require); failed != c.failed || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: %v\n%s", name, failed, out.String())
		}
	}
}
