package hub_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// read reads an extract into a fresh database.
func read(t *testing.T, dir string, o hub.Options) (*engine.DB, *hub.Report) {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{TimeZone: "Europe/Paris", Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	src, err := hub.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if o.AsOf.IsZero() {
		o.AsOf = hubtest.AsOf
	}
	rep, err := hub.Read(t.Context(), db, src, o)
	if err != nil {
		t.Fatal(err)
	}
	return db, rep
}

func rules(e hub.EntityReport) string {
	var ids []string
	for _, r := range e.Rules {
		ids = append(ids, fmt.Sprintf("%s:%d", r.Rule, r.Records))
	}
	return strings.Join(ids, " ")
}

func TestGoodExtractPassesWhole(t *testing.T) {
	_, rep := read(t, hubtest.Extract(t, nil), hub.Options{})
	for _, e := range rep.Entities {
		if e.Read != 1 || e.Kept != 1 || e.Quarantined != 0 {
			t.Errorf("%s: read %d, kept %d, quarantined %d (%s)", e.Entity, e.Read, e.Kept, e.Quarantined, rules(e))
		}
	}
	if len(rep.Refusals) > 0 {
		t.Errorf("refused: %v", rep.Refusals)
	}
	if got := rep.ExtractDate.Format("2006-01-02"); got != "2026-11-01" {
		t.Errorf("date of extract %s", got)
	}
}

// TestEachRule plants one fault at a time and expects the rule that names it.
func TestEachRule(t *testing.T) {
	for _, c := range []struct{ entity, change, want string }{
		{"territoires", "commune=", "key_missing:1"},
		{"territoires", "version=", "version_missing:1"},
		{"territoires", "version=x", "version_missing:1"},
		{"territoires", "operation=X", "operation_unknown:1"},
		{"territoires", "date_maj=", "date_maj_missing:1"},
		{"territoires", "date_maj=hier", "date_maj_missing:1"},
		{"territoires", "commune=6938", "commune_malformed:1"},
		{"territoires", "nom_region=", "territory_incomplete:1"},
		{"certifications", "type_referentiel=RNC", "referentiel_unknown:1"},
		{"certifications", "intitule=", "title_missing:1"},
		{"certifications", "date_fin=31/12/2026", "malformed_date_fin:1"},
		{"organismes", "siret=12345678901234", "siret_invalid:1"},
		{"organismes", "raison_sociale=", "name_missing:1"},
		{"organismes", "statut_diffusion=N", "diffusion_unknown:1"},
		{"organismes", "personne_physique=peut-être", "malformed_personne_physique:1"},
		{"habilitations", "code_certification=900002", "certification_unknown:1"},
		{"habilitations", "date_liste=2040-01-01", "date_far_future:1"},
		{"formations", "siret=" + hubtest.Siret("00040001", 1), "provider_unknown:1"},
		{"formations", "code_certification=900002", "certification_unknown:1"},
		{"formations", "intitule_formation= ", "title_missing:1"},
		{"actions", "numero_formation=F2", "training_unknown:1"},
		{"actions", "commune=69999", "commune_unknown:1"},
		{"actions", "nombre_heures=10000.01", "duration_out_of_range:1"},
		{"actions", "frais_ttc=-1", "amount_negative:1"},
		{"actions", "frais_ttc=1 250,00", "malformed_frais_ttc:1"},
		{"sessions", "numero_action=A2", "action_unknown:1"},
		{"sessions", "etat=ouverte", "state_unknown:1"},
		{"sessions", "date_fin=2026-11-30", "dates_out_of_order:1"},
		{"sessions", "date_debut=2032-01-01", "dates_out_of_order:1 date_far_future:1"},
		{"financements", "type_financeur=mairie", "funder_unknown:1"},
		{"financements", "montant_engage=", "amount_missing:1"},
		{"financements", "montant_engage=-5", "amount_negative:1"},
		{"financements", "montant_engage=10000000.01", "amount_too_large:1"},
		{"financements", "montant_realise=999999999999.99", "amount_too_large:1"},
		{"financements", "id_dossier=D2", "file_unknown:1"},
		{"dossiers", "nir=" + hubtest.Good["dossiers"]["nir"][:13] + "00", "nir_malformed:1"},
		{"dossiers", "nir=180016999012", "nir_malformed:1"},
		{"dossiers", "date_naissance=1981-01-15", "nir_birth_year:1"},
		{"dossiers", "genre=3", "gender_unknown:1"},
		{"dossiers", "situation=XX", "situation_unknown:1"},
		{"dossiers", "csp=9", "csp_unknown:1"},
		{"dossiers", "dispositif=", "scheme_missing:1"},
		{"dossiers", "statut=OUVERT", "status_unknown:1"},
		{"dossiers", "modalite_presence=", "mode_unknown:1"},
		{"dossiers", "date_validation=", "validation_missing:1"},
		{"dossiers", "date_entree=2025-02-01", "dates_out_of_order:1"},
		{"dossiers", "date_cloture=2025-04-15", "dates_out_of_order:1"},
		{"dossiers", "date_cloture=2042-04-15", "date_far_future:1"},
		{"dossiers", "date_cloture=", "status_dates:1"},
		{"dossiers", "statut=VALIDE", "status_dates:1"},
		{"dossiers", "statut=ENTREE", "status_dates:1"},
		{"dossiers", "duree_heures=-1", "duration_out_of_range:1"},
		{"dossiers", "type_referentiel=RS", "certification_unknown:1"},
		{"dossiers", "commune_formation=69999", "commune_unknown:1"},
		{"dossiers", "commune_domicile=69999", "residence_unknown:1"},
		{"dossiers", "organisme_siret=12345678901234", "siret_invalid:1"},
		{"dossiers", "organisme_siret=", "siret_invalid:1"},
		{"dossiers", "financeur_siret=12345678901234", "siret_invalid:1"},
		{"dossiers", "date_entree=avril", "malformed_date_entree:1 status_dates:1"},
		{"dossiers", "qpv=x", "malformed_qpv:1"},
	} {
		t.Run(c.entity+" "+c.change, func(t *testing.T) {
			_, rep := read(t, hubtest.Extract(t, map[string][]hubtest.Record{c.entity: {hubtest.Rec(c.entity, c.change)}}), hub.Options{})
			e, _ := rep.Entity(c.entity)
			if got := rules(e); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if e.Quarantined != 1 || e.Kept != 0 || e.Files[0].Quarantined != 1 {
				t.Errorf("quarantined %d, kept %d", e.Quarantined, e.Kept)
			}
		})
	}
}

func TestGoodVariantsPass(t *testing.T) {
	for _, c := range []struct{ entity, change string }{
		{"organismes", "siret=35600000009075"}, // La Poste: digits add up to 35
		{"dossiers", "nir=" + hubtest.NIR("180012A990123")},
		{"dossiers", "nir=" + hubtest.NIR("180202B990123")},
		{"dossiers", "nir="},
		{"dossiers", "commune_domicile=99109"},
		{"dossiers", "commune_domicile="},
		{"dossiers", "commune_formation="},
		{"dossiers", "duree_heures="},
		{"dossiers", "csp="},
		{"dossiers", "type_referentiel="},
		{"dossiers", "date_validation=2025-03-01 12:30:00"},
		{"actions", "commune="},
		{"actions", "nombre_heures=0"},
	} {
		t.Run(c.entity+" "+c.change, func(t *testing.T) {
			_, rep := read(t, hubtest.Extract(t, map[string][]hubtest.Record{c.entity: {hubtest.Rec(c.entity, c.change)}}), hub.Options{})
			e, _ := rep.Entity(c.entity)
			if e.Kept != 1 {
				t.Errorf("set apart by %q", rules(e))
			}
		})
	}
}

func TestPersonWithoutNIRNorIdentityIsMissing(t *testing.T) {
	_, rep := read(t, hubtest.Extract(t, map[string][]hubtest.Record{"dossiers": {hubtest.Rec("dossiers", "nir=", "prenoms=")}}), hub.Options{})
	e, _ := rep.Entity("dossiers")
	if got := rules(e); got != "person_missing:1" {
		t.Errorf("got %q", got)
	}
}

func TestFaultyFundingTakesItsFileAlong(t *testing.T) {
	_, rep := read(t, hubtest.Extract(t, map[string][]hubtest.Record{"financements": {
		hubtest.Rec("financements"), hubtest.Rec("financements", "type_financeur=opco", "montant_engage=-3"),
	}}), hub.Options{})
	f, _ := rep.Entity("financements")
	d, _ := rep.Entity("dossiers")
	if rules(f) != "amount_negative:1 file_in_quarantine:1" || rules(d) != "funding_faulty:1" {
		t.Errorf("financements %q, dossiers %q", rules(f), rules(d))
	}
}

func TestFileWithoutFundingIsNotCPF(t *testing.T) {
	for change, want := range map[string]string{"dispositif=CPF": "cpf_without_amount:1", "dispositif=PRF": ""} {
		_, rep := read(t, hubtest.Extract(t, map[string][]hubtest.Record{
			"financements": {}, "dossiers": {hubtest.Rec("dossiers", change)},
		}), hub.Options{})
		d, _ := rep.Entity("dossiers")
		if got := rules(d); got != want {
			t.Errorf("%s: got %q, want %q", change, got, want)
		}
	}
}
