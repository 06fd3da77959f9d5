package texts

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestPlainText(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain text stays", "Prérequis : aucun", "Prérequis : aucun"},
		{"signs that are no tags stay", "prix < 500 € et > 100 €", "prix < 500 € et > 100 €"},
		{"comparison stays", "a<b et b>c", "a<b et b>c"},
		{"comparison without blanks stays", "si a<b alors c", "si a<b alors c"},
		{"unknown tag stays", "<votre nom> List<String>", "<votre nom> List<String>"},
		{"paragraphs", "<p>Un</p><p>Deux</p>", "Un\nDeux"},
		{"line breaks", "Un<br>Deux<br/><br />Trois", "Un\nDeux\n\nTrois"},
		{"list", "<p>Objectifs :</p><ul><li>lire</li><li><p>écrire</p></li></ul>Fin", "Objectifs :\n- lire\n- écrire\nFin"},
		{"list on lines", "<ul>\n  <li>lire</li>\n  <li>écrire</li>\n</ul>", "- lire\n- écrire"},
		{"headings", "<h2>Contenu</h2>Jour 1", "Contenu\nJour 1"},
		{"table", "<table><tr><th>Jour</th><td>1</td></tr><tr><td>Lieu</td><td>Lyon</td></tr></table>", "Jour 1\nLieu Lyon"},
		{"inline tags leave no blank", "<b>For</b>mation <span style=\"color:red\">web</span>", "Formation web"},
		{"entities", "L&eacute;gislation &amp; droit &#233; &#xE9; &lt;5 ans &euro;", "Législation & droit é é <5 ans €"},
		{"encoded twice", "L&amp;eacute;gislation d&amp;amp;#39;usage", "Législation d'usage"},
		{"ampersands that begin no entity stay", "R&D, AT&T, https://x.example/?a=1&copy=2&region=3", "R&D, AT&T, https://x.example/?a=1&copy=2&region=3"},
		{"encoded tags go", "&lt;p&gt;Un&lt;/p&gt;&lt;p&gt;Deux&lt;/p&gt;", "Un\nDeux"},
		{"script, style and comment go", "a<script>alert('<b>x</b>')</script>b<style>p{}</style><!-- c <p> -->d", "abd"},
		{"comment that never closes stays", "a <!-- b", "a <!-- b"},
		{"declarations go", "<!DOCTYPE html><?xml version=\"1.0\"?>a<![if !supportLists]>b<![endif]>", "ab"},
		{"tags of Word go", "<o:p>a</o:p><st1:place w:st=\"on\">Lyon</st1:place>", "aLyon"},
		{"links keep their text only", `<a href="https://x.example/">le site</a>`, "le site"},
		{"sign in an attribute", `<a title="a>b" href="x">texte</a>`, "texte"},
		{"quote that never closes", `<a href="x>texte</a>`, "texte"},
		{"blanks", "a\u00a0\u202f \tb  \n c", "a b\nc"},
		{"line breaks of all kinds", "a\r\nb\rc\n\n\n\nd  \n", "a\nb\nc\n\nd"},
		{"source line breaks are blanks among blocks", "<p>un\ndeux</p>", "un deux"},
		{"source line breaks stay among inline tags", "<b>un</b>\ndeux", "un\ndeux"},
		{"invisible characters", "a\u200bb\u00adc\ufeff\x00d", "abcd"},
		{"composed", "e\u0301te\u0301", "été"},
		{"not UTF-8", "a\xffb", "a\ufffdb"},
		{"empty", "", ""},
		{"only tags", "<p>&nbsp;</p><br>", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := PlainText(tt.in)
			if got != tt.want {
				t.Errorf("PlainText(%q) = %q, want %q", tt.in, got, tt.want)
			}
			if again := PlainText(got); again != got {
				t.Errorf("not idempotent: %q", again)
			}
		})
	}
}

// checkPlain fails unless s has the form that PlainText promises.
func checkPlain(t interface{ Fatalf(string, ...any) }, in, s string) {
	switch {
	case PlainText(s) != s:
		t.Fatalf("PlainText(%q) = %q, then %q", in, s, PlainText(s))
	case !utf8.ValidString(s) || !norm.NFC.IsNormalString(s):
		t.Fatalf("PlainText(%q) = %q, not NFC", in, s)
	case strings.Contains(s, "\n\n\n") || strings.Contains(s, "  ") || strings.Contains(s, " \n") || strings.Contains(s, "\r"):
		t.Fatalf("PlainText(%q) = %q, blanks in excess", in, s)
	case strings.Contains(s, "<p>") || strings.Contains(s, "<script"+">"):
		t.Fatalf("PlainText(%q) = %q, a tag is left", in, s)
	}
}

func TestPlainTextIsIdempotent(t *testing.T) {
	piece := rapid.SampledFrom([]string{"<p>", "</p>", "<br>", "<li>", "<", ">", "&", "amp;", "lt;", "gt;", "#38;", "&lt;", "&eacute;", "<b", "<!--", "-->",
		"<script>", "</script>", "<style>", "</style", "a", "é", "e", "\u0301", " ", "\n", "\r", "\u00a0", "\u200b", "-", "\"", "=", "href", "<s", "s>", ":", "#", ";", "<textarea>", "<title>"})
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "pieces"), "")
		checkPlain(t, in, PlainText(in))
	})
}

func TestPlainTextIsLinear(t *testing.T) {
	for _, piece := range []string{"<", "&", "&amp;", "<!--", "<p>", "<s", "<p", "<li>", "&amp;lt;", "<script>", "\"", "<a \"", "\u0301", " \n"} {
		start := time.Now()
		PlainText(strings.Repeat(piece, 1_000_000/len(piece)))
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("1 MB of %q: %v", piece, d)
		}
	}
}

func FuzzPlainText(f *testing.F) {
	for _, s := range []string{"<p>Un</p>", "a<b", "&amp;eacute;", "<s<s<s>>>", "&lt;p&gt;", "<!-- a -->", "<a href=\"x>y</a>", "&#38;#60;p>", "<title><p></title>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) { checkPlain(t, in, PlainText(in)) })
}

func BenchmarkPlainText(b *testing.B) {
	text := "<p>" + strings.ReplaceAll(ordinaryText, "\n", "</p>\n<p>L&eacute;gislation <b>sociale</b></p><ul><li>un</li></ul><p>") + "</p>"
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		PlainText(text)
	}
}
