package metrics_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// known are the metrics that there are, with their labels.
func known(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	sample, label := regexp.MustCompile(`^([a-z_]+)(?:\{(.*)\})? `), regexp.MustCompile(`([a-z_]+)="`)
	for line := range strings.Lines(read(t, full())) {
		if m := sample.FindStringSubmatch(line); m != nil {
			all[m[1]] = []string{}
			for _, l := range label.FindAllStringSubmatch(m[2], -1) {
				all[m[1]] = append(all[m[1]], l[1])
			}
		}
	}
	return all
}

// ofTargets are labels that Prometheus gives to what it reads of a process.
var ofTargets = []string{"job", "instance"}

// TestLabelsAreNotThoseOfTargets: a metric with such a label would come to be one with
// another, exported_job, for which no rule asks.
func TestLabelsAreNotThoseOfTargets(t *testing.T) {
	for name, labels := range known(t) {
		for _, l := range ofTargets {
			if slices.Contains(labels, l) {
				t.Errorf("%s has a label %s", name, l)
			}
		}
	}
}

// use is an expression of somebody who reads the metrics, and the labels shown beside it.
type use struct {
	where, expr string
	shown       []string
}

var (
	metricName = regexp.MustCompile(`\b(?:parvis|process|go)_[a-z_]+`)
	selector   = regexp.MustCompile(`\b((?:parvis|process|go)_[a-z_]+)\{([^}]*)\}`)
	matcher    = regexp.MustCompile(`([a-z_]+)\s*[!=]=?~?\s*"`)
	grouping   = regexp.MustCompile(`\b(?:by|without|on|ignoring)\s*\(([^)]*)\)`)
)

// check compares an expression with the metrics that there are. It returns the names in it.
func (u use) check(t *testing.T, metrics map[string][]string) []string {
	t.Helper()
	names := metricName.FindAllString(u.expr, -1)
	labels := slices.Clone(ofTargets)
	for _, name := range names {
		if _, ok := metrics[name]; !ok {
			t.Errorf("%s is on %s, which is no metric", u.where, name)
		}
		labels = append(labels, metrics[name]...)
	}
	for _, m := range selector.FindAllStringSubmatch(u.expr, -1) {
		for _, l := range matcher.FindAllStringSubmatch(m[2], -1) {
			if !slices.Contains(metrics[m[1]], l[1]) {
				t.Errorf("%s: %s has no label %s", u.where, m[1], l[1])
			}
		}
	}
	for _, m := range grouping.FindAllStringSubmatch(u.expr, -1) {
		for l := range strings.SplitSeq(m[1], ",") {
			u.shown = append(u.shown, strings.TrimSpace(l))
		}
	}
	for _, l := range u.shown {
		if !slices.Contains(labels, l) {
			t.Errorf("%s shows a label %s, which none of its metrics has", u.where, l)
		}
	}
	return names
}

// document reads a file for operators.
func document(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestRulesNameMetrics compares the alert rules for operators with the metrics that exist, and
// with what is written about them.
func TestRulesNameMetrics(t *testing.T) {
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(document(t, "operations/alerts.yaml"), &rules); err != nil {
		t.Fatal(err)
	}
	metrics, label := known(t), regexp.MustCompile(`\$labels\.([a-z_]+)`)
	n := 0
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			u := use{where: rule.Alert, expr: rule.Expr}
			for _, m := range label.FindAllStringSubmatch(rule.Annotations["summary"], -1) {
				u.shown = append(u.shown, m[1])
			}
			n += len(u.check(t, metrics))
			if !strings.Contains(string(document(t, "operations.md")), "| "+rule.Alert+" |") {
				t.Errorf("operations.md does not say what to do about %s", rule.Alert)
			}
		}
	}
	if n < 12 {
		t.Errorf("rules on %d metrics alone", n)
	}
}

// panel is a panel of a dashboard, or a row of them.
type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               struct{ UID string }
	GridPos                  struct{ X, Y, W, H int }
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Targets                  []struct{ Expr, LegendFormat string }
}

// TestDashboardNamesMetrics compares the dashboard for operators with the metrics that exist.
// Each of ours is on it, and in the table of operations.md.
func TestDashboardNamesMetrics(t *testing.T) {
	var dashboard struct{ Panels []panel }
	if err := json.Unmarshal(document(t, "operations/dashboard.json"), &dashboard); err != nil {
		t.Fatal(err)
	}
	metrics, legend := known(t), regexp.MustCompile(`\{\{\s*([a-z_]+)\s*\}\}`)
	ids, cells, shown := map[int]bool{}, map[string]bool{}, map[string]bool{}
	for _, p := range dashboard.Panels {
		if ids[p.ID] {
			t.Errorf("%s: another panel has the same id", p.Title)
		}
		ids[p.ID] = true
		p.checkPlace(t, cells)
		if p.Type == "row" {
			continue
		}
		if p.FieldConfig.Defaults.Unit == "" || p.Description == "" || len(p.Description) > 160 || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 {
			t.Errorf("%s: unit %q, description %q, source %q, %d queries", p.Title, p.FieldConfig.Defaults.Unit, p.Description, p.Datasource.UID, len(p.Targets))
		}
		for _, target := range p.Targets {
			u := use{where: p.Title, expr: target.Expr}
			for _, m := range legend.FindAllStringSubmatch(target.LegendFormat, -1) {
				u.shown = append(u.shown, m[1])
			}
			for _, name := range u.check(t, metrics) {
				shown[family(name)] = true
			}
		}
	}
	for name := range metrics {
		if strings.HasPrefix(name, "parvis_") && !shown[family(name)] {
			t.Errorf("%s is on no panel", name)
		}
	}
	for name := range shown {
		if strings.HasPrefix(name, "parvis_") && !strings.Contains(string(document(t, "operations.md")), name) {
			t.Errorf("operations.md does not name %s", name)
		}
	}
	if len(shown) < 30 {
		t.Errorf("the dashboard shows %v alone", slices.Sorted(maps.Keys(shown)))
	}
}

// family is the metric that a sample is of.
func family(sample string) string {
	for _, end := range []string{"_bucket", "_sum", "_count"} {
		sample = strings.TrimSuffix(sample, end)
	}
	return sample
}

// checkPlace looks whether a panel lies within the dashboard, and on no other.
func (p panel) checkPlace(t *testing.T, taken map[string]bool) {
	t.Helper()
	at := p.GridPos
	if at.W < 1 || at.H < 1 || at.X < 0 || at.X+at.W > 24 {
		t.Errorf("%s lies at %+v", p.Title, at)
	}
	for x := at.X; x < at.X+at.W; x++ {
		for y := at.Y; y < at.Y+at.H; y++ {
			cell := fmt.Sprint(x, " ", y)
			if taken[cell] {
				t.Errorf("%s lies on another panel", p.Title)
				return
			}
			taken[cell] = true
		}
	}
}
