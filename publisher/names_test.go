package publisher_test

import (
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/hub/hubtest"
)

// TestNoTextStopsThePublication: names of everyday words, parted by markup, single
// letters: whatever a provider who opted out is called and writes, the others are
// published, and the name is not.
func TestNoTextStopsThePublication(t *testing.T) {
	for _, c := range []struct{ name, text, gone string }{
		{"ROSE MARIE", "Avec Rose<br>Marie", "Marie"},
		{"PETIT ANNE", "<p>Petit</p><p>Anne</p>", "Anne"},
		{"FORMATION CONSEIL", "<ul><li>Formation</li><li>Conseil</li></ul>", ""},
		{"PERMIS B", "<ul><li>Permis</li><li>B</li></ul>", ""},
		{"A B", "Niveaux A-B. Modules A, B et C", ""},
		{"BIEN ETRE", "Le Bien-Etre, bien être", ""},
		{"ŒUVRARD ZOÉ", "Animé par Zoé Œuvrard", "uvrard"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			other := hubtest.Siret("00040001", 1)
			b := newBench(t, hubtest.Extract(t, map[string][]hubtest.Record{
				"organismes": {hubtest.Rec("organismes"), hubtest.Rec("organismes", "siret="+other, "raison_sociale="+c.name, "personne_physique=true", "statut_diffusion=P")},
				"formations": {hubtest.Rec("formations"), hubtest.Rec("formations", "numero_formation=F2", "siret="+other, "contenu_formation="+c.text)},
				"actions":    {hubtest.Rec("actions"), hubtest.Rec("actions", "numero_action=A2", "numero_formation=F2")},
				"sessions":   {hubtest.Rec("sessions"), hubtest.Rec("sessions", "numero_session=S2", "numero_action=A2")},
			}))
			rows := b.rows(t, b.publish(t).Release)
			if len(rows) != 2 || rows[1]["nom_of"] != "" || c.gone != "" && strings.Contains(rows[1]["contenu_formation"], c.gone) {
				t.Errorf("published %q by %q", rows[1]["contenu_formation"], rows[1]["nom_of"])
			}
		})
	}
}

// TestDoubtAboutOneEstablishmentHidesTheirName: an opposition that cannot be read,
// or that another establishment of the person declares, counts.
func TestDoubtAboutOneEstablishmentHidesTheirName(t *testing.T) {
	a, b2 := hubtest.Siret("00040000", 1), hubtest.Siret("00040000", 2)
	person := func(siret string, changes ...string) hubtest.Record {
		return hubtest.Rec("organismes", append([]string{"siret=" + siret, "raison_sociale=MARTINOVIC ZOE", "personne_physique=true"}, changes...)...)
	}
	for name, providers := range map[string][]hubtest.Record{
		"operation in small letters": {person(a, "statut_diffusion=O"), person(a, "statut_diffusion=P", "version=2", "operation=m")},
		"version that is no number":  {person(a, "statut_diffusion=O"), person(a, "statut_diffusion=P", "version=2.0")},
		"date with a comma":          {person(a, "statut_diffusion=O"), person(a, "statut_diffusion=P", "version=2", "date_maj=2026-11-02,1")},
		"sister establishment":       {person(a, "statut_diffusion=O"), person(b2, "statut_diffusion=P")},
		"faulty sister":              {person(a, "statut_diffusion=O"), person(b2, "statut_diffusion=N")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, hubtest.Extract(t, map[string][]hubtest.Record{
				"organismes": append(providers, hubtest.Rec("organismes", "siret="+hubtest.Siret("00040009", 1))),
				"formations": {hubtest.Rec("formations", "points_forts=Avec Zoé Martinovic"), hubtest.Rec("formations", "numero_formation=F9", "siret="+hubtest.Siret("00040009", 1))},
				"actions":    {hubtest.Rec("actions"), hubtest.Rec("actions", "numero_action=A9", "numero_formation=F9")},
				"sessions":   {hubtest.Rec("sessions"), hubtest.Rec("sessions", "numero_session=S9", "numero_action=A9")},
			}))
			b.Thresholds.Quarantine = 1
			for _, row := range b.rows(t, b.publish(t).Release) {
				if strings.Contains(row["nom_of"]+row["points_forts"], "MARTINOVIC") || strings.Contains(row["points_forts"], "Martinovic") {
					t.Errorf("named: %q, %q", row["nom_of"], row["points_forts"])
				}
			}
		})
	}
}
