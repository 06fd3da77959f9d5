package texts

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestScrubMarksAndCounts(t *testing.T) {
	in := "Contact : marie@cap.example ou 01 99 00 12 34, 06 39 98 12 34.\nNIR 1 84 12 98 991 089 " + keyOf("1841298991089") + "\nIBAN " + ibanOf("FR", "99999888880000000123414")
	want := "Contact : [courriel retiré] ou [téléphone retiré], [téléphone retiré].\nNIR [NIR retiré]\nIBAN [IBAN retiré]"
	got, removed := Scrub(in)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Removals{Emails: 1, Phones: 2, NIRs: 1, IBANs: 1}, removed); diff != "" {
		t.Errorf("removals (-want +got):\n%s", diff)
	}
	sum := removed
	sum.Add(removed)
	if sum.Total() != 10 {
		t.Errorf("Total of the sum = %d, want 10", sum.Total())
	}
}

func TestScrubAllocatesNothingOnCleanText(t *testing.T) {
	text := strings.Repeat("Acquérir les bases de la comptabilité générale. ", 40)
	if n := testing.AllocsPerRun(100, func() { Scrub(text) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestScrubIsLinear(t *testing.T) {
	for _, piece := range []string{"1", "0", "@", "<", "a@", "@a.", "a.", " at ", "01 ", "1 ", "1.", "+", "+33", "00", "fr76", "https://", "www.a", "o0", "(a)", "a arobase ",
		"06 39 98 12 34 ", "01 99.00 12 34 ", "é1", "tel ", "nir 1 ", "\u200b1", "point a@ ", "www.", "fr7699999888880000000", "mailto:a@a.fr?"} {
		text := strings.Repeat(piece, 1_000_000/len(piece))
		start := time.Now()
		Scrub(text)
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("1 MB of %q: %v", piece, d)
		}
	}
}

// keyOf returns the key of a NIR of thirteen digits.
func keyOf(nir string) string {
	return fmt.Sprintf("%02d", 97-remainder(nir))
}

// ibanOf returns the IBAN of a country and an account of digits.
func ibanOf(country, account string) string {
	tail := ""
	for _, c := range country {
		tail += fmt.Sprint(c - 'A' + 10)
	}
	return fmt.Sprintf("%s%02d%s", country, 98-remainder(account+tail+"00"), account)
}

func digits(n int) *rapid.Generator[string] {
	return rapid.StringOfN(rapid.RuneFrom([]rune("0123456789")), n, n, n)
}

var (
	prose = rapid.Map(rapid.SliceOfN(rapid.SampledFrom(strings.Fields("Acquérir les bases de la comptabilité générale , savoir établir un bilan . Durée : "+
		"formation à distance ou en présentiel ; évaluation des acquis ( quiz ) et attestation de fin d’études « module » L’apprenant doit être motivé")), 1, 12),
		func(w []string) string { return strings.Join(w, " ") })

	anEmail = rapid.Custom(func(t *rapid.T) string {
		name := rapid.StringMatching(`[a-z]{2,8}([._-][a-z]{2,8})?`)
		host := rapid.StringMatching(`[a-z]{4,10}(-[a-z]{3,8})?`)
		at := rapid.SampledFrom([]string{"@", "@", "@", " @ ", "(at)", " (at) ", "[arobase]", " [at] ", " arobase ", "＠"})
		return name.Draw(t, "name") + at.Draw(t, "at") + host.Draw(t, "host") + rapid.SampledFrom([]string{".example", ".fr", ".org"}).Draw(t, "tld")
	})
	aPhone = rapid.Custom(func(t *rapid.T) string {
		d := rapid.SampledFrom([]string{"019900", "026191", "035301", "046571", "053649", "063998"}).Draw(t, "range") + digits(4).Draw(t, "rest")
		sep := rapid.SampledFrom([]string{" ", ".", "-", "", "\u00a0", "\u202f", "/"}).Draw(t, "sep")
		pairs := []string{d[:2], d[2:4], d[4:6], d[6:8], d[8:]}
		switch rapid.IntRange(0, 3).Draw(t, "prefix") {
		case 0:
			pairs[0] = "+33" + strings.ReplaceAll(sep, "/", " ") + d[1:2]
		case 1:
			pairs[0] = "+33 (0)" + d[1:2]
		}
		return strings.Join(pairs, sep)
	})
	aNIR = rapid.Custom(func(t *rapid.T) string {
		month := rapid.IntRange(1, 12).Draw(t, "month")
		d := rapid.SampledFrom([]string{"1", "2", "7", "8"}).Draw(t, "sex") + digits(2).Draw(t, "year") + fmt.Sprintf("%02d", month) +
			rapid.SampledFrom([]string{"96", "97", "98"}).Draw(t, "place") + fmt.Sprint(rapid.IntRange(991, 999).Draw(t, "commune")) + fmt.Sprintf("%03d", rapid.IntRange(1, 999).Draw(t, "order"))
		sep := rapid.SampledFrom([]string{" ", "", ".", "-", "\u2009"}).Draw(t, "sep")
		return strings.Join([]string{d[:1], d[1:3], d[3:5], d[5:7], d[7:10], d[10:], keyOf(d)}, sep)
	})
	anIBAN = rapid.Custom(func(t *rapid.T) string {
		s := ibanOf("FR", "99999"+digits(18).Draw(t, "account"))
		if rapid.Bool().Draw(t, "grouped") {
			return s[:4] + " " + s[4:8] + " " + s[8:12] + " " + s[12:16] + " " + s[16:20] + " " + s[20:24] + " " + s[24:]
		}
		return s
	})
	aSIRET = rapid.Custom(func(t *rapid.T) string {
		d := rapid.StringMatching(`[3-9][0-9]{8}`).Draw(t, "siren") + "000" + digits(2).Draw(t, "nic")
		if rapid.Bool().Draw(t, "grouped") {
			return d[:3] + " " + d[3:6] + " " + d[6:9] + " " + d[9:]
		}
		return d
	})
	aDate = rapid.Custom(func(t *rapid.T) string {
		day := func(s string) string {
			sep := rapid.SampledFrom([]string{"/", ".", "-"}).Draw(t, s+"sep")
			return fmt.Sprintf("%02d%s%02d%s%d", rapid.IntRange(1, 28).Draw(t, s+"day"), sep, rapid.IntRange(1, 12).Draw(t, s+"month"), sep, rapid.IntRange(2019, 2030).Draw(t, s+"year"))
		}
		return day("a") + rapid.SampledFrom([]string{" au ", " - ", " ", " / "}).Draw(t, "to") + day("b")
	})
	aPrice = rapid.Custom(func(t *rapid.T) string {
		return fmt.Sprintf("%d %03d,%02d €", rapid.IntRange(1, 99).Draw(t, "thousands"), rapid.IntRange(0, 999).Draw(t, "units"), rapid.IntRange(0, 99).Draw(t, "cents"))
	})
)

// planted puts a piece into prose.
func planted(t *rapid.T, piece string) string {
	return prose.Draw(t, "before") + " : " + piece + " ; " + prose.Draw(t, "after")
}

func TestScrubRemovesWhatIsPlanted(t *testing.T) {
	for kind, gen := range map[Kind]*rapid.Generator[string]{Email: anEmail, Phone: aPhone, NIR: aNIR, IBAN: anIBAN} {
		t.Run(kind.String(), rapid.MakeCheck(func(t *rapid.T) {
			piece := gen.Draw(t, "piece")
			text := planted(t, piece)
			got, _ := Scrub(text)
			if want := strings.Replace(text, piece, kind.mark(), 1); got != want {
				t.Fatalf("Scrub(%q) = %q", text, got)
			}
		}))
	}
}

func TestScrubKeepsWhatLooksAlike(t *testing.T) {
	for name, gen := range map[string]*rapid.Generator[string]{"SIRET": aSIRET, "date": aDate, "price": aPrice} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			text := planted(t, gen.Draw(t, "piece"))
			if got, _ := Scrub(text); got != text {
				t.Fatalf("Scrub(%q) = %q", text, got)
			}
		}))
	}
}

