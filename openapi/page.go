package openapi

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/swaggest/swgui/v5/static"
)

//go:embed page
var page embed.FS

// Asset is a file of the page that shows the document.
type Asset struct {
	MediaType string
	Plain     []byte
	Gzip      []byte // nil if it is not smaller
}

// assets are the files of the page: ours, and those of Swagger UI, which the module
// holds compressed.
var assets = []string{"index.html", "docs.css", "docs.js", "swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"}

var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".png": "image/png",
}

// Assets returns the files of the page by name; index.html is the page itself, whose
// addresses of the others begin with "docs/".
func Assets() (map[string]Asset, error) {
	all := map[string]Asset{}
	for _, name := range assets {
		a, err := readAsset(name)
		if err != nil {
			return nil, fmt.Errorf("load API page: %w", err)
		}
		a.MediaType = mediaTypes[path.Ext(name)]
		all[name] = a
	}
	return all, nil
}

func readAsset(name string) (a Asset, err error) {
	if a.Plain, err = page.ReadFile("page/" + name); err == nil {
		return a, nil
	}
	if strings.HasSuffix(name, ".png") {
		a.Plain, err = static.FS.ReadFile(name)
		return a, err
	}
	if a.Gzip, err = static.FS.ReadFile(name + ".gz"); err != nil {
		return a, err
	}
	z, err := gzip.NewReader(bytes.NewReader(a.Gzip))
	if err != nil {
		return a, err
	}
	a.Plain, err = io.ReadAll(z)
	return a, err
}
