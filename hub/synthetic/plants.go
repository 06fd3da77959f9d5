package synthetic

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
)

// planted returns, for three trainings in a hundred, a sentence with personal data
// that must not be published, and for one in ten a look-alike that must be.
func (p *page) planted(r *rand.Rand) []string {
	switch n := r.IntN(1000); {
	case n < 12:
		return []string{p.one("Inscription : ", "Contact : ", "Écrire à ") + email(r)}
	case n < 24:
		return []string{p.one("Renseignements au ", "Tél. ", "Téléphone : ", "Appelez le ") + phone(r) + "."}
	case n < 27:
		return []string{"Règlement par virement, IBAN " + iban(r) + "."}
	case n < 30:
		return []string{"Dossier du référent : n° de sécurité sociale " + p.nir(r) + "."}
	case n < 130:
		return []string{lookAlike(r)}
	default:
		return nil
	}
}

// email returns an address of a domain that is reserved for examples (RFC 2606).
func email(r *rand.Rand) string {
	domain := plain(brand(r)) + ".example"
	if r.IntN(2) == 0 {
		return "contact@" + domain
	}
	return plain(given(r.IntN(2048), 1)) + "." + plain(surname(r.IntN(surnameSlots))) + "@" + domain
}

// fictionRanges are the beginnings of telephone numbers that ARCEP keeps for works of
// fiction (numbering plan, decision 2018-0881).
var fictionRanges = []string{"019900", "026191", "035301", "046571", "053649", "063998"}

func phone(r *rand.Rand) string {
	n := fictionRanges[r.IntN(len(fictionRanges))] + fmt.Sprintf("%04d", r.IntN(10000))
	pairs := []string{n[:2], n[2:4], n[4:6], n[6:8], n[8:]}
	switch r.IntN(5) {
	case 0:
		return n
	case 1:
		return strings.Join(pairs, ".")
	case 2:
		pairs[0] = "+33 " + n[1:2]
		return strings.Join(pairs, " ")
	case 3:
		return strings.Join(pairs, "-")
	default:
		return strings.Join(pairs, " ")
	}
}

// iban returns a French IBAN with right keys of a bank, 99999, that does not exist.
func iban(r *rand.Rand) string {
	account := fmt.Sprintf("9999900001%011d", r.Int64N(100_000_000_000))
	// The national key makes bank, branch, account and key a multiple of 97.
	key := 97 - mod97(fmt.Sprint(89*99999+15*1, "000000"), account[10:])
	bban := account + fmt.Sprintf("%02d", key)
	check := 98 - mod97(bban, "152700") // FR00 in digits
	text := fmt.Sprintf("FR%02d%s", check, bban)
	if r.IntN(2) == 0 {
		return text
	}
	var groups []string
	for i := 0; i < len(text); i += 4 {
		groups = append(groups, text[i:min(i+4, len(text))])
	}
	return strings.Join(groups, " ")
}

// mod97 returns the rest of the number that the digits make.
func mod97(digits ...string) int64 {
	n, _ := new(big.Int).SetString(strings.Join(digits, ""), 10)
	return new(big.Int).Mod(n, big.NewInt(97)).Int64()
}

// nir returns a NIR with its key and a place of birth that does not exist.
func (p *page) nir(r *rand.Rand) string {
	dep := fmt.Sprintf("%02s", p.places[r.IntN(len(p.places))])
	n := fmt.Sprintf("%d%02d%02d%s%d%03d", 1+r.IntN(2), 55+r.IntN(45), 1+r.IntN(12), dep, 991+r.IntN(9), 1+r.IntN(999))
	key := fmt.Sprintf("%02d", 97-mod97(n))
	if r.IntN(2) == 0 {
		return n + key
	}
	return strings.Join([]string{n[:1], n[1:3], n[3:5], n[5:7], n[7:10], n[10:], key}, " ")
}

// lookAlike returns a sentence with numbers that are nobody's.
func lookAlike(r *rand.Rand) string {
	switch r.IntN(6) {
	case 0:
		return "SIRET " + siret(unknownSiren, 1+r.IntN(999)) + "."
	case 1:
		return fmt.Sprintf("Tarif : %d %03d,00 € TTC.", 1+r.IntN(4), 10*r.IntN(100))
	case 2:
		return fmt.Sprintf("Session du %02d/01/2027 au %02d/06/2027.", 1+r.IntN(28), 1+r.IntN(28))
	case 3:
		return fmt.Sprintf("Fiche RNCP%d, blocs RNCP%dBC01 à BC04.", 900000+r.IntN(999), 900000+r.IntN(999))
	case 4:
		return fmt.Sprintf("Déclaration d'activité enregistrée sous le numéro 99 97 %05d 97.", r.IntN(100000))
	default:
		return fmt.Sprintf("De 9 h 00 à 17 h 30, soit %d heures en %d jours.", 7*(1+r.IntN(50)), 1+r.IntN(50))
	}
}
