package publisher_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/parvis-opendata/parvis/anonymize/texts"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/publisher"
)

// This file recomputes the catalogue from an extract with maps and loops, from
// the text of the contract. It shares no query with the product.

// refRecord is one record of an extract as the reference sees it.
type refRecord struct {
	v       map[string]string
	file    string
	row     int
	version int
	at      time.Time
	faults  []string
}

// refEntity is the state of one entity and the counts of its report.
type refEntity struct {
	kept   []refRecord
	counts map[string]int64 // by fate: read, later, superseded, deleted, quarantined, kept
	rules  map[string]int64
}

// refHub is the state of all entities of the catalogue.
type refHub struct {
	doubtful []map[string]string // providers in quarantine
	unfunded map[string]bool     // files one of whose fundings is in quarantine
	amounts  map[string]int64    // engaged for each file, in cents; nil until asked for
	t        *testing.T
	zone     *time.Location
	asOf     time.Time
	latest   time.Time
	entities map[string]*refEntity
	former   map[string]string
	byKey    map[string]map[string]map[string]string
}

// refOrder is the order of the entities, each after those it refers to.
var refOrder = []string{"territoires", "certifications", "organismes", "habilitations", "formations", "actions", "sessions"}

// refKeys are the columns by which a record is identified.
var refKeys = map[string][]string{
	"territoires": {"commune"}, "certifications": {"type_referentiel", "code_certification"}, "organismes": {"siret"},
	"habilitations": {"type_referentiel", "code_certification", "siret"}, "formations": {"numero_formation"},
	"actions": {"numero_action"}, "sessions": {"numero_session"},
	"financements": {"id_dossier", "type_financeur"}, "dossiers": {"id_dossier"},
}

// recompute reads an extract and resolves its records, those of the catalogue
// unless other entities are named.
func recompute(t *testing.T, dir string, asOf time.Time, entities ...string) *refHub {
	t.Helper()
	if len(entities) == 0 {
		entities = refOrder
	}
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	h := &refHub{t: t, zone: zone, asOf: asOf, entities: map[string]*refEntity{}, former: formerCommunes(t), byKey: map[string]map[string]map[string]string{}, unfunded: map[string]bool{}}
	for _, name := range entities {
		h.resolve(name, readEntity(t, dir, name))
	}
	return h
}

func formerCommunes(t *testing.T) map[string]string {
	t.Helper()
	m := map[string]string{}
	for _, r := range readCSV(t, filepath.Join("..", "hub", "data", "anciennes_communes.csv")) {
		m[r["ancienne_commune"]] = r["commune"]
	}
	return m
}

func readEntity(t *testing.T, dir, name string) []refRecord {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, name, "*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(paths)
	var all []refRecord
	for _, p := range paths {
		for i, r := range readCSV(t, p) {
			all = append(all, refRecord{v: r, file: path.Join(name, filepath.Base(p)), row: i + 1})
		}
	}
	return all
}

// readCSV reads a CSV file, comma or semicolon, compressed or not; blanks at the
// ends of a value are dropped.
func readCSV(t *testing.T, p string) []map[string]string {
	t.Helper()
	raw, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(p, ".gz") {
		raw = gunzip(t, raw)
	}
	head, _, _ := strings.Cut(string(raw), "\n")
	r := csv.NewReader(bytes.NewReader(raw))
	if strings.Count(head, ";") > strings.Count(head, ",") {
		r.Comma = ';'
	}
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(p, err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = strings.TrimSpace(line[i])
		}
		rows = append(rows, row)
	}
	return rows
}

