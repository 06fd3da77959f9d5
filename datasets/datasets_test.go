package datasets_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/datasets"
)

// catalogue are the columns of the catalogue in the order of the portal that
// serves it today, then ours (published.md, section 1).
const catalogue = `date_extract nom_of nom_departement nom_region type_referentiel code_inventaire code_rncp
intitule_certification libelle_niveau_sortie_formation code_formacode_1 code_formacode_2 code_formacode_3 code_formacode_4
code_formacode_5 libelle_code_formacode_principal code_rome_1 code_rome_2 code_rome_3 code_rome_4 code_rome_5
libelle_nsf_1 libelle_nsf_2 libelle_nsf_3 code_nsf_1 code_nsf_2 code_nsf_3 code_certifinfo siret numero_formation
intitule_formation points_forts objectif_formation contenu_formation resultats_attendus_formation nb_action
nb_session_active nb_session_a_distance nombre_heures_total_min nombre_heures_total_max nombre_heures_total_mean
frais_ttc_tot_min frais_ttc_tot_max frais_ttc_tot_mean code_departement code_region nbaction_nbheures coderegion_export
habilitation date_habilitation`

func load(t *testing.T) []datasets.Dataset {
	t.Helper()
	all, err := datasets.Load()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCatalogueHasTheColumnsThatReusersKnow(t *testing.T) {
	d, ok := datasets.Find(load(t), "moncompteformation_catalogueformation")
	if !ok {
		t.Fatal("no catalogue")
	}
	if diff := cmp.Diff(strings.Fields(catalogue), d.Tables[0].Names()); diff != "" {
		t.Error(diff)
	}
	labels := map[string]string{"date_extract": "date_chargement", "code_inventaire": "code_rs", "siret": "siret_of"}
	for _, f := range d.Tables[0].Fields {
		want := labels[f.Name]
		if want == "" {
			want = f.Name
		}
		if f.Label != want {
			t.Errorf("label of %s: %s, want %s", f.Name, f.Label, want)
		}
		if f.Label != f.Name && !slices.Contains(f.Aliases, f.Label) {
			t.Errorf("label %s of %s is no alias", f.Label, f.Name)
		}
	}
}

func TestSchemaDescribesEveryField(t *testing.T) {
	for _, d := range load(t) {
		b, err := d.Schema()
		if err != nil {
			t.Fatal(err)
		}
		var p struct {
			Resources []struct {
				Name   string
				Schema struct {
					Fields []struct{ Name, Type, Title, Description string }
				}
			}
		}
		if err := json.Unmarshal(b, &p); err != nil {
			t.Fatal(err)
		}
		for i, table := range d.Tables {
			if len(p.Resources[i].Schema.Fields) != len(table.Fields) {
				t.Errorf("%s: %d fields in the schema, %d in the table", table.ID, len(p.Resources[i].Schema.Fields), len(table.Fields))
			}
			for _, f := range p.Resources[i].Schema.Fields {
				if f.Type == "" || f.Title == "" || f.Description == "" {
					t.Errorf("%s.%s: type, title or description missing", table.ID, f.Name)
				}
			}
		}
	}
}
