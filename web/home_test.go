package web_test

import (
	"encoding/json"
	"testing"

	"github.com/parvis-opendata/parvis/web"
	"github.com/parvis-opendata/parvis/web/ask"
)

// TestFirstPageSaysWhatIsALowerBound: where départements are secret, so are some entries.
func TestFirstPageSaysWhatIsALowerBound(t *testing.T) {
	var users web.Offer
	users.ID = "moncompteformation_usagers"
	for known, says := range map[string]string{"102": "entrées au 3e trimestre 2026, au moins", "103": "!au moins"} {
		rows := []ask.Row{{"trimestre": "2026-T3", "nb_dossiers": json.Number("14565"), "n": json.Number("103"), "k": json.Number(known)}}
		page, err := site(t).Home(web.Frame{}, web.Home{Offers: []web.Offer{users}, Answers: map[string][]ask.Row{"trimestres": rows}})
		if err != nil {
			t.Fatal(err)
		}
		has(t, string(page), "14\u202f565", says)
	}
}
