package anonymize

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// TestEmbeddedProfiles: the figures of the specification, and nothing is lost on the way
// to JSON and back.
func TestEmbeddedProfiles(t *testing.T) {
	standard := Profile{Name: "standard", Version: 3, Persons: PersonsRule{Threshold: 5}, Amounts: AmountsRule{PPercent: 10}, Group: GroupRule{AtMost: 1}, Remainder: true, Levels: true}
	strict := Profile{
		Name: "strict", Version: 3, Persons: PersonsRule{Threshold: 11, Interval: true}, Amounts: AmountsRule{PPercent: 15}, Group: GroupRule{AtMost: 2}, Remainder: true, Levels: true,
		Organisations: OrganisationsRule{MinFrequency: 3, AmountsRule: AmountsRule{DominancePercent: 85, PPercent: 10}},
	}
	for _, want := range []Profile{standard, strict} {
		got := profile(t, want.Name)
		want.Description = got.Description
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", want.Name, diff)
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ReadProfile(strings.NewReader(string(text))); err != nil || again != got {
			t.Errorf("%s: %v, read back as %+v", text, err, again)
		}
		if strings.Contains(string(text), "organisations") != want.Organisations.On() {
			t.Errorf("%s: a rule that is off is written, or one that is on is not", text)
		}
	}
}

// TestDisclosurePageAgrees: the page on the method gives the figures of the embedded
// profiles, and its example can be read.
func TestDisclosurePageAgrees(t *testing.T) {
	text, err := os.ReadFile("../docs/methods/disclosure.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	a, b := profile(t, "standard"), profile(t, "strict")
	o := b.Organisations
	for _, want := range []string{
		fmt.Sprintf("distinct persons | T = %d | T = %d |\n", a.Persons.Threshold, b.Persons.Threshold),
		fmt.Sprintf("has more than %d %% of the amount", o.DominancePercent),
		fmt.Sprintf("| off | %d, %d %%, p = %d |\n", o.MinFrequency, o.DominancePercent, o.PPercent),
		fmt.Sprintf("within p %% | p = %d | p = %d |\n", a.Amounts.PPercent, b.Amounts.PPercent),
		fmt.Sprintf("| k = %d | k = %d |\n", a.Group.AtMost, b.Group.AtMost),
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	example := regexp.MustCompile(`(?s)\n    (\{.*?\})\n\n`).FindStringSubmatch(page)
	if example == nil {
		t.Fatal("the page has no example of a profile")
	}
	if _, err := ReadProfile(strings.NewReader(example[1])); err != nil {
		t.Error(err)
	}
}

func TestRulesOfAProfile(t *testing.T) {
	persons := tabular.Rule{MinFrequency: 11, PPercent: 15, Measure: 2, Levels: true, Alone: true}
	persons.Interval, persons.Count = true, 1
	want := []tabular.Rule{persons, persons, {MinFrequency: 3, DominancePercent: 85, PPercent: 10, Measure: 2, Levels: true, Alone: true}}
	if diff := cmp.Diff(want, profile(t, "strict").Rules(2, 1)); diff != "" {
		t.Error(diff)
	}
	persons.MinFrequency, persons.PPercent, persons.Interval, persons.Count = 5, 10, false, 0
	if diff := cmp.Diff([]tabular.Rule{persons, persons}, profile(t, "standard").Rules(2, 1)); diff != "" {
		t.Error(diff)
	}
}

func TestReadProfileRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":          `persons: 5`,
		"two objects":      `{"name":"a","version":1,"persons":{"threshold":5},"amounts":{}} {}`,
		"unknown rule":     `{"name":"a","version":1,"persons":{"threshold":5},"amounts":{},"seuil":3}`,
		"no name":          `{"version":1,"persons":{"threshold":5},"amounts":{}}`,
		"no version":       `{"name":"a","persons":{"threshold":5},"amounts":{}}`,
		"interval of 1":    `{"name":"a","version":1,"persons":{"threshold":5,"interval":1},"amounts":{}}`,
		"threshold 2":      `{"name":"a","version":1,"persons":{"threshold":2},"amounts":{}}`,
		"threshold 101":    `{"name":"a","version":1,"persons":{"threshold":101},"amounts":{}}`,
		"no threshold":     `{"name":"a","version":1,"amounts":{}}`,
		"p below zero":     `{"name":"a","version":1,"persons":{"threshold":5},"amounts":{"p_percent":-1}}`,
		"dominance of 101": `{"name":"a","version":1,"persons":{"threshold":5},"amounts":{"dominance_percent":101}}`,
		"two providers":    `{"name":"a","version":1,"persons":{"threshold":5},"amounts":{},"organisations":{"min_frequency":2}}`,
		"more providers":   `{"name":"a","version":1,"persons":{"threshold":5},"amounts":{},"organisations":{"min_frequency":6}}`,
		"unknown test":     `{"name":"a","version":1,"persons":{"threshold":5},"amounts":{},"organisations":{"threshold":3}}`,
		"share of 101":     `{"name":"a","version":1,"persons":{"threshold":5},"amounts":{},"organisations":{"dominance_percent":101}}`,
		"p of 101":         `{"name":"a","version":1,"persons":{"threshold":5},"amounts":{},"organisations":{"p_percent":101}}`,
		"group below zero": `{"name":"a","version":1,"persons":{"threshold":5},"amounts":{},"group":{"at_most":-1}}`,
		"group of 5 of 5":  `{"name":"a","version":1,"persons":{"threshold":5},"amounts":{},"group":{"at_most":5}}`,
		"remainder of 1":   `{"name":"a","version":1,"persons":{"threshold":5},"amounts":{},"remainder":1}`,
	} {
		if _, err := ReadProfile(strings.NewReader(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := EmbeddedProfile("../profile"); err == nil {
		t.Error("a profile outside the folder was read")
	}
}