func gunzip(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// refKey is the key of a record; ok is false when a part is missing.
func refKey(entity string, v map[string]string) (key string, ok bool) {
	if entity == "certifications" {
		code := cmp.Or(v["code_certification"], v["code_certifinfo"])
		return v["type_referentiel"] + "\x00" + code, code != ""
	}
	var parts []string
	for _, c := range refKeys[entity] {
		if v[c] == "" {
			return "", false
		}
		parts = append(parts, v[c])
	}
	return strings.Join(parts, "\x00"), true
}

// parseAt reads date_maj: a day and time, in the zone of the hub without offset.
func (h *refHub) parseAt(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.In(h.zone), true
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, text, h.zone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// day is the calendar day of a moment in the zone of the hub.
func (h *refHub) day(at time.Time) time.Time {
	y, m, d := at.In(h.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// newer reports whether record a wins over b.
func newer(a, b refRecord) bool {
	switch {
	case a.version != b.version:
		return a.version > b.version
	case !a.at.Equal(b.at):
		return a.at.After(b.at)
	case a.file != b.file:
		return a.file > b.file
	}
	return a.row > b.row
}

var (
	reCommune = regexp.MustCompile(`^[0-9][0-9AB][0-9]{3}$`)
	reDecimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	reNumber  = regexp.MustCompile(`^[^\s@]{1,100}$`)
	reSiret   = regexp.MustCompile(`^[0-9]{14}$`)
)

// siretOK checks the key of Luhn; establishments of La Poste have a sum of
// digits divisible by five instead.
func siretOK(s string) bool {
	if !reSiret.MatchString(s) {
		return false
	}
	luhn, sum := 0, 0
	for i := range s {
		d := int(s[i] - '0')
		sum += d
		if (len(s)-i)%2 == 0 {
			d = d/5 + d*2%10
		}
		luhn += d
	}
	return luhn%10 == 0 || strings.HasPrefix(s, "356000000") && sum%5 == 0
}

// cents reads a decimal as exact hundredths, half up; nil when empty.
func cents(text string) *big.Rat {
	if text == "" || !reDecimal.MatchString(text) {
		return nil
	}
	r, _ := new(big.Rat).SetString(text)
	return new(big.Rat).SetInt(roundHalfUp(r.Mul(r, big.NewRat(100, 1))))
}

// roundHalfUp rounds a number that is not negative, or away from zero.
func roundHalfUp(r *big.Rat) *big.Int {
	n := new(big.Int).Mul(new(big.Int).Abs(r.Num()), big.NewInt(2))
	n.Add(n, r.Denom())
	n.Quo(n, new(big.Int).Mul(r.Denom(), big.NewInt(2)))
	if r.Sign() < 0 {
		n.Neg(n)
	}
	return n
}

// money prints hundredths with two decimals.
func money(hundredths *big.Int) string {
	s := hundredths.String()
	for len(s) < 3 {
		s = "0" + s
	}
	return s[:len(s)-2] + "." + s[len(s)-2:]
}

// territory returns the territory of a current or former commune.
func (h *refHub) territory(commune string) map[string]string {
	if v := h.byKey["territoires"][commune]; v != nil {
		return v
	}
	return h.byKey["territoires"][h.former[commune]]
}

// certification returns the certification that a formation names; a legal
// exception is named by its code in Certif Info.
func (h *refHub) certification(v map[string]string) map[string]string {
	key, ok := refKey("certifications", v)
	if !ok {
		return nil
	}
	return h.byKey["certifications"][key]
}

// listed returns the certification with the code that a record gives.
func (h *refHub) listed(v map[string]string) map[string]string {
	if v["code_certification"] == "" {
		return nil
	}
	return h.certification(map[string]string{"type_referentiel": v["type_referentiel"], "code_certification": v["code_certification"]})
}

// provider returns the provider of a siret, all names of its SIREN, and whether
// they are withheld: they are as soon as one establishment is that of a person who
// did not choose diffusion, or is in quarantine.
func (h *refHub) provider(siret string) (v map[string]string, names []string, withheld bool) {
	person, open := false, true
	for other, o := range h.byKey["organismes"] {
		if other[:9] != siret[:9] {
			continue
		}
		b, known := parseBool(o["personne_physique"])
		person = person || b || !known
		open = open && o["statut_diffusion"] == "O"
		names = append(names, o["raison_sociale"], o["nom_commercial"])
	}
	for _, o := range h.doubtful {
		if strings.HasPrefix(o["siret"], siret[:9]) {
			person, open = true, false
			names = append(names, o["raison_sociale"], o["nom_commercial"])
		}
	}
	status := map[bool]string{true: "O", false: "P"}[open]
	return h.byKey["organismes"][siret], names, texts.NameWithheld(texts.Diffusion{NaturalPerson: &person, Status: status})
}

func parseBool(text string) (value, known bool) {
	switch strings.ToLower(text) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// resolve keeps the current version of each record, then sets faulty ones apart.
func (h *refHub) resolve(name string, all []refRecord) {
	e := &refEntity{counts: map[string]int64{}, rules: map[string]int64{}}
	h.entities[name] = e
	h.byKey[name] = map[string]map[string]string{}
	current := map[string]refRecord{}
	unclear := map[string]bool{} // keys one of whose versions cannot be ranked
	for i, r := range all {
		e.n("read")
		key, seen := h.envelope(name, &r)
		if !seen {
			e.n("later")
			continue
		}
		if key == "" || len(r.faults) > 0 {
			unclear[key] = key != ""
			key = "\x00" + strconv.Itoa(i)
		}
		old, again := current[key]
		if again {
			e.n("superseded")
		}
		if !again || newer(r, old) {
			current[key] = r
		}
	}
	for key, r := range current {
		if unclear[key] {
			r.faults = append(r.faults, "rank_unclear")
		}
		h.settle(name, e, key, r)
	}
}

func (e *refEntity) n(what string) { e.counts[what]++ }

// envelope reads the version and the moment of a record; later records are not
// seen.
func (h *refHub) envelope(name string, r *refRecord) (key string, seen bool) {
	at, ok := h.parseAt(r.v["date_maj"])
	if ok && h.day(at).After(h.asOf) {
		return "", false
	}
	r.at = at
	if !ok {
		r.faults = append(r.faults, "date_maj_missing")
	} else if h.day(at).After(h.latest) {
		h.latest = h.day(at)
	}
	var err error
	if r.version, err = strconv.Atoi(r.v["version"]); err != nil {
		r.faults = append(r.faults, "version_missing")
	}
	key, ok = refKey(name, r.v)
	if !ok {
		r.faults = append(r.faults, "key_missing")
	}
	return key, true
}

// settle decides what becomes of a current record.
func (h *refHub) settle(name string, e *refEntity, key string, r refRecord) {
	if !slices.Contains([]string{"C", "M", "S"}, r.v["operation"]) {
		r.faults = append(r.faults, "operation_unknown")
	}
	if r.v["operation"] == "S" && (len(r.faults) == 0 || r.faults[0] == "rank_unclear") {
		e.n("deleted")
		return
	}
	r.faults = append(r.faults, h.faults(name, r.v)...)
	for _, f := range r.faults {
		e.rules[f]++
	}
	if len(r.faults) > 0 {
		e.n("quarantined")
		switch name {
		case "organismes":
			h.doubtful = append(h.doubtful, r.v)
		case "financements":
			h.unfunded[r.v["id_dossier"]] = true
		}
		return
	}
	e.n("kept")
	e.kept = append(e.kept, r)
	h.byKey[name][key] = r.v
}

// faults are the rules that a current record breaks.
func (h *refHub) faults(name string, v map[string]string) []string {
	f := malformed(name, v)
	v = maps.Clone(v)
	for _, rule := range f {
		delete(v, strings.TrimPrefix(rule, "malformed_"))
	}
	switch name {
	case "territoires":
		f.add("commune_malformed", !reCommune.MatchString(v["commune"]))
		f.add("territory_incomplete", v["code_departement"] == "" || v["nom_departement"] == "" || v["code_region"] == "" || v["nom_region"] == "")
	case "certifications":
		f.add("referentiel_unknown", !refReferentiel(v))
		f.add("title_missing", v["intitule"] == "")
	case "organismes":
		f.add("siret_invalid", !siretOK(v["siret"]))
		f.add("name_missing", v["raison_sociale"] == "" && v["nom_commercial"] == "")
		f.add("diffusion_unknown", !slices.Contains([]string{"O", "P", ""}, v["statut_diffusion"]))
	case "habilitations":
		f.add("referentiel_unknown", !refReferentiel(v))
		f.add("siret_invalid", !siretOK(v["siret"]))
		f.add("date_far_future", h.farFuture(v["date_liste"]))
		f.add("certification_unknown", v["type_referentiel"] != "" && h.listed(v) == nil)
	case "formations":
		f.add("number_malformed", !reNumber.MatchString(v["numero_formation"]))
		f.add("siret_invalid", !siretOK(v["siret"]))
		f.add("referentiel_unknown", !refReferentiel(v))
		f.add("certification_unknown", v["type_referentiel"] != "" && h.listed(v) == nil)
		f.add("title_missing", v["intitule_formation"] == "")
		f.add("provider_unknown", h.byKey["organismes"][v["siret"]] == nil)
	case "financements":
		f.fundingFaults(v)
	case "dossiers":
		h.fileFaults(&f, v)
	default:
		h.offerFaults(&f, name, v)
	}
	return f
}

// offerFaults are those of actions and sessions.
func (h *refHub) offerFaults(f *faultList, name string, v map[string]string) {
	if name == "actions" {
		hours, price := cents(v["nombre_heures"]), cents(v["frais_ttc"])
		f.add("duration_out_of_range", hours != nil && (hours.Sign() < 0 || hours.Cmp(big.NewRat(1_000_000, 1)) > 0))
		f.add("amount_negative", price != nil && price.Sign() < 0)
		f.add("amount_too_large", tooLarge(price))
		f.add("commune_unknown", v["commune"] != "" && h.territory(v["commune"]) == nil)
		f.add("training_unknown", h.byKey["formations"][v["numero_formation"]] == nil)
		return
	}
	f.add("dates_out_of_order", v["date_debut"] != "" && v["date_fin"] != "" && v["date_debut"] > v["date_fin"])
	f.add("date_far_future", h.farFuture(v["date_debut"]))
	f.add("state_unknown", v["etat"] != "active" && v["etat"] != "fermee")
	f.add("action_unknown", h.byKey["actions"][v["numero_action"]] == nil)
}

// tooLarge is true for more than ten million euros.
func tooLarge(cents *big.Rat) bool {
	return cents != nil && cents.Cmp(big.NewRat(1_000_000_000, 1)) > 0
}

// malformed are the values that are not of the kind of their column.
func malformed(name string, v map[string]string) faultList {
	var f faultList
	bad := func(ok func(string) bool, cols ...string) {
		for _, c := range cols {
			f.add("malformed_"+c, v[c] != "" && !ok(v[c]))
		}
	}
	isDate := func(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil }
	isBool := func(s string) bool { _, known := parseBool(s); return known }
	switch name {
	case "certifications":
		bad(isBool, "active")
		bad(isDate, "date_fin")
	case "organismes":
		bad(isBool, "personne_physique", "qualiopi")
	case "habilitations":
		bad(isDate, "date_liste")
	case "actions":
		bad(reDecimal.MatchString, "nombre_heures", "frais_ttc")
	case "sessions":
		bad(isDate, "date_debut", "date_fin")
		bad(isBool, "a_distance")
	case "financements":
		bad(reDecimal.MatchString, "montant_engage", "montant_realise")
	case "dossiers":
		bad(isDate, "date_naissance", "date_validation", "date_entree", "date_sortie", "date_cloture")
		bad(isBool, "qpv")
		bad(reDecimal.MatchString, "duree_heures")
	}
	return f
}

type faultList []string

func (f *faultList) add(rule string, broken bool) {
	if broken {
		*f = append(*f, rule)
	}
}

func refReferentiel(v map[string]string) bool {
	return slices.Contains([]string{"RNCP", "RS", ""}, v["type_referentiel"])
}

// farFuture reports whether a day lies more than five years after the as-of date.
func (h *refHub) farFuture(date string) bool {
	return date > h.asOf.AddDate(5, 0, 0).Format(time.DateOnly)
}

// place is a row of the catalogue: a formation and a territory.
type place struct{ formation, department, region string }

// offer is what is counted in a place.
type offer struct {
	actions, active, remote int
	hours, prices           []*big.Rat
	land                    map[string]string
}

// offers counts the open sessions by action, then the actions by place.
func (h *refHub) offers() map[place]*offer {
	active, remote := map[string]int{}, map[string]int{}
	for _, s := range h.entities["sessions"].kept {
		if s.v["etat"] != "active" {
			continue
		}
		active[s.v["numero_action"]]++
		if b, _ := parseBool(s.v["a_distance"]); b {
			remote[s.v["numero_action"]]++
		}
	}
	all := map[place]*offer{}
	for _, a := range h.entities["actions"].kept {
		if active[a.v["numero_action"]] > 0 {
			h.count(all, a.v, active[a.v["numero_action"]], remote[a.v["numero_action"]])
		}
	}
	return all
}

// count adds an action to its place.
func (h *refHub) count(all map[place]*offer, action map[string]string, active, remote int) {
	land := map[string]string{}
	if action["commune"] != "" {
		land = h.territory(action["commune"])
	}
	p := place{action["numero_formation"], land["code_departement"], land["code_region"]}
	o := all[p]
	if o == nil {
		o = &offer{land: land}
		all[p] = o
	}
	o.actions++
	o.active += active
	o.remote += remote
	if x := cents(action["nombre_heures"]); x != nil && x.Sign() > 0 { // 0 is: not given
		o.hours = append(o.hours, x)
	}
	if x := cents(action["frais_ttc"]); x != nil {
		o.prices = append(o.prices, x)
	}
}

// spread is the least, the greatest, the mean and the sum of some hundredths.
func spread(all []*big.Rat, none string) (low, high, mean string, sum *big.Rat) {
	sum = new(big.Rat)
	if len(all) == 0 {
		return none, none, none, sum
	}
	least, most := all[0], all[0]
	for _, x := range all {
		sum.Add(sum, x)
		if x.Cmp(least) < 0 {
			least = x
		}
		if x.Cmp(most) > 0 {
			most = x
		}
	}
	average := new(big.Rat).Quo(sum, big.NewRat(int64(len(all)), 1))
	return money(roundHalfUp(least)), money(roundHalfUp(most)), money(roundHalfUp(average)), sum
}

// refRemoved counts what must be taken out of texts and names.
type refRemoved struct {
	rows, inTexts, trainings int64
	pieces                   texts.Removals
}

var refTexts = []string{"intitule_formation", "points_forts", "objectif_formation", "contenu_formation", "resultats_attendus_formation"}

// cells are the values of a formation that do not depend on the place.
func (h *refHub) cells(f map[string]string, removed *refRemoved) map[string]string {
	row := map[string]string{"date_extract": h.latest.Format(time.DateOnly), "siret": f["siret"], "numero_formation": f["numero_formation"],
		"type_referentiel": f["type_referentiel"], "code_inventaire": "-1", "code_rncp": "-1"}
	switch f["type_referentiel"] {
	case "RS":
		row["code_inventaire"] = f["code_certification"]
	case "RNCP":
		row["code_rncp"] = f["code_certification"]
	}
	c := h.certification(f)
	row["intitule_certification"], row["libelle_niveau_sortie_formation"] = c["intitule"], c["libelle_niveau"]
	row["libelle_code_formacode_principal"] = c["libelle_formacode_1"]
	row["code_certifinfo"] = cmp.Or(f["code_certifinfo"], c["code_certifinfo"], "-1")
	for name, value := range c {
		if strings.HasPrefix(name, "code_formacode_") || strings.HasPrefix(name, "code_rome_") || strings.HasPrefix(name, "code_nsf_") || strings.HasPrefix(name, "libelle_nsf_") {
			row[name] = value
		}
	}
	h.authorise(row, f)
	h.texts(row, f, removed)
	return row
}

// authorise compares the provider with the list of the certifier.
func (h *refHub) authorise(row, f map[string]string) {
	row["habilitation"] = "sans objet"
	naming := ""
	for _, l := range h.entities["habilitations"].kept {
		if l.v["type_referentiel"] != f["type_referentiel"] || l.v["code_certification"] != f["code_certification"] {
			continue
		}
		row["date_habilitation"] = max(row["date_habilitation"], l.v["date_liste"])
		if l.v["siret"] == f["siret"] {
			row["habilitation"], naming = "habilité", l.v["date_liste"]
		} else if row["habilitation"] == "sans objet" {
			row["habilitation"] = "non recensé"
		}
	}
	row["date_habilitation"] = cmp.Or(naming, row["date_habilitation"])
}

// texts fills in the free texts and the name of the provider.
func (h *refHub) texts(row, f map[string]string, removed *refRemoved) {
	org, all, withheld := h.provider(f["siret"])
	var pieces texts.Removals
	names := 0
	clean := func(text string) string {
		text, n := texts.Scrub(texts.PlainText(text))
		pieces.Add(n)
		if withheld {
			text, n := texts.WithholdName(text, all...)
			names += n
			return text
		}
		return text
	}
	for _, name := range refTexts {
		row[name] = clean(f[name])
	}
	inTexts := names
	row["nom_of"] = clean(cmp.Or(org["nom_commercial"], org["raison_sociale"]))
	if withheld {
		row["nom_of"] = ""
	}
	removed.pieces.Add(pieces)
	removed.inTexts += int64(inTexts)
	if inTexts+pieces.Total() > 0 {
		removed.trainings++
	}
}

// catalogue makes the rows of the published table, in order.
func (h *refHub) catalogue(names []string) (rows [][]string, removed refRemoved) {
	offers := h.offers()
	places := slices.SortedFunc(maps.Keys(offers), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.formation, b.formation), nullsLast(a.department, b.department), nullsLast(a.region, b.region))
	})
	common := map[string]map[string]string{}
	for _, p := range places {
		if common[p.formation] == nil {
			common[p.formation] = h.cells(h.byKey["formations"][p.formation], &removed)
		}
		row := maps.Clone(common[p.formation])
		if _, _, withheld := h.provider(row["siret"]); withheld {
			removed.rows++
		}
		offers[p].fill(row)
		line := make([]string, len(names))
		for i, n := range names {
			line[i] = row[n]
		}
		rows = append(rows, line)
	}
	return rows, removed
}

func nullsLast(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}

// fill writes the place and its measures.
func (o *offer) fill(row map[string]string) {
	for _, n := range []string{"code_departement", "nom_departement", "code_region", "nom_region"} {
		row[n] = o.land[n]
	}
	row["coderegion_export"] = o.land["code_region"]
	row["nb_action"], row["nb_session_active"], row["nb_session_a_distance"] = strconv.Itoa(o.actions), strconv.Itoa(o.active), strconv.Itoa(o.remote)
	var sum *big.Rat
	row["nombre_heures_total_min"], row["nombre_heures_total_max"], row["nombre_heures_total_mean"], sum = spread(o.hours, "0.00")
	row["nbaction_nbheures"] = roundHalfUp(sum.Quo(sum, big.NewRat(100, 1))).String()
	row["frais_ttc_tot_min"], row["frais_ttc_tot_max"], row["frais_ttc_tot_mean"], _ = spread(o.prices, "")
}

// gen makes random extracts.
type gen struct {
	*rand.Rand
	out                                      map[string][]hubtest.Record
	turn                                     map[string]int // next fault by entity
	first                                    int
	tame                                     bool // no faults
	sirets, certs, communes, formations, act []string
}

// refLists is how many records an extract has of each entity.
type refLists struct{ providers, certifications, formations, actions, sessions int }

var smallLists = refLists{providers: 18, certifications: 25, formations: 60, actions: 150, sessions: 400}

func pick[T any](g *gen, list ...T) T { return list[g.IntN(len(list))] }

// chance is true n times in a hundred.
func (g *gen) chance(n int) bool { return g.IntN(100) < n }

func newGen(seed uint64) *gen {
	return &gen{Rand: rand.New(rand.NewPCG(seed, 2026)), out: map[string][]hubtest.Record{}, turn: map[string]int{}, first: int(seed) * 3}
}

// hubOf makes the records of an extract.
func hubOf(seed uint64, n refLists) *gen {
	g := newGen(seed)
	g.fill(n)
	return g
}

func (g *gen) fill(n refLists) {
	g.territories()
	g.certifications(n.certifications)
	g.providers(n.providers)
	g.lists()
	g.offer(n)
}

var refDepartments = [][4]string{
	{"01", "Ain", "84", "Auvergne-Rhône-Alpes"}, {"69", "Rhône", "84", "Auvergne-Rhône-Alpes"}, {"2A", "Corse-du-Sud", "94", "Corse"},
	{"2B", "Haute-Corse", "94", "Corse"}, {"971", "Guadeloupe", "01", "Guadeloupe"}, {"75", "Paris", "11", "Île-de-France"},
	{"33", "Gironde", "75", "Nouvelle-Aquitaine"}, {"59", "Nord", "32", "Hauts-de-France"},
}

func (g *gen) territories() {
	for i, d := range refDepartments {
		for j := range 3 {
			code := d[0] + fmt.Sprintf("%0*d", 5-len(d[0]), 33+i+7*j)
			g.communes = append(g.communes, code)
			g.emit("territoires", hubtest.Record{"commune": code, "nom_commune": "Commune " + code, "code_departement": d[0], "nom_departement": d[1], "code_region": d[2], "nom_region": d[3]})
		}
	}
	// A former commune of 01033, and one whose present commune is not listed.
	g.communes = append(g.communes, "01018", "01018", "01018")
}

func (g *gen) certifications(n int) {
	for i := range n {
		code := strconv.Itoa(900000 + i)
		r := hubtest.Record{"type_referentiel": pick(g, "RNCP", "RNCP", "RS"), "code_certification": code, "code_certifinfo": "1" + code, "intitule": "Titre <" + code + ">",
			"libelle_niveau": pick(g, "", "NIVEAU 5", "=NIVEAU 3"), "active": pick(g, "true", "false", ""), "date_fin": pick(g, "", "2027-12-31"), "libelle_formacode_1": pick(g, "", "Programmation; réseaux")}
		if i < 2 {
			r["type_referentiel"], r["code_certification"] = "", ""
		}
		for j := range 5 {
			r[fmt.Sprintf("code_formacode_%d", j+1)] = pick(g, "", "01088", "31088")
			r[fmt.Sprintf("code_rome_%d", j+1)] = pick(g, "", "M1805")
		}
		for j := range 3 {
			r[fmt.Sprintf("code_nsf_%d", j+1)], r[fmt.Sprintf("libelle_nsf_%d", j+1)] = pick(g, "", "326", "010"), pick(g, "", "Commerce, vente")
		}
		g.certs = append(g.certs, r["type_referentiel"]+":"+r["code_certification"]+":"+r["code_certifinfo"])
		g.emit("certifications", r)
	}
}

func (g *gen) providers(n int) {
	for i := range n {
		siret := hubtest.Siret(fmt.Sprintf("0005%04d", i/2), i%2+1)
		if i == 0 {
			siret = "35600000000001" // of La Poste: no key of Luhn
		}
		g.sirets = append(g.sirets, siret)
		g.emit("organismes", hubtest.Record{"siret": siret, "raison_sociale": pick(g, "KERBRAZIDEC MARIE", "ORGANISME <b>UN</b>", "=ATELIER"),
			"nom_commercial": pick(g, "", "Marie Kerbrazidec Formation", "  Atelier & Cie  "), "personne_physique": pick(g, "true", "false", ""),
			"statut_diffusion": pick(g, "O", "P", ""), "qualiopi": pick(g, "true", "false", "")})
	}
}

func (g *gen) lists() {
	for i, c := range g.certs {
		part := strings.Split(c, ":")
		for _, s := range g.sirets {
			if part[0] != "" && i%3 > 0 && g.chance(30) {
				g.emit("habilitations", hubtest.Record{"type_referentiel": part[0], "code_certification": part[1], "siret": s, "date_liste": pick(g, "", "2026-01-15", "2026-10-01")})
			}
		}
	}
}

func (g *gen) text() string {
	return pick(g, "", "Apprendre <b>vite</b> &amp; bien", "<p>Un</p><ul><li>deux</li></ul>", "Écrire à jean@exemple.fr ou au 06 12 34 56 78", "=1+2", "-5 %", "- liste",
		"Animé par Marie KERBRAZIDEC", "Mme Kerbrazidec; \"dit\"", "ligne 1\nligne 2", "NIR 1 80 01 69 990 123 "+hubtest.NIR("1800169990123")[13:], "@cmd", "_x0041_ et 3 < 4",
		"FR76 3000 6000 0112 3456 7890 189", "   ", "<p></p>", "tab\tulation", "l\u2019été \U0001F600")
}

func (g *gen) offer(n refLists) {
	for i := range n.formations {
		id := fmt.Sprintf("%s_F-%d", pick(g, g.sirets...), i)
		g.formations = append(g.formations, id)
		cert := strings.Split(pick(g, g.certs...), ":")
		r := hubtest.Record{"numero_formation": id, "siret": id[:14], "intitule_formation": fmt.Sprintf("Formation %d %s", i, g.text()), "type_referentiel": cert[0], "code_certification": cert[1], "code_certifinfo": pick(g, "", cert[2])}
		if cert[0] == "" {
			r["code_certifinfo"] = cert[2]
		}
		for _, t := range refTexts[1:] {
			r[t] = g.text()
		}
		g.emit("formations", r)
	}
	for i := range n.actions {
		g.act = append(g.act, fmt.Sprintf("A%d", i))
		g.emit("actions", hubtest.Record{"numero_action": fmt.Sprintf("A%d", i), "numero_formation": pick(g, g.formations...), "commune": pick(g, "", pick(g, g.communes...), pick(g, g.communes...)),
			"nombre_heures": pick(g, "", "0", "7", "35.5", "33.33", "0.01", "10000", " 12.25 ", "1.005"), "frais_ttc": pick(g, "", "0", "990", "1490.99", "0.01", "1000.10", "12.345")})
	}
	for i := range n.sessions {
		g.emit("sessions", hubtest.Record{"numero_session": fmt.Sprintf("S%d", i), "numero_action": pick(g, g.act...), "date_debut": pick(g, "", "2026-12-01"), "date_fin": pick(g, "", "2026-12-01", "2027-01-31"),
			"a_distance": pick(g, "true", "false", ""), "etat": pick(g, "active", "active", "fermee")})
	}
}

// emit adds the versions of a record: earlier ones, rivals of the same version, a
// suppression, one later than the as-of date, a faulty one.
func (g *gen) emit(entity string, r hubtest.Record) {
	n := 1 + g.IntN(3)
	for v := 1; v < n; v++ {
		g.add(entity, g.stale(entity, r), v, "C")
	}
	last := maps.Clone(r)
	if !g.tame && g.chance(10) {
		g.spoil(entity, last)
	}
	g.add(entity, last, n, pick(g, "C", "M"))
	for range g.IntN(100) / 80 * (1 + g.IntN(3)) {
		rival := g.add(entity, g.stale(entity, r), n, "M")
		rival["date_maj"] = pick(g, last["date_maj"], last["date_maj"], "2026-11-20T22:30:00Z", "2026-09-01")
	}
	if g.chance(4) {
		gone := hubtest.Record{}
		for _, k := range refKeys[entity] {
			gone[k] = r[k]
		}
		gone["code_certifinfo"] = r["code_certifinfo"]
		g.add(entity, gone, n+1, "S")
	}
	if g.chance(5) {
		g.add(entity, g.stale(entity, r), n+2, "M")["date_maj"] = pick(g, "2026-11-21T00:00:00", "2026-11-20T23:30:00Z", "2027-03-01T08:00:00+01:00")
	}
}

func (g *gen) add(entity string, r hubtest.Record, version int, operation string) hubtest.Record {
	set := func(name, value string) {
		if r[name] == "" {
			r[name] = value
		}
	}
	set("version", strconv.Itoa(version))
	set("operation", operation)
	set("date_maj", fmt.Sprintf("2026-%02d-%02d%s", 8+g.IntN(4), 1+g.IntN(20), pick(g, "T10:00:00", " 23:59:59", "T22:30:00Z", "", "T01:00:00+02:00")))
	for name, value := range r {
		if value == "\x00" {
			r[name] = ""
		}
	}
	g.out[entity] = append(g.out[entity], r)
	return r
}

// stale returns a copy of a record with another content and the same key.
func (g *gen) stale(entity string, r hubtest.Record) hubtest.Record {
	r = maps.Clone(r)
	switch entity {
	case "territoires":
		r["nom_commune"] = "Ancien nom"
	case "certifications":
		r["intitule"] = "Ancien titre"
	case "organismes":
		r["statut_diffusion"], r["nom_commercial"] = pick(g, "O", "P"), "Ancien nom"
	case "habilitations":
		r["date_liste"] = "2025-05-05"
	case "formations":
		r["intitule_formation"], r["siret"] = "Ancienne formation", pick(g, g.sirets...)
	case "actions":
		r["nombre_heures"], r["numero_formation"] = "77.77", pick(g, g.formations...)
	case "sessions":
		r["etat"], r["numero_action"] = pick(g, "active", "fermee"), pick(g, g.act...)
	case "financements":
		r["montant_engage"] = "77.77"
	case "dossiers":
		r["dispositif"], r["duree_heures"], r["commune_formation"] = pick(g, "CPF", "AIF"), "77.77", pick(g, g.communes...)
	}
	return r
}

// refSpoils are faults by entity: column and value; a zero byte means empty.
var refSpoils = map[string][][2]string{
	"territoires":    {{"commune", "ABC"}, {"nom_region", "\x00"}, {"code_departement", "\x00"}},
	"certifications": {{"type_referentiel", "XX"}, {"intitule", "\x00"}, {"active", "peut-être"}, {"date_fin", "31/12/2026"}},
	"organismes":     {{"siret", "00040001000014"}, {"siret", "0004"}, {"raison_sociale", "\x00"}, {"statut_diffusion", "Z"}, {"personne_physique", "nul ne sait"}},
	"habilitations":  {{"type_referentiel", "XX"}, {"siret", "12345678901234"}, {"date_liste", "2199-01-01"}, {"date_liste", "hier"}, {"code_certification", "123"}},
	"formations": {{"siret", "00040001000014"}, {"siret", hubtest.Siret("00139999", 1)}, {"type_referentiel", "XX"}, {"type_referentiel", "RS"},
		{"code_certification", "123"}, {"intitule_formation", "\x00"}, {"numero_formation", "00040001000014_A B"}},
	"actions": {{"nombre_heures", "-1"}, {"nombre_heures", "10000.01"}, {"nombre_heures", "abc"}, {"frais_ttc", "-0.01"}, {"frais_ttc", "10000000.01"}, {"frais_ttc", "99999999999"}, {"frais_ttc", "1 000"},
		{"commune", "99999"}, {"commune", "01003"}, {"numero_formation", "NULLE"}, {"numero_formation", "\x00"}},
	"sessions": {{"date_debut", "2027-02-01"}, {"date_debut", "2199-01-01"}, {"date_fin", "demain"}, {"etat", "ouverte"}, {"etat", "\x00"}, {"a_distance", "bof"},
		{"numero_action", "NULLE"}, {"numero_action", "\x00"}},
	"financements": {{"type_financeur", "mairie"}, {"montant_engage", "-0.01"}, {"montant_engage", "\x00"}, {"montant_engage", "cent"}},
	"dossiers": {{"nir", "180016999012300"}, {"nir", "1800"}, {"date_naissance", "2050-01-01"}, {"genre", "3"}, {"situation", "XX"}, {"csp", "9"}, {"dispositif", "\x00"},
		{"statut", "PERDU"}, {"modalite_presence", "AILLEURS"}, {"date_cloture", "2019-01-01"}, {"date_entree", "2039-01-01"}, {"date_sortie", "demain"}, {"duree_heures", "10000.01"},
		{"type_referentiel", "XX"}, {"code_certification", "123"}, {"commune_formation", "99999"}, {"commune_domicile", "01003"}, {"organisme_siret", "12345678901234"}, {"financeur_siret", "1"}},
}

// refCommonSpoils are faults that a record of any entity may have.
var refCommonSpoils = [][2]string{{"version", "x"}, {"version", "\x00"}, {"operation", "Z"}, {"operation", "\x00"}, {"date_maj", "\x00"}, {"date_maj", "avant-hier"}}

// spoil makes one or two faults in a record, the first in turn.
func (g *gen) spoil(entity string, r hubtest.Record) {
	own := refSpoils[entity]
	faults := [][2]string{own[(g.first+g.turn[entity])%len(own)]}
	g.turn[entity]++
	if g.chance(25) {
		faults = append(faults, pick(g, append(slices.Clone(own), append(refCommonSpoils, [2]string{refKeys[entity][0], "\x00"})...)...))
	}
	for _, f := range faults {
		r[f[0]] = f[1]
		if f[0] == "raison_sociale" {
			r["nom_commercial"] = "\x00"
		}
	}
}

// write shuffles the records into files of several shapes.
func (g *gen) write(t *testing.T, dir, prefix string) {
	t.Helper()
	for entity, records := range g.out {
		g.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		parts := map[string][]hubtest.Record{}
		for i, r := range records {
			name := pick(g, "a.csv", "B2.csv.gz", "b.csv", "part-10.csv", "part-9.csv")
			if i < 5 {
				name = []string{"a.csv", "B2.csv.gz", "b.csv", "part-10.csv", "part-9.csv"}[i]
			}
			parts[name] = append(parts[name], r)
		}
		for name, rows := range parts {
			hubtest.Write(t, filepath.Join(dir, entity, prefix+name), g.encode(t, entity, name, rows))
		}
	}
}

// encode writes a part: b.csv in another order of columns, with semicolons and a
// column more, as French spreadsheets do.
func (g *gen) encode(t *testing.T, entity, name string, rows []hubtest.Record) []byte {
	t.Helper()
	cols := slices.Clone(hubtest.Header(entity))
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	if name == "b.csv" {
		cols = append(cols, "remarque")
		g.Shuffle(len(cols), func(i, j int) { cols[i], cols[j] = cols[j], cols[i] })
		w.Comma = ';'
	}
	lines := [][]string{cols}
	for _, r := range rows {
		line := make([]string, len(cols))
		for i, c := range cols {
			line[i] = r[c]
		}
		lines = append(lines, line)
	}
	if err := w.WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(name, ".gz") {
		return buf.Bytes()
	}
	return gzipped(t, buf.Bytes())
}

func gzipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// table returns the definition of the published table.
func (b *bench) table(t *testing.T) datasets.Table {
	t.Helper()
	d, ok := datasets.Find(b.Datasets, b.dataset)
	if !ok {
		t.Fatal("no definition")
	}
	return d.Tables[0]
}

func TestCatalogueEqualsRecomputation(t *testing.T) {
	t.Parallel()
	var seen sync.Map
	t.Run("extracts", func(t *testing.T) {
		for seed := range uint64(5) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				for name, e := range checkExtracts(t, seed).entities {
					for rule := range e.rules {
						seen.Store(name+" "+rule, true)
					}
				}
			})
		}
	})
	for _, e := range hub.Entities() {
		for _, r := range e.Rules {
			if _, ok := seen.Load(e.Name + " " + r.ID); !ok && slices.Contains(refOrder, e.Name) {
				t.Errorf("no record of %s broke the rule %s: the extracts are too tame", e.Name, r.ID)
			}
		}
	}
}

