package search_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/internal/search"
)

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"":                              "",
		"q=cap boulanger":               "q=cap+boulanger",
		"q=cap ":                        "q=cap+", // the word is ended
		"region=84&region=11&region=":   "region=11&region=84",
		"departement=2a&departement=2A": "departement=2A",
		"prix_max=1500.00&heures_max=":  "prix_max=1500",
		"sort=pertinence&page=1":        "",
		"sort=-prix&page=3&per_page=20": "page=3&sort=-prix",
		"per_page=50&niveau=5&referentiel=RNCP&nsf=326&a_distance=true&habilitation=habilité": "a_distance=true&habilitation=habilit%C3%A9&niveau=5&nsf=326&per_page=50&referentiel=RNCP",
		"q=" + strings.Repeat("é", 300): "q=" + strings.Repeat("%C3%A9", 200),
	} {
		values, err := url.ParseQuery(strings.ReplaceAll(address, " ", "%20"))
		if err != nil {
			t.Fatal(err)
		}
		q, err := search.Read(values)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if got := q.Values().Encode(); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
		again, err := search.Read(q.Values())
		if diff := cmp.Diff(q, again); err != nil || diff != "" {
			t.Errorf("%s: read again: %v\n%s", address, err, diff)
		}
	}
	for _, address := range []string{"page=0", "page=x", "page=51", "per_page=101", "per_page=0", "sort=intitule", "prix_max=NaN", "prix_max=Inf", "heures_max=beaucoup", "page=99999999999999999999"} {
		values, err := url.ParseQuery(address)
		if err != nil {
			t.Fatal(err)
		}
		if q, err := search.Read(values); !errors.Is(err, search.ErrQuery) {
			t.Errorf("%s: %+v, %v", address, q, err)
		}
	}
}
