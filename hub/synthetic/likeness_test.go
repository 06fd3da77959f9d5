package synthetic_test

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/hub/synthetic"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// TestLooksLikeFrance measures an extract of the size of the demo.
func TestLooksLikeFrance(t *testing.T) {
	dir := generate(t, synthetic.Options{Dossiers: 200_000, Formations: 20_000, Seed: 1, Certifications: 300})
	db, _ := read(t, dir, until)
	for _, c := range []struct {
		what, sql string
		low, high float64
	}{
		{"files kept", "SELECT count(*) / 200000.0 FROM hub.dossiers", 0.97, 0.996},
		{"CPF", "SELECT avg((dispositif = 'CPF')::INT) FROM hub.dossiers", 0.78, 0.82},
		{"NIR absent", "SELECT avg((nir IS NULL)::INT) FROM " + parquet(dir, "dossiers"), 0.28, 0.32},
		{"persons per file", "SELECT count(DISTINCT identite) / count(*) FROM hub.dossiers", 0.58, 0.66},
		{"persons with several files", "SELECT avg((n > 1)::INT) FROM (SELECT count(*) AS n FROM hub.dossiers GROUP BY identite)", 0.3, 0.6},
		{"women", "SELECT avg((genre = '2')::INT) FROM hub.dossiers", 0.45, 0.58},
		{"women among secretaries", "SELECT avg((genre = '2')::INT) FROM hub.dossiers JOIN hub.certifications USING (type_referentiel, code_certification) WHERE code_nsf_1 = '324'", 0.85, 0.95},
		{"duration unknown", "SELECT avg((duree_heures IS NULL)::INT) FROM hub.dossiers", 0.11, 0.13},
		{"living abroad", "SELECT avg(starts_with(commune_domicile, '99')::INT) FROM hub.dossiers", 0.004, 0.006},
		{"former communes", "SELECT avg((commune_domicile NOT IN (SELECT commune FROM hub.territoires) AND NOT starts_with(commune_domicile, '99'))::INT) FROM hub.dossiers", 0.001, 0.03},
		{"same département", "SELECT avg((h.code_departement = l.code_departement)::INT) FROM hub.dossiers d JOIN hub.communes h ON h.commune = commune_domicile JOIN hub.communes l ON l.commune = commune_formation", 0.65, 0.85},
		{"August against October", "SELECT count(*) FILTER (month(date_validation) = 8) / count(*) FILTER (month(date_validation) = 10) FROM hub.dossiers", 0.3, 0.6},
		{"fundings per file", "SELECT count(*) / count(DISTINCT id_dossier) FROM hub.financements", 1.4, 2},
		{"mean price", "SELECT avg(p) FROM (SELECT sum(montant_engage) AS p FROM hub.financements GROUP BY id_dossier)", 1200, 2500},
		{"paid by holders", "SELECT sum(montant_engage) FILTER (type_financeur = 'titulaire') / sum(montant_engage) FROM hub.financements", 0.05, 0.25},
		{"realised above engaged", "SELECT count(*) FROM hub.financements WHERE montant_realise > montant_engage", 0, 0},
		{"fundings declared twice", "SELECT avg((n > 1)::INT) FROM (SELECT count(*) AS n FROM " + parquet(dir, "financements") + " GROUP BY id_dossier, type_financeur, version)", 0.003, 0.007},
		{"remote places", "SELECT avg((commune IS NULL)::INT) FROM (SELECT DISTINCT numero_formation, left(commune, 2) AS commune FROM hub.actions JOIN hub.sessions USING (numero_action) WHERE etat = 'active')", 0.19, 0.25},
		{"trainings without open session", "SELECT avg((NOT ouverte)::INT) FROM (SELECT bool_or(etat = 'active') AS ouverte FROM hub.actions JOIN hub.sessions USING (numero_action) GROUP BY numero_formation)", 0.04, 0.08},
		{"natural persons", "SELECT avg(personne_physique::INT) FROM hub.organismes", 0.05, 0.11},
		{"of them opposed to diffusion", "SELECT avg((statut_diffusion = 'P')::INT) FROM hub.organismes WHERE personne_physique", 0.2, 0.4},
		{"establishments per enterprise", "SELECT count(*) / count(DISTINCT left(siret, 9)) FROM hub.organismes", 1.05, 1.3},
		{"not on the list of the certifier", `SELECT avg((h.siret IS NULL)::INT) FROM hub.formations f JOIN (SELECT DISTINCT code_certification FROM hub.habilitations) USING (code_certification)
			LEFT JOIN hub.habilitations h ON h.code_certification = f.code_certification AND h.siret = f.siret`, 0.1, 0.4},
		{"HTML", "SELECT avg((contenu_formation LIKE '%<%' OR contenu_formation LIKE '%&lt;%')::INT) FROM hub.formations", 0.5, 0.7},
		{"length of contents", "SELECT avg(length(contenu_formation)) FROM hub.formations", 500, 2000},
		{"files of a training on offer", "SELECT avg((numero_formation IN (SELECT numero_formation FROM hub.formations))::INT) FROM " + parquet(dir, "dossiers"), 0.8, 1},
		{"large cells", `SELECT avg((n > 5)::INT) FROM (SELECT count(DISTINCT identite) AS n FROM hub.dossiers JOIN hub.communes ON commune = commune_formation
			WHERE dispositif = 'CPF' AND code_certifinfo = '54664' AND date_validation < DATE '2026-11-01' GROUP BY date_trunc('month', date_validation), code_region)`, 0.7, 1},
		{"secret cells", `SELECT avg((n <= 5)::INT) FROM (SELECT count(DISTINCT identite) AS n FROM hub.dossiers JOIN hub.communes ON commune = commune_formation
			WHERE dispositif = 'CPF' GROUP BY date_trunc('month', date_validation), code_certifinfo, code_region)`, 0.5, 0.98},
		{"persons with two identities", "SELECT count(*) FROM (SELECT personne FROM hub.dossiers GROUP BY personne HAVING count(DISTINCT identite) > 1)", 0, 0},
		{"identities with two NIR", "SELECT count(*) FROM (SELECT identite FROM hub.dossiers JOIN " + parquet(dir, "dossiers") + " p USING (id_dossier) WHERE nir IS NOT NULL GROUP BY identite HAVING count(DISTINCT nir) > 1)", 0, 4},
		{"spellings of a name", "SELECT avg(n) FROM (SELECT count(DISTINCT nom_naissance) AS n FROM " + parquet(dir, "dossiers") + " WHERE nir IS NOT NULL GROUP BY nir HAVING count(*) > 3)", 1.5, 4},
	} {
		var got float64
		if err := db.Row(t.Context(), "SELECT ("+c.sql+")::DOUBLE", []any{&got}); err != nil {
			t.Errorf("%s: %v", c.what, err)
		} else if got < c.low || got > c.high {
			t.Errorf("%s: %.4f, want %v to %v", c.what, got, c.low, c.high)
		}
	}
	fiction(t, db, dir)
}

