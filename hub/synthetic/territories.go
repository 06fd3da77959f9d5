package synthetic

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// communes fills the table of communes and those from which homes and places of
// training are drawn.
func (d *draw) communes(ctx context.Context) error {
	list, err := readList(data, "data/communes.csv")
	if err != nil {
		return err
	}
	former, err := formerCommunes()
	if err != nil {
		return err
	}
	d.towns = list
	zones := newZones(list)
	var rows []string
	for id, c := range list {
		rows = append(rows, fmt.Sprintf("(%d, %s, %s, %d, %d, %s, %s, %s, %s, %s)", id, literal(c["commune"]), literal(former[c["commune"]]),
			zones.departement[c["code_departement"]], zones.region[c["code_region"]], literal(c["nom_commune"]),
			literal(c["code_departement"]), literal(c["nom_departement"]), literal(c["code_region"]), literal(c["nom_region"])))
	}
	err = d.db.Exec(ctx, `CREATE TABLE commune (id INTEGER, commune VARCHAR, ancienne VARCHAR, zone_departement INTEGER, zone_region INTEGER,
		nom_commune VARCHAR, code_departement VARCHAR, nom_departement VARCHAR, code_region VARCHAR, nom_region VARCHAR)`)
	if err != nil {
		return err
	}
	if err := d.insert(ctx, "commune", rows); err != nil {
		return err
	}
	if err := d.db.Exec(ctx, "CREATE MACRO departements_nir() AS ["+strings.Join(birthDepartements(list), ", ")+"]"); err != nil {
		return err
	}
	if err := d.homes(ctx, list); err != nil {
		return err
	}
	return d.expand(ctx, "tirage_lieu", "zone INTEGER, ", "commune INTEGER", zones.slots(list))
}

// formerCommunes returns, by commune, one former code of it.
func formerCommunes() (map[string]string, error) {
	list, err := readList(data, "data/anciens_codes.csv")
	if err != nil {
		return nil, err
	}
	former := map[string]string{}
	for _, r := range list {
		former[r["commune"]] = r["ancienne_commune"]
	}
	return former, nil
}

// homes fills the table from which the commune of residence is drawn: by the
// population of the département, then of the commune.
func (d *draw) homes(ctx context.Context, list []record) error {
	departements, err := readList(data, "data/departements_poids.csv")
	if err != nil {
		return err
	}
	population, listed := map[string]float64{}, map[string]float64{}
	for _, r := range departements {
		population[r["code_departement"]] = r.number("population")
	}
	for _, c := range list {
		listed[c["code_departement"]] += c.number("population")
	}
	var items []weighted
	for id, c := range list {
		dep := c["code_departement"]
		items = append(items, weighted{strconv.Itoa(id), population[dep] * c.number("population") / listed[dep]})
	}
	return d.expand(ctx, "tirage_domicile", "", "commune INTEGER", slots("", 1<<16, items))
}

// zones numbers the areas in which a training may take place: 0 is France.
type zones struct{ departement, region map[string]int }

func newZones(list []record) zones {
	z := zones{map[string]int{}, map[string]int{}}
	n := 1
	for _, c := range list {
		if _, ok := z.departement[c["code_departement"]]; !ok {
			z.departement[c["code_departement"]] = n
			n++
		}
		if _, ok := z.region[c["code_region"]]; !ok {
			z.region[c["code_region"]] = n
			n++
		}
	}
	return z
}

// slots returns the slots of each zone. Trainings are given in large towns more
// often than people live in them.
func (z zones) slots(list []record) []string {
	items := make([][]weighted, 1+len(z.departement)+len(z.region))
	for id, c := range list {
		w := weighted{strconv.Itoa(id), math.Pow(c.number("population"), 1.25)}
		for _, zone := range []int{0, z.departement[c["code_departement"]], z.region[c["code_region"]]} {
			items[zone] = append(items[zone], w)
		}
	}
	var rows []string
	for zone, w := range items {
		rows = append(rows, slots(fmt.Sprintf("%d, ", zone), 1<<10, w)...)
	}
	return rows
}

// maxBirthTown is the population above which a town may have had a thousand births
// in a month. Births beyond 999 are numbered under another commune number, which
// no list shows; so only départements without such a town lend their code to the
// places of birth that do not exist.
const maxBirthTown = 100_000

// birthDepartements returns the départements of the places of birth: those of the
// mainland without a large town, Paris and its suburbs and Corsica left out.
func birthDepartements(list []record) []string {
	large := map[string]bool{}
	var codes []string
	for _, c := range list {
		dep := c["code_departement"]
		if c["code_region"] == "11" || len(dep) > 2 || strings.HasPrefix(dep, "2A") || strings.HasPrefix(dep, "2B") || c.number("population") > maxBirthTown {
			large[dep] = true
		}
	}
	for _, c := range list {
		if dep := c["code_departement"]; !large[dep] {
			large[dep] = true
			codes = append(codes, strings.TrimPrefix(dep, "0"))
		}
	}
	return codes
}