// checkExtracts publishes two extracts in turn and compares both releases.
func checkExtracts(t *testing.T, seed uint64) *refHub {
	t.Helper()
	dir := t.TempDir()
	g := hubOf(seed, smallLists)
	g.write(t, dir, "")
	b := newBench(t, dir)
	b.Thresholds = hub.Thresholds{Quarantine: 1, Shrink: 1}
	first := recompute(t, dir, hubtest.AsOf)
	res := b.publish(t)
	old := b.compare(t, res, first, nil)
	g.increment(t, dir)
	b.compare(t, b.publish(t), recompute(t, dir, hubtest.AsOf), &servedRows{res.Release, old})
	return first
}

// increment adds files with changes of some records to an extract.
func (g *gen) increment(t *testing.T, dir string) {
	t.Helper()
	for entity, all := range g.out {
		var news []hubtest.Record
		for _, r := range all {
			if g.chance(5) {
				r = g.stale(entity, r)
				r["version"], r["operation"] = "9", pick(g, "M", "M", "S")
				news = append(news, r)
			}
		}
		g.out[entity] = news
	}
	g.write(t, dir, "z-")
}

// servedRows is the release served before.
type servedRows struct {
	release string
	rows    [][]string
}

// compare checks a release against the recomputation, and returns its rows.
func (b *bench) compare(t *testing.T, res publisher.Result, h *refHub, old *servedRows) [][]string {
	t.Helper()
	table := b.table(t)
	want, removed := h.catalogue(table.Names())
	got := b.csvLines(t, res.Release, catalogue+".csv", ',')
	diffRows(t, "csv", table.Names(), want, got)
	b.compareFormats(t, res.Release, table, want)
	compareReport(t, res.Report, h)
	b.compareQuality(t, res.Release, h, want, removed, old)
	b.compareChanges(t, res.Release, table, want, old)
	return want
}

