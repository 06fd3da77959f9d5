package openapi_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/openapi"
)

var update = flag.Bool("update", false, "write the lock of the document")

func load(t testing.TB) *openapi.Document {
	t.Helper()
	d, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDocumentIsValid: the document is OpenAPI, and its examples are as its schemas say.
func TestDocumentIsValid(t *testing.T) {
	d := load(t)
	if err := d.Spec().Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
	ids := map[string]string{}
	for path, item := range d.Spec().Paths.Map() {
		o := item.Get
		if other, ok := ids[o.OperationID]; ok || o.OperationID == "" || o.Summary == "" || len(o.Tags) != 1 || d.Spec().Tags.Get(o.Tags[0]) == nil {
			t.Errorf("%s: operation %q (also %q), summary %q, tags %v", path, o.OperationID, other, o.Summary, o.Tags)
		}
		ids[o.OperationID] = path
		for _, p := range o.Parameters {
			if p.Value.Description == "" || p.Value.In == "path" && p.Value.Example == nil {
				t.Errorf("%s: parameter %s is not described", path, p.Value.Name)
			}
		}
	}
}

// TestEverythingIsUsed: no component is left over.
func TestEverythingIsUsed(t *testing.T) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := load(t).Spec().Components
	names := map[string][]string{}
	for name := range c.Parameters {
		names["parameters"] = append(names["parameters"], name)
	}
	for name := range c.Headers {
		names["headers"] = append(names["headers"], name)
	}
	for name := range c.Responses {
		names["responses"] = append(names["responses"], name)
	}
	for name := range c.Schemas {
		names["schemas"] = append(names["schemas"], name)
	}
	for kind, all := range names {
		for _, name := range all {
			if !strings.Contains(string(text), "'#/components/"+kind+"/"+name+"'") {
				t.Errorf("nothing refers to %s/%s", kind, name)
			}
		}
	}
}

// TestVersionFollowsTheDocument: who changes the document changes its version.
func TestVersionFollowsTheDocument(t *testing.T) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	version := load(t).Spec().Info.Version
	line := "\n  version: " + version + "\n"
	if strings.Count(string(text), line) != 1 {
		t.Fatalf("the document has not one line %q", strings.TrimSpace(line))
	}
	sum := sha256.Sum256([]byte(strings.Replace(string(text), line, "\n", 1)))
	digest := hex.EncodeToString(sum[:])
	lock, err := os.ReadFile("openapi.lock")
	if err != nil && !*update {
		t.Fatal(err)
	}
	var lockedVersion, lockedDigest string
	_, _ = fmt.Sscan(string(lock), &lockedVersion, &lockedDigest)
	switch {
	case digest == lockedDigest && version == lockedVersion:
	case version == lockedVersion:
		t.Errorf("openapi.yaml changed and its info.version is still %s. Raise it: the last number for words, the middle one for what is added, "+
			"the first for what is taken away or means something else. Then run: go test ./openapi -run TestVersion -update", version)
	case *update:
		if err := os.WriteFile("openapi.lock", []byte(version+" "+digest+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("openapi.lock is of version %s, the document of %s. Run: go test ./openapi -run TestVersion -update", lockedVersion, version)
	}
}

func TestAddressOfTheService(t *testing.T) {
	d := load(t)
	for _, base := range []string{"https://donnees.example.fr", "http://[::1]:8080"} {
		var fromJSON struct {
			OpenAPI string
			Servers []struct{ URL string }
		}
		if err := json.Unmarshal(d.JSON(base), &fromJSON); err != nil || fromJSON.OpenAPI != "3.0.3" || fromJSON.Servers[0].URL != base {
			t.Errorf("%v: %v", err, fromJSON)
		}
		spec, err := openapi3.NewLoader().LoadFromData(d.YAML(base))
		if err != nil || spec.Servers[0].URL != base {
			t.Errorf("%v", err)
		}
	}
}

const records = "/api/explore/v2.1/catalog/datasets/:dataset/records"

func TestCheck(t *testing.T) {
	d := load(t)
	for query, want := range map[string]string{
		"":                                 "",
		"limit=10":                         "",
		"limit=dix":                        "Le paramètre « limit » vaut « dix » ; il faut un nombre entier de -1 à 20000.",
		"limit=20001":                      "Le paramètre « limit » vaut « 20001 » ; il faut un nombre entier de -1 à 20000.",
		"limit=99999999999999999999":       "Le paramètre « limit » vaut « 99999999999999999999 » ; il faut un nombre entier de -1 à 20000.",
		"offset=-1":                        "Le paramètre « offset » vaut « -1 » ; il faut un nombre entier de 0 à 20000.",
		"include_links=oui":                "Le paramètre « include_links » vaut « oui » ; il faut true ou false.",
		"lang=xx":                          "Le paramètre « lang » vaut « xx » ; il faut l'une des valeurs fr en nl pt it ar de es ca eu sv.",
		"inconnu=1":                        "",
		"limit=" + strings.Repeat("9", 60): "Le paramètre « limit » vaut « " + strings.Repeat("9", 40) + "… » ; il faut un nombre entier de -1 à 20000.",
		"limit=%ff":                        "Le paramètre « limit » vaut « \ufffd » ; il faut un nombre entier de -1 à 20000.",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		var fault *openapi.ParameterError
		if errors.As(d.Operation(records).CheckLenient(values), &fault) {
			got = fault.Detail
		}
		if got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	var fault *openapi.ParameterError
	if !errors.As(d.Operation("/api/records/1.0/search/").CheckLenient(url.Values{"dataset": {" "}}), &fault) || fault.Detail != "Le paramètre « dataset » manque." || fault.Fix == "" {
		t.Errorf("%+v", fault)
	}
}

// TestCheckChangesNothing: defaults are not written into the parameters.
func TestCheckChangesNothing(t *testing.T) {
	values := url.Values{"limit": {" 5 ", "x"}, "where": {"a", "", " b"}, "include_links": {"YES"}}
	before := url.Values{"limit": {" 5 ", "x"}, "where": {"a", "", " b"}, "include_links": {"YES"}}
	if err := load(t).Operation(records).CheckLenient(values); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, values); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkCheck(b *testing.B) {
	o := load(b).Operation(records)
	values := url.Values{
		"select": {"nom_region, count(*) AS n"}, "where": {"a = 1", "b = 2"}, "group_by": {"nom_region"}, "limit": {"100"}, "offset": {"20"},
		"refine": {"code_region:11"}, "timezone": {"Europe/Paris"}, "include_links": {"true"},
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := o.CheckLenient(values); err != nil {
			b.Fatal(err)
		}
	}
}
