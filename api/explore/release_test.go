package explore_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// data are addresses of every kind of answer.
var data = []string{
	base + "/datasets", base + "/exports", base + "/exports/csv", base + "/facets", base + "/datasets/" + catalogue, records, exports, exports + "/csv", exports + "/xlsx",
	exports + "/parquet", exports + "/csv?delimiter=,&with_bom=false", facets, base + "/datasets/" + catalogue + "/attachments",
	"/api/records/1.0/search?dataset=" + catalogue, "/api/records/1.0/analyze?x=siret&dataset=" + catalogue, "/explore/dataset/" + catalogue + "/download",
}

func TestValidators(t *testing.T) {
	s := open(t)
	for _, address := range data {
		first := s.get(t, address)
		tag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
		if first.StatusCode != http.StatusOK || !strings.HasPrefix(tag, `"`) || modified != "Sun, 22 Nov 2026 06:00:00 GMT" || first.Header.Get("X-Release") == "" ||
			first.Header.Get("Cache-Control") != "public, max-age=60, s-maxage=60, must-revalidate" {
			t.Errorf("%s: %d %v", address, first.StatusCode, first.Header)
		}
		if first.Header.Get("Content-Location") == "" && !strings.Contains(first.Header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s: Vary %q", address, first.Header.Values("Vary"))
		}
		for _, condition := range []string{"If-None-Match: " + tag, "If-None-Match: W/" + tag + `, "x"`, "If-Modified-Since: " + modified} {
			a := s.get(t, address, condition)
			if a.StatusCode != http.StatusNotModified || len(a.body) > 0 || a.Header.Get("ETag") != tag || a.Header.Get("X-Release") == "" {
				t.Errorf("%s, %s: %d %v", address, condition, a.StatusCode, a.Header)
			}
		}
		for _, condition := range []string{`If-None-Match: "x"`, "If-Modified-Since: Sun, 22 Nov 2026 05:59:59 GMT", "If-Match: " + tag} {
			if a := s.get(t, address, condition); a.StatusCode != http.StatusOK || a.Header.Get("ETag") != tag {
				t.Errorf("%s, %s: %d", address, condition, a.StatusCode)
			}
		}
		s.get(t, address, `If-Match: "x"`).fault(t, 412, "PreconditionFailed")
		head := do(t, s.Server, http.MethodHead, address)
		if head.StatusCode != http.StatusOK || len(head.body) > 0 || head.Header.Get("ETag") != tag || head.Header.Get("Content-Type") != first.Header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d %v", address, head.StatusCode, head.Header)
		}
	}
}

// TestTagsTellQueriesApart: spellings of one query have one tag, other queries others.
func TestTagsTellQueriesApart(t *testing.T) {
	s := open(t)
	tag := func(parameters ...string) string {
		t.Helper()
		a := s.get(t, ask(records, parameters...))
		if a.StatusCode != http.StatusOK {
			t.Fatalf("%s", a.body)
		}
		return a.Header.Get("ETag")
	}
	one := tag("select=siret , nom_of", "where=code_region='11' and nb_action>0", "limit=10")
	if same := tag("limit=10", "offset=0", "select=siret,nom_of", "where=code_region = \"11\"", "where=nb_action > 0", "unknown=1"); same != one {
		t.Errorf("%s, %s", one, same)
	}
	seen := map[string]string{}
	for _, parameters := range []string{
		"", "limit=11", "offset=1", "select=siret", "where=nb_action>0", "where=nb_action>1", "refine=code_region:11", "exclude=code_region:11", "order_by=siret", "order_by=siret desc",
		"include_links=true", "include_app_metas=true", "timezone=Europe/Paris", "lang=en", "group_by=siret",
	} {
		got := tag(strings.Split(parameters, "&")...)
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q have the same tag", parameters, other)
		}
		seen[got] = parameters
	}
	packed := s.get(t, records, "Accept-Encoding: gzip")
	if seen[packed.Header.Get("ETag")] != "" || packed.Header.Get("Content-Encoding") != "gzip" || string(unpack(t, packed.body)) != string(s.get(t, records).body) {
		t.Errorf("%v", packed.Header)
	}
	if a := s.get(t, records, "Accept-Encoding: gzip", "If-None-Match: "+packed.Header.Get("ETag")); a.StatusCode != http.StatusNotModified {
		t.Error(a.StatusCode)
	}
	zipped := s.get(t, records, "Accept-Encoding: gzip, deflate, br, zstd")
	if z, err := zstd.NewReader(bytes.NewReader(zipped.body)); err != nil || zipped.Header.Get("Content-Encoding") != "zstd" || zipped.Header.Get("ETag") == packed.Header.Get("ETag") {
		t.Errorf("%v %v", err, zipped.Header)
	} else if text, err := io.ReadAll(z); err != nil || !bytes.Equal(text, s.get(t, records).body) {
		t.Errorf("%v: %s", err, text)
	}
	s.get(t, records, "Accept-Encoding: br, identity;q=0").fault(t, 406, "NotAcceptable")
}

