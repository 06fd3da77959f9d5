package synthetic

import (
	"context"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
)

// certifications fills the table of certifications, and those from which that of a
// file or of a training is drawn.
func (d *draw) certifications(ctx context.Context) error {
	list, err := d.chosen()
	if err != nil {
		return err
	}
	labels, err := readLabels()
	if err != nil {
		return err
	}
	err = d.db.Exec(ctx, `CREATE TABLE certification (id INTEGER, livree BOOLEAN, type_referentiel VARCHAR, code_certification VARCHAR, code_certifinfo VARCHAR,
		intitule VARCHAR, libelle_niveau VARCHAR,
		code_nsf_1 VARCHAR, code_nsf_2 VARCHAR, code_nsf_3 VARCHAR, libelle_nsf_1 VARCHAR, libelle_nsf_2 VARCHAR, libelle_nsf_3 VARCHAR,
		code_formacode_1 VARCHAR, code_formacode_2 VARCHAR, code_formacode_3 VARCHAR, code_formacode_4 VARCHAR, code_formacode_5 VARCHAR, libelle_formacode_1 VARCHAR,
		code_rome_1 VARCHAR, code_rome_2 VARCHAR, code_rome_3 VARCHAR, code_rome_4 VARCHAR, code_rome_5 VARCHAR,
		prix_median INTEGER, duree_mediane INTEGER, a_distance DOUBLE, part_femmes DOUBLE, domaine VARCHAR, fournisseurs INTEGER, offres INTEGER)`)
	if err != nil {
		return err
	}
	var total float64
	for _, c := range list {
		total += offered(c)
	}
	rows := []string{unnamed(len(list))}
	for id, c := range list {
		rows = append(rows, certificationRow(id, c, labels, 2+int(float64(d.Formations)*offered(c)/total/3)))
	}
	if err := d.insert(ctx, "certification", rows); err != nil {
		return err
	}
	return d.certificationSlots(ctx, list)
}

// chosen returns the certifications in use, the most popular first, then the legal
// exceptions.
func (d *draw) chosen() ([]record, error) {
	list, err := readList(data, "data/certifications.csv")
	if err != nil {
		return nil, err
	}
	exceptions, err := readList(data, "data/exceptions_legales.csv")
	if err != nil {
		return nil, err
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].number("popularite") > list[j].number("popularite") })
	if n := d.Certifications; n > 0 && n < len(list) {
		list = list[:n]
	}
	return append(list, exceptions...), nil
}

// offered is the weight of a certification among the trainings on offer: flatter
// than among those bought.
func offered(c record) float64 { return math.Pow(c.number("popularite"), 0.7) }

// labels are the names of codes, by nomenclature.
type labels map[string]map[string]string

func readLabels() (labels, error) {
	l := labels{}
	for name, file := range map[string]string{"nsf": "nsf", "formacode": "formacodes", "rome": "romes"} {
		list, err := readList(data, "data/"+file+".csv")
		if err != nil {
			return nil, err
		}
		l[name] = map[string]string{}
		for _, r := range list {
			l[name][r["code_"+name]] = r["libelle_"+name]
		}
	}
	return l, nil
}

func certificationRow(id int, c record, l labels, providers int) string {
	values := []string{strconv.Itoa(id), "true"}
	for _, column := range []string{"type_referentiel", "code_certification", "code_certifinfo", "intitule", "libelle_niveau", "code_nsf_1", "code_nsf_2", "code_nsf_3"} {
		values = append(values, literal(c[column]))
	}
	for _, column := range []string{"code_nsf_1", "code_nsf_2", "code_nsf_3"} {
		values = append(values, literal(l["nsf"][c[column]]))
	}
	for i := 1; i <= 5; i++ {
		values = append(values, literal(c[fmt.Sprintf("code_formacode_%d", i)]))
	}
	values = append(values, literal(l["formacode"][c["code_formacode_1"]]))
	for i := 1; i <= 5; i++ {
		values = append(values, literal(c[fmt.Sprintf("code_rome_%d", i)]))
	}
	dom := domainOf(c)
	values = append(values, c["prix_median"], c["duree_mediane"], c["a_distance"], fmt.Sprint(dom.women), literal(dom.name), strconv.Itoa(providers), "0")
	return "(" + strings.Join(values, ", ") + ")"
}

