package portal_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/web/webtest"
)

const engagees = "moncompteformation_formations_engagees"

// stand is a server over a store that holds a publication of the offer and of the
// purchases, whose tables can be asked.
type stand struct {
	*httptest.Server
	all []datasets.Dataset
}

func newStand(t *testing.T) *stand {
	t.Helper()
	store, err := objects.OpenDir(t.TempDir())
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	all, err := datasets.Load()
	must(t, err)
	source, err := hub.OpenDir(extract(t))
	must(t, err)
	profile, err := anonymize.EmbeddedProfile("standard")
	must(t, err)
	p := publisher.Publisher{
		Datasets: all, Hub: source, Store: store, Profile: profile, WorkDir: t.TempDir(), Thresholds: hub.DefaultThresholds(), Zone: time.UTC,
		Threads: 1, Version: "test", Log: quiet, Now: func() time.Time { return time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC) },
	}
	for _, id := range []string{catalogue, engagees} {
		_, err := p.Publish(t.Context(), publisher.Request{Dataset: id})
		must(t, err)
	}
	library, err := serving.Open(t.Context(), serving.Options{Store: store, Datasets: all, Dir: t.TempDir(), MemoryLimit: "512MB", Threads: 1, Log: quiet, Now: time.Now})
	must(t, err)
	t.Cleanup(func() { _ = library.Close() })
	for _, id := range []string{catalogue, engagees} {
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
			l, err := library.Acquire(t.Context(), id, serving.Latest)
			if err == nil {
				l.Release()
				break
			}
			if time.Now().After(deadline) {
				t.Fatal(err)
			}
		}
	}
	slices.Reverse(all) // what is not published comes first
	server, err := api.New(api.Options{Store: store, Datasets: all, Version: "test", Now: time.Now, Log: quiet, Library: library, Scratch: t.TempDir()})
	must(t, err)
	s := &stand{httptest.NewServer(server), all}
	t.Cleanup(s.Close)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// extract writes twelve trainings, and purchases of two months, of which one is of too few
// persons in each département but one.
func extract(t *testing.T) string {
	t.Helper()
	all := map[string][]hubtest.Record{"territoires": {
		hubtest.Rec("territoires"),
		hubtest.Rec("territoires", "commune=75101", "nom_commune=Paris 1er", "code_departement=75", "nom_departement=Paris", "code_region=11", "nom_region=Île-de-France"),
	}}
	places := []string{"69381", "75101", ""}
	for i := range 12 {
		mode := fmt.Sprintf("a_distance=%t", places[i%3] == "")
		all["formations"] = append(all["formations"], hubtest.Rec("formations", fmt.Sprintf("numero_formation=F%02d", i), fmt.Sprintf("intitule_formation=Formation <b>numéro</b> %d", i)))
		all["actions"] = append(all["actions"], hubtest.Rec("actions", fmt.Sprintf("numero_action=A%02d", i), fmt.Sprintf("numero_formation=F%02d", i), "commune="+places[i%3], fmt.Sprintf("frais_ttc=%d.50", 100*(i+1))))
		all["sessions"] = append(all["sessions"], hubtest.Rec("sessions", fmt.Sprintf("numero_session=S%02d", i), fmt.Sprintf("numero_action=A%02d", i), mode))
	}
	for month, of := range map[string][]string{"2025-03": places, "2025-04": {"69381", "69381", "69381", "69381", "69381", "69381", "69381", "69381", "69381", "75101"}} {
		for i := range 30 {
			id := fmt.Sprintf("D%s-%d", month, i)
			all["dossiers"] = append(all["dossiers"], hubtest.Rec("dossiers", "id_dossier="+id, "nir="+hubtest.NIR(fmt.Sprintf("1800169990%03d", i)),
				fmt.Sprintf("nom_naissance=NOM%c%c", 'A'+i/26, 'A'+i%26), "date_validation="+month+"-15", "date_entree="+month+"-20", "date_sortie="+month+"-25", "date_cloture="+month+"-28",
				"commune_formation="+of[i%len(of)]))
			all["financements"] = append(all["financements"], hubtest.Rec("financements", "id_dossier="+id, "montant_engage=1000.00", "montant_realise=500.00"))
		}
	}
	dir := t.TempDir()
	for entity := range hubtest.Good {
		rows, ok := all[entity]
		if !ok {
			rows = []hubtest.Record{hubtest.Rec(entity)}
		}
		hubtest.WriteCSV(t, filepath.Join(dir, entity, "part-1.csv"), entity, rows)
	}
	return dir
}

