package odsql

import (
	"strings"
	"time"
)

// period is the time that a date covers: a day, a month, a year, an instant.
type period struct {
	// from and to, which is excluded, as a clock on the wall shows them.
	from, to time.Time
	// fixed dates name their offset: from and to are instants, in UTC.
	fixed bool
}

// forms are the accepted ways to write a date, and the length of what they cover.
var forms = []struct {
	layout string
	years  int
	months int
	days   int
	length time.Duration
}{
	{layout: "2006", years: 1},
	{layout: "2006-01", months: 1},
	{layout: "2006-01-02", days: 1},
	{layout: "2006-01-02T15", length: time.Hour},
	{layout: "2006-01-02T15:04", length: time.Minute},
	{layout: "2006-01-02T15:04:05", length: time.Second},
}

// parsePeriod reads a date: ISO 8601, in whole or its beginning, or with slashes.
func parsePeriod(text string) (period, bool) {
	text = strings.TrimSpace(text)
	if len(text) < 4 || len(text) > 40 {
		return period{}, false
	}
	if len(text) <= 10 {
		text = strings.ReplaceAll(text, "/", "-")
	} else if text[10] == ' ' {
		text = text[:10] + "T" + text[11:]
	}
	for _, f := range forms {
		for _, zone := range []string{"", "Z07:00", "Z0700"} {
			if zone != "" && f.length == 0 {
				continue
			}
			t, err := time.Parse(f.layout+zone, text)
			if err != nil || t.Year() == 0 {
				continue
			}
			length := f.length
			if t.Nanosecond() != 0 { // a fraction of a second is read whatever the form says
				length = time.Microsecond
			}
			t = t.UTC()
			to := t.AddDate(f.years, f.months, f.days).Add(length)
			return period{from: t, to: to, fixed: zone != ""}, true
		}
	}
	return period{}, false
}

// wall returns a bound as the clocks of a zone show it.
func (p period) wall(t time.Time, zone *time.Location) time.Time {
	if !p.fixed {
		return t
	}
	return asUTC(t.In(zone))
}

// utc returns a bound as an instant, given the zone of the clocks.
func (p period) utc(t time.Time, zone *time.Location) time.Time {
	if p.fixed {
		return t
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone).UTC()
}

// asUTC keeps what the clock shows and forgets its zone.
func asUTC(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// timestamp writes a time for CAST(? AS TIMESTAMP).
func timestamp(t time.Time) string { return t.Format("2006-01-02 15:04:05.999999") }

// midnight reports whether a day begins at t.
func midnight(t time.Time) bool { return t.Equal(t.Truncate(24 * time.Hour)) }
