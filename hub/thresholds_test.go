package hub_test

import (
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/hub"
)

func entity(name string, kept, quarantined int64) hub.EntityReport {
	return hub.EntityReport{Entity: name, Kept: kept, Quarantined: quarantined}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name     string
		entities []hub.EntityReport
		previous map[string]int64
		want     string // rules, in order
	}{
		{"nothing read", nil, nil, ""},
		{"exactly one per cent", []hub.EntityReport{entity("dossiers", 9900, 100)}, nil, ""},
		{"more than one per cent", []hub.EntityReport{entity("dossiers", 9899, 101)}, nil, "quarantine_share"},
		{"a broken list behind good files", []hub.EntityReport{entity("dossiers", 1000000, 0), entity("habilitations", 900, 100)}, nil, "quarantine_share"},
		{"one fault in a small list", []hub.EntityReport{entity("dossiers", 1000000, 0), entity("certifications", 49, 1)}, nil, ""},
		{"small lists, faulty together", []hub.EntityReport{entity("a", 49, 1), entity("b", 49, 1)}, nil, "quarantine_share"},
		{"shrank by a fifth", []hub.EntityReport{entity("dossiers", 800, 0)}, map[string]int64{"dossiers": 1000}, ""},
		{"shrank by more", []hub.EntityReport{entity("dossiers", 790, 0)}, map[string]int64{"dossiers": 1000}, "input_shrank"},
		{"unchanged, below the rounding", []hub.EntityReport{entity("dossiers", 1, 0)}, map[string]int64{"dossiers": 10}, ""},
		{"entity gone", nil, map[string]int64{"dossiers": 1000}, "input_shrank"},
		{"grew", []hub.EntityReport{entity("dossiers", 5000, 0)}, map[string]int64{"dossiers": 1000}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, r := range hub.DefaultThresholds().Judge(&hub.Report{Entities: c.entities}, c.previous) {
				got = append(got, r.Rule)
				if !strings.Contains(r.String(), "--force "+r.Rule) {
					t.Errorf("the reason does not name the override: %s", r)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %v, want %q", got, c.want)
			}
		})
	}
}

func TestRefusedFilesCannotBeOverridden(t *testing.T) {
	rep := &hub.Report{Refusals: []hub.Refusal{{Reason: "the file is damaged"}}}
	if got := hub.DefaultThresholds().Judge(rep, nil); len(got) != 1 || got[0].Rule != "" {
		t.Errorf("got %v", got)
	}
}

func TestRounded(t *testing.T) {
	for n, want := range map[int64]int64{0: 0, 1: 10, 9: 10, 14: 10, 15: 20, 994: 990, 9995: 10000, 12345: 12300, 18_912_345: 18_900_000} {
		if got := hub.Rounded(n); got != want {
			t.Errorf("%d: got %d, want %d", n, got, want)
		}
	}
}