// diffRows reports the first rows that differ.
func diffRows(t *testing.T, what string, names []string, want, got [][]string) {
	t.Helper()
	if len(want) == 0 || len(got) == 0 || !slices.Equal(got[0], names) {
		t.Fatalf("%s: %d rows wanted, %d lines found; header %v", what, len(want), len(got), got[:min(len(got), 1)])
	}
	got = got[1:]
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
	}
	shown := 0
	for i := range min(len(got), len(want)) {
		if d := gocmp.Diff(want[i], got[i]); d != "" && shown < 3 {
			shown++
			t.Errorf("%s, row %d: -want +got\n%s", what, i, d)
		}
	}
}

func (b *bench) csvLines(t *testing.T, id, name string, comma rune) [][]string {
	t.Helper()
	raw := b.object(t, id, name)
	if strings.HasSuffix(name, ".gz") {
		raw = gunzip(t, raw)
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	r.Comma = comma
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(name, err)
	}
	return lines
}

// compareFormats reads every other file of the table.
func (b *bench) compareFormats(t *testing.T, id string, table datasets.Table, want [][]string) {
	t.Helper()
	names := table.Names()
	diffRows(t, "csv.gz", names, want, b.csvLines(t, id, table.ID+".csv.gz", ','))
	diffRows(t, "excel.csv", names, french(table, want), b.csvLines(t, id, table.ID+".excel.csv", ';'))
	diffRows(t, "jsonl.gz", names, want, b.jsonLines(t, id, table))
	diffRows(t, "parquet", names, want, b.parquetLines(t, id, table))
	diffRows(t, "xlsx", names, want, b.workbookLines(t, id, table))
}