// read asks for an address, and wants it answered.
func (s *stand) read(t *testing.T, address string) string {
	t.Helper()
	if !strings.HasPrefix(address, "http") {
		address = s.URL + address
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	must(t, err)
	resp, err := s.Client().Do(request)
	must(t, err)
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	must(t, resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", address, resp.StatusCode, body)
	}
	return string(body)
}

// TestDatasetPages looks at the pages of what was really published.
func TestDatasetPages(t *testing.T) {
	s := newStand(t)
	t.Run("whole and small", s.wholeAndSmall)
	t.Run("linked data", s.linkedData)
	t.Run("preview", s.preview)
	t.Run("addresses that are named answer", s.addresses)
	t.Run("sitemaps", s.sitemaps)
	t.Run("in a browser without scripts", s.withoutScripts)
	t.Run("in a browser with scripts", s.withScripts)
	t.Run("fits", s.fits)
}

func (s *stand) wholeAndSmall(t *testing.T) {
	for _, id := range []string{catalogue, engagees} {
		page := s.read(t, "/jeux-de-donnees/"+id)
		d, _ := datasets.Find(s.all, id)
		for _, table := range d.Tables {
			for _, want := range []string{`id="` + table.ID + `"`, "releases/latest/" + table.ID + ".excel.csv", table.ID + ".parquet", table.ID + ".jsonl.gz", table.ID + ".xlsx"} {
				if !strings.Contains(page, want) {
					t.Errorf("%s: no %s", id, want)
				}
			}
			for _, f := range table.Fields {
				if !strings.Contains(page, "<code>"+f.Name+"</code>") {
					t.Errorf("%s: no field %s", id, f.Name)
				}
			}
		}
		for _, want := range []string{"Qualité", "Secret", "première publication", `property="og:title"`, `property="og:description"`, `rel="canonical" href="` + s.URL + "/jeux-de-donnees/" + id + `"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %s", id, want)
			}
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		for _, part := range []string{page, s.read(t, "/static/parvis.css"), s.read(t, "/static/parvis.js"), s.read(t, "/static/parvis.svg")} {
			_, err := io.WriteString(z, part)
			must(t, err)
		}
		must(t, z.Close())
		if packed.Len() > 100_000 {
			t.Errorf("%s: %d bytes", id, packed.Len())
		}
		if bad := forbidden.FindString(page); bad != "" {
			t.Errorf("%s: the page has %q", id, bad)
		}
	}
}

var forbidden = regexp.MustCompile(`<script>|<style|style=|javascript:| on[a-z]+="|src="http|<b>num`)

var dataBlock = regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)

func (s *stand) linkedData(t *testing.T) {
	blocks := dataBlock.FindAllStringSubmatch(s.read(t, "/jeux-de-donnees/"+engagees), -1)
	if len(blocks) != 1 {
		t.Fatalf("%d blocks", len(blocks))
	}
	var d struct {
		Context     string `json:"@context"`
		Type        string `json:"@type"`
		Name        string
		Description string
		License     string
		Temporal    string `json:"temporalCoverage"`
		Creator     struct {
			Type string `json:"@type"`
			Name string
		}
		BasedOn      struct{ Name string } `json:"isBasedOn"`
		Distribution []struct {
			Type           string `json:"@type"`
			ContentURL     string `json:"contentUrl"`
			EncodingFormat string
			SHA256         string
		}
		Measured []struct{ Name, Description string } `json:"variableMeasured"`
	}
	must(t, json.Unmarshal([]byte(blocks[0][1]), &d))
	if d.Context != "https://schema.org" || d.Type != "Dataset" || d.Name == "" || len(d.Description) < 50 || !strings.HasPrefix(d.License, "https://") ||
		d.Temporal != "2025-03-01/2025-04-30" || d.Creator.Type != "Organization" || d.Creator.Name == "" || d.BasedOn.Name == "" {
		t.Errorf("%+v", d)
	}
	if len(d.Distribution) != 60 || len(d.Measured) < 30 {
		t.Errorf("%d files, %d variables", len(d.Distribution), len(d.Measured))
	}
	for _, f := range d.Distribution {
		if f.Type != "DataDownload" || !strings.HasPrefix(f.ContentURL, s.URL+"/datasets/"+engagees+"/releases/latest/") || f.EncodingFormat == "" || len(f.SHA256) != 64 {
			t.Errorf("%+v", f)
		}
	}
}

// cells are those of the preview, by rows.
func cells(t *testing.T, page string) [][]string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `id="legende"`)
	body, _, _ := strings.Cut(rest, "</table>")
	if !ok {
		t.Fatal("no preview")
	}
	var rows [][]string
	for row := range strings.SplitSeq(body, "<tr>") {
		var one []string
		for _, m := range regexp.MustCompile(`<td[^>]*>([^<]*)</td>`).FindAllStringSubmatch(row, -1) {
			one = append(one, m[1])
		}
		if len(one) > 0 {
			rows = append(rows, one)
		}
	}
	return rows
}

func (s *stand) preview(t *testing.T) {
	d, _ := datasets.Find(s.all, catalogue)
	price, region := slices.Index(d.Tables[0].Names(), "frais_ttc_tot_max"), slices.Index(d.Tables[0].Names(), "nom_region")
	rows := cells(t, s.read(t, "/jeux-de-donnees/"+catalogue+"?tri=-frais_ttc_tot_max"))
	if len(rows) != 12 || rows[0][price] != "1\u202f200,50" || rows[11][price] != "100,50" || rows[0][region] != "non renseigné" {
		t.Errorf("%d rows: %v", len(rows), rows[0])
	}
	filtered := s.read(t, "/jeux-de-donnees/"+catalogue+"?nom_region="+url.QueryEscape("Île-de-France"))
	rows = cells(t, filtered)
	if len(rows) != 4 || rows[0][region] != "Île-de-France" || !strings.Contains(filtered, `value="Île-de-France" selected`) || !strings.Contains(filtered, "4\u00a0lignes") {
		t.Errorf("%d rows: %v", len(rows), rows)
	}
	if empty := s.read(t, "/jeux-de-donnees/"+catalogue+"?nom_region=%27%22%3Cscript%3E"); !strings.Contains(empty, "Aucune ligne") || strings.Contains(empty, "<script>") {
		t.Error("what is nowhere is found")
	}
	secret := cells(t, s.read(t, "/jeux-de-donnees/"+engagees+"?table="+engagees+"_region&annee_de_validation=2025&tri=region_lieu_formation"))
	text := fmt.Sprint(secret)
	if !strings.Contains(text, "secret") || !strings.Contains(text, "Île-de-France") {
		t.Errorf("no secret among %v", secret)
	}
}

var named = regexp.MustCompile(`(?:href|data-address)="([^"#]+)(?:#[^"]*)?"|https?://127[^\s"'<&;]+`)

// addresses follows every link of a page, and every address in its examples.
func (s *stand) addresses(t *testing.T) {
	seen := map[string]bool{}
	for _, path := range []string{"/jeux-de-donnees", "/jeux-de-donnees/" + catalogue, "/jeux-de-donnees/" + engagees + "?table=" + engagees + "_region"} {
		base, err := url.Parse(s.URL + path)
		must(t, err)
		for _, m := range named.FindAllStringSubmatch(s.read(t, path), -1) {
			address := m[1]
			if address == "" {
				address = m[0]
			}
			u, err := base.Parse(strings.ReplaceAll(address, "&amp;", "&"))
			must(t, err)
			if u.Host == base.Host && !elsewhere.MatchString(u.Path) {
				seen[u.String()] = true
			}
		}
	}
	if len(seen) < 150 {
		t.Errorf("%d addresses", len(seen))
	}
	for address := range seen {
		s.read(t, address)
	}
}

// elsewhere are pages that other tests serve, which need more than tables.
var elsewhere = regexp.MustCompile(`^/(tableaux-de-bord|recherche|readyz)`)

func (s *stand) sitemaps(t *testing.T) {
	var index struct {
		Places []string `xml:"sitemap>loc"`
	}
	must(t, xml.Unmarshal([]byte(s.read(t, "/sitemap.xml")), &index))
	var all []string
	for _, piece := range index.Places {
		var pages struct {
			Places []string `xml:"url>loc"`
		}
		must(t, xml.Unmarshal([]byte(s.read(t, piece)), &pages))
		all = append(all, pages.Places...)
	}
	for _, want := range []string{"/", "/jeux-de-donnees/" + engagees, "/tableaux-de-bord/offre", "/formations/F00", "/formations/F11", "/certifications/RNCP900001"} {
		if !slices.Contains(all, s.URL+want) {
			t.Errorf("no %s among %v", want, all)
		}
	}
	for _, place := range all {
		s.read(t, place) // it is there
	}
	if !slices.Contains(all, s.URL+"/tableaux-de-bord/sur-mesure") || slices.Contains(all, s.URL+"/tableaux-de-bord/usagers") {
		t.Errorf("the dashboards are not those that there are: %v", all)
	}
	after := s.read(t, "/sitemaps/formations.xml?apres=F09")
	if strings.Contains(after, "F09") || !strings.Contains(after, "F10") || strings.Count(after, "<loc>") != 2 {
		t.Error(after)
	}
	if none := s.read(t, `/sitemaps/formations.xml?apres=%22%20or%20%22a%22%3D%22a`); strings.Count(none, "<loc>") != 12 {
		t.Error(none)
	}
}

// unmoved checks that the browser has nothing to complain of.
func unmoved(t *testing.T, b *webtest.Browser) {
	t.Helper()
	if all := b.Complaints(); len(all) > 0 {
		t.Errorf("the browser complains: %v", all)
	}
}

// shown is the address that the browser shows, from its path on.
func shown(t *testing.T, b *webtest.Browser) string {
	t.Helper()
	return webtest.Value[string](b, "location.pathname + location.search + location.hash")
}

func (s *stand) withoutScripts(t *testing.T) {
	b := webtest.Open(t)
	b.WithoutScripts()
	b.Size(1440, 900)
	b.Do(chromedp.Navigate(s.URL + "/jeux-de-donnees"))
	b.Follow(chromedp.Click(chromedp.CSS(`.card h2 a[href$="` + catalogue + `"]`)))
	if got := shown(t, b); got != "/jeux-de-donnees/"+catalogue {
		t.Errorf("the list leads to %s", got)
	}
	b.Follow(chromedp.Click(chromedp.CSS(`th a[href*="tri=frais_ttc_tot_max"]`)))
	b.Follow(chromedp.Click(chromedp.CSS(`th a[href*="tri=-frais_ttc_tot_max"]`)))
	if got := shown(t, b); got != "/jeux-de-donnees/"+catalogue+"?tri=-frais_ttc_tot_max#apercu" {
		t.Errorf("sorting leads to %s", got)
	}
	if sort := webtest.Value[string](b, `document.querySelector("th[aria-sort]").ariaSort + document.querySelector("th[aria-sort]").textContent`); !strings.HasPrefix(sort, "descendingfrais_ttc_tot_max") {
		t.Errorf("sorted is %s", sort)
	}
	b.Do(chromedp.Click(chromedp.CSS(".sieve summary")), chromedp.SetValue(chromedp.CSS("select[name=nom_region]"), "Île-de-France"))
	b.Follow(chromedp.Click(chromedp.CSS(".sieve .sieve button")))
	if got := shown(t, b); got != "/jeux-de-donnees/"+catalogue+"?nom_region=%C3%8Ele-de-France&tri=-frais_ttc_tot_max#apercu" {
		t.Errorf("a filter leads to %s", got)
	}
	if n := webtest.Value[int](b, `document.querySelectorAll("#legende ~ tbody tr").length`); n != 4 {
		t.Errorf("%d rows", n)
	}
	if hidden := webtest.Value[bool](b, `[...document.querySelectorAll("button[data-copy]")].every(e => !e.checkVisibility())`); !hidden {
		t.Error("buttons that do nothing are shown")
	}
	file := webtest.Value[string](b, `document.querySelector(".downloads a[href$='.csv']:not([href*=excel])").href`)
	if text := s.read(t, file); !strings.HasPrefix(text, "date_extract,") || strings.Count(text, "\r\n") != 13 {
		t.Errorf("%s: %q", file, text[:min(len(text), 80)])
	}
	unmoved(t, b)
}

func (s *stand) withScripts(t *testing.T) {
	b := webtest.Open(t)
	b.Size(768, 900)
	b.Do(chromedp.Navigate(s.URL + "/jeux-de-donnees/" + engagees))
	b.Follow(chromedp.Evaluate[chromedp.Void](`{const s = document.querySelector("select[name=table]"); s.value = "` + engagees + `_mensuel"; s.dispatchEvent(new Event("change", {bubbles: true})); undefined}`))
	if got := shown(t, b); got != "/jeux-de-donnees/"+engagees+"?table="+engagees+"_mensuel#apercu" {
		t.Errorf("another table leads to %s", got)
	}
	if copies := webtest.Value[int](b, `[...document.querySelectorAll("button[data-copy]")].filter(e => !document.querySelector(e.dataset.copy)).length`); copies != 0 {
		t.Errorf("%d buttons copy nothing", copies)
	}
	b.Do(chromedp.Focus(chromedp.CSS(".ledger")), chromedp.KeyEvent(kb.ArrowRight))
	if focused := webtest.Value[string](b, "document.activeElement.getAttribute('role')"); focused != "region" {
		t.Errorf("the preview cannot be scrolled by keyboard: %s", focused)
	}
	unnamed := webtest.Value[[]string](b, `[...document.querySelectorAll("input:not([type=hidden]), select")].filter(e => !e.labels.length).map(e => e.outerHTML)`)
	if len(unnamed) > 0 {
		t.Errorf("without a label are %v", unnamed)
	}
	levels := webtest.Value[string](b, `[...document.querySelectorAll("h1, h2, h3")].map(e => e.tagName[1]).join("")`)
	if !strings.HasPrefix(levels, "123") || strings.Count(levels, "1") != 1 {
		t.Errorf("headings are %s", levels)
	}
	twice := webtest.Value[[]string](b, `[...document.querySelectorAll("[id]")].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)`)
	if len(twice) > 0 {
		t.Errorf("twice there are %v", twice)
	}
	unmoved(t, b)
}

func (s *stand) fits(t *testing.T) {
	b := webtest.Open(t)
	for _, width := range []int64{360, 768, 1440} {
		b.Size(width, 900)
		for _, path := range []string{"/jeux-de-donnees", "/jeux-de-donnees/" + catalogue, "/jeux-de-donnees/" + engagees, "/jeux-de-donnees/moncompteformation_usagers"} {
			b.Do(chromedp.Navigate(s.URL + path))
			opened := webtest.Value[int](b, `[...document.querySelectorAll("details:not([name])")].map(e => e.open = true).length`)
			if beyond := webtest.Value[int](b, "document.documentElement.scrollWidth - innerWidth"); beyond > 0 {
				t.Errorf("%s at %d pixels, %d parts open: %d are beyond the edge", path, width, opened, beyond)
			}
			if small := webtest.Value[[]string](b, tooSmall); len(small) > 0 {
				t.Errorf("%s at %d pixels: too small to be touched: %v", path, width, small)
			}
		}
	}
	light := webtest.Value[string](b, `getComputedStyle(document.querySelector(".table-of")).backgroundColor`)
	b.Media("", "dark")
	if dark := webtest.Value[string](b, `getComputedStyle(document.querySelector(".table-of")).backgroundColor`); dark == light {
		t.Errorf("tables are %s in the dark too", dark)
	}
	unmoved(t, b)
}