// unnamed is the row of files outside the CPF that lead to no certification.
func unnamed(id int) string {
	return fmt.Sprintf("(%d, false%s, 2100, 90, 0.3, 0.5, 'general', 1, 0)", id, strings.Repeat(", NULL", 22))
}

// certificationSlots fills the tables of draws. Outside the CPF there are no legal
// exceptions, the titles and diplomas of the RNCP weigh more, and a fifth of the
// files leads to no certification.
func (d *draw) certificationSlots(ctx context.Context, list []record) error {
	var cpf, other, offer []weighted
	var total float64
	for id, c := range list {
		item := strconv.Itoa(id)
		cpf = append(cpf, weighted{item, c.number("popularite")})
		offer = append(offer, weighted{item, offered(c)})
		weight := c.number("popularite")
		switch c["type_referentiel"] {
		case "RNCP":
			weight *= 4
		case "":
			continue
		}
		other = append(other, weighted{item, weight})
		total += weight
	}
	other = append(other, weighted{strconv.Itoa(len(list)), total / 4})
	rows := append(slots("true, ", 1<<16, cpf), slots("false, ", 1<<16, other)...)
	if err := d.expand(ctx, "tirage_certification", "jeu BOOLEAN, ", "certification INTEGER", rows); err != nil {
		return err
	}
	return d.expand(ctx, "tirage_offre", "", "certification INTEGER", slots("", 1<<16, offer))
}

// domain is a field of training: what its texts speak of, and the share of women
// among those who learn it.
type domain struct {
	name  string
	women float64
}

// domains are those of the NSF groups by their first digits, the longest match first.
var domains = []struct {
	prefix string
	domain
}{
	{"136", domain{"langues", 0.55}},
	{"131", domain{"francais", 0.64}},
	{"12", domain{"droit", 0.60}},
	{"13", domain{"arts", 0.62}},
	{"21", domain{"vert", 0.45}},
	{"22", domain{"cuisine", 0.48}},
	{"227", domain{"energie", 0.08}},
	{"23", domain{"batiment", 0.07}},
	{"242", domain{"artisanat", 0.85}},
	{"25", domain{"industrie", 0.06}},
	{"311", domain{"transport", 0.13}},
	{"312", domain{"commerce", 0.55}},
	{"310", domain{"entreprise", 0.54}},
	{"313", domain{"finance", 0.58}},
	{"314", domain{"gestion", 0.74}},
	{"315", domain{"rh", 0.76}},
	{"320", domain{"numerique", 0.52}},
	{"321", domain{"communication", 0.60}},
	{"322", domain{"communication", 0.55}},
	{"323", domain{"communication", 0.42}},
	{"324", domain{"secretariat", 0.90}},
	{"326", domain{"informatique", 0.38}},
	{"330", domain{"social", 0.82}},
	{"331", domain{"sante", 0.80}},
	{"332", domain{"social", 0.90}},
	{"333", domain{"enseignement", 0.64}},
	{"334", domain{"tourisme", 0.62}},
	{"335", domain{"sport", 0.45}},
	{"336", domain{"beaute", 0.90}},
	{"34", domain{"securite", 0.22}},
	{"41", domain{"personnel", 0.66}},
}

func domainOf(c record) domain {
	switch c["code_certifinfo"] {
	case "54664":
		return domain{"permis", 0.52}
	case "83899":
		return domain{"vae", 0.66}
	case "93559":
		return domain{"bilan", 0.70}
	case "93561":
		return domain{"entreprise", 0.52}
	}
	best, found := domain{"general", 0.5}, 0
	for _, d := range domains {
		if strings.HasPrefix(c["code_nsf_1"], d.prefix) && len(d.prefix) > found {
			best, found = d.domain, len(d.prefix)
		}
	}
	return best
}