// french is a table in the form of a French spreadsheet.
func french(table datasets.Table, rows [][]string) [][]string {
	var out [][]string
	for _, r := range rows {
		r = slices.Clone(r)
		for i, f := range table.Fields {
			switch {
			case f.Type == datasets.TypeDecimal:
				r[i] = strings.Replace(r[i], ".", ",", 1)
			case f.Type == datasets.TypeText && r[i] != "" && strings.ContainsRune("=+-@\t\r\n", rune(r[i][0])) && r[i] != "-1":
				r[i] = "'" + r[i]
			}
		}
		out = append(out, r)
	}
	return out
}

// jsonLines reads JSON lines; an empty text is no value.
func (b *bench) jsonLines(t *testing.T, id string, table datasets.Table) [][]string {
	t.Helper()
	lines := [][]string{table.Names()}
	d := json.NewDecoder(bytes.NewReader(gunzip(t, b.object(t, id, table.ID+".jsonl.gz"))))
	d.UseNumber()
	for d.More() {
		var row map[string]any
		if err := d.Decode(&row); err != nil {
			t.Fatal(err)
		}
		line := make([]string, len(table.Fields))
		for i, f := range table.Fields {
			line[i] = jsonCell(t, f, row[f.Name])
		}
		if len(row) != len(line) {
			t.Errorf("json line with %d fields", len(row))
		}
		lines = append(lines, line)
	}
	return lines
}