// TestReleases publishes twice, pins both releases, and withdraws one.
func TestReleases(t *testing.T) {
	s := newShop(t, catalogue)
	defer s.end()
	first := s.served(t, catalogue).Release
	query := []string{"select=count(*) as n", "where=frais_ttc_tot_mean > 9000"}
	before := s.get(t, ask(records, query...))
	s.change = func(all map[string][]hubtest.Record) {
		for _, r := range all["actions"][:3] {
			r["frais_ttc"] = "9999.00"
		}
		for _, rows := range all {
			for _, r := range rows {
				r["date_maj"] = "2026-11-21T10:00:00"
			}
		}
	}
	s.publish(t, instant.Add(24*time.Hour), catalogue)
	second := s.served(t, catalogue).Release
	for deadline := time.Now().Add(time.Minute); s.get(t, records).Header.Get("X-Release") != second; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%+v", s.library.State())
		}
	}
	after := s.get(t, ask(records, query...))
	same(t, after.json(t), `{"total_count":3,"results":[{"n":3}]}`)
	if before.Header.Get("ETag") == after.Header.Get("ETag") {
		t.Error("two releases have one tag")
	}
	pinned := s.get(t, ask(records, append(query, "release="+first)...))
	same(t, pinned.json(t), `{"total_count":0,"results":[{"n":0}]}`)
	if h := pinned.Header; h.Get("X-Release") != first || h.Get("Cache-Control") != "public, max-age=600, s-maxage=600" || h.Get("X-Ignored-Parameters") != "" {
		t.Errorf("%v", h)
	}
	for _, address := range []string{exports + "/csv", exports + "/csv?delimiter=,&with_bom=false", facets, base + "/datasets/" + catalogue, "/explore/dataset/" + catalogue + "/download"} {
		separator := "?"
		if strings.Contains(address, "?") {
			separator = "&"
		}
		if a := s.get(t, address+separator+"release="+first); a.Header.Get("X-Release") != first || a.Header.Get("Cache-Control") != "public, max-age=600, s-maxage=600" {
			t.Errorf("%s: %d %v", address, a.StatusCode, a.Header)
		}
	}
	s.get(t, ask(records, "release=20200101T000000Z-00000000")).fault(t, 404, "NotFoundResource")
	s.get(t, ask(records, "release=hier")).fault(t, 404, "NotFoundResource")
	if at(s.get(t, base+"/datasets/"+catalogue+"?release="+first).json(t), "metas", "custom", "release") != first {
		t.Error("the description is of another release")
	}
	if _, _, err := release.NewArchive(s.store).Withdraw(t.Context(), catalogue, first, "une adresse est restée", time.Now()); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		a := s.get(t, ask(records, "release="+first))
		if a.StatusCode == http.StatusGone {
			if m := a.fault(t, 410, "GoneRelease"); !strings.Contains(m, "Motif : une adresse est restée.") || !strings.Contains(m, second) {
				t.Error(m)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the release is still served: " + fmt.Sprint(a.StatusCode))
		}
	}
}

// TestAFinalSlashIsAccepted on every address.
func TestAFinalSlashIsAccepted(t *testing.T) {
	s := open(t)
	for _, address := range data {
		path, query, _ := strings.Cut(address, "?")
		with := s.get(t, path+"/?"+query)
		without := s.get(t, path+"?"+query)
		if with.StatusCode != http.StatusOK || string(with.body) != string(without.body) {
			t.Errorf("%s: %d", address, with.StatusCode)
		}
	}
}
