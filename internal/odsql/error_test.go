package odsql_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/parvis-opendata/parvis/internal/odsql"
)

// code is the code of an error of the package.
func code(err error) string {
	var e *odsql.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// request puts a text into the clause of a name.
func request(clause, text string) odsql.Request {
	r := odsql.Request{Now: noon}
	switch clause {
	case "select":
		r.Select = text
	case "group_by":
		r.GroupBy = text
	case "order_by":
		r.OrderBy = text
	case "refine":
		r.Refine = []string{text}
	case "exclude":
		r.Exclude = []string{text}
	default:
		r.Where = []string{text}
	}
	return r
}

// TestErrorsSayWhatIsWrong: for each production, what is refused, with the code, the
// position in characters and words of the message.
func TestErrorsSayWhatIsWrong(t *testing.T) {
	const syntax, query, types = odsql.CodeSyntax, odsql.CodeQuery, odsql.CodeTypes
	for _, c := range []struct {
		clause, text, code string
		position           int
		message            string
	}{
		// Lexical rules.
		{"where", `titre = "web`, syntax, 9, "pas fermé"},
		{"where", "`n = 1", syntax, 1, "pas fermé"},
		{"where", `n = 1 ; drop`, syntax, 7, "« ; »"},
		{"where", `titre = “web”`, syntax, 9, "guillemets droits"},
		{"where", `n ? 1`, syntax, 3, "« ? »"},
		{"where", "titre = \"\xff\"", syntax, 1, "UTF-8"},
		{"where", `éé = 1`, query, 1, "« éé » n'existe pas"},
		{"where", `titre = "é" AND nn = 1`, query, 17, "Vouliez-vous dire : n"},
		{"where", `12 > `, syntax, 6, "fin de la clause"},
		{"where", `and = 1`, syntax, 1, "accents graves"},
		// Fields.
		{"where", `regoin = "x"`, query, 1, "Vouliez-vous dire : region"},
		{"where", `statut_dossier = "x"`, query, 1, "« formations_statut »"},
		{"select", `titres`, query, 1, "titre"},
		{"order_by", `n, zzz`, query, 4, "« zzz »"},
		{"group_by", `zzz`, query, 1, "« zzz »"},
		// Conditions.
		{"where", ``, "", 0, ""},
		{"where", `n = 1 AND`, syntax, 10, "fin de la clause"},
		{"where", `n = 1 n = 2`, syntax, 7, "AND, OR"},
		{"where", `(n = 1`, syntax, 7, "« ) »"},
		{"where", `n = 1)`, syntax, 6, "« ) »"},
		{"where", `n`, query, 1, "n'est pas une condition"},
		{"where", `1`, query, 1, "n'est pas une condition"},
		{"where", `n + 1`, query, 1, "n'est pas une condition"},
		{"where", `n NOT IN (1)`, syntax, 3, "NOT (champ IN (…))"},
		{"where", `titre not like "x"`, syntax, 7, "NOT (champ LIKE"},
		{"where", `n BETWEEN 1 AND 2`, syntax, 3, "IN [a..b]"},
		{"where", `n <> 1`, syntax, 3, "!="},
		{"where", `n == 1`, syntax, 3, "écrivez ="},
		{"where", `n = 1 && n = 2`, syntax, 7, "AND"},
		{"where", `n = 1 || n = 2`, syntax, 7, "OR"},
		{"where", `titre ILIKE "x"`, syntax, 7, "LIKE"},
		{"where", `contains(titre, "x")`, syntax, 1, "search("},
		{"where", `CASE WHEN n = 1 THEN 1`, syntax, 1, "ifnull"},
		{"where", `n = (SELECT 1)`, syntax, 6, "SELECT"},
		{"where", `WHERE n = 1`, syntax, 1, "sans « WHERE »"},
		{"where", `count(*) > 1`, query, 1, "HAVING"},
		{"where", `titre LIKE titre`, syntax, 12, "entre guillemets"},
		{"where", `n LIKE "x"`, query, 1, "que sur du texte"},
		{"where", `n IN`, syntax, 5, "une liste entre parenthèses"},
		{"where", `n IN (`, syntax, 7, "une valeur"},
		{"where", `n IN ()`, syntax, 7, "une valeur"},
		{"where", `n IN (1, 2`, syntax, 11, "« ) »"},
		{"where", `n IN (region)`, syntax, 7, "une valeur"},
		{"where", `n IN [1..2`, syntax, 11, "« ] »"},
		{"where", `n IN [1, 2]`, syntax, 8, "« .. »"},
		{"where", `"x" IN region`, query, 8, "multivalué"},
		{"where", `n IS 1`, syntax, 6, "NULL"},
		{"where", `ouvert > true`, types, 1, "ouvert"},
		{"where", `random(1) = 1`, query, 1, "order_by"},
		{"where", `include(n) = 1`, query, 1, "select"},
		{"where", `lenght(titre) = 1`, query, 1, "length()"},
		{"where", `nothing_like(titre)`, query, 1, "n'existe pas"},
		{"where", `upper(titre) = "X"`, query, 1, "lower"},
		{"where", `length(n) = 1`, query, 8, "que sur du texte"},
		{"where", `length(titre, titre) = 1`, query, 1, "length(texte)"},
		{"where", `search(n, "x")`, query, 8, "champs de texte"},
		{"where", `search(titre)`, query, 1, "search(champ"},
		{"where", `search(titre, "x") = 1`, query, 1, "condition"},
		{"where", `search(length(titre), "x")`, syntax, 8, "un champ"},
		{"where", `year(titre) = 1`, query, 6, "que sur une date"},
		{"where", `date_format(jour, 'QQ') = "1"`, query, 19, "« QQ »"},
		{"where", `date_format(jour, 'MMM') = "1"`, query, 19, "MMMM"},
		{"where", `date_format(jour, "'x") = "1"`, query, 19, "apostrophe"},
		{"where", `date_format(jour, n) = "1"`, syntax, 19, "format"},
		{"where", `jour > now(yaers=1)`, query, 12, "clé de now()"},
		{"where", `jour > now(month=13)`, query, 12, "bornes"},
		{"where", `jour > now(1)`, syntax, 12, "now(months=-1)"},
		{"where", `jour > now(years=100000)`, query, 12, "9999"},
		{"where", `ifnull(n) = 1`, query, 1, "ifnull("},
		{"where", `ifnull(n, "x") = 1`, query, 1, "types différents"},
		{"where", `ifnull(tags, null) = "x"`, query, 8, "multivalué"},
		{"select", `lower(ifnull(titre, tags))`, query, 21, "multivalué"},
		{"where", `jour = date'2024-13'`, query, 8, "n'est pas une date"},
		{"where", `jour = date'hier'`, query, 8, "date'2024-03'"},
		// Comparisons of types.
		{"where", `region = 5`, types, 1, "guillemets"},
		{"where", `n = "5"`, types, 1, "sans guillemets"},
		{"where", `jour = 2024`, types, 1, "year(champ)"},
		{"where", `jour = "hier"`, types, 1, "date'2024'"},
		{"where", `n = date'2024'`, types, 1, "nombre entier"},
		{"where", `ouvert = 1`, types, 1, "booléen"},
		{"where", `tags > "x"`, types, 1, "multivalué"},
		{"where", `n IN (1, "x")`, types, 1, "nombre"},
		{"where", `lieu = jour`, types, 1, "date"},
		{"where", `n + titre = 1`, query, 5, "que sur des nombres"},
		// Geography: the field and its type are named.
		{"where", `within_distance(titre, geom'POINT(1 1)', 10km)`, query, 17, "« titre » est de type texte"},
		{"where", `within_distance(titre, geom'POINT(1 1)', 10 leagues)`, query, 42, "« leagues »"},
		{"where", `in_bbox(n, 1, 2, 3, 4)`, query, 9, "« n »"},
		{"where", `intersects(jour, geom'POINT(1 1)')`, query, 12, "« jour » est de type date"},
		{"where", `disjoint(region, geom'POINT(1 1)')`, query, 10, "« region »"},
		{"where", `within(region, geom'{"type":"Point"}')`, query, 8, "« region »"},
		{"where", `geometry(region, geom'POINT(1 1)', INTERSECTS)`, query, 10, "« region »"},
		{"where", `distance(region, geom'POINT(1 1)', 1km)`, query, 10, "« region »"},
		{"where", `polygon(region, "((1,1))")`, query, 9, "« region »"},
		{"where", `region = geom'POINT(1 1)'`, query, 10, "fonction géographique"},
		{"select", `distance(region, geom'POINT(1 1)')`, query, 10, "« region »"},
		{"select", `envelope(region) as e`, query, 10, "« region »"},
		{"select", `bbox(region)`, query, 6, "« region »"},
		{"group_by", `geo_cluster(region, 10, 40)`, query, 13, "« region »"},
		{"order_by", `distance(region, geom'POINT(1 1)')`, query, 10, "« region »"},
		// Select.
		{"select", `n,`, syntax, 3, "fin de la clause"},
		{"select", `n as`, syntax, 5, "un nom"},
		{"select", `n as "x"`, syntax, 6, "un nom"},
		{"select", `n region`, syntax, 3, "une virgule"},
		{"select", `n as a, titre as a`, query, 18, "« a » est déclaré plusieurs fois"},
		{"select", `region, count(*)`, query, 1, "« region »"},
		{"select", `n = 1`, query, 1, "que dans where"},
		{"select", `"x" AND "y"`, query, 1, "que dans where"},
		{"select", `include(zzz)`, query, 9, "« zzz »"},
		{"select", `include(1)`, syntax, 9, "un nom de champ"},
		{"select", `exclude(*)`, odsql.CodeParameter, 0, "aucun champ"},
		{"select", `sum(titre)`, query, 5, "nombres"},
		{"select", `avg(titre)`, query, 5, "nombres ou des dates"},
		{"select", `sum(jour)`, query, 5, "nombres"},
		{"select", `sum(*)`, syntax, 5, "un champ"},
		{"select", `sum(sum(n))`, query, 5, "autre agrégat"},
		{"select", `count()`, query, 1, "count(*)"},
		{"select", `count(distinct *)`, syntax, 16, "un champ"},
		{"select", `percentile(n)`, query, 1, "percentile(champ, 50)"},
		{"select", `percentile(n, 101)`, query, 15, "0 à 100"},
		{"select", `stddev(n)`, syntax, 1, "écart type"},
		{"select", `variance(n)`, syntax, 1, "écart type"},
		{"select", `if(n, 1, 2)`, syntax, 1, "ifnull"},
		{"select", `range(n, 5)`, query, 1, "group_by"},
		{"select", `json_format(n)`, query, 13, "que sur du texte"},
		{"select", `json_format(titre, n)`, syntax, 20, "NULL"},
		{"select", `search(titre, "x")`, query, 1, "que dans where"},
		{"select", `distinct region`, syntax, 1, "group_by"},
		{"where", `n = 1 LIMIT 10`, syntax, 7, "paramètre"},
		{"where", `n = 1 order by n`, syntax, 7, "order_by"},
		{"select", `n FROM t`, syntax, 3, "FROM"},
		// Group by.
		{"group_by", `count(*)`, query, 1, "agrégat"},
		{"group_by", `region as r, code as r`, query, 22, "déclaré plusieurs fois"},
		{"group_by", `region HAVING count(*) > 1`, syntax, 8, "HAVING"},
		{"group_by", `tags`, query, 1, "multivalué"},
		{"group_by", `null`, query, 1, "NULL"},
		{"group_by", `range(n)`, query, 1, "range(champ, 5)"},
		{"group_by", `range(titre, 5)`, query, 7, "un nombre ou une date"},
		{"group_by", `range(jour, 5)`, query, 13, "1 month"},
		{"group_by", `range(jour, 2 months)`, query, 13, "un : 1 month"},
		{"group_by", `range(jour, 1 fortnight)`, query, 13, "« fortnight »"},
		{"group_by", `range(jour, 0 day)`, query, 13, "positif"},
		{"group_by", `range(jour, 1000000 day)`, query, 13, "cent ans"},
		{"group_by", `range(n, 0)`, query, 10, "positif"},
		{"group_by", `range(n, 5, 1)`, query, 10, "en croissant"},
		{"group_by", `range(n, 1, *, 5)`, query, 10, "première ou la dernière"},
		{"group_by", `range(n, *, *)`, query, 10, "pas *"},
		{"group_by", `range(n, *)`, query, 10, "deux"},
		{"group_by", `range(n, 1, "x")`, syntax, 13, "un nombre"},
		{"group_by", `range(jour, *, 5)`, syntax, 16, "une date"},
		// Order by.
		{"order_by", `n up`, syntax, 3, "une virgule"},
		{"order_by", `n desc nulls last`, syntax, 8, "NULLS"},
		{"order_by", `count(*)`, query, 1, "agrégat"},
		{"order_by", `random()`, query, 1, "random(1)"},
		{"order_by", `random(1.5)`, query, 1, "entier"},
		{"order_by", `random(1) + 1`, query, 1, "expression entière"},
		{"order_by", `tags`, query, 1, "ne se trie pas"},
		{"order_by", `n = 1`, query, 1, "que dans where"},
		// Refine and exclude.
		{"refine", `region`, syntax, 7, "facette:valeur"},
		{"refine", `zzz:x`, query, 1, "« zzz »"},
		{"exclude", `jour:hier`, syntax, 6, "2020/12"},
		{"refine", `jour:2020/13`, syntax, 6, "2020/12"},
		{"refine", `n:x`, syntax, 3, "un nombre entier"},
		{"refine", `prix:NaN`, syntax, 6, "un nombre"},
		{"refine", `ouvert:oui`, syntax, 8, "true ou false"},
	} {
		_, err := odsql.Compile(fixtureSchema(), request(c.clause, c.text), nil)
		if c.code == "" {
			if err != nil {
				t.Errorf("%s=%s: %v", c.clause, c.text, err)
			}
			continue
		}
		var e *odsql.Error
		if !errors.As(err, &e) {
			t.Errorf("%s=%s: %v, want an *Error", c.clause, c.text, err)
			continue
		}
		if e.Code != c.code || e.Clause != c.clause || e.Position != c.position || !strings.Contains(e.Message, c.message) {
			t.Errorf("%s=%s:\n got  %s %s %d %s\n want %s %d %s", c.clause, c.text, e.Code, e.Clause, e.Position, e.Message, c.code, c.position, c.message)
		}
	}
}

func TestErrorsOfAliasesInGroups(t *testing.T) {
	for _, c := range []struct {
		r       odsql.Request
		message string
	}{
		{odsql.Request{GroupBy: "region as r", Select: "region as r, count(*)"}, "« r » est déclaré plusieurs fois"},
		{odsql.Request{GroupBy: "region as nb", Select: "count(*) as nb"}, "« nb » est déclaré plusieurs fois"},
		{odsql.Request{GroupBy: "region", Select: "code"}, "« code » n'est ni dans group_by"},
		{odsql.Request{GroupBy: "region", Select: "n + count(*)"}, "« n » n'est ni dans group_by"},
		{odsql.Request{GroupBy: "region", OrderBy: "code"}, "« code » n'est ni dans group_by"},
		{odsql.Request{Select: "count(*)", OrderBy: "n"}, "« n » n'est ni dans group_by"},
		{odsql.Request{GroupBy: "region", Select: "sum(n) as s, avg(s)"}, "« s » n'existe pas"},
		{odsql.Request{GroupBy: "region", Select: "sum(n) as s", OrderBy: "max(s)"}, "autre agrégat"},
		{odsql.Request{Lang: "xx"}, "« xx » n'est pas une langue"},
	} {
		_, err := odsql.Compile(fixtureSchema(), c.r, nil)
		if err == nil || !strings.Contains(err.Error(), c.message) {
			t.Errorf("%+v: %v, want %s", c.r, err, c.message)
		}
	}
}

func TestErrorsOfFacets(t *testing.T) {
	q := compile(t, odsql.Request{})
	for spec, message := range map[string]string{
		"titre":                          "est un texte libre",
		"zzz":                            "« zzz »",
		"":                               "fin de la clause",
		"region x":                       "« x »",
		"sum(n)":                         "facet(name=",
		"facet()":                        "demande un nom",
		"facet(region)":                  "une option",
		"facet(name='region', sort=up)":  "-alphanum",
		"facet(name='region', limit=0)":  "de 1 à",
		"facet(name='region', limit='')": "de 1 à",
		"facet(name='region', x=1)":      "une option",
		"facet(name='region', disjunctive=maybe)": "true ou false",
		"facet(name='titre')":                     "est un texte libre",
		"facet(name='region'":                     "« , »",
	} {
		if _, err := q.Facets([]string{spec}); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("facet %s: %v, want %s", spec, err, message)
		}
	}
	if _, err := q.Facets(make([]string, 100)); code(err) != odsql.CodeParameter {
		t.Errorf("a hundred facets: %v", err)
	}
}

