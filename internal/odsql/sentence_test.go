package odsql_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/internal/odsql"
)

// productions make sentences of the language, most of which mean nothing: E stands for an
// expression, A for an aggregate or an expression, C for a condition, B for a bound, and N
// for a number.
var productions = map[byte][]string{
	'E': {"id", "region", "code", "titre", "n", "prix", "jour", "mois", "ouvert", "instant", "tags", "`n`", "N", "N", "'web'", "date'2024-03'", "date'2024-03-01T10:00'",
		"null", "true", "E+E", "E-E", "E*E", "E/E", "-E", "(E)", "length(E)", "lower(E)", "ifnull(E,E)", "year(E)", "month(E)", "day(E)", "hour(E)", "minute(E)",
		"second(E)", "date_format(E,'EEEE dd MMMM yyyy ww')", "now()", "now(years=N, mondays=N)", "json_format(E)", "json_format(E,'x')", "json_format(E,null)"},
	'A': {"E", "E", "count(*)", "count(E)", "count(distinct E)", "sum(E)", "avg(E)", "min(E)", "max(E)", "median(E)", "percentile(E,N)", "A/A", "A+A", "ifnull(A,A)"},
	'G': {"E", "E", "range(E,N)", "range(E,*,N,99,*)", "range(E,[N,50,60])", "range(E,1 month)", "range(E,2 d)", "range(E,1q)", "range(E,*,date'2024',date'2025')"},
	'C': {"E=E", "E!=E", "E>E", "E<=E", "C AND C", "C OR C", "NOT C", "(C)", "E LIKE 'web excel'", "E IN (N,N,'01')", "E IN (date'2024',null)", "E IN [N..N]",
		"E IN ]date'2023'..date'2024'[", "'y' IN E", "E IS NULL", "E IS NOT NULL", "E IS TRUE", "E", "'web'", "search(E,'develop web')", "suggest(*,'tabl')", "startswith(E,'97')"},
	'N': {"0", "1", "2", "-3", "0.5", "10.25", "1000000007", "9007199254740991", "99999999999999999999", "12345.678901"},
}

// sentence expands the letters of a production.
func sentence(t *rapid.T, form string, depth int) string {
	var b strings.Builder
	for i := range len(form) {
		choices, ok := productions[form[i]]
		alone := (i == 0 || !isLetter(form[i-1])) && (i == len(form)-1 || !isLetter(form[i+1]))
		if !ok || !alone {
			b.WriteByte(form[i])
			continue
		}
		if depth == 0 { // names and literals come first
			choices = choices[:min(len(choices), 12)]
		}
		b.WriteString(sentence(t, rapid.SampledFrom(choices).Draw(t, string(form[i])), max(depth-1, 0)))
		if b.Len() > 4000 {
			return b.String()
		}
	}
	return b.String()
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// TestSentencesCompileToWhatTheEngineRuns makes sentences: each is refused with a message,
// or runs, as a whole and page
// by page; and it means the same when it is read again.
func TestSentencesCompileToWhatTheEngineRuns(t *testing.T) {
	db := open(t)
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	compiled := 0
	rapid.Check(t, func(rt *rapid.T) {
		r := odsql.Request{Now: noon, Zone: rapid.SampledFrom([]*time.Location{nil, paris}).Draw(rt, "zone")}
		part := func(form string, depth int) string { return sentence(rt, form, depth) }
		if rapid.Bool().Draw(rt, "grouped") {
			r.GroupBy = part(rapid.SampledFrom([]string{"G", "G as k, G"}).Draw(rt, "groups"), 1)
			r.Select = part(rapid.SampledFrom([]string{"count(*) as nb", "A as a", "A as a, A as b"}).Draw(rt, "select"), 2)
			r.OrderBy = part(rapid.SampledFrom([]string{"", "A desc", "random(3)"}).Draw(rt, "order"), 1)
		} else {
			r.Select = part(rapid.SampledFrom([]string{"*", "A as a, A as b", "E as a", "include(t*)"}).Draw(rt, "select"), 3)
			r.OrderBy = part(rapid.SampledFrom([]string{"", "E", "-E, E desc"}).Draw(rt, "order"), 2)
		}
		r.Where = []string{part(rapid.SampledFrom([]string{"true", "C"}).Draw(rt, "where"), 3)}
		q, err := odsql.Compile(fixtureSchema(), r, nil)
		if err != nil {
			sound(t, err)
			return
		}
		compiled++
		again, err := odsql.Compile(fixtureSchema(), r, nil)
		if err != nil || again.Canonical() != q.Canonical() {
			rt.Fatalf("%+v means two things", r)
		}
		for _, s := range []odsql.Statement{q.All(), q.Page(2, 1), q.Count()} {
			closed(t, s.SQL)
			if err := db.Exec(t.Context(), s.SQL, s.Args...); err != nil {
				rt.Fatalf("%+v: %v\n%s\n%q", r, err, s.SQL, s.Args)
			}
		}
		whole := run(t, db, q.All(), len(q.Columns))
		if diff := cmp.Diff(whole, paged(t, db, q, 2)); diff != "" {
			rt.Fatalf("%+v: page by page: %s", r, diff)
		}
		if n := run(t, db, q.Count(), 1); n[0] != show(len(whole)) {
			rt.Fatalf("%+v: count %s, %d rows", r, n[0], len(whole))
		}
	})
	if compiled == 0 {
		t.Error("no sentence was accepted")
	}
}
