package synthetic

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// Syllables of invented names. Surnames join clusters that French surnames do not
// have, so that none of them is anyone's as far as one can tell.
var (
	surnameStarts = strings.Fields(`Vral Brux Zéph Quor Dolb Trév Skal Ploud Grizh Xand Fneur Chwal Mriv Jorzh Tsub Klav
		Wrim Ghod Pstel Yvrag Nruc Hvel Lzon Bdar Crouv Drib Fjal Glouz Smév Tlan Vnor Zgab`)
	surnameMiddles = strings.Fields(`ono imba alu erdi ouzi éca arvo ilu onda uze amé ivo ébra outi arzo elgi
		uma oxa énu irba atho uvé izo andra eclo oumi asté ulvo yrda éno apza ozé`)
	surnameEnds = strings.Fields(`zec lour vax nodin quet brel zin moux dac tral gnonx ruk stiel phard blon xier
		ganec vrot dulz pirax chouk mazel tripp noxel glaur cvel zout braq fyol lingh puzet yorn`)

	givenStarts  = strings.Fields("Zor Mév Lux Thal Brin Oska Éliv Faz Jor Kél Nim Vad Yss Quil Sov Drez")
	givenMiddles = strings.Fields("ala ino éva uri ozé imé anda orva ithé ulo abri évo onza iga utha éri")
	givenEnds    = [2][]string{
		strings.Fields("vor din zek lan rix mond tuk bald"),
		strings.Fields("vine zelle dia lée rixe monda thyne bale"),
	}

	brandStarts = strings.Fields("Valdri Komp Formé Savor Aptim Zélan Orbi Novex Cléor Pédal Mirov Tesk Altev Quadri Lumév Sirex Bravol Dyxan Éklor Fulgé")
	brandEnds   = strings.Fields("no xia thélis vance lor zium nova dyne rane quis métis pôle via zenn taris sphère gora lys vium bloc")
)

const (
	surnameSlots = 1 << 15
	givenSlots   = 1 << 12
)

// surname returns the surname of a slot.
func surname(slot int) string {
	return surnameStarts[slot%32] + surnameMiddles[slot/32%32] + surnameEnds[slot/1024%32]
}

// given returns the given name of a slot below 2048; f is 1 for a woman.
func given(slot, f int) string {
	return givenStarts[slot%16] + givenMiddles[slot/16%16] + givenEnds[f][slot/256%8]
}

// names fills the tables of surnames and given names.
func (d *draw) names(ctx context.Context) error {
	r := d.random(2)
	var surnames []string
	for _, slot := range r.Perm(surnameSlots) {
		name := surname(slot)
		if r.IntN(25) == 0 {
			name += "-" + surname(r.IntN(surnameSlots))
		}
		surnames = append(surnames, name)
	}
	givens := [2][]string{}
	for f := range givens {
		for range givenSlots {
			givens[f] = append(givens[f], givenNames(r, f))
		}
	}
	return d.db.Exec(ctx, "CREATE TABLE nom AS SELECT cran, texte AS nom FROM "+numbered(surnames)+
		"; CREATE TABLE prenom AS SELECT 0 AS f, cran, texte AS prenoms FROM "+numbered(givens[0])+
		" UNION ALL SELECT 1, cran, texte FROM "+numbered(givens[1]))
}

// numbered returns SQL for a relation of texts with their index, cran. The texts go
// as one literal, which the engine reads much faster than rows of values.
func numbered(texts []string) string {
	return fmt.Sprintf("(SELECT unnest(range(%d))::INTEGER AS cran, unnest(string_split(%s, ',')) AS texte)",
		len(texts), engine.Literal(strings.Join(texts, ",")))
}

// givenNames returns one given name, sometimes two, sometimes a compound.
func givenNames(r *rand.Rand, f int) string {
	name := given(r.IntN(2048), f)
	switch n := r.IntN(100); {
	case n < 8:
		return name + "-" + given(r.IntN(2048), f)
	case n < 38:
		return name + " " + given(r.IntN(2048), f)
	default:
		return name
	}
}

// brand returns an invented name of an enterprise.
func brand(r *rand.Rand) string {
	return brandStarts[r.IntN(len(brandStarts))] + brandEnds[r.IntN(len(brandEnds))]
}

// plain returns a text in lower case without accents, for addresses.
func plain(text string) string {
	fold := strings.NewReplacer("é", "e", "è", "e", "ê", "e", "à", "a", "ô", "o", "É", "e", "ç", "c")
	var b strings.Builder
	for _, c := range strings.ToLower(fold.Replace(text)) {
		if unicode.IsLetter(c) && c < utf8.RuneSelf {
			b.WriteRune(c)
		}
	}
	return b.String()
}
