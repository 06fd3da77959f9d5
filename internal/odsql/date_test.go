package odsql_test

import (
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/internal/odsql"
)

// TestNow has the examples of the official text.
func TestNow(t *testing.T) {
	db := open(t)
	for call, want := range map[string]string{
		"now()":                     "2021-05-06 12:34:55.4505",
		"now(year=2000)":            "2000-05-06 12:34:55.4505",
		"now(years=-1)":             "2020-05-06 12:34:55.4505",
		"now(year=2001, months=-1)": "2001-04-06 12:34:55.4505",
		"now(day=31,month=2)":       "2021-02-28 12:34:55.4505",
		"now(weekday=0)":            "2021-05-10 12:34:55.4505",
		"now(weekday=3)":            "2021-05-06 12:34:55.4505",
		"now(mondays=+1)":           "2021-05-10 12:34:55.4505",
		"now(mondays=-1)":           "2021-05-03 12:34:55.4505",
		"now(thursdays=1)":          "2021-05-13 12:34:55.4505",
		"now(thursdays=-1)":         "2021-04-29 12:34:55.4505",
		"now(sundays=2)":            "2021-05-16 12:34:55.4505",
		"now(sundays=-2)":           "2021-04-25 12:34:55.4505",
		"now(fridays=0)":            "2021-05-06 12:34:55.4505",
		"now(day=31, months=1)":     "2021-06-30 12:34:55.4505",
		"now(months=+9)":            "2022-02-06 12:34:55.4505",
		"now(hour=0,minute=0,second=0,microsecond=0)": "2021-05-06",
		"now(hours=12, minutes=-34, seconds=5)":       "2021-05-07 00:01:00.4505",
		"now(days=-6)":                                "2021-04-30 12:34:55.4505",
		"now(microseconds=+1)":                        "2021-05-06 12:34:55.450501",
		"now(year=1999, year=2000)":                   "2000-05-06 12:34:55.4505",
		"NOW ( YEARS = -1 )":                          "2020-05-06 12:34:55.4505",
	} {
		q := compile(t, odsql.Request{Select: call + " as n", Where: []string{`id="a"`}})
		if got := run(t, db, q.All(), 1)[0]; got != want {
			t.Errorf("%s: %s, want %s", call, got, want)
		}
	}
}

func TestDateFormat(t *testing.T) {
	db := open(t)
	if err := db.Exec(t.Context(), "INSERT INTO formations (id, instant, mois) VALUES ('z', '2007-11-20 01:23:45', '2021-01')"); err != nil {
		t.Fatal(err)
	}
	for pattern, want := range map[string]string{
		"dd/MM/YYYY":                   "20/11/2007",
		"'The date is 'dd/MM/YYYY":     "The date is 20/11/2007",
		"'The date is '''dd/MM/YYYY''": "The date is '20/11/2007'",
		"E":                            "mar.",
		"EEEE":                         "mardi",
		"EEEE d MMMM yyyy":             "mardi 20 novembre 2007",
		"H":                            "1",
		"HH:mm:ss":                     "01:23:45",
		"yy":                           "07",
		"yyyy":                         "2007",
		"M":                            "11",
		"D":                            "324",
		"xxxx-ww":                      "2007-47",
		"xx w e":                       "07 47 2",
		"m.s":                          "23.45",
		"'é'''?,.:/-":                  "é'?,.:/-",
		"":                             "",
	} {
		q := compile(t, odsql.Request{Select: "date_format(instant, " + odsql.Quote(pattern) + ")", Where: []string{`id="z"`}})
		if got := run(t, db, q.All(), 1)[0]; got != want {
			t.Errorf("%s: %s, want %s", pattern, got, want)
		}
	}
	// Week years, days of the year with zeros, and languages.
	for lang, want := range map[string]string{
		"": "vendredi janvier 53 2020 001", "en": "Friday January 53 2020 001", "de": "Freitag Januar 53 2020 001", "es": "viernes enero 53 2020 001",
		"it": "venerdì gennaio 53 2020 001", "nl": "vrijdag januari 53 2020 001", "pt": "sexta-feira janeiro 53 2020 001", "ar": "Friday January 53 2020 001",
		"ca": "divendres gener 53 2020 001", "sv": "fredag januari 53 2020 001", "eu": "ostirala urtarrila 53 2020 001",
	} {
		q := compile(t, odsql.Request{Select: "date_format(mois, 'EEEE MMMM ww xxxx DDD')", Where: []string{`id="z"`}, Lang: lang})
		if got := run(t, db, q.All(), 1)[0]; got != want {
			t.Errorf("%s: %s, want %s", lang, got, want)
		}
	}
	// A date that is null has no text.
	q := compile(t, odsql.Request{Select: "date_format(jour, 'yyyy'), date_format(jour, ''), date_format(jour, 'MMMM')", Where: []string{`id="e"`}})
	if got := strings.Join(run(t, db, q.All(), 3), ""); got != "∅|∅|∅" {
		t.Errorf("a null date gives %s", got)
	}
}
