package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/web"
	"github.com/parvis-opendata/parvis/web/ask"
)

// row is a row of an answer.
func row(t testing.TB, text string) ask.Row {
	t.Helper()
	rows, err := ask.Read([]byte("[" + text + "]"))
	if err != nil {
		t.Fatal(err)
	}
	return rows[0]
}

// hostile is a text that nobody means well by, as JSON has it.
const hostile = `</script><script>alert(1)</script><img src=x onerror=alert(2)>{{.Root}}\" onx=\"`

func trainingPage(t testing.TB, r ask.Row, answers map[string][]ask.Row) string {
	t.Helper()
	page, err := site(t).Training(web.Frame{Root: "../", Base: "https://x.example", Path: "/formations/1"}, web.Training{Row: r, Answers: answers, Release: "R1"})
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestTrainingSaysWhatTheDataSay(t *testing.T) {
	r := row(t, `{"numero_formation":"1","intitule_formation":"Anglais","nom_of":null,"siret":"00040001000013","date_extract":"2026-02-01","code_rncp":"-1","code_inventaire":"6151","code_certifinfo":"950888",
		"type_referentiel":"RS","intitule_certification":"TOEIC","objectif_formation":"Un\nDeux","habilitation":"non recensé","date_habilitation":"2025-12-09"}`)
	var places []ask.Row
	for i := range 9 {
		places = append(places, row(t, fmt.Sprintf(`{"code_departement":"0%d","nom_departement":"D%d","nom_region":"R","sessions":2,"prix_min":100.0,"prix_max":100.0}`, i+1, i+1)))
	}
	answers := map[string][]ask.Row{
		"ensemble": {row(t, `{"prix_min":990.5,"prix_max":1490.0,"sessions":18,"sessions_a_distance":3}`)}, "durees": {row(t, `{"heures_min":21.0,"heures_max":35.0}`)}, "lieux": places,
		"voisines": {row(t, `{"numero_formation":"a/b \"c","intitule_formation":"Autre","nom_of":"X","prix_min":null,"prix_max":null}`)},
	}
	page := trainingPage(t, r, answers)
	has(t, page, "Nom non publié (personne physique)", "de 990,50 à 1\u202f490\u00a0€", "de 21 à 35\u00a0h", "18, dont 3 à distance", "9 départements, à distance", "Un\nDeux", `class="lines"`, "chart-wide",
		`<a href="../certifications/RS6151">RS6151</a>`, "https://www.francecompetences.fr/recherche/rs/6151/", ">non recensé<", "Liste du 9 décembre 2025", "Une liste peut être en retard", "../mentions-legales",
		`href="../formations/a%2Fb%20%22c"`, `property="og:title" content="Anglais"`, `rel="canonical" href="https://x.example/formations/1"`, "!habilité<", "!RNCP", "!\"provider\"")
	has(t, trainingPage(t, row(t, `{"numero_formation":"1","code_rncp":"-1","code_inventaire":"-1","code_certifinfo":"-1","habilitation":"sans objet"}`), nil),
		"Formation sans intitulé", "non renseigné", "à distance ou partout en France", "n'a pas décrit", "!Habilitation", "!Certification visée", "!chart")
	has(t, trainingPage(t, row(t, `{"numero_formation":"1","habilitation":"habilité"}`), nil), "nomme cet organisme", "!retard")
}

// TestHostileTextsOfProviders: what a provider writes is text, in the page and in what it
// tells machines.
func TestHostileTextsOfProviders(t *testing.T) {
	var fields []string
	for _, name := range strings.Fields("numero_formation intitule_formation nom_of siret intitule_certification objectif_formation contenu_formation habilitation date_habilitation code_rncp code_inventaire code_certifinfo libelle_nsf_1 libelle_niveau_sortie_formation") {
		fields = append(fields, `"`+name+`":"`+hostile+`"`)
	}
	r := row(t, "{"+strings.Join(fields, ",")+"}")
	page := trainingPage(t, r, map[string][]ask.Row{"voisines": {r}, "lieux": {row(t, `{"code_departement":"`+hostile+`","nom_departement":"`+hostile+`"}`)}})
	has(t, page, "!<script>", "!<img src=x", `!" onx="`)
	if n := strings.Count(page, "<script"); n != 2 {
		t.Errorf("%d scripts", n)
	}
	_, rest, _ := strings.Cut(page, `ld+json">`)
	data, _, _ := strings.Cut(rest, "</script>")
	var c map[string]any
	if err := json.Unmarshal([]byte(data), &c); err != nil || c["name"] != r.Text("intitule_formation") {
		t.Errorf("%v: %s", err, data)
	}
	code, _ := web.ReadCode("1")
	shown, err := site(t).Certification(web.Frame{Root: "../"}, web.Certification{Code: code, Answers: map[string][]ask.Row{
		"fiche": {r, r}, "organismes": {r}, "habilitation": {r}, "offre": {row(t, `{"formations":1}`)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	has(t, string(shown), "!<script>", "!<img src=x", `!" onx="`)
}

func TestCodes(t *testing.T) {
	for text, want := range map[string]string{
		"RNCP37674": "RNCP37674", "rs6151": "RS6151", "CI103645": "CI103645", "103645": "CI103645", "Rncp1": "RNCP1",
		"": "", "RNCP": "", "-1": "", "RNCP-1": "", "RS6151 ": "", `RS6151"`: "", "RS 6151": "", "CS1": "", "1234567890": "", "RS6151\n": "", "\uff11": "",
	} {
		code, ok := web.ReadCode(text)
		if ok != (want != "") || ok && code.String() != want {
			t.Errorf("%q is %v, %t", text, code, ok)
		}
	}
}

func certificationPage(t testing.TB, c web.Certification) string {
	t.Helper()
	c.Code, _ = web.ReadCode("RS6151")
	page, err := site(t).Certification(web.Frame{Root: "../"}, c)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// TestSecretsAreNeverZero: a month, or a région, of which a part is secret or not published
// is secret.
func TestSecretsAreNeverZero(t *testing.T) {
	month := func(m, n, paid string, cells, shown int) ask.Row {
		return row(t, fmt.Sprintf(`{"date_validation":"%s","nb_dossiers":%s,"montant_engage":%s,"lignes":%d,"connues":%d}`, m, n, paid, cells, shown))
	}
	page := certificationPage(t, web.Certification{Month: "2026-10", Purchases: "R2", Answers: map[string][]ask.Row{
		"publiés": {month("2026-10", "0", "0", 0, 0), month("2026-09", "0", "0", 0, 0), month("2026-08", "0", "0", 0, 0), month("2026-07", "0", "0", 0, 0)},
		"mois":    {month("2026-10", "82", "4321.5", 2, 2), month("2026-09", "71", "99999", 2, 1), month("2026-08", "53", "88888", 1, 1)},
	}, Regions: []ask.Row{
		row(t, `{"region_lieu_formation":"Bretagne","nb_dossiers":41,"lignes":1,"connues":1}`), row(t, `{"region_lieu_formation":"Corse","nb_dossiers":null,"lignes":1,"connues":0}`),
	}})
	has(t, page, "<th scope=\"row\">oct. 2026</th><td>82</td>", "<th scope=\"row\">sept. 2026</th><td>secret</td>", "<th scope=\"row\">août 2026</th><td>secret</td>", "<th scope=\"row\">juil. 2026</th><td>secret</td>",
		"Dossiers par région en octobre 2026", "<th scope=\"row\">Bretagne</th><td>41</td>", "<th scope=\"row\">Corse</th><td>secret</td>", "trop peu pour être publié : Corse.", "!99\u202f999", "!88\u202f888", "!<td>0</td>")
	has(t, certificationPage(t, web.Certification{Purchases: "R2"}), "Aucun chiffre n'est publié", "Aucune formation ne mène")
	has(t, certificationPage(t, web.Certification{}), "Les achats ne sont pas disponibles")
}

// TestMoreThanAFileTakes: nothing is cut in silence.
func TestMoreThanAFileTakes(t *testing.T) {
	page := func(text string, f search.Filters, total int) string {
		q := query(text)
		q.Filters = f
		return render(t, web.Frame{}, web.Search{Query: q, Answer: search.Answer{Total: total, Hits: []search.Hit{training()}}})
	}
	region := search.Filters{Any: map[string][]string{search.Region: {"84"}}}
	two := search.Filters{Any: map[string][]string{search.Region: {"84"}}, PriceMax: number(900)}
	has(t, page("anglais", search.Filters{}, 1000), `href="recherche/export.csv?q=anglais"`, "les 1\u202f000 formations trouvées", "!prend 1")
	has(t, page("anglais", search.Filters{}, 1001), "prend 1\u202f000 formations au plus", "!export.csv", "!exports/csv")
	has(t, page("", region, 1001), `exports/csv?where=code_region%20%3D%20%2284%22"`, "les lignes du catalogue que gardent les filtres", "!export.csv")
	has(t, page("", search.Filters{}, 1001), `catalogueformation/exports/xlsx"`)
	has(t, page("", two, 1001), "prend 1\u202f000 formations au plus", "!exports/csv")
	has(t, page("", two, 7), `recherche/export.xlsx?prix_max=900&amp;region=84`)
}