// pieces makes texts that are hard on the detectors.
var pieces = rapid.Map(rapid.SliceOfN(rapid.OneOf(
	rapid.SampledFrom([]string{"0", "1", "06", "01", "33", "+33", "2024", "12", "98", " ", " ", ".", "-", "/", ",", "_", "(", ")", "(0)", "\n", "@", "a", "tel ", "nir ", "iban ",
		"isbn ", "www.", "https://", ".fr", "at", " at ", "point", "o", "O", "2a", "é", "\u00a0", "\u200b", "\u0301", "０", "²", "[", "]", "mailto:", "clé ", MarkPhone, MarkEmail, "departements ", "juin", "fr76", "wa.me/", "x"}),
	anEmail, aPhone, aNIR, anIBAN, aSIRET, aDate, prose), 0, 12), func(p []string) string { return strings.Join(p, "") })

// checkScrub fails unless Scrub keeps its promises on a text.
func checkScrub(t interface{ Fatalf(string, ...any) }, text string) {
	got, removed := Scrub(text)
	if again, n := Scrub(got); again != got || n.Total() != 0 {
		t.Fatalf("Scrub(%q) = %q, then %q", text, got, again)
	}
	if s := Suspects(got); len(s) != 0 {
		t.Fatalf("Scrub(%q) = %q, suspects %v at %q", text, got, s, got[s[0].Offset:])
	}
	if utf8.ValidString(text) && !utf8.ValidString(got) {
		t.Fatalf("Scrub(%q) = %q, not UTF-8", text, got)
	}
	if removed.Total() == 0 && got != text {
		t.Fatalf("Scrub(%q) = %q, without count", text, got)
	}
	count := func(s string) (n int) {
		for _, r := range s {
			if unicode.IsDigit(r) {
				n++
			}
		}
		return n
	}
	if count(got) > count(text) {
		t.Fatalf("Scrub(%q) = %q, more digits", text, got)
	}
}

func TestScrubKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkScrub(t, pieces.Draw(t, "text")) })
}

func TestScrubLeavesTextWithoutDigitOrAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("abcdefghiklmnopqrsuvxyzéèàçœ ABCDEFG.,;:-()[]'’«»…€\n\u00a0"))).Draw(t, "text")
		text = strings.NewReplacer("(a)", "", "[a]", "", "arobas", "", "(à)", "").Replace(text)
		if got, _ := Scrub(text); got != text {
			t.Fatalf("Scrub(%q) = %q", text, got)
		}
	})
}

func FuzzScrub(f *testing.F) {
	for _, s := range readSnippets(f) {
		f.Add(s.Text)
	}
	for _, s := range []string{"0@-.AA", "391124240000598 00 01 96 991 001 79", "Tél : 01 99 00 10 12۸32۸35", "01 02 03 0 0O 06 07 08 09 10", "0@és.ARAA:AéAAa", "re@academie.y߆mplexample", "2@0.AʼL"} { // once found by fuzzing
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) { checkScrub(t, text) })
}

const ordinaryText = `Objectifs : à l'issue de la formation, le stagiaire sera capable de tenir la comptabilité courante d'une petite entreprise, de préparer les déclarations de TVA et d'établir les documents de fin d'exercice.
Contenu : module 1 (14 heures) : principes de la comptabilité générale, plan comptable, journaux, balance. Module 2 (21 heures) : opérations courantes, achats, ventes, trésorerie, rapprochement bancaire. Module 3 (14 heures) : paie et déclarations sociales.
Points forts : groupes de 6 à 12 personnes, formateurs en activité, accès à la plateforme 24h/24 pendant 12 mois. Certification RNCP37674, code CPF 237556, taux de réussite 2023 : 97,5 %. Tarif : 1 250,00 € net de taxe.
Modalités d'évaluation : quiz à chaque étape, étude de cas, soutenance devant un jury de professionnels. Une attestation de fin de formation est remise à chaque participant. L'accessibilité des locaux aux personnes en situation de handicap est assurée.
`

func BenchmarkScrub(b *testing.B) {
	words := strings.Repeat("Acquérir les bases de la comptabilité générale et savoir établir un bilan. ", 27)
	benchmarks := []struct{ name, text string }{
		{"WithoutDigits", words},
		{"Ordinary", ordinaryText},
		{"WithContact", ordinaryText + "Contact : marie.durand@cap-formation.example ou 01 99 00 12 34" + words[:800]},
	}
	for _, bb := range benchmarks {
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(bb.text)))
			b.ReportAllocs()
			for b.Loop() {
				Scrub(bb.text)
			}
		})
	}
}
