package odsql_test

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/internal/odsql"
)

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "",
		"  ":                          "",
		"Développeur WEB":             "developpeur web",
		"L'œuvre — à l’atelier, 100%": "l oeuvre a l atelier 100",
		"<p>Écrire</p>du code":        "p ecrire p du code",
		"de\u0301ja\u0300":            "deja",
		"Straße Łódź ǅ":               "strasse lodz ǆ",
		"a1-B2_c3":                    "a1 b2 c3",
		"Ça, c'est ÉTÉ.":              "ca c est ete",
		"\xff\xfeabc":                 "abc",
		"東京 2024":                     "東京 2024",
	} {
		if got := odsql.Fold(text); got != want {
			t.Errorf("Fold(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestFoldedTextsAreTokens: what comes out is tokens separated by one space, and folding
// it again changes nothing.
func TestFoldedTextsAreTokens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		folded := odsql.Fold(text)
		if again := odsql.Fold(folded); again != folded {
			t.Fatalf("Fold(%q) = %q, and again %q", text, folded, again)
		}
		if strings.Join(strings.Fields(folded), " ") != folded {
			t.Fatalf("Fold(%q) = %q", text, folded)
		}
		for _, r := range folded {
			if r != ' ' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				t.Fatalf("Fold(%q) = %q has %q", text, folded, r)
			}
		}
	})
}

// TestFoldInSQLAgrees: without a dictionary, SQL folds French texts as Go does.
func TestFoldInSQLAgrees(t *testing.T) {
	db := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abzÀéîôùçŒœÆßÿłØđÞﬁ019 '’-<>/.,%_|")), 0, 30, -1).Draw(rt, "text")
		q := compile(t, odsql.Request{Select: "id", Where: []string{"json_format(titre, " + odsql.Quote(text) + ") LIKE " + odsql.Quote(text), "id = 'a'"}})
		if len(run(t, db, q.All(), 1)) != 1 {
			rt.Fatalf("%q does not have its own tokens", text)
		}
	})
}
