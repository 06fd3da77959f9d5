package texts

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestWithholdName(t *testing.T) {
	dupont := []string{"DUPONT MARIE", "Marie Dupont Formation"}
	tests := []struct {
		name  string
		names []string
		text  string
		want  string
	}{
		{"either order", dupont, "Par Marie Dupont (DUPONT Marie).", "Par [nom retiré] ([nom retiré])."},
		{"civility goes too", dupont, "Contacter Mme Dupont ou Madame Marie DUPONT.", "Contacter [nom retiré] ou [nom retiré]."},
		{"trade name goes whole", dupont, "MARIE DUPONT FORMATION vous accueille", "[nom retiré] vous accueille"},
		{"surname alone", dupont, "La méthode Dupont", "La méthode [nom retiré]"},
		{"given name alone stays", dupont, "Marie, assistante, et Sainte-Marie", "Marie, assistante, et Sainte-Marie"},
		{"initials", dupont, "M. Dupont, Dupont M. et J.-P. Dupont", "[nom retiré], [nom retiré] M. et J.-P. [nom retiré]"},
		{"hyphen, apostrophe, accent", []string{"L'HERMITE JEAN-RENE"}, "Jean René L’Hermite, Lhermite Jean-René", "[nom retiré], [nom retiré]"},
		{"glued in a link", dupont, "https://www.mariedupont.example et marie-dupont.example", "https://www.[nom retiré].example et [nom retiré].example"},
		{"lower case", dupont, "animé par marie dupont", "animé par [nom retiré]"},
		{"word boundary", dupont, "Dupontel, Marie Duponteau", "Dupontel, Marie Duponteau"},
		{"common surname alone stays", []string{"PETIT MARTIN"}, "Petit groupe, Martin, un petit test", "Petit groupe, Martin, un petit test"},
		{"common surname in combination", []string{"PETIT MARTIN"}, "Martin Petit, M. Petit, monsieur petit", "[nom retiré], [nom retiré], [nom retiré]"},
		{"particle", []string{"LE GALL YANN"}, "Yann Le Gall, M. Le Gall, le Gall, Legall Yann", "[nom retiré], [nom retiré], [nom retiré], [nom retiré]"},
		{"particle is no name", []string{"LE BON JEAN"}, "choisir le bon outil avec Jean Le Bon", "choisir le bon outil avec [nom retiré]"},
		{"several given names", []string{"DURAND CLAIRE ANNE SOPHIE"}, "Claire Durand, Anne-Sophie Durand", "[nom retiré], [nom retiré]"},
		{"common words in small letters stay", []string{"Bien Être Formation"}, "le bien être, Bien-Être Formation", "le bien être, [nom retiré]"},
		{"decomposed accents", []string{"LEFÈVRE ZOÉ"}, "Zoe\u0301 Lefe\u0300vre", "[nom retiré]"},
		{"initials of a common surname", []string{"PETIT JEAN-PAUL"}, "J.-P. Petit, Petit J. ; option C. Petit groupe", "[nom retiré], [nom retiré] J. ; option C. Petit groupe"},
		{"no name", nil, "Marie Dupont", "Marie Dupont"},
		{"empty names", []string{"", " ", "SARL", "M."}, "M. Dupont, SARL", "M. Dupont, SARL"},
		{"place in the trade name stays", []string{"Marie Dupont Paris"}, "à Paris", "à Paris"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, n := WithholdName(tt.text, tt.names...)
			if got != tt.want {
				t.Errorf("WithholdName(%q) = %q, want %q", tt.text, got, tt.want)
			}
			if marks := strings.Count(got, MarkName); n != marks {
				t.Errorf("count = %d, text has %d marks", n, marks)
			}
		})
	}
}

func FuzzWithholdName(f *testing.F) {
	f.Add("Par Marie Dupont, M. Dupont et Mme Le Gall.", "DUPONT MARIE", "LE GALL YANN")
	f.Add("l’Hermite J.-P. [nom retiré] Nom", "L'HERMITE JEAN", "NOM RETIRE")
	f.Add("m. m. a b", "A B", "M")
	f.Fuzz(func(t *testing.T, text, a, b string) {
		got, n := WithholdName(text, a, b)
		again, m := WithholdName(got, a, b)
		if again != got || m != 0 {
			t.Fatalf("not idempotent: %q then %q", got, again)
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Fatalf("not UTF-8: %q", got)
		}
		if n == 0 && got != text {
			t.Fatalf("changed without count: %q", got)
		}
	})
}

// TestNameAsRegisteredNeverRemains: what the publication's audit looks for, the
// whole name in capitals or with initial capitals, is always taken out.
func TestNameAsRegisteredNeverRemains(t *testing.T) {
	vocabulary := []string{"Marie", "Jean", "Paul", "Petit", "Page", "de", "la", "Formation", "Conseil", "Bien", "Etre", "Duprolet", "Kervanou", "M", "J", "Mme", "2000", "Atelier", "Ecole"}
	rapid.Check(t, func(t *rapid.T) {
		name := strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 2, 6).Draw(t, "name"), " ")
		filler := rapid.SampledFrom([]string{"", "Avec ", "Formation animée par ", "chez ", "(", "« ", "M. ", "Contact : "}).Draw(t, "before")
		after := rapid.SampledFrom([]string{"", ".", " vous accueille", ", formatrice", ")", " — Lyon", "\nPrix"}).Draw(t, "after")
		join := rapid.SampledFrom([]string{" ", "-", "\u00a0", ", "}).Draw(t, "join")
		if strings.Trim(name, "MmedlaJ 20") == "" {
			return // no word that means something
		}
		for _, form := range []string{name, strings.ToUpper(name)} {
			form = strings.ReplaceAll(form, " ", join)
			if got, n := WithholdName(filler+form+after, name); n == 0 || strings.Contains(got, form) {
				t.Fatalf("%q stays: %q", form, got)
			}
		}
	})
}
