package explore_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// TestSearchFollowsTheServedRelease publishes, and withdraws what was published, while
// somebody searches: no search fails, and what was withdrawn leaves the disk.
func TestSearchFollowsTheServedRelease(t *testing.T) {
	s := newShop(t, catalogue)
	defer s.end()
	first := s.served(t, catalogue).Release
	const query = "/api/v1/search?sort=-prix&per_page=1"
	dearest := func() (release string, price any) {
		a := s.get(t, query)
		v := a.json(t) // of status 200
		if a.Header.Get("X-Release") != at(v, "release") {
			t.Errorf("%v and %v", a.Header.Get("X-Release"), at(v, "release"))
		}
		return a.Header.Get("X-Release"), at(v, "hits", 0, "frais_ttc_tot_max")
	}
	until := func(release string, price float64) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
			got, dear := dearest()
			if got == release {
				if dear != price {
					t.Errorf("release %s has a price of %v, want %v", got, dear, price)
				}
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s is still searched", got)
			}
		}
	}
	until(first, 2400.5)
	s.change = func(all map[string][]hubtest.Record) {
		all["actions"][0]["frais_ttc"] = "9999.00"
		for _, rows := range all {
			for _, r := range rows {
				r["date_maj"] = "2026-11-21T10:00:00"
			}
		}
	}
	s.publish(t, instant.Add(24*time.Hour), catalogue)
	second := s.served(t, catalogue).Release
	until(second, 9999)
	if _, served, err := release.NewArchive(s.store).Withdraw(t.Context(), catalogue, second, "une adresse est restée", time.Now()); err != nil || served != first {
		t.Fatalf("%s, %v", served, err)
	}
	until(first, 2400.5)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		kept, err := os.ReadDir(filepath.Join(s.dir, "indexes"))
		check(t, err)
		if len(kept) == 1 && strings.HasPrefix(kept[0].Name(), first) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("on the disk are %v", kept)
		}
	}
	if got, _ := dearest(); got != first {
		t.Errorf("%s is searched", got)
	}
	if a := s.get(t, "/readyz"); a.StatusCode != http.StatusOK || !strings.Contains(string(a.body), `{"name":"search","status":"ok","release":"`+first+`"}`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}
