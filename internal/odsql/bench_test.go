package odsql_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// typical is a request with most of the language.
var typical = odsql.Request{
	Select:  "region, count(*) as nb, avg(prix) as moyenne, median(prix)",
	GroupBy: "region, year(jour) as annee",
	OrderBy: "nb desc",
	Where:   []string{`(code IN (1,2,3) OR startswith(code, "97")) AND jour >= date'2024' AND NOT titre LIKE "excel"`},
	Refine:  []string{"mois:2024/03"},
}

func BenchmarkCompile(b *testing.B) {
	s := fixtureSchema()
	for b.Loop() {
		q, err := odsql.Compile(s, typical, nil)
		if err != nil {
			b.Fatal(err)
		}
		_ = q.Page(10, 0)
	}
}

func BenchmarkFold(b *testing.B) {
	text := strings.Repeat("<p>L'œuvre à l'atelier : Écrire du code, 100 % PRATIQUE.</p> ", 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		odsql.Fold(text)
	}
}

// word is a made-up word, the same for the same number.
func word(i int) string {
	syllables := []string{"for", "ma", "tion", "de", "ve", "lop", "peur", "web", "ges", "comp", "ta", "bi", "li", "té", "an", "glais", "se", "cur", "ex", "cel"}
	var b strings.Builder
	for n := i + 20; n > 0; n /= 20 {
		b.WriteString(syllables[n%20])
	}
	return b.String()
}

func BenchmarkMatch(b *testing.B) {
	tokens := make([]string, 0, 150000)
	for i := range 150000 {
		tokens = append(tokens, odsql.Fold(word(i)))
	}
	v := odsql.NewVocabulary(map[string][]string{"titre": tokens})
	for _, term := range []string{"web", "format", "developeur"} {
		b.Run(term, func(b *testing.B) {
			for b.Loop() {
				v.Match("titre", term, 1+len(term)/6, true)
			}
		})
	}
}

// large makes a table like the catalogue: texts that several rows share, with
// dictionaries.
func large(b *testing.B, distinct, copies int) (*engine.DB, *odsql.Schema, odsql.Vocabulary) {
	b.Helper()
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Options{Threads: 2})
	if err != nil {
		b.Fatal(err)
	}
	if err := db.Exec(ctx, "SET GLOBAL preserve_insertion_order = true"); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	s := fixtureSchema()
	s.Relation, s.Sorted = "large", true
	err = db.Exec(ctx, "CREATE TABLE large (id VARCHAR, region VARCHAR, code VARCHAR, titre VARCHAR, contenu VARCHAR, n INTEGER, prix DECIMAL(14,2), jour DATE, mois VARCHAR, ouvert BOOLEAN, instant TIMESTAMP, tags VARCHAR[], lieu VARCHAR)")
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.1, 4, 60000)
	text := func(n int) string {
		words := make([]string, n)
		for i := range words {
			words[i] = word(int(zipf.Uint64()))
		}
		return strings.Join(words, " ")
	}
	err = db.Exec(ctx, "CREATE TABLE texts (i BIGINT, titre VARCHAR, contenu VARCHAR)")
	if err == nil {
		err = db.Append(ctx, "texts", func(add func(...driver.Value) error) error {
			for i := range distinct {
				if err := add(int64(i), text(6), text(150)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err == nil {
		err = db.Exec(ctx, fmt.Sprintf("INSERT INTO large SELECT printf('%%014d_%%06d', i, j), 'R' || j%%18, CAST(i%%5000 AS VARCHAR), titre, contenu, i%%50, (i*7%%300000)/100, DATE '2020-01-01' + CAST(i%%2000 AS INTEGER), strftime(DATE '2020-01-01' + CAST(i%%2000 AS INTEGER), '%%Y-%%m'), i%%2=0, NULL, NULL, NULL FROM texts, range(%d) c(j) ORDER BY ALL", copies))
	}
	if err != nil {
		b.Fatal(err)
	}
	words := map[string][]string{}
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.Type != odsql.Text || f.Multivalued {
			continue
		}
		f.Dictionary = "dict_" + f.Name
		words[f.Name] = dictionary(b, db, f.Name)
	}
	return db, s, odsql.NewVocabulary(words)
}

// dictionary makes the dictionary of a column, and returns its distinct tokens.
func dictionary(t testing.TB, db *engine.DB, column string) []string {
	t.Helper()
	ctx := context.Background()
	var values []string
	err := db.Texts(ctx, "SELECT DISTINCT "+column+" FROM large WHERE "+column+" IS NOT NULL", 1, func(row []engine.Text) error {
		values = append(values, row[0].String)
		return nil
	})
	if err == nil {
		err = db.Exec(ctx, "CREATE TABLE dict_"+column+" (value VARCHAR, folded VARCHAR)")
	}
	seen := map[string]bool{}
	if err == nil {
		err = db.Append(ctx, "dict_"+column, func(add func(...driver.Value) error) error {
			for _, v := range values {
				folded := odsql.Fold(v)
				for _, token := range strings.Fields(folded) {
					seen[token] = true
				}
				if err := add(v, " "+folded+" "); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	tokens := make([]string, 0, len(seen))
	for token := range seen {
		tokens = append(tokens, token)
	}
	return tokens
}

// BenchmarkServe runs queries over 270 000 rows with texts of a kilobyte.
func BenchmarkServe(b *testing.B) {
	db, s, v := large(b, 90000, 3)
	for _, c := range []struct {
		name string
		r    odsql.Request
	}{
		{"browse", odsql.Request{}},
		{"deep", odsql.Request{OrderBy: "prix desc"}},
		{"code", odsql.Request{Where: []string{"code=2317"}}},
		{"like", odsql.Request{Where: []string{`titre LIKE "webtion"`}}},
		{"search-short", odsql.Request{Where: []string{`search(titre, "developeur web")`}}},
		{"search-long", odsql.Request{Where: []string{`search(contenu, "developeur web")`}}},
		{"search-all", odsql.Request{Where: []string{`search("developeur web")`}}},
		{"text-all", odsql.Request{Where: []string{`"webtion mafor"`}}},
		{"suggest-all", odsql.Request{Where: []string{`suggest("webti")`}}},
		{"group", odsql.Request{Select: "count(*) as nb, avg(prix)", GroupBy: "region", OrderBy: "nb desc"}},
		{"range", odsql.Request{Select: "count(*)", GroupBy: "range(prix, 100)"}},
		{"median", odsql.Request{Select: "median(prix)", GroupBy: "code"}},
		{"distinct", odsql.Request{Select: "count(distinct titre)"}},
	} {
		q, err := odsql.Compile(s, c.r, v)
		if err != nil {
			b.Fatal(err)
		}
		offset := 0
		if c.name == "deep" {
			offset = 9900
		}
		for kind, st := range map[string]odsql.Statement{"page": q.Page(100, offset), "count": q.Count()} {
			b.Run(c.name+"/"+kind, func(b *testing.B) {
				began := cpu(b)
				for b.Loop() {
					run(b, db, st, max(1, width(q, kind)))
				}
				b.ReportMetric(float64(cpu(b)-began)/float64(b.N)/1e6, "cpu-ms/op")
			})
		}
	}
}

// cpu is the processor time that the process has used.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func width(q *odsql.Query, kind string) int {
	if kind == "count" {
		return 1
	}
	return len(q.Columns)
}