// fiction checks that no identifier can be anyone's.
func fiction(t *testing.T, db *engine.DB, dir string) {
	t.Helper()
	for what, sql := range map[string]string{
		"SIRET of a provider":       "FROM " + parquet(dir, "organismes") + " WHERE substr(siret, 1, 8) NOT BETWEEN '00040000' AND '00139999'",
		"SIRET of a training":       "FROM " + parquet(dir, "formations") + " WHERE substr(siret, 1, 8) NOT BETWEEN '00040000' AND '00139999'",
		"SIRET of a file":           "FROM " + parquet(dir, "dossiers") + " WHERE substr(organisme_siret, 1, 8) NOT BETWEEN '00040000' AND '00139999' OR substr(financeur_siret, 1, 8) NOT BETWEEN '00040000' AND '00139999'",
		"SIRET of a list":           "FROM " + parquet(dir, "habilitations") + " WHERE substr(siret, 1, 8) NOT BETWEEN '00040000' AND '00139999'",
		"commune of birth in a NIR": "FROM " + parquet(dir, "dossiers") + " WHERE substr(nir, 8, 3) NOT BETWEEN '991' AND '999'",
		"département of a town with a thousand births a month": "FROM " + parquet(dir, "dossiers") + ` WHERE substr(nir, 6, 2) IN ('13', '31', '33', '34', '35', '38', '44', '59', '67', '69', '75', '92', '93')`,
	} {
		if n, err := db.Count(t.Context(), "SELECT count(*) "+sql); err != nil || n != 0 {
			t.Errorf("%s: %d could be real (%v)", what, n, err)
		}
	}
	checkTexts(t, db, dir)
}

var (
	emails = regexp.MustCompile(`[\w.]+@[\w.-]+\w`)
	phones = regexp.MustCompile(`(?:\+33 ?|\b0)[1-9](?:[ .-]?\d{2}){4}\b`)
	ibans  = regexp.MustCompile(`\bFR\d{2}[ \d]{10,}`)
	nirs   = regexp.MustCompile(`\b[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d{2} ?\d{3} ?\d{3} ?\d{2}\b`)
)

// checkTexts looks for personal data in the texts: they are there, and none is real.
func checkTexts(t *testing.T, db *engine.DB, dir string) {
	t.Helper()
	found := map[string]int{}
	err := db.Texts(t.Context(), "SELECT points_forts FROM "+parquet(dir, "formations")+" WHERE points_forts IS NOT NULL", 1, func(row []engine.Text) error {
		text := html.UnescapeString(html.UnescapeString(row[0].String))
		for _, m := range emails.FindAllString(text, -1) {
			found["e-mail"]++
			if !strings.HasSuffix(m, ".example") {
				return fmt.Errorf("e-mail %s", m)
			}
		}
		for _, m := range nirs.FindAllString(text, -1) {
			found["NIR"]++
			if digits := strings.ReplaceAll(m, " ", ""); digits[7:10] < "991" {
				return fmt.Errorf("NIR %s", m)
			}
		}
		for _, m := range ibans.FindAllString(text, -1) {
			found["IBAN"]++
			if !strings.HasPrefix(strings.ReplaceAll(m, " ", "")[4:], "99999") {
				return fmt.Errorf("IBAN %s", m)
			}
			text = strings.Replace(text, m, "", 1)
		}
		for _, m := range phones.FindAllString(text, -1) {
			found["telephone"]++
			digits := strings.NewReplacer("+33", "0", " ", "", ".", "", "-", "").Replace(m)
			switch digits[:6] {
			case "019900", "026191", "035301", "046571", "053649", "063998":
			default:
				return fmt.Errorf("telephone %s", m)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	for kind, least := range map[string]int{"e-mail": 100, "NIR": 10, "IBAN": 10, "telephone": 100} {
		if found[kind] < least {
			t.Errorf("%s in %d texts, want at least %d", kind, found[kind], least)
		}
	}
}
