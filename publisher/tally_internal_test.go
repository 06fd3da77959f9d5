package publisher

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/publisher/joint"
)

func TestTallyTellsSharesOfLargePeriodsOnly(t *testing.T) {
	profile, err := anonymize.EmbeddedProfile("standard")
	if err != nil {
		t.Fatal(err)
	}
	counted := newTally("t", profile)
	counted.add("2024-02", joint.Row{Files: 1500, Cents: 900_00})
	counted.add("2024-02", joint.Row{Files: 500, Cents: 100_00, Hidden: true})
	counted.add("2024-01", joint.Row{Files: 1999, Cents: 900_00, NoMean: true, NoFunders: true}) // the cell is shown all the same
	for range 1234 {
		counted.add("2024-03", joint.Row{Files: 2, Cents: 1_00, Sensitive: true, Hidden: true})
	}
	got := counted.count()
	share := func(n int) *int { return &n }
	want := []PeriodCount{
		{Period: "2024-01", Shown: 1, Profile: "standard", ProfileVersion: 3, Threshold: 5},
		{Period: "2024-02", Shown: 1, Secret: 10, MaskedFiles: share(25), MaskedEuros: share(10), Profile: "standard", ProfileVersion: 3, Threshold: 5},
		{Period: "2024-03", Secret: 1230, MaskedFiles: share(100), MaskedEuros: share(100), Profile: "standard", ProfileVersion: 3, Threshold: 5},
	}
	if diff := cmp.Diff(want, got.periods); diff != "" {
		t.Error(diff)
	}
	if got.Shown != 2 || got.Secret != 1235 || got.files != 1500+500+1999+2468 || got.euros != 900_00+100_00+900_00+1234_00 || got.SecretFiles != 500+2468 || got.SensitiveFiles != 2468 {
		t.Errorf("exact counts: %+v", got)
	}
}

func TestShareOfATable(t *testing.T) {
	share := func(n int) *int { return &n }
	for name, c := range map[string]struct {
		add  func(*masked)
		want *int
	}{
		"nothing told":          {func(m *masked) { m.add(100, nil) }, nil},
		"one period":            {func(m *masked) { m.add(75, share(25)) }, share(25)},
		"two alike":             {func(m *masked) { m.add(75, share(25)); m.add(750, share(25)) }, share(25)},
		"weighted":              {func(m *masked) { m.add(50, share(50)); m.add(300, share(0)) }, share(13)}, // 50 of 400
		"all masked is skipped": {func(m *masked) { m.add(0, share(100)); m.add(50, share(50)) }, share(50)},
	} {
		var m masked
		c.add(&m)
		if diff := cmp.Diff(c.want, m.percent()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