func jsonCell(t *testing.T, f datasets.Field, value any) string {
	t.Helper()
	number := f.Type == datasets.TypeInt || f.Type == datasets.TypeDecimal
	switch v := value.(type) {
	case nil:
		return ""
	case json.Number:
		if number {
			return v.String()
		}
	case string:
		if !number && v != "" {
			return v
		}
	}
	t.Errorf("%s: json value %#v", f.Name, value)
	return ""
}

// parquetLines reads the Parquet file through the engine, in the order of the file.
func (b *bench) parquetLines(t *testing.T, id string, table datasets.Table) [][]string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "t.parquet")
	hubtest.Write(t, p, b.object(t, id, table.ID+".parquet"))
	db := openEngine(t)
	from := "read_parquet(" + engine.Literal(p) + ", file_row_number = true)"
	types, err := db.Columns(t.Context(), "SELECT * EXCLUDE (file_row_number) FROM "+from)
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]string
	var head, cols []string
	for i, c := range types {
		head = append(head, c.Name)
		cols = append(cols, "CAST("+engine.Ident(c.Name)+" AS VARCHAR)")
		if i < len(table.Fields) && c.Type != table.Fields[i].Type.SQL() {
			t.Errorf("parquet column %s of type %s", c.Name, c.Type)
		}
	}
	lines = append(lines, head)
	err = db.Texts(t.Context(), "SELECT "+strings.Join(cols, ", ")+" FROM "+from+" ORDER BY file_row_number", len(cols), func(row []engine.Text) error {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = v.String
			if v.Valid && v.String == "" {
				t.Errorf("%s: empty text in parquet", head[i])
			}
		}
		lines = append(lines, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func openEngine(t *testing.T) *engine.DB {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1, TimeZone: "Europe/Paris"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// workbookLines reads the first sheet; numbers and dates are brought back to the
// form of CSV, and a text cell that holds a number is a defect.
func (b *bench) workbookLines(t *testing.T, id string, table datasets.Table) [][]string {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(b.object(t, id, table.ID+".xlsx")))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	sheet := book.GetSheetList()[0]
	lines, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range lines {
		for len(line) < len(table.Fields) {
			line = append(line, "")
		}
		for j, f := range table.Fields {
			if i > 0 {
				line[j] = workbookCell(t, book, sheet, f, line[j], i, j)
			}
		}
		lines[i] = line
	}
	return lines
}

func workbookCell(t *testing.T, book *excelize.File, sheet string, f datasets.Field, raw string, i, j int) string {
	t.Helper()
	if raw == "" {
		return ""
	}
	number, err := strconv.ParseFloat(raw, 64)
	switch f.Type {
	case datasets.TypeDecimal:
		if err == nil {
			return strconv.FormatFloat(number, 'f', 2, 64)
		}
	case datasets.TypeDate:
		if day, e := excelize.ExcelDateToTime(number, false); err == nil && e == nil {
			return day.Format(time.DateOnly)
		}
	case datasets.TypeInt:
	case datasets.TypeText, datasets.TypeMonth:
		cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
		kind, err := book.GetCellType(sheet, cell)
		if err != nil || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
			t.Errorf("%s: cell %s is no text (%v, %v)", f.Name, cell, kind, err)
		}
	}
	return raw
}

// compareReport compares the counts of every entity and rule.
func compareReport(t *testing.T, rep *hub.Report, h *refHub) {
	t.Helper()
	if !rep.ExtractDate.Equal(h.latest) {
		t.Errorf("date of the extract %v, want %v", rep.ExtractDate, h.latest)
	}
	for _, e := range rep.Entities {
		ref := h.entities[e.Entity]
		counts := map[string]int64{"read": e.Read, "later": e.Later, "superseded": e.Superseded, "deleted": e.Deleted, "quarantined": e.Quarantined, "kept": e.Kept}
		maps.DeleteFunc(counts, func(_ string, n int64) bool { return n == 0 })
		rules := map[string]int64{}
		for _, r := range e.Rules {
			rules[r.Rule] = r.Records
		}
		if d := gocmp.Diff(ref.counts, counts) + gocmp.Diff(ref.rules, rules); d != "" {
			t.Errorf("report of %s: -want +got\n%s", e.Entity, d)
		}
	}
}

// refRounded is a count to three figures, to ten at least, halves up.
func refRounded(n int64) int64 {
	if n < 10 {
		return 10 * min(n, 1)
	}
	unit := int64(math.Pow10(max(len(strconv.FormatInt(n, 10))-3, 1)))
	return (2*n + unit) / (2 * unit) * unit
}

// compareQuality compares quality.json.
func (b *bench) compareQuality(t *testing.T, id string, h *refHub, rows [][]string, removed refRemoved, old *servedRows) {
	t.Helper()
	var got publisher.Quality
	if err := json.Unmarshal(b.object(t, id, "quality.json"), &got); err != nil {
		t.Fatal(err)
	}
	want := publisher.Quality{Dataset: catalogue, DateExtract: h.latest.Format(time.DateOnly), Rounding: got.Rounding, Withheld: removed.rounded()}
	for _, name := range refOrder {
		want.Input = append(want.Input, h.entities[name].quality(name))
	}
	for i := range got.Input {
		for j, r := range got.Input[i].Rules { // wording is not recomputed
			got.Input[i].Rules[j] = hub.RuleCount{Rule: r.Rule, Records: r.Records}
		}
		slices.SortFunc(got.Input[i].Rules, func(a, b hub.RuleCount) int { return cmp.Compare(a.Rule, b.Rule) })
	}
	want.Tables = []publisher.QualityTable{{ID: catalogue, Rows: int64(len(rows)), FillRates: fillRates(b.table(t).Names(), rows)}}
	if old != nil {
		want.Previous = &publisher.QualityPrevious{Release: old.release, Rows: map[string]int64{catalogue: int64(len(old.rows))}}
	}
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("quality.json: -want +got\n%s", d)
	}
}

