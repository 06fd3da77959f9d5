package odsql_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/parvis-opendata/parvis/internal/odsql"
)

// sqlToken cuts SQL into names, strings, numbers, words and signs.
var sqlToken = regexp.MustCompile(`"(?:[^"]|"")*"|'(?:[^']|'')*'|[0-9]+(?:\.[0-9]+)?|[A-Za-z_][A-Za-z_0-9]*|\S`)

// sqlWords are all the words that compiled SQL is made of, and sqlTexts all its strings
// but the names of days and months.
var (
	sqlWords = strings.Fields(`WITH MATERIALIZED SELECT FROM WHERE GROUP BY HAVING ORDER ASC DESC NULLS LAST LIMIT OFFSET AS AND OR NOT IN IS NULL TRUE FALSE
		DISTINCT CASE WHEN THEN ELSE END CAST TRY_CAST UNION ALL OVER PARTITION INTERVAL DAY MONTH YEAR VARCHAR BIGINT DOUBLE DECIMAL DATE
		TIMESTAMP BOOLEAN UBIGINT lambda x rowid value folded formations level parent name path n state total r date_trunc timezone
		nullif round floor isfinite coalesce length lower replace regexp_replace strip_accents contains regexp_matches starts_with
		list_contains list_filter len array_to_string string_split list_slice list_extract unnest left right ltrim lpad strftime
		year month day hour minute second isodow epoch_us make_timestamp count sum avg min max quantile_cont json_valid to_json hash
		sha256 concat chr row_number`)
	sqlTexts = strings.Fields(`'œ' 'oe' 'æ' 'ae' 'ß' 'ss' 'þ' 'th' 'đ' 'ð' 'd' 'ƒ' 'f' 'ħ' 'h' 'ı' 'i' 'ŀ' 'ł' 'l' 'ŋ' 'n' 'ø' 'o' 'ſ' 's' 'ŧ' 't' 'ﬁ' 'fi' 'ﬂ' 'fl' '[^\p{L}\p{N}]+' 'g' '-01' 'UTC' '%y' '%Y' '%G' '%V' '%u' '%-j' '%-m' '%-d' '%-H' '%-M'
		'%-S' '%m' '%d' '%Y/%m' '%Y/%m/%d' '%Y-%m-%dT%H:%M:%S.%gZ' '0' 'week' 'month' 'quarter' 'year' '[]' '[' '' '-' '/' 'refined'
		'excluded' 'displayed' ', '`)
	ownName = regexp.MustCompile(`^"@[kc][0-9]+"$`)
	letters = regexp.MustCompile(`^'[\p{L}.-]+'$`)
)

// closed fails unless SQL is made of our words, strings and small numbers and of names of
// the schema: then there is no way in it for the text of a request.
func closed(t *testing.T, sql string) {
	t.Helper()
	s := fixtureSchema()
	for _, token := range sqlToken.FindAllString(sql, -1) {
		var ok bool
		switch first := token[0]; {
		case first == '"':
			name := strings.Trim(token, `"`)
			ok = ownName.MatchString(token) || slices.ContainsFunc(s.Fields, func(f odsql.Field) bool { return f.Name == name })
		case first == '\'':
			// The names of days and months stand in lists of constants, as letters.
			ok = slices.Contains(sqlTexts, token) || token == "' '" || token == "', '" || letters.MatchString(token) && strings.Contains(sql, "(["+`'`)
		case first >= '0' && first <= '9':
			n, err := strconv.ParseFloat(token, 64)
			ok = err == nil && (n <= 100 || strings.Contains(sql, "LIMIT "+token) || strings.Contains(sql, "r <= "+token))
		case first == '_' || first >= 'A' && first <= 'Z' || first >= 'a' && first <= 'z':
			ok = slices.Contains(sqlWords, token)
		default:
			ok = strings.ContainsAny(token, "?,()[]=<>!*/+-|%:")
		}
		if !ok {
			t.Fatalf("%s stands in the SQL:\n%s", token, sql)
		}
	}
}

