package texts

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// snippet is one line of testdata/snippets.jsonl.
type snippet struct {
	Set    string `json:"set"`
	Text   string `json:"text"`
	Remove []struct {
		Kind string `json:"kind"`
		Text string `json:"text"`
	} `json:"remove"`
	Note string `json:"note"`
}

// score counts pieces that had to go and went (hit), stayed (missed), and
// that went without cause (wrong).
type score struct{ hit, missed, wrong int }

func (s score) recall() float64    { return ratio(s.hit, s.hit+s.missed) }
func (s score) precision() float64 { return ratio(s.hit, s.hit+s.wrong) }

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

func readSnippets(t testing.TB) []snippet {
	t.Helper()
	f, err := os.Open("testdata/snippets.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []snippet
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var s snippet
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatalf("line %d: %v", len(out)+1, err)
		}
		out = append(out, s)
	}
	return out
}

// judge compares what Scrub finds in a snippet with its labels. A label is hit
// by a span of its kind that covers it; a span that takes letters or digits
// outside the labels is wrong.
func judge(s snippet, scores map[string]*score) (failures []string) {
	spans := find(s.Text)
	labelled := make([]bool, len(s.Text))
	at := 0
	for _, r := range s.Remove {
		from := at + strings.Index(s.Text[at:], r.Text)
		to := from + len(r.Text)
		at = to
		hit := false
		for _, sp := range spans {
			if sp.kind.String() == r.Kind && sp.start <= from && sp.end >= to {
				hit = true
			}
		}
		for i := from; i < to; i++ {
			labelled[i] = true
		}
		if hit {
			scores[r.Kind].hit++
		} else {
			scores[r.Kind].missed++
			failures = append(failures, "missed "+r.Kind+": "+r.Text)
		}
	}
	for _, sp := range spans {
		for i, c := range s.Text[sp.start:sp.end] {
			if !labelled[sp.start+i] && !strings.ContainsRune(" .,-()[]<>:/\u00a0", c) {
				scores[sp.kind.String()].wrong++
				failures = append(failures, "wrong "+sp.kind.String()+": "+s.Text[sp.start:sp.end])
				break
			}
		}
	}
	return failures
}

// TestSnippets measures Scrub on the labelled list. The set "dev" served to
// tune it; "test" and "late" were held out until their first figures were
// taken. SHOW_HELD_OUT=1 prints their failures too.
func TestSnippets(t *testing.T) {
	const wantRecall, wantPrecision = 0.995, 0.99
	snippets := readSnippets(t)
	if len(snippets) < 360 {
		t.Fatalf("%d snippets, want at least 360", len(snippets))
	}
	t.Logf("%-5s %-6s %5s %6s %5s %7s %9s", "set", "kind", "hit", "missed", "wrong", "recall", "precision")
	for _, set := range []string{"dev", "test", "late"} {
		all := measure(t, set, snippets)
		if all.recall() < wantRecall || all.precision() < wantPrecision {
			t.Errorf("%s: recall %.4f precision %.4f, want at least %v and %v", set, all.recall(), all.precision(), wantRecall, wantPrecision)
		}
	}
}

// measure prints the figures of a set by kind and returns those of all kinds.
func measure(t *testing.T, set string, snippets []snippet) (all score) {
	t.Helper()
	scores := map[string]*score{}
	kinds := []Kind{Email, Phone, NIR, IBAN}
	for _, k := range kinds {
		scores[k.String()] = &score{}
	}
	for _, s := range snippets {
		if s.Set != set {
			continue
		}
		for _, f := range judge(s, scores) {
			if set == "dev" || os.Getenv("SHOW_HELD_OUT") != "" {
				t.Logf("%s: %s\n\tin %q", set, f, s.Text)
			}
		}
	}
	line := func(kind string, s score) {
		t.Logf("%-5s %-6s %5d %6d %5d %7.3f %9.3f", set, kind, s.hit, s.missed, s.wrong, s.recall(), s.precision())
	}
	for _, k := range kinds {
		s := *scores[k.String()]
		all.hit, all.missed, all.wrong = all.hit+s.hit, all.missed+s.missed, all.wrong+s.wrong
		line(k.String(), s)
	}
	line("all", all)
	return all
}