func (r refRemoved) rounded() *publisher.QualityRemoved {
	return &publisher.QualityRemoved{ProviderNames: refRounded(r.rows), NamesInTexts: refRounded(r.inTexts), EmailAddresses: refRounded(int64(r.pieces.Emails)),
		PhoneNumbers: refRounded(int64(r.pieces.Phones)), NIRs: refRounded(int64(r.pieces.NIRs)), IBANs: refRounded(int64(r.pieces.IBANs)), Trainings: refRounded(r.trainings)}
}

func (e *refEntity) quality(name string) publisher.QualityInput {
	n := func(fate string) int64 { return refRounded(e.counts[fate]) }
	q := publisher.QualityInput{Entity: name, Read: n("read"), Kept: n("kept"), Superseded: n("superseded"), Deleted: n("deleted"), Later: n("later"), Quarantined: n("quarantined"), Rules: []hub.RuleCount{}}
	for _, rule := range slices.Sorted(maps.Keys(e.rules)) {
		q.Rules = append(q.Rules, hub.RuleCount{Rule: rule, Records: refRounded(e.rules[rule])})
	}
	return q
}

// fillRates are the shares of rows with a value, in tenths of a per cent, half up.
func fillRates(names []string, rows [][]string) []publisher.FillRate {
	rates := make([]publisher.FillRate, len(names))
	for i, name := range names {
		full := 0
		for _, r := range rows {
			if r[i] != "" {
				full++
			}
		}
		rates[i] = publisher.FillRate{Field: name, Percent: float64((2000*full+len(rows))/(2*len(rows))) / 10}
	}
	return rates
}

