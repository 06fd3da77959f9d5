package searchtest

import (
	"encoding/csv"
	"fmt"
	"iter"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/internal/search"
)

// Judgement is a query and what its first ten answers must and must not be. A rule is a
// list of clauses that must all hold; see [clause].
type Judgement struct {
	Kind         string
	Query        search.Query
	Want, Unlike []string
}

// Judgements reads judged queries: kind, text, filters, rule of a right answer, rule of a
// wrong one.
func Judgements(t testing.TB, file string) []Judgement {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []Judgement
	for _, r := range rows[1:] {
		j := Judgement{Kind: r[0], Query: search.Query{Text: r[1], PerPage: 10}, Want: clauses(r[3]), Unlike: clauses(r[4])}
		for _, c := range clauses(r[2]) {
			name, value, _ := strings.Cut(c, "=")
			if err := filter(&j.Query.Filters, name, value); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, j)
	}
	return all
}

func clauses(text string) []string {
	if text == "" {
		return nil
	}
	list := strings.Split(text, ";")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

func filter(f *search.Filters, name, value string) error {
	switch name {
	case "prix_max", "heures_max":
		most, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return err
		}
		if name == "prix_max" {
			f.PriceMax = &most
		} else {
			f.HoursMax = &most
		}
	default:
		f.Any = map[string][]string{name: {value}}
	}
	return nil
}

// clause reports whether a training has what a clause says: field=value, or field~word
// for text without case nor accents, with alternatives after |; with ! for the contrary.
func clause(d *search.Document, c string) bool {
	i := strings.IndexAny(c, "!=~")
	name, rest := c[:i], c[i:]
	rest, not := strings.CutPrefix(rest, "!")
	values := strings.Split(rest[1:], "|")
	has := slices.ContainsFunc(values, func(v string) bool {
		if rest[0] == '=' {
			return slices.Contains(field(d, name), v)
		}
		return strings.Contains(search.Fold(strings.Join(field(d, name), " ")), search.Fold(v))
	})
	return has != not
}

// field returns the values of what a clause names.
func field(d *search.Document, name string) []string {
	var places, regions []string
	for _, p := range d.Places {
		places, regions = append(places, p.Departement), append(regions, p.Region)
	}
	fields := map[string][]string{
		"texte": append([]string{d.Title, d.Certification, d.Formacode}, d.Domains...), "organisme": {d.Provider},
		"lieu": places, "region": regions, "code": {d.RNCP, d.RS}, "siret": {d.Siret}, "numero": {d.Numero},
		"distance": {fmt.Sprint(d.Distance())}, "niveau": {search.LevelNumber(d.Level)}, "referentiel": {d.Register},
	}
	values, ok := fields[name]
	if !ok {
		panic("unknown field in a rule: " + name)
	}
	return values
}

func fits(d *search.Document, rule []string) bool {
	for _, c := range rule {
		if !clause(d, c) {
			return false
		}
	}
	return true
}

// Report is how well judged queries are answered.
type Report struct {
	Queries, Right, Wrong int // with a right answer in the first ten; with a wrong one there
	Reciprocal            float64
	Empty                 []string // queries that find nothing
	Misspelt              []string // those of them with a typing error or without an accent
	Missed                []string // what is not right, in words
}

// RunJudged asks the judged queries of a file on the synthetic catalogue, prints with -v
// how well they are answered, and fails if that is not well enough.
func RunJudged(t *testing.T, e search.Engine, file string) {
	t.Helper()
	documents := Catalogue(t, 20_000)
	x, err := e.Build(t.Context(), "judged", documents)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = x.Close() }()
	r := Judge(t, x, documents, Judgements(t, file))
	t.Logf("%d queries: recall at 10 %.3f, mean reciprocal rank %.3f, wrong answers in %d, empty answers %d",
		r.Queries, float64(r.Right)/float64(r.Queries), r.Reciprocal, r.Wrong, len(r.Empty))
	for _, m := range r.Missed {
		t.Log(m)
	}
	if r.Queries < 371 || r.Right*100 < 98*r.Queries || r.Wrong*100 > r.Queries || r.Reciprocal < 0.95 || len(r.Misspelt) > 0 {
		t.Errorf("%d of %d queries right, %d with a wrong answer; misspelt that find nothing: %q", r.Right, r.Queries, r.Wrong, r.Misspelt)
	}
}

// Judge asks the queries. Each must have a right answer in the catalogue.
func Judge(t *testing.T, x search.Index, documents iter.Seq2[search.Document, error], all []Judgement) Report {
	t.Helper()
	answerable(t, documents, all)
	r := Report{Queries: len(all)}
	for _, j := range all {
		a := ask(t, x, j.Query)
		rank := slices.IndexFunc(a.Hits, func(h search.Hit) bool { return fits(&h.Document, j.Want) })
		wrong := slices.IndexFunc(a.Hits, func(h search.Hit) bool { return j.Unlike != nil && fits(&h.Document, j.Unlike) })
		if rank >= 0 {
			r.Right++
			r.Reciprocal += 1 / float64(rank+1) / float64(len(all))
		} else {
			r.Missed = append(r.Missed, fmt.Sprintf("%s %q: no right answer among %d of %d", j.Kind, j.Query.Text, len(a.Hits), a.Total))
		}
		if wrong >= 0 {
			r.Wrong++
			r.Missed = append(r.Missed, fmt.Sprintf("%s %q: wrong answer %d: %s", j.Kind, j.Query.Text, wrong+1, a.Hits[wrong].Title))
		}
		if a.Total == 0 {
			r.Empty = append(r.Empty, j.Query.Text)
			if j.Kind == "faute" || j.Kind == "accent" {
				r.Misspelt = append(r.Misspelt, j.Query.Text)
			}
		}
	}
	return r
}

// answerable checks that the catalogue has a right answer to each query.
func answerable(t *testing.T, documents iter.Seq2[search.Document, error], all []Judgement) {
	t.Helper()
	open := slices.Clone(all)
	for d, err := range documents {
		if err != nil {
			t.Fatal(err)
		}
		open = slices.DeleteFunc(open, func(j Judgement) bool { return fits(&d, j.Want) })
	}
	for _, j := range open {
		t.Errorf("%q: the catalogue has no right answer", j.Query.Text)
	}
}