// TestRequestsBeyondTheLimitsAreRefused: whatever its size, a request gets an answer, and
// what is compiled the engine can prepare.
func TestRequestsBeyondTheLimitsAreRefused(t *testing.T) {
	db := open(t)
	for name, c := range map[string]struct {
		clause, text string
		refused      bool
	}{
		"long clause":             {"where", `titre = "` + strings.Repeat("x", 40000) + `"`, true},
		"long text":               {"where", `titre = "` + strings.Repeat("x", 30000) + `"`, false},
		"parentheses":             {"where", strings.Repeat("(", 10000) + "n=1" + strings.Repeat(")", 10000), true},
		"few parentheses":         {"where", strings.Repeat("(", 40) + "n=1" + strings.Repeat(")", 40), false},
		"open parentheses":        {"where", strings.Repeat("(", 30000), true},
		"functions":               {"where", strings.Repeat("lower(", 1000) + "titre" + strings.Repeat(")", 1000) + `="x"`, true},
		"few functions":           {"where", strings.Repeat("lower(", 50) + "titre" + strings.Repeat(")", 50) + `="x"`, false},
		"negations":               {"where", strings.Repeat("NOT ", 5000) + "n=1", true},
		"few negations":           {"where", strings.Repeat("NOT ", 50) + "n=1", false},
		"signs":                   {"where", strings.Repeat("-", 20000) + "n=1", true},
		"few signs":               {"where", strings.Repeat("-", 50) + "n=1", false},
		"list":                    {"where", "n IN (" + strings.Repeat("1,", 5000) + "1)", true},
		"long list":               {"where", "n IN (" + strings.Repeat("1,", 500) + "1)", false},
		"list of dates":           {"where", "jour IN (" + strings.Repeat("date'2024',", 500) + "date'2024')", false},
		"conditions":              {"where", strings.Repeat("n=1 OR ", 4000) + "n=1", true},
		"many conditions":         {"where", strings.Repeat("n=1 OR ", 500) + "n=1", false},
		"many conditions, nested": {"where", strings.Repeat("(n=1 OR n=2) AND ", 250) + "n=1", false},
		"too many, nested":        {"where", strings.Repeat("(n=1 OR n=2 OR n=3) AND ", 500) + "n=1", true},
		"alternation":             {"where", strings.Repeat("(n=1 AND (n=2 OR ", 28) + "n=3" + strings.Repeat("))", 28), false},
		"sum":                     {"select", strings.Repeat("n+", 5000) + "n", true},
		"long sum":                {"select", strings.Repeat("n+", 90) + "n", false},
		"long sum of euros":       {"select", strings.Repeat("prix*n+", 90) + "n", false},
		"nested sums":             {"select", strings.Repeat("(n+", 50) + "n" + strings.Repeat(")", 50), false},
		"long sums, nested":       {"select", strings.Repeat("(n+n+n+n+", 20) + "n" + strings.Repeat(")", 20), false},
		"products":                {"select", strings.Repeat("prix*", 90) + "1", false},
		"ifnulls":                 {"select", strings.Repeat("ifnull(n,", 50) + "1" + strings.Repeat(")", 50), false},
		"words":                   {"where", `"` + strings.Repeat("mot ", 100) + `"`, true},
		"some words":              {"where", `"` + strings.Repeat("mot ", 16) + `"`, false},
		"items":                   {"select", strings.Repeat("n,", 5000) + "n", true},
		"groups":                  {"group_by", strings.Repeat("n,", 50) + "n", true},
		"bounds":                  {"group_by", "range(n, 1" + strings.Repeat(",2", 300) + ")", true},
		"digits":                  {"where", "n = " + strings.Repeat("9", 400), true},
		"large number":            {"where", "n = " + strings.Repeat("9", 300), false},
		"large sum":               {"select", "sum(" + strings.Repeat("9", 300) + "*n) as s, sum(n*9007199254740991*9007199254740991) as t, " + strings.Repeat("9", 300) + "*" + strings.Repeat("9", 300) + " as u", false},
		"arguments":               {"where", "search(" + strings.Repeat("titre,", 4000) + `"x")`, true},
		"format":                  {"select", "date_format(jour, '" + strings.Repeat("yyyy-", 1000) + "')", true},
		"bad value":               {"refine", "region:" + strings.Repeat("x", 40000), true},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			q, err := odsql.Compile(fixtureSchema(), request(c.clause, c.text), nil)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			if (err != nil) != c.refused {
				t.Fatalf("refused: %.300v", err)
			}
			if err != nil {
				if utf8.RuneCountInString(err.Error()) > 400 {
					t.Errorf("the message has %d bytes", len(err.Error()))
				}
				return
			}
			run(t, db, q.All(), len(q.Columns))
			run(t, db, q.Count(), 1)
		})
	}
	many := odsql.Request{Where: make([]string, 1000)}
	if _, err := odsql.Compile(fixtureSchema(), many, nil); code(err) != odsql.CodeParameter {
		t.Errorf("a thousand clauses: %v", err)
	}
}