// compareChanges compares changes.json with the difference of two recomputations.
func (b *bench) compareChanges(t *testing.T, id string, table datasets.Table, rows [][]string, old *servedRows) {
	t.Helper()
	var got publisher.Changes
	if err := json.Unmarshal(b.object(t, id, "changes.json"), &got); err != nil {
		t.Fatal(err)
	}
	want := publisher.TableChanges{ID: catalogue, Rows: int64(len(rows)), Added: int64(len(rows))}
	if old != nil {
		want.PreviousRows, want.Key = int64(len(old.rows)), table.Key
		want.Keys = changedKeys(table, old.rows, rows)
		want.Added, want.Removed, want.Changed = int64(len(want.Keys.Added)), int64(len(want.Keys.Removed)), int64(len(want.Keys.Changed))
		if want.Added*want.Removed*want.Changed == 0 {
			t.Errorf("the extracts differ too little: %d added, %d removed, %d changed", want.Added, want.Removed, want.Changed)
		}
	}
	if d := gocmp.Diff([]publisher.TableChanges{want}, got.Tables); d != "" {
		t.Errorf("changes.json: -want +got\n%s", d)
	}
}

// changedKeys compares two tables row by row, without the load date.
func changedKeys(table datasets.Table, before, after [][]string) *publisher.ChangedKeys {
	at := func(rows [][]string) map[string][]string {
		m := map[string][]string{}
		for _, r := range rows {
			m[strings.Join(rowKey(table, r), "\x00")] = r
		}
		return m
	}
	was, is := at(before), at(after)
	keys := &publisher.ChangedKeys{Added: [][]*string{}, Removed: [][]*string{}, Changed: [][]*string{}}
	for _, r := range after { // in the order of the key
		k := rowKey(table, r)
		if old, ok := was[strings.Join(k, "\x00")]; !ok {
			keys.Added = append(keys.Added, pointers(k))
		} else if !slices.Equal(old[1:], r[1:]) { // the load date comes first
			keys.Changed = append(keys.Changed, pointers(k))
		}
	}
	for _, r := range before {
		if k := rowKey(table, r); is[strings.Join(k, "\x00")] == nil {
			keys.Removed = append(keys.Removed, pointers(k))
		}
	}
	return keys
}

func rowKey(table datasets.Table, row []string) []string {
	var key []string
	for i, f := range table.Fields {
		for _, k := range table.Key {
			if f.Name == k {
				key = append(key, row[i])
			}
		}
	}
	return key
}

// pointers are the values of a key; an absent one is null.
func pointers(key []string) []*string {
	out := make([]*string, len(key))
	for i := range key {
		if key[i] != "" {
			out[i] = &key[i]
		}
	}
	return out
}

// TestDateOutsideTheCalendarIsSetApart: the engine reads words and years before
// Christ as dates; neither is AAAA-MM-JJ, and one record must not stop the run.
func TestDateOutsideTheCalendarIsSetApart(t *testing.T) {
	t.Parallel()
	for _, day := range []string{"-infinity", "0044-03-15 (BC)", "epoch"} {
		t.Run(day, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, hubtest.Extract(t, map[string][]hubtest.Record{"habilitations": {hubtest.Rec("habilitations", "date_liste="+day)}}))
			b.Thresholds.Quarantine = 1
			res, err := b.Publish(t.Context(), publisher.Request{Dataset: catalogue})
			if err != nil {
				t.Fatal(err)
			}
			if e, _ := res.Report.Entity("habilitations"); e.Quarantined != 1 {
				t.Errorf("date %s published as %s", day, b.rows(t, res.Release)[0]["date_habilitation"])
			}
		})
	}
}

// TestLatestInstantWins: at the end of summer time an hour of the clock happens
// twice; among equal versions the later instant wins, not the later file.
func TestLatestInstantWins(t *testing.T) {
	t.Parallel()
	dir := hubtest.Extract(t, nil)
	for file, text := range map[string][2]string{"part-1.csv": {"later", "2026-10-25T01:30:00Z"}, "part-2.csv": {"earlier", "2026-10-25T00:30:00Z"}} {
		r := hubtest.Rec("formations", "intitule_formation="+text[0], "date_maj="+text[1])
		hubtest.WriteCSV(t, filepath.Join(dir, "formations", file), "formations", []hubtest.Record{r})
	}
	b := newBench(t, dir)
	if got := b.rows(t, b.publish(t).Release)[0]["intitule_formation"]; got != "later" {
		t.Errorf("the %s record won", got)
	}
}

// TestUnknownColumnOfAnyNameIsIgnored: the names that the reading uses itself are
// no exception.
func TestUnknownColumnOfAnyNameIsIgnored(t *testing.T) {
	t.Parallel()
	good := hubtest.Rec("sessions")
	var values []string
	for _, c := range hubtest.Header("sessions") {
		values = append(values, engine.Literal(good[c])+" AS "+c)
	}
	row := strings.TrimSuffix(string(jsonRecords(t, "sessions", []hubtest.Record{good})), "}\n")
	for name, lay := range map[string]func(t *testing.T, dir string){
		"csv": func(t *testing.T, dir string) {
			var line []string
			for _, c := range hubtest.Header("sessions") {
				line = append(line, good[c])
			}
			text := strings.Join(hubtest.Header("sessions"), ",") + ",parvis_rang\n" + strings.Join(line, ",") + ",x\n"
			hubtest.Write(t, filepath.Join(dir, "part-1.csv"), []byte(text))
		},
		"json rank": func(t *testing.T, dir string) {
			hubtest.Write(t, filepath.Join(dir, "part-1.jsonl"), []byte(row+", \"parvis_rang\": \"x\"}\n"))
		},
		"json empty": func(t *testing.T, dir string) {
			hubtest.Write(t, filepath.Join(dir, "part-1.jsonl"), []byte(row+", \"\": \"x\"}\n"))
		},
		"parquet": func(t *testing.T, dir string) {
			q := "COPY (SELECT " + strings.Join(values, ", ") + ", 1 AS file_row_number) TO " + engine.Literal(filepath.Join(dir, "part-1.parquet"))
			if err := openEngine(t).Exec(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := hubtest.Extract(t, nil)
			if err := os.Remove(filepath.Join(dir, "sessions", "part-1.csv")); err != nil {
				t.Fatal(err)
			}
			lay(t, filepath.Join(dir, "sessions"))
			newBench(t, dir).publish(t)
		})
	}
}

// TestRowsOfQuarantineAfterABlankLine: blank lines are no records, whatever the
// engine counts them for.
func TestRowsOfQuarantineAfterABlankLine(t *testing.T) {
	t.Parallel()
	dir := hubtest.Extract(t, nil)
	good, faulty := "S%d,A1,2026-12-01,2027-01-31,false,active,1,C,2026-11-01\n", "S%d,A1,2026-12-01,2027-01-31,false,ouverte,1,C,2026-11-01\n"
	text := strings.Join(hubtest.Header("sessions"), ",") + "\n" + fmt.Sprintf(good, 1) + "\nS2,too,short\n" + fmt.Sprintf(faulty, 3) + fmt.Sprintf(good, 4)
	hubtest.Write(t, filepath.Join(dir, "sessions", "part-1.csv"), []byte(text))
	b := newBench(t, dir)
	b.Thresholds.Quarantine = 1
	list, err := os.ReadFile(b.publish(t).Quarantine)
	if err != nil {
		t.Fatal(err)
	}
	want := "entite,fichier,ligne,regles\nsessions,sessions/part-1.csv,2,unreadable\nsessions,sessions/part-1.csv,3,state_unknown\n"
	if d := gocmp.Diff(want, string(list)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}
