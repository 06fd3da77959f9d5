package main

import (
	"strings"
	"testing"
)

// TestRetentionByDataset: a rule for each dataset, one for the others, and the months of
// the time zone of the settings.
func TestRetentionByDataset(t *testing.T) {
	for _, c := range []struct{ text, catalogue, engagees, usagers string }{
		{"90d,monthly", "90d,monthly", "90d,monthly", "90d,monthly"},
		{"catalogue=30d,monthly;0d", "30d,monthly", "0d", "0d"},
		{"catalogue=30d", "30d", "90d,monthly", "90d,monthly"},
		{" usagers = 400d ; 60d ; catalogue=1d,monthly ", "1d,monthly", "60d", "400d"},
	} {
		s := &settings{Retention: c.text, Timezone: "Europe/Paris"}
		keep, err := s.retentions()
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		for _, row := range s.timetable() {
			got := keep.of(row.dataset)
			want := map[string]string{"catalogue": c.catalogue, "engagees": c.engagees, "usagers": c.usagers}[row.job]
			if got.String() != want || got.Zone.String() != "Europe/Paris" {
				t.Errorf("%q: %s keeps %s in %s, want %s", c.text, row.job, got, got.Zone, want)
			}
		}
	}
	for text, want := range map[string]string{
		"":                            `"" is not of the form 90d or 90d,monthly`,
		"90d,weekly":                  `"90d,weekly" is not of the form`,
		"90d;":                        "two rules for the same",
		"90d;30d":                     "two rules for the same",
		"catalogue=30d;catalogue=30d": "two rules for the same",
		"katalog=30d":                 `there is no dataset "katalog"; known: catalogue, engagees, usagers`,
		"=30d":                        `there is no dataset ""`,
		"catalogue=;90d":              "is not of the form",
	} {
		_, err := (&settings{Retention: text, Timezone: "Europe/Paris"}).retentions()
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "PARVIS_RETENTION") {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}
