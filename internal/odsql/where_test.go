package odsql_test

import (
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/odsql"
)

// conditions are conditions with the rows of the fixture that they keep.
var conditions = map[string]string{
	// Text: exact, case-sensitive; a number is read as text by a code, zeros included.
	`region="Bretagne"`:                  "ab",
	`region:"Bretagne"`:                  "ab",
	`region='bretagne'`:                  "",
	`nom_region = "Bretagne"`:            "ab",
	`REGION = "Bretagne"`:                "ab",
	`"Bretagne" = region`:                "ab",
	`code_rncp=37674`:                    "c",
	`code_rncp="37674"`:                  "c",
	`code=01`:                            "a",
	`code=1`:                             "",
	`code != 97`:                         "abce",
	`code > "9"`:                         "de",
	`code > 9`:                           "de",
	`code in [2..97]`:                    "bcd",
	`lower(region) = "bretagne"`:         "ab",
	`length(code) = 2`:                   "abd",
	`region IN ("Bretagne","Normandie")`: "abcd",
	`code in (37674, "2A")`:              "bc",
	`NOT (region IN ("Bretagne"))`:       "cdef",
	// Nulls: a comparison with one is false, != drops them, NOT keeps them.
	`region != "Bretagne"`:          "cdf",
	`NOT region = "Bretagne"`:       "cdef",
	`NOT (NOT region = "Bretagne")`: "ab",
	`region = null`:                 "",
	`NOT (region = null)`:           "abcdef",
	`region IS NULL`:                "e",
	`region is not null`:            "abcdf",
	`ifnull(region, "?") = "?"`:     "e",
	// Numbers.
	`n = 2`:                     "b",
	`n != 2`:                    "acdf",
	`n > 1.5`:                   "bcd",
	`n >= -3 and n < 2`:         "af",
	`2 < n`:                     "cd",
	`prix = 10.1`:               "a",
	`prix = 1000`:               "c",
	`prix < 10.10`:              "df",
	`n IN [1..15]`:              "abc",
	`n IN ]1..15[`:              "b",
	`n IN [1 TO 15[`:            "ab",
	`n in (1, 15, -3)`:          "acf",
	`n * 2 = 4`:                 "b",
	`prix + 0.1 = 10.2`:         "a",
	`prix - n > 900`:            "c",
	`n / 0 = 1`:                 "",
	`(n + 1) * 2 > 30 OR n = 1`: "acd",
	`-n = 3`:                    "f",
	// Dates: a literal covers its period.
	`jour = date'2024'`:                      "bcd",
	`jour = date'2024-03'`:                   "cd",
	`jour = date'2024/03/15'`:                "c",
	`jour != date'2024'`:                     "af",
	`jour > date'2024'`:                      "f",
	`jour >= date'2024'`:                     "bcdf",
	`jour < date'2024-03'`:                   "ab",
	`jour <= date'2024-03'`:                  "abcd",
	`jour > date'2026-08-29'`:                "",
	`jour >= '2024-03-31'`:                   "df",
	`jour = "2024-03"`:                       "cd",
	`date'2024-03' <= jour`:                  "cdf",
	`jour >= date'2024-03-15T10:00'`:         "df",
	`jour IN [date'2023'..date'2024']`:       "abcd",
	`jour IN ]date'2023'..date'2024-03-31'[`: "bc",
	`jour IN (date'2024-03', date'2026')`:    "cdf",
	`jour in ("2023-12-31", null)`:           "a",
	`year(jour) = 2024`:                      "bcd",
	`month(jour) = 3 AND day(jour) < 20`:     "c",
	`year(jour) IN (2023, 2026)`:             "af",
	`hour(jour) = 0`:                         "abcdf",
	`jour < now()`:                           "",
	`jour > now(years=+3, months=-1)`:        "f",
	`date_format(jour, 'MM') = "03"`:         "cd",
	// Months are dates of the precision of a month.
	`mois = date'2024'`:                      "bcd",
	`mois = date'2024-03'`:                   "cd",
	`mois = date'2024-03-15'`:                "",
	`mois = date'2024-03-01'`:                "cd",
	`mois >= '2024-01'`:                      "bcdf",
	`mois > date'2024-01'`:                   "cdf",
	`mois > date'2024-01-15'`:                "cdf",
	`mois <= date'2024-01-15'`:               "ab",
	`mois < date'2024-03'`:                   "ab",
	`mois != date'2024-03'`:                  "abf",
	`year(mois) = 2024 and month(mois)=1`:    "b",
	`mois IN [date'2024-01'..date'2024-03']`: "bcd",
	// Datetimes.
	`instant = date'2024-03-15T08:02'`:       "c",
	`instant >= date'2024-03-15T08:02:00Z'`:  "cdf",
	`instant < date'2024-01-01T01:00+02:00'`: "",
	`instant < date'2024-01-01T01:00+01:00'`: "a",
	`hour(instant) = 23`:                     "a",
	// Booleans.
	`ouvert`:             "ac",
	`NOT ouvert`:         "bdef",
	`ouvert is true`:     "ac",
	`ouvert IS FALSE`:    "bf",
	`ouvert is not true`: "bdef",
	`ouvert: FALSE`:      "bf",
	`ouvert = true`:      "ac",
	// Multivalued.
	`tags = "y"`:         "ab",
	`NOT (tags != "y")`:  "abce",
	`tags != "y"`:        "df",
	`"x" IN tags`:        "a",
	`tags in ("x", "z")`: "ad",
	`tags LIKE "z"`:      "d",
	// Words.
	`titre LIKE "%excel%"`:             "c",
	`titre like "EXCEL tableur"`:       "c",
	`titre like "web développeur"`:     "a",
	`titre like "patissier"`:           "b",
	`titre like "pâtiss"`:              "",
	`titre LIKE "oeuvre"`:              "d",
	`titre LIKE "100%"`:                "d",
	`titre LIKE "%"`:                   "abcde",
	`"web"`:                            "af",
	`"web developpeur"`:                "a",
	`"excel" OR "pain"`:                "bc",
	`NOT "web"`:                        "bcde",
	`"normandie calcul"`:               "c",
	`search(titre, "boulanger pat")`:   "b",
	`search(*, "WEB")`:                 "af",
	`search("pain")`:                   "b",
	`search(titre, contenu, "calcul")`: "c",
	`suggest(titre, "tabl")`:           "c",
	`suggest(titre, "web mob")`:        "a",
	`suggest(titre, "web dev")`:        "",
	`suggest("cond")`:                  "e",
	`startswith(code, "97")`:           "de",
	`startswith(titre, "Boul")`:        "b",
	`startswith(titre, "boul")`:        "",
	`startswith(*, "Le pain")`:         "b",
	`startswith(tags, "z")`:            "d",
	// Priorities.
	`n=1 OR n=2 AND region="Normandie"`:  "a",
	`(n=1 OR n=2) AND region="Bretagne"`: "ab",
	`n=1 or not n=2 and not n=1`:         "acdef",
	"`n`=1":                              "a",
	`true`:                               "abcdef",
}

