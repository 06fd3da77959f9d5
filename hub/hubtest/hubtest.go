// Package hubtest makes small extracts of the hub for tests: one good record of
// each entity, and whatever a test changes in them. Nobody in them is real.
package hubtest

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/objects"
)

// AsOf is the as-of date of the tests, after every record of a good extract.
var AsOf = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

// Record is a row of an extract by column; what it lacks is taken from the good
// Record of its entity.
type Record map[string]string

// Good holds one faultless record of each entity.
var Good = map[string]Record{
	"territoires": {"commune": "69381", "nom_commune": "Lyon 1er", "code_departement": "69", "nom_departement": "Rhône", "code_region": "84", "nom_region": "Auvergne-Rhône-Alpes"},
	"certifications": {"type_referentiel": "RNCP", "code_certification": "900001", "code_certifinfo": "900001", "intitule": "Titre",
		"libelle_niveau": "NIVEAU 5", "code_nsf_1": "326", "libelle_nsf_1": "Informatique", "active": "true"},
	"organismes":    {"siret": Siret("00040000", 1), "raison_sociale": "ORGANISME UN", "personne_physique": "false", "statut_diffusion": "O", "qualiopi": "true"},
	"habilitations": {"type_referentiel": "RNCP", "code_certification": "900001", "siret": Siret("00040000", 1), "date_liste": "2026-01-15"},
	"formations": {"numero_formation": "F1", "siret": Siret("00040000", 1), "intitule_formation": "Formation", "type_referentiel": "RNCP",
		"code_certification": "900001", "code_certifinfo": "900001"},
	"actions":      {"numero_action": "A1", "numero_formation": "F1", "commune": "69381", "nombre_heures": "35", "frais_ttc": "1000.00"},
	"sessions":     {"numero_session": "S1", "numero_action": "A1", "date_debut": "2026-12-01", "date_fin": "2027-01-31", "a_distance": "false", "etat": "active"},
	"financements": {"id_dossier": "D1", "type_financeur": "titulaire", "montant_engage": "1000.00", "montant_realise": "500.00"},
	"dossiers": {"id_dossier": "D1", "nir": NIR("1800169990123"), "nom_naissance": "ALPHANOM", "prenoms": "Betaprenom", "date_naissance": "1980-01-15", "genre": "1",
		"commune_domicile": "69381", "situation": "SA", "csp": "3", "qpv": "false", "dispositif": "CPF", "financeur_siret": Siret("00040000", 1),
		"statut": "CLOS_TOTAL", "date_validation": "2025-03-01", "date_entree": "2025-04-01", "date_sortie": "2025-05-01", "date_cloture": "2025-06-01",
		"type_referentiel": "RNCP", "code_certification": "900001", "code_certifinfo": "900001", "organisme_siret": Siret("00040000", 1),
		"numero_formation": "F1", "commune_formation": "69381", "modalite_presence": "PRESENTIEL", "duree_heures": "35"},
}

// Siret completes eight digits and an establishment number with the keys of Luhn.
func Siret(stem string, nic int) string {
	siren := stem + luhnKey(stem)
	head := siren + fmt.Sprintf("%04d", nic)
	return head + luhnKey(head)
}

func luhnKey(head string) string {
	sum := 0
	for i := range len(head) {
		d := int(head[len(head)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return strconv.Itoa((10 - sum%10) % 10)
}

// NIR completes thirteen characters with their key.
func NIR(head string) string {
	digits := strings.NewReplacer("2A", "19", "2B", "18").Replace(head)
	var n int64
	for _, c := range digits {
		n = n*10 + int64(c-'0')
	}
	return head + fmt.Sprintf("%02d", 97-n%97)
}

// Rec returns the good record of an entity with the given changes
// ("column=value").
func Rec(entity string, changes ...string) Record {
	r := Record{"version": "1", "operation": "C", "date_maj": "2026-11-01T10:00:00"}
	for k, v := range Good[entity] {
		r[k] = v
	}
	for _, c := range changes {
		k, v, _ := strings.Cut(c, "=")
		r[k] = v
	}
	return r
}

// Header returns the columns of an entity.
func Header(entity string) []string {
	for _, e := range hub.Entities() {
		if e.Name == entity {
			var names []string
			for _, c := range e.Columns {
				names = append(names, c.Name)
			}
			return names
		}
	}
	return nil
}

// Extract writes a CSV extract with the good record of each entity, or the given
// ones, and returns its directory.
func Extract(t *testing.T, records map[string][]Record) string {
	t.Helper()
	dir := t.TempDir()
	for entity := range Good {
		rows, ok := records[entity]
		if !ok {
			rows = []Record{Rec(entity)}
		}
		WriteCSV(t, filepath.Join(dir, entity, "part-1.csv"), entity, rows)
	}
	return dir
}

// WriteCSV writes a file of records; the columns that a record lacks are empty.
func WriteCSV(t testing.TB, path, entity string, rows []Record) {
	t.Helper()
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	cols := Header(entity)
	_ = w.Write(cols)
	for _, r := range rows {
		line := make([]string, len(cols))
		for i, c := range cols {
			line[i] = r[c]
		}
		_ = w.Write(line)
	}
	w.Flush()
	Write(t, path, buf.Bytes())
}

// Write writes a file, and the folders above it.
func Write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// store is what [Upload] needs of object storage.
type store interface {
	Put(ctx context.Context, name string, body io.Reader, size int64) (objects.Info, error)
}

// Upload puts the files of an extract into object storage.
func Upload(t *testing.T, s store, dir string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			_, err = s.Put(t.Context(), name, bytes.NewReader(data), int64(len(data)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
