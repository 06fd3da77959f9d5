package datasets_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/datasets"
)

func date(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

func TestPeriodLabels(t *testing.T) {
	for _, c := range []struct {
		unit              datasets.Unit
		day, label        string
		wantStart, wantTo string
	}{
		{datasets.UnitMonth, "2024-02-29", "2024-02", "2024-02-01", "2024-02-29"},
		{datasets.UnitMonth, "2023-12-31", "2023-12", "2023-12-01", "2023-12-31"},
		{datasets.UnitQuarter, "2024-01-01", "2024-T1", "2024-01-01", "2024-03-31"},
		{datasets.UnitQuarter, "2024-12-31", "2024-T4", "2024-10-01", "2024-12-31"},
		{datasets.UnitYear, "2024-12-31", "2024", "2024-01-01", "2024-12-31"},
	} {
		if got := c.unit.Label(date(c.day)); got != c.label {
			t.Errorf("%s of %s: %s, want %s", c.unit, c.day, got, c.label)
		}
		start, err := c.unit.Start(c.label)
		if err != nil || !start.Equal(date(c.wantStart)) || !c.unit.End(start).Equal(date(c.wantTo)) {
			t.Errorf("%s: %s to %s (%v)", c.label, start, c.unit.End(start), err)
		}
	}
}

func TestPeriodLabelsThatAreNone(t *testing.T) {
	for unit, labels := range map[datasets.Unit][]string{
		datasets.UnitMonth:   {"", "2024", "2024-00", "2024-13", "2024-3", "2024-03-01", "2024-T1", " 2024-03"},
		datasets.UnitQuarter: {"", "2024-T0", "2024-T5", "2024-03", "2024-T12", "2024-t1"},
		datasets.UnitYear:    {"", "24", "2024-01", "2024-T1", "20240", "an"},
		"week":               {"2024-W01"},
	} {
		for _, label := range labels {
			if start, err := unit.Start(label); err == nil {
				t.Errorf("%s %q begins on %s", unit, label, start)
			}
		}
	}
}

func TestClosed(t *testing.T) {
	month := datasets.Period{Unit: datasets.UnitMonth, From: "2020-01"}
	quarter := datasets.Period{Unit: datasets.UnitQuarter, From: "2020-T1"}
	year := datasets.Period{Unit: datasets.UnitYear, From: "2020"}
	later := datasets.Period{Unit: datasets.UnitYear, From: "2020", Lag: 3}
	for _, c := range []struct {
		period datasets.Period
		day    string
		want   []string
	}{
		{month, "2020-01-31", nil},
		{month, "2020-02-01", []string{"2020-01"}},
		{month, "2020-03-31", []string{"2020-01", "2020-02"}},
		{quarter, "2020-03-31", nil},
		{quarter, "2020-04-01", []string{"2020-T1"}},
		{quarter, "2020-12-31", []string{"2020-T1", "2020-T2", "2020-T3"}},
		{year, "2020-12-31", nil},
		{year, "2022-01-01", []string{"2020", "2021"}},
		{later, "2021-03-31", nil}, // what becomes of the files is awaited until that day
		{later, "2021-04-01", []string{"2020"}},
	} {
		if diff := cmp.Diff(c.want, c.period.Closed(date(c.day))); diff != "" {
			t.Errorf("%s before %s: %s", c.period.Unit, c.day, diff)
		}
	}
}

// TestEveryDayIsInOnePeriod: periods follow one another without a gap.
func TestEveryDayIsInOnePeriod(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]datasets.Unit{datasets.UnitMonth, datasets.UnitQuarter, datasets.UnitYear}).Draw(t, "unit")
		day := date("2000-01-01").AddDate(0, 0, rapid.IntRange(0, 70_000).Draw(t, "day"))
		start, err := unit.Start(unit.Label(day))
		if err != nil || day.Before(start) || day.After(unit.End(start)) {
			t.Fatalf("%s is not in %s (%s to %s, %v)", day, unit.Label(day), start, unit.End(start), err)
		}
		if next := unit.End(start).AddDate(0, 0, 1); unit.Label(next) == unit.Label(day) {
			t.Fatalf("%s does not end on %s", unit.Label(day), unit.End(start))
		}
	})
}
