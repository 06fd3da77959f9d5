// Package parvis holds no code; its test checks the architecture of the others.
package parvis

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/parvis-opendata/parvis"

// homes lists for each library the packages, mostly one, that may import it; tests, and packages for tests below it, may too.
var homes = map[string]string{
	"github.com/duckdb/duckdb-go":          "internal/engine",
	"github.com/duckdb/duckdb-go-bindings": "internal/engine",
	"github.com/gin-gonic/gin":             "api",
	"github.com/minio/minio-go":            "internal/objects",
	"github.com/robfig/cron":               "jobs",
	"github.com/getkin/kin-openapi":        "openapi",
	"github.com/swaggest/swgui":            "openapi",
	"github.com/meilisearch":               "internal/search/meili",
	"github.com/blevesearch":               "internal/search/embedded",
	"github.com/prometheus/client_golang":  "internal/metrics",
	"go.opentelemetry.io":                  "internal/traces",
	"github.com/go-logr":                   "internal/traces",
	"github.com/alecthomas/kong":           "cmd/parvis",
	"github.com/schollz/progressbar":       "cmd/parvis",
	"github.com/goccy/go-yaml":             "datasets",
	"github.com/xuri/excelize":             "publisher/files",
	"golang.org/x/net/html":                "anonymize/texts",
	"golang.org/x/text/unicode/norm":       "anonymize/texts",
	"golang.org/x/image":                   "web/chart",
	"github.com/rogpeppe/go-internal":      "cmd/parvis",
	"github.com/klauspost/compress":        "publisher/files api/exchange",
	"github.com/chromedp":                  "web",
}

// arrows lists for each package of ours the others of ours that it may import.
// What a folder may import, its subfolders may not, unless they are listed.
var arrows = map[string]string{
	"anonymize":                    "anonymize/tabular",
	"anonymize/audit":              "anonymize/tabular anonymize/simplex",
	"anonymize/simplex":            "",
	"anonymize/protect":            "anonymize/simplex anonymize/tabular",
	"anonymize/tabular":            "",
	"anonymize/texts":              "",
	"datasets":                     "",
	"datasets/datasetstest":        "datasets hub internal/engine",
	"internal/engine":              "",
	"internal/serving":             "datasets internal/engine internal/memo internal/objects internal/odsql publisher/release",
	"internal/objects":             "internal/traces",
	"internal/letters":             "",
	"internal/memo":                "",
	"internal/metrics":             "",
	"internal/odsql":               "datasets internal/letters",
	"internal/objects/objectstest": "internal/objects",
	"internal/objects/s3test":      "internal/objects internal/testneed",
	"internal/problem":             "anonymize/tabular",
	"internal/search":              "internal/letters",
	"internal/search/embedded":     "internal/search",
	"internal/search/indexes":      "internal/memo internal/search internal/serving",
	"internal/search/meili":        "internal/search",
	"internal/search/searchtest":   "datasets hub hub/synthetic internal/engine internal/search",
	"internal/testneed":            "",
	"internal/traces":              "",
	"internal/traces/tracestest":   "",
	"hub":                          "internal/engine internal/objects",
	"hub/hubtest":                  "hub internal/objects",
	"hub/synthetic":                "hub internal/engine",
	"publisher/joint":              "anonymize anonymize/audit anonymize/protect anonymize/tabular datasets internal/engine",
	"publisher":                    "anonymize anonymize/texts datasets hub internal/engine internal/objects internal/search publisher/files publisher/joint publisher/outsider publisher/release",
	"publisher/files":              "datasets internal/engine",
	"publisher/outsider":           "datasets internal/engine",
	"publisher/release":            "internal/objects",
	"jobs":                         "internal/objects internal/traces",
	"alerts":                       "internal/objects jobs",
	"openapi":                      "",
	"openapi/openapitest":          "openapi",
	"api":                          "api/exchange api/explore api/fairuse api/portal datasets internal/memo internal/objects internal/search internal/search/indexes internal/serving internal/traces openapi publisher/release web",
	"api/portal":                   "api/exchange api/explore datasets internal/search internal/search/indexes internal/serving publisher/release web web/ask web/chart web/dashboard",
	"api/exchange":                 "",
	"api/fairuse":                  "internal/traces",
	"api/explore":                  "api/exchange api/fairuse datasets internal/engine internal/odsql internal/serving internal/traces publisher/files publisher/release",
	"web":                          "datasets internal/search web/ask web/chart web/dashboard",
	"web/ask":                      "",
	"web/chart":                    "",
	"web/dashboard":                "datasets web/ask web/chart",
	"web/webtest":                  "internal/testneed",
	"conformance":                  "",
	"cmd/parvis":                   "alerts anonymize anonymize/audit anonymize/protect anonymize/tabular api datasets hub hub/synthetic internal/engine internal/memo internal/metrics internal/objects internal/problem internal/search internal/search/embedded internal/search/indexes internal/search/meili internal/serving internal/traces jobs publisher publisher/outsider publisher/release",
}

