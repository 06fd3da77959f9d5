package texts

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSuspectsFindsClearCases(t *testing.T) {
	tests := []struct {
		name, text string
		want       []Suspect
	}{
		{"address", "écrire à marie.durand@cap.example.", []Suspect{{Email, len("écrire à ")}}},
		{"address in a link", "https://x.example/?m=a@b.example", []Suspect{{Email, len("https://x.example/?m=")}}},
		{"solid number", "Tél : 0199001234.", []Suspect{{Phone, len("Tél : ")}}},
		{"pairs", "01 99 00 12 34 / 01.99.00.12.35 / 01-99-00-12-36", []Suspect{{Phone, 0}, {Phone, 17}, {Phone, 34}}},
		{"full-width digits", "０１ ９９ ００ １２ ３４", []Suspect{{Phone, 0}}},
		{"no-break spaces", "é 01\u00a099\u00a000\u00a012\u00a034", []Suspect{{Phone, 3}}},
		{"international", "+33 6 39 98 12 34, +33 (0)6 39 98 12 34", []Suspect{{Phone, 0}, {Phone, 19}}},
		{"NIR", "1 84 12 98 991 089 " + keyOf("1841298991089"), []Suspect{{NIR, 0}}},
		{"IBAN", ibanOf("FR", "99999888880000000123414"), []Suspect{{IBAN, 0}}},
		{"wrong keys", "1 84 12 98 991 089 00 FR00 9999 9888 8800 0000 0123 414", nil},
		{"dates and SIRET", "du 01/02/2024 au 05/06/2024, SIRET 813 456 789 00027", nil},
		{"numbers of a link", "https://x.example/0199001234", nil},
		{"lists", "départements 01 03 07 15 26, les 02 03 04 05 06 juin, 01 02 03 04 05 06", nil},
		{"ISBN", "ISBN 0596520689", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Suspects(tt.text)); diff != "" {
				t.Errorf("Suspects(%q) (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func TestSuspectsFindsWhatIsPlanted(t *testing.T) {
	plainEmail := rapid.StringMatching(`[a-z]{2,8}\.[a-z]{2,8}@[a-z]{3,9}\.example`)
	plainPhone := rapid.StringMatching(`0[1-9]( [0-9][13579]){4}`)
	for kind, gen := range map[Kind]*rapid.Generator[string]{Email: plainEmail, Phone: plainPhone, NIR: aNIR, IBAN: anIBAN} {
		t.Run(kind.String(), rapid.MakeCheck(func(t *rapid.T) {
			before := prose.Draw(t, "before") + " : "
			text := before + gen.Draw(t, "piece") + " ; " + prose.Draw(t, "after")
			for _, s := range Suspects(text) {
				if s.Kind == kind && s.Offset == len(before) {
					return
				}
			}
			t.Fatalf("nothing found in %q", text)
		}))
	}
}

func TestSuspectsFindsNothingInKeptSnippets(t *testing.T) {
	for _, s := range readSnippets(t) {
		scrubbed, _ := Scrub(s.Text)
		if got := Suspects(scrubbed); len(got) != 0 {
			t.Errorf("Suspects(%q) = %v", scrubbed, got)
		}
	}
}

func TestSuspectsIsLinear(t *testing.T) {
	for _, piece := range []string{"1", "a@", "01 ", "www. 0199001234 "} {
		start := time.Now()
		Suspects(strings.Repeat(piece, 1_000_000/len(piece)))
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("1 MB of %q: %v", piece, d)
		}
	}
}

func BenchmarkSuspects(b *testing.B) {
	b.SetBytes(int64(len(ordinaryText)))
	b.ReportAllocs()
	for b.Loop() {
		Suspects(ordinaryText)
	}
}
