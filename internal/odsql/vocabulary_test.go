package odsql_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/internal/odsql"
)

// edits is the distance of Levenshtein, by its definition.
func edits(a, b string) int {
	if a == "" || b == "" {
		return len(a) + len(b)
	}
	if a[0] == b[0] {
		return edits(a[1:], b[1:])
	}
	return 1 + min(edits(a[1:], b), edits(a, b[1:]), edits(a[1:], b[1:]))
}

func TestMatchFindsAllTokensWithinTheDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[abc]{1,7}`)
		tokens := rapid.SliceOfNDistinct(word, 0, 60, rapid.ID).Draw(t, "tokens")
		term := word.Draw(t, "term")
		distance := rapid.IntRange(0, 2).Draw(t, "distance")
		prefix := rapid.Bool().Draw(t, "prefix")
		var want []string
		for _, token := range tokens {
			if edits(token, term) <= distance || prefix && strings.HasPrefix(token, term) {
				want = append(want, token)
			}
		}
		slices.Sort(want)
		got, ok := odsql.NewVocabulary(map[string][]string{"titre": slices.Clone(tokens)}).Match("titre", term, distance, prefix)
		if !ok {
			t.Fatal("the column is not known")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestMatchIsCutAtTheNearest(t *testing.T) {
	tokens := []string{"web"}
	for a := 'a'; a <= 'z'; a++ {
		for b := 'a'; b <= 'z'; b++ {
			for _, c := range "abc" {
				tokens = append(tokens, "we"+string(a)+string(b)+string(c), string(a)+string(b)+"b")
			}
		}
	}
	slices.Sort(tokens)
	tokens = slices.Compact(tokens)
	got, _ := odsql.NewVocabulary(map[string][]string{"titre": tokens}).Match("titre", "web", 2, true)
	if len(got) > odsql.MaxMatches || !slices.Contains(got, "web") || !slices.Contains(got, "aeb") {
		t.Errorf("%d tokens, without the nearest ones", len(got))
	}
	if _, ok := odsql.NewVocabulary(nil).Match("titre", "web", 0, false); ok {
		t.Error("a column without tokens is known")
	}
}

// searches are searches with the rows of the fixture that they find.
var searches = map[string]string{
	`search(titre, "developeur web")`:      "a", // one letter is missing
	`search(titre, "devloppeur mobil")`:    "a",
	`search(titre, "patisier")`:            "b",
	`search(titre, "boulenger patis")`:     "b", // and a beginning
	`search(titre, "e")`:                   "ac",
	`search(titre, "web m")`:               "a",
	`search("n")`:                          "cd",
	`search(titre, "exel")`:                "c",
	`search(titre, "exxxcell")`:            "",
	`search(titre, "we mobile")`:           "",
	`search(titre, "dxvelxpxeur")`:         "",
	`search("pains")`:                      "b",
	`search("normandy calcul")`:            "c",
	`search(region, titre, "bretagn web")`: "a",
	`search(titre, "")`:                    "abcde",
	`"web"`:                                "af",
	`"we"`:                                 "",
	`"inconnu"`:                            "",
	`"bretagne pain"`:                      "b",
	`titre LIKE "excel"`:                   "c",
	`titre LIKE "exel"`:                    "",
	`lower(titre) LIKE "excel"`:            "c",
	`suggest("we")`:                        "af",
	`suggest("web mob")`:                   "a",
	`suggest("calcul xy")`:                 "",
	`suggest("inconnu")`:                   "",
	`suggest(titre, "tabl")`:               "c",
	`NOT search(titre, "web")`:             "bcdef",
}

// TestSearchWithAVocabulary runs searches over dictionaries, and over folded columns.
func TestSearchWithAVocabulary(t *testing.T) {
	db := open(t)
	s := fixtureSchema()
	words := map[string][]string{}
	if err := db.Exec(t.Context(), "CREATE TABLE large AS SELECT * FROM formations"); err != nil {
		t.Fatal(err)
	}
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.Type == odsql.Text && !f.Multivalued {
			f.Dictionary = "dict_" + f.Name
			words[f.Name] = dictionary(t, db, f.Name)
		}
	}
	// The long texts are folded row by row instead.
	byRow := fixtureSchema()
	byRow.Relation = "folded_rows"
	byRow.Fields = slices.Clone(s.Fields)
	for i := range byRow.Fields {
		if f := &byRow.Fields[i]; f.Name == "titre" || f.Name == "contenu" {
			f.Dictionary, f.Folded = "", "folded "+f.Name
		}
	}
	err := db.Exec(t.Context(), `CREATE TABLE folded_rows AS SELECT t.*, a.folded AS "folded titre", b.folded AS "folded contenu"
		FROM large t LEFT JOIN dict_titre a ON a.value = titre LEFT JOIN dict_contenu b ON b.value = contenu`)
	if err != nil {
		t.Fatal(err)
	}
	v := odsql.NewVocabulary(words)
	for where, want := range searches {
		for _, s := range []*odsql.Schema{s, byRow} {
			q, err := odsql.Compile(s, odsql.Request{Select: "id", Where: []string{where}}, v)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(run(t, db, q.All(), 1), ""); got != want {
				t.Errorf("%s over %s: %q, want %q", where, s.Relation, got, want)
			}
		}
	}
}

func TestLongTermsHaveOneSpelling(t *testing.T) {
	long := strings.Repeat("a", 65)
	v := odsql.NewVocabulary(map[string][]string{"x": {long, long[1:], long + "b"}})
	if got, _ := v.Match("x", long, 2, false); !slices.Equal(got, []string{long}) {
		t.Errorf("%q", got)
	}
	if got, _ := v.Match("x", long[1:], 1, false); !slices.Equal(got, []string{long[1:], long}) {
		t.Errorf("%q", got)
	}
}
