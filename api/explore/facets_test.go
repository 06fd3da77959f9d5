package explore_test

import (
	"strings"
	"testing"
)

const facets = base + "/datasets/" + catalogue + "/facets"

func TestFacets(t *testing.T) {
	s := open(t)
	for name, c := range map[string]struct {
		parameters []string
		want       string
	}{
		"one": {[]string{"facet=type_referentiel"},
			`{"links":[],"facets":[{"name":"type_referentiel","facets":[{"name":"RNCP","count":12,"value":"RNCP","state":"displayed"},{"name":"RS","count":12,"value":"RS","state":"displayed"}]}]}`},
		"under a filter": {[]string{"facet=nom_region", "where=code_nsf_1='136'", "exclude=nom_region:x"},
			`{"links":[],"facets":[{"name":"nom_region","facets":[{"name":"Île-de-France","count":6,"value":"Île-de-France","state":"displayed"}]}]}`},
		"refined": {[]string{"facet=code_region", "facet=code_nsf_1", "refine=code_region:11"},
			`{"links":[],"facets":[{"name":"code_region","facets":[{"name":"11","count":6,"value":"11","state":"refined"}]},{"name":"code_nsf_1","facets":[{"name":"136","count":6,"value":"136","state":"displayed"}]}]}`},
		"disjunctive": {[]string{`facet=facet(name="code_nsf_1", disjunctive=true)`, "refine=code_nsf_1:136"},
			`{"links":[],"facets":[{"name":"code_nsf_1","facets":[{"name":"136","count":12,"value":"136","state":"refined"},{"name":"326","count":12,"value":"326","state":"displayed"}]}]}`},
		"a cut facet says so": {[]string{`facet=facet(name="code_departement", sort="alphanum", limit=1)`},
			`{"links":[],"facets":[{"name":"code_departement","facets":[{"name":"13","count":6,"value":"13","state":"displayed"}],"truncated":true,"total_values":3}]}`},
	} {
		t.Run(name, func(t *testing.T) { same(t, s.get(t, ask(facets, c.parameters...)).json(t), c.want) })
	}
}

func TestFacetsOfDatesAreTrees(t *testing.T) {
	s := open(t)
	same(t, s.get(t, ask(base+"/datasets/"+engagees+"/facets", "facet=date_validation", "refine=date_validation:2025")).json(t),
		`{"links":[],"facets":[{"name":"date_validation","facets":[{"name":"2025","count":6,"value":"2025","state":"refined","facets":[
			{"name":"03","count":3,"value":"2025/03","state":"displayed"},{"name":"04","count":3,"value":"2025/04","state":"displayed"}]}]}]}`)
}

func TestAllDeclaredFacets(t *testing.T) {
	s := open(t)
	all, _ := at(s.get(t, facets).json(t), "facets").([]any)
	if len(all) != len(s.all[0].Tables[0].Facets) {
		t.Errorf("%d facets", len(all))
	}
}

func TestRefusedFacets(t *testing.T) {
	s := open(t)
	s.get(t, ask(facets, "facet=contenu_formation")).fault(t, 400, "ODSQLError")
	s.get(t, ask(facets, "facet=inconnu")).fault(t, 400, "ODSQLError")
	s.get(t, ask(facets, "where=)")).fault(t, 400, "ODSQLSyntaxError")
	s.get(t, facets+"?"+strings.Repeat("facet=nom_region&", 51)).fault(t, 400, "InvalidRESTParameterError")
	s.get(t, base+"/datasets/inconnu/facets").fault(t, 404, "NotFoundResource")
}
