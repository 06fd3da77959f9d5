package jobs

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
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
			_, err := ParseSchedule(c.text, paris(t))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestDueDatesByTheClockOfTheZone(t *testing.T) {
	// The wall clock jumps from 02:00 to 03:00 on 29 March 2026, and from 03:00
	// back to 02:00 on 25 October.
	spring, autumn := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, times string
		from        time.Time
		want        []string
	}{
		{"04:15 in spring", "15 4 * * *", spring, []string{"03-28 04:15 +01", "03-29 04:15 +02", "03-30 04:15 +02"}},
		{"04:15 in autumn", "15 4 * * *", autumn, []string{"10-25 04:15 +01", "10-26 04:15 +01"}},
		{"02:30 in spring, once, when the clock has jumped", "30 2 * * *", spring, []string{"03-28 02:30 +01", "03-29 03:00 +02", "03-30 02:30 +02"}},
		{"02:30 in autumn, once, the first time", "30 2 * * *", autumn, []string{"10-25 02:30 +02", "10-26 02:30 +01"}},
		{"02:00 in autumn", "0 2 * * *", autumn, []string{"10-25 02:00 +02", "10-26 02:00 +01"}},
		{"03:00 in spring", "0 3 * * *", spring, []string{"03-28 03:00 +01", "03-29 03:00 +02", "03-30 03:00 +02"}},
		{"every half hour in spring", "*/30 1-3 29 3 *", spring, []string{"03-29 01:00 +01", "03-29 01:30 +01", "03-29 03:00 +02", "03-29 03:30 +02"}},
		{"every half hour in autumn", "*/30 1-3 25 10 *", autumn, []string{
			"10-25 01:00 +02", "10-25 01:30 +02", "10-25 02:00 +02", "10-25 02:30 +02", "10-25 03:00 +01", "10-25 03:30 +01"}},
		{"the second of the month", "30 4 2 * *", spring, []string{"04-02 04:30 +02", "05-02 04:30 +02"}},
		{"the third of the quarter", "45 4 3 1,4,7,10 *", spring, []string{"04-03 04:45 +02", "07-03 04:45 +02", "10-03 04:45 +02"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := schedule(t, c.times)
			var got []string
			at := c.from
			for range c.want {
				at = s.Next(at)
				got = append(got, at.In(paris(t)).Format("01-02 15:04 -07"))
				if last := s.Last(at); !last.Equal(at) {
					t.Errorf("the last one at %s is %s", at, last)
				}
				if last := s.Last(at.Add(30 * time.Second)); !last.Equal(at) {
					t.Errorf("the last one just after %s is %s", at, last)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func TestLeapDay(t *testing.T) {
	s, june := schedule(t, "15 4 29 2 *"), time.Date(2026, 6, 1, 0, 0, 0, 0, paris(t))
	if got, want := s.Next(june).Format(time.RFC3339), "2028-02-29T04:15:00+01:00"; got != want {
		t.Errorf("next %s, want %s", got, want)
	}
	if got, want := s.Last(june).Format(time.RFC3339), "2024-02-29T04:15:00+01:00"; got != want {
		t.Errorf("last %s, want %s", got, want)
	}
}

// TestNextAndLastAgree: between a due date and the next there is none.
func TestNextAndLastAgree(t *testing.T) {
	zones := []*time.Location{paris(t), time.UTC}
	for _, name := range []string{"America/St_Johns", "Australia/Lord_Howe"} {
		if zone, err := time.LoadLocation(name); err == nil {
			zones = append(zones, zone)
		}
	}
	texts := []string{"15 4 * * *", "30 2 * * *", "0 2,3 * * 0", "*/7 * * * *", "45 4 3 1,4,7,10 *", "59 23 31 * *", "0 0 * * *"}
	rapid.Check(t, func(t *rapid.T) {
		s, err := ParseSchedule(rapid.SampledFrom(texts).Draw(t, "times"), rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(1.75e9, 1.85e9).Draw(t, "second"), 0)
		last, next := s.Last(at), s.Next(at)
		if last.After(at) || !next.After(at) {
			t.Fatalf("at %s: last %s, next %s", at, last, next)
		}
		if got := s.Next(last); !got.Equal(next) {
			t.Fatalf("at %s: next of the last is %s, want %s", at, got, next)
		}
		if got := s.Last(next.Add(-time.Second)); !got.Equal(last) {
			t.Fatalf("at %s: last before the next is %s, want %s", at, got, last)
		}
	})
}

func FuzzParseSchedule(f *testing.F) {
	for _, text := range []string{"15 4 * * *", "45 4 3 1,4,7,10 *", "*/5 0-6/2 ? JAN MON", "TZ=", "@every 1h", "1-"} {
		f.Add(text)
	}
	// What is accepted has a next time, after the one before.
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSchedule(text, time.UTC)
		if err != nil {
			return
		}
		if first := s.Next(leapDay); !s.Next(first).After(first) {
			t.Errorf("%q: no time after %s", text, first)
		}
	})
}