// FuzzCompile compiles anything: it gives an error with a message, or SQL that is closed
// and that the engine runs.
func FuzzCompile(f *testing.F) {
	for where := range conditions {
		f.Add("", where, "", "", "", "region")
	}
	for by := range ranges {
		f.Add("count(*)", "", by, "count(*) desc", "", "")
	}
	f.Add("*, exclude(c*), n*2 as double", `"web"`, "", "-n, random(3)", "region:Bretagne", `facet(name="jour", sort=-count, limit=3)`)
	f.Add("date_format(jour, 'EEEE d MMMM yyyy') as d, json_format(titre, null)", "n IN ]1 TO 5]", "", "jour", "jour:2024/03", "jour")
	f.Add("median(prix), percentile(n, 12.5) as p, avg(jour), count(distinct ifnull(region, 'x'))", "", "", "", "mois:2024/03", `facet(name="lieu", hierarchical=true, separator="/")`)
	f.Add("sum(prix)/count(*) as m", "jour >= now(years=-3, mondays=+1)", "year(jour) as a, region", "m desc, a", "tags:y", "tags")
	db := open(f)
	f.Fuzz(func(t *testing.T, selected, where, groups, order, refine, facet string) {
		r := odsql.Request{Select: selected, Where: []string{where}, GroupBy: groups, OrderBy: order, Now: noon}
		if refine != "" {
			r.Refine, r.Exclude = []string{refine}, []string{refine}
		}
		q, err := odsql.Compile(fixtureSchema(), r, nil)
		if err != nil {
			sound(t, err)
			return
		}
		first, err := q.After("", 2)
		if err != nil {
			t.Fatal(err)
		}
		mark := `[` + strings.Repeat(`"2024",`, 20)
		statements := []odsql.Statement{q.Page(2, 1), q.All(), q.Count(), first, q.WithRecordID().Page(1, 0)}
		for n := range 5 {
			if next, err := q.After(q.Cursor(mark[:1+7*n]+`null]`), 2); err == nil {
				statements = append(statements, next)
			}
		}
		facets, err := q.Facets([]string{facet})
		if err != nil {
			sound(t, err)
		}
		for _, f := range facets {
			statements = append(statements, f.Statement)
		}
		for _, s := range statements {
			closed(t, s.SQL)
			if strings.Count(s.SQL, "?") != len(s.Args) {
				t.Fatalf("%d parameters for %s", len(s.Args), s.SQL)
			}
			if err := db.Exec(context.Background(), s.SQL, s.Args...); err != nil {
				t.Fatalf("%v\n%s\n%q", err, s.SQL, s.Args)
			}
		}
	})
}

// sound fails unless an error is one for the client, with a message of bounded length.
func sound(t *testing.T, err error) {
	t.Helper()
	var e *odsql.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *Error", err)
	}
	known := []string{odsql.CodeQuery, odsql.CodeSyntax, odsql.CodeTypes, odsql.CodeParameter}
	if !slices.Contains(known, e.Code) || e.Clause == "" || e.Position < 0 || !utf8.ValidString(e.Message) || utf8.RuneCountInString(e.Message) > 600 {
		t.Fatalf("%+v", e)
	}
}

// FuzzCursor reads any cursor.
func FuzzCursor(f *testing.F) {
	q := compile(f, odsql.Request{OrderBy: "n, jour desc"})
	f.Add(q.Cursor(`["1",null,"a"]`))
	f.Add("")
	f.Fuzz(func(t *testing.T, cursor string) {
		if _, err := q.After(cursor, 1); err != nil {
			sound(t, err)
		}
	})
}

// FuzzQuote: what Quote writes is read back as it was.
func FuzzQuote(f *testing.F) {
	f.Add(`l'été "à" \ la`)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := odsql.Compile(fixtureSchema(), odsql.Request{Where: []string{"region = " + odsql.Quote(text)}}, nil)
		if len(text) > 15000 {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := q.Count().Args[0]; got != strings.ToValidUTF8(text, "�") {
			t.Fatalf("%q came back as %q", text, got)
		}
	})
}