// drawers are names of packages that say nothing.
var drawers = []string{"utils", "common", "models", "helpers", "types", "misc", "shared"}

type source struct {
	folder, file string
	test         bool
	imports      []string
	comment      bool
}

// sources parses every Go file of the module.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && file != "." {
			if err == nil {
				err = filepath.SkipDir
			}
			return err
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		s := source{folder: path.Dir(filepath.ToSlash(file)), file: file, test: strings.HasSuffix(file, "_test.go"), comment: f.Doc != nil}
		for _, i := range f.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, name)
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ours returns the folder of an import of this module.
func ours(name string) (string, bool) {
	folder, ok := strings.CutPrefix(name, module+"/")
	return folder, ok
}

func TestArrowsPointDown(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		allowed, listed := arrows[s.folder]
		if !listed {
			t.Errorf("%s: package %s is not in the list of arrows", s.file, s.folder)
			continue
		}
		for _, name := range s.imports {
			folder, ok := ours(name)
			if ok && !contains(strings.Fields(allowed), folder) {
				t.Errorf("%s imports %s; %s may import: %s", s.file, folder, s.folder, allowed)
			}
		}
	}
}

func TestEachLibraryHasOneHome(t *testing.T) {
	for _, s := range sources(t) {
		for _, name := range s.imports {
			for library, home := range homes {
				inside := name == library || strings.HasPrefix(name, library+"/")
				if inside && !s.test && !atHome(s.folder, home) {
					t.Errorf("%s imports %s, whose home is %s", s.file, name, home)
				}
			}
		}
	}
}

// atHome reports whether a folder is one of the homes, or a package for tests below one.
func atHome(folder, homes string) bool {
	for _, home := range strings.Fields(homes) {
		if folder == home || strings.HasPrefix(folder, home+"/") && strings.HasSuffix(folder, "test") {
			return true
		}
	}
	return false
}

// TestServingNeverReachesTheHub follows the imports of what serves the public.
func TestServingNeverReachesTheHub(t *testing.T) {
	imports := map[string][]string{}
	for _, s := range sources(t) {
		if !s.test {
			imports[s.folder] = append(imports[s.folder], s.imports...)
		}
	}
	seen, queue := map[string]bool{}, []string{"api"}
	for len(queue) > 0 {
		folder := queue[0]
		queue = queue[1:]
		if seen[folder] {
			continue
		}
		seen[folder] = true
		for _, name := range imports[folder] {
			if next, ok := ours(name); ok {
				queue = append(queue, next)
			}
		}
	}
	for _, forbidden := range []string{"hub", "hub/synthetic", "publisher", "anonymize", "anonymize/texts"} {
		if seen[forbidden] {
			t.Errorf("api reaches %s", forbidden)
		}
	}
}

func TestEachPackageHasOneComment(t *testing.T) {
	comments := map[string]int{}
	for _, s := range sources(t) {
		if s.test && s.folder != "." {
			continue
		}
		comments[s.folder] += 0
		if s.comment {
			comments[s.folder]++
		}
	}
	var folders []string
	for folder := range comments {
		folders = append(folders, folder)
	}
	sort.Strings(folders)
	for _, folder := range folders {
		if comments[folder] != 1 {
			t.Errorf("package %s has %d package comments, want 1", folder, comments[folder])
		}
		if contains(drawers, path.Base(folder)) {
			t.Errorf("package %s: the name says nothing", folder)
		}
	}
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}
