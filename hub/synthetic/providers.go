package synthetic

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// maxProviders bounds the providers: five digits of a SIREN number them, of which
// the last thousand are kept for funders and for what must not be found.
const maxProviders = 99_000

const (
	funderSiren  = 99_000 // number of the first funder
	unknownSiren = 99_900 // number of the enterprise that no list names
)

// firstSiren is where invented SIREN begin, without their key: the hundred thousand
// that follow belong to nobody. See data/SOURCES.md, "Nobody is real".
const firstSiren = 40_000

// siren returns the invented SIREN of a number below 100 000, with its key.
func siren(number int) string { return withLuhn(fmt.Sprintf("%08d", firstSiren+number)) }

// siret returns an establishment of the enterprise of a number, from 1.
func siret(number, establishment int) string {
	return withLuhn(siren(number) + fmt.Sprintf("%04d", establishment))
}

// withLuhn appends the digit that makes the Luhn sum a multiple of ten.
func withLuhn(head string) string {
	sum := 0
	for i := range len(head) {
		n := int(head[len(head)-1-i] - '0')
		if i%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return head + strconv.Itoa((10-sum%10)%10)
}

// provider is an establishment that trains.
type provider struct {
	siret, legalName, tradeName string
	natural                     bool
	diffusion                   string
	commune                     int
}

// organismes fills the table of providers, and makes macros of the SIRET of funders
// and of enterprises that no list names.
func (d *draw) organismes(ctx context.Context) error {
	r := d.random(3)
	towns := newPicker(d.towns)
	var rows []string
	var head provider // the enterprise of which the next providers may be further establishments
	number, establishment := 0, 1
	for id := range d.providers() {
		if id > 0 && establishment < 5 && !head.natural && r.IntN(8) == 0 {
			establishment++
		} else {
			number, establishment = id, 1
			head = newProvider(r)
		}
		head.commune = towns.pick(r)
		// 7919 has no factor in common with the number of providers' SIREN.
		head.siret = siret(number*7919%maxProviders, establishment)
		rows = append(rows, fmt.Sprintf("(%d, %s, %s, %s, %t, '%s', %t, %d)", id, literal(head.siret), literal(head.legalName), literal(head.tradeName),
			head.natural, head.diffusion, r.IntN(100) < 94, head.commune))
	}
	err := d.db.Exec(ctx, `CREATE TABLE organisme (id INTEGER, siret VARCHAR, raison_sociale VARCHAR, nom_commercial VARCHAR,
		personne_physique BOOLEAN, statut_diffusion VARCHAR, qualiopi BOOLEAN, commune INTEGER)`)
	if err != nil {
		return err
	}
	if err := d.insert(ctx, "organisme", rows); err != nil {
		return err
	}
	return d.otherSiret(ctx)
}

// picker draws a commune, larger ones more often.
type picker struct{ sums []float64 }

func newPicker(towns []record) picker {
	var p picker
	var sum float64
	for _, t := range towns {
		sum += math.Pow(t.number("population"), 1.15)
		p.sums = append(p.sums, sum)
	}
	return p
}

func (p picker) pick(r *rand.Rand) int {
	x := r.Float64() * p.sums[len(p.sums)-1]
	lo, hi := 0, len(p.sums)-1
	for lo < hi {
		if mid := (lo + hi) / 2; p.sums[mid] > x {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

var (
	firmKinds = []string{
		"Institut", "Centre", "Académie", "École", "Campus", "Atelier", "Cabinet", "Réseau", "Groupe", "Pôle", "Espace", "Association",
	}
	firmTrades = []string{
		"Formation", "Compétences", "Conseil", "Apprentissage", "Développement", "Langues", "Numérique", "Conduite", "Sécurité", "Santé", "Métiers", "Coaching",
	}
	firmForms = []string{"", "", "", " SAS", " SARL", " SCOP", " EURL"}
)

// newProvider invents an enterprise: one in twelve is a natural person, of whom
// three in ten opted out of diffusion.
func newProvider(r *rand.Rand) provider {
	if r.IntN(100) < 8 {
		p := provider{natural: true, diffusion: "O"}
		p.legalName = strings.ToUpper(surname(r.IntN(surnameSlots))) + " " + given(r.IntN(2048), r.IntN(2))
		if r.IntN(100) < 30 {
			p.diffusion = "P"
		}
		if r.IntN(100) < 25 {
			p.tradeName = brand(r) + " " + firmTrades[r.IntN(len(firmTrades))]
		}
		return p
	}
	p := provider{diffusion: "O"}
	name := brand(r)
	switch r.IntN(3) {
	case 0:
		name = firmKinds[r.IntN(len(firmKinds))] + " " + name
	case 1:
		name += " " + firmTrades[r.IntN(len(firmTrades))]
	}
	p.legalName = strings.ToUpper(name) + firmForms[r.IntN(len(firmForms))]
	if r.IntN(100) < 45 {
		p.tradeName = name
	}
	return p
}

// otherSiret makes siret_financeur, by scheme, and siret_temoin, which no list of
// providers names.
func (d *draw) otherSiret(ctx context.Context) error {
	var cases, others []string
	for i, scheme := range []string{"CPF", "AIF", "POEI", "POEC", "PRF", "PTP", "PROA", "FNE"} {
		cases = append(cases, fmt.Sprintf("WHEN '%s' THEN '%s'", scheme, siret(funderSiren+i, 1)))
	}
	for i := range 1000 {
		others = append(others, "'"+siret(unknownSiren, i+1)+"'")
	}
	err := d.db.Exec(ctx, "CREATE MACRO siret_financeur(dispositif) AS CASE dispositif "+strings.Join(cases, " ")+" END")
	if err != nil {
		return err
	}
	return d.db.Exec(ctx, "CREATE MACRO siret_temoin(i) AS list_extract(["+strings.Join(others, ", ")+"], 1 + i)")
}
