package jobs

import (
	"strings"
	"testing"
	"time"
)

func TestParseScheduleRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "five fields"},
		{"a word", "daily", "five fields"},
		{"a descriptor", "@daily", "five fields"},
		{"four fields", "15 4 * *", "five fields"},
		{"seconds", "0 15 4 * * *", "five fields"},
		{"a minute that is none", "60 4 * * *", "60"},
		{"a time zone", "TZ=Europe/London 15 4 * * *", "time zone"},
		{"a broken time zone", "TZ=", "time zone"},
		{"a day that never comes", "15 4 31 2 *", "never comes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseSchedule(c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestNextOfALeapDay(t *testing.T) {
	got := schedule(t, "15 4 29 2 *").Next(time.Date(2026, 6, 1, 0, 0, 0, 0, paris(t)))
	if want := "2028-02-29T04:15:00+01:00"; got.Format(time.RFC3339) != want {
		t.Errorf("%s, want %s", got.Format(time.RFC3339), want)
	}
}

func FuzzParseSchedule(f *testing.F) {
	for _, text := range []string{"15 4 * * *", "45 4 3 1,4,7,10 *", "*/5 0-6/2 ? JAN MON", "TZ=", "@every 1h", "1-"} {
		f.Add(text)
	}
	// What is accepted has a next time, after the one before.
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSchedule(text)
		if err != nil {
			return
		}
		if first := s.Next(leapDay); !s.Next(first).After(first) {
			t.Errorf("%q: no time after %s", text, first)
		}
	})
}