// TestWhereKeepsTheRows runs conditions over the fixture.
func TestWhereKeepsTheRows(t *testing.T) {
	db := open(t)
	for where, want := range conditions {
		if got := ids(t, db, odsql.Request{Where: []string{where}}); got != want {
			t.Errorf("%s: %q, want %q", where, got, want)
		}
	}
}

func TestSeveralWhereClausesMustAllHold(t *testing.T) {
	db := open(t)
	two := odsql.Request{Where: []string{`n > 0`, `region = "Bretagne" or region = "Normandie"`, ""}}
	if got := ids(t, db, two); got != "abcd" {
		t.Errorf("got %q", got)
	}
	one := odsql.Request{Where: []string{`(n>0) AND ( REGION="Bretagne" OR region='Normandie' )`}}
	if compile(t, two).Canonical() != compile(t, one).Canonical() {
		t.Error("two spellings of one query have two canonical texts")
	}
	if compile(t, two).Canonical() == compile(t, odsql.Request{Where: []string{`n > 1`}}).Canonical() {
		t.Error("two queries have one canonical text")
	}
}

func TestDatetimesAreReadInTheZone(t *testing.T) {
	db := open(t)
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for where, want := range map[string]string{
		`instant = date'2024'`:                    "abcd",
		`instant = date'2024-03'`:                 "c",
		`instant < date'2024-01-01T00:30'`:        "",
		`year(instant) = 2024`:                    "abcd",
		`hour(instant) = 0`:                       "ad",
		`instant = date'2024-03-31T22:59:59Z'`:    "d",
		`jour = date'2024-01-01'`:                 "b",
		`jour >= date'2023-12-31T23:00:00Z'`:      "bcdf",
		`date_format(instant, 'dd HH') = "01 00"`: "ad",
	} {
		if got := ids(t, db, odsql.Request{Where: []string{where}, Zone: paris}); got != want {
			t.Errorf("%s: %q, want %q", where, got, want)
		}
	}
}

func TestRefineAndExclude(t *testing.T) {
	db := open(t)
	for _, c := range []struct {
		refine, exclude []string
		want            string
	}{
		{[]string{`nom_region:"Rhône"`}, nil, "f"},
		{[]string{`region:Bretagne`}, nil, "ab"},
		{[]string{`region:Bretagne`, `region:Rhône`}, nil, ""},
		{nil, []string{`region:Bretagne`}, "cdef"},
		{nil, []string{`region:Bretagne`, `region:Rhône`}, "cde"},
		{[]string{`jour:2024`}, nil, "bcd"},
		{[]string{`jour:2024/03`}, nil, "cd"},
		{[]string{`jour:2024/03/31`}, nil, "d"},
		{[]string{`mois:2024/03`}, nil, "cd"},
		{[]string{`mois:"2024"`}, []string{`mois:2024/03`}, "b"},
		{[]string{`instant:2024/01/01`}, nil, "b"},
		{[]string{`n:15`}, nil, "c"},
		{[]string{`prix:20.2`}, nil, "b"},
		{[]string{`ouvert:true`}, nil, "ac"},
		{[]string{`tags:y`, `tags:x`}, nil, "a"},
		{[]string{`code:01`}, nil, "a"},
	} {
		if got := ids(t, db, odsql.Request{Refine: c.refine, Exclude: c.exclude}); got != c.want {
			t.Errorf("%v %v: %q, want %q", c.refine, c.exclude, got, c.want)
		}
	}
}
