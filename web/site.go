package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"path"
	"slices"
	"strings"
)

//go:embed templates
var templates embed.FS

//go:embed static
var static embed.FS

// policy is what pages may load, and from where.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "

// Policies of pages (Content-Security-Policy).
const (
	Policy = policy + "frame-ancestors 'none'"
	// EmbedPolicy is that of what other sites may show in theirs.
	EmbedPolicy = policy + "frame-ancestors *"
)

// Site renders pages. It is safe for concurrent use.
type Site struct {
	pages   map[string]*template.Template
	assets  map[string]Asset
	version string
}

// Asset is a file that pages load. It is asked for with its version, under which it never
// changes.
type Asset struct {
	MediaType string
	Bytes     []byte
	Version   string
}

// Entries of the navigation.
const (
	HereHome       = "accueil"
	HereDatasets   = "jeux-de-donnees"
	HereSearch     = "recherche"
	HereDashboards = "tableaux-de-bord"
)

// Frame is what is around the content of a page.
type Frame struct {
	// Root leads from the address of the page to that of the service: empty, or "../" for
	// each folder between.
	Root string
	// Base is the public address of the service, without a final slash, and Path that of
	// the page below it.
	Base, Path string
	// Here is the entry of the navigation that the page belongs to; empty for none.
	Here string
	// Notice is said at the head of the page; empty for nothing.
	Notice string
}

// Home is the address of the first page.
func (f Frame) Home() string {
	if f.Root == "" {
		return "./"
	}
	return f.Root
}

// Canonical is the public address of the page.
func (f Frame) Canonical() string { return f.Base + f.Path }

// New reads the templates and files, which are part of the program.
//
// Errors: they do not parse, which a test rules out.
func New() (*Site, error) {
	s := &Site{pages: map[string]*template.Template{}, assets: map[string]Asset{}}
	if err := s.readAssets(); err != nil {
		return nil, fmt.Errorf("read the pages: %w", err)
	}
	functions := template.FuncMap{"asset": s.address, "number": number, "day": day, "date": date, "moment": moment, "pair": pair}
	for layout, pattern := range map[string]string{"layout": "templates/pages/*.html templates/pages/*/*.html", "embed": "templates/embeds/*.html"} {
		for one := range strings.FieldsSeq(pattern) {
			if err := s.parse(functions, layout, one); err != nil {
				return nil, fmt.Errorf("read the pages: %w", err)
			}
		}
	}
	return s, nil
}

// parse reads the pages of a layout; each has the parts that pages share.
func (s *Site) parse(functions template.FuncMap, layout, pattern string) error {
	names, err := fs.Glob(templates, pattern)
	if err != nil {
		return err
	}
	for _, name := range names {
		t, err := template.New(layout+".html").Funcs(functions).ParseFS(templates, "templates/"+layout+".html", "templates/parts/*.html", name)
		if err != nil {
			return err
		}
		s.pages[strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, "templates/"), "pages/"), ".html")] = t
	}
	return nil
}

func (s *Site) readAssets() error {
	names, err := fs.Glob(static, "static/*")
	if err != nil {
		return err
	}
	slices.Sort(names)
	all := sha256.New()
	for _, name := range names {
		text, err := static.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(text)
		_, _ = all.Write(sum[:]) // a hash takes everything
		s.assets[path.Base(name)] = Asset{mime.TypeByExtension(path.Ext(name)), text, hex.EncodeToString(sum[:6])}
	}
	err = fs.WalkDir(templates, "templates", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := templates.ReadFile(name)
		_, _ = all.Write(text)
		return err
	})
	s.version = hex.EncodeToString(all.Sum(nil)[:6])
	return err
}

// Assets are the files that pages load, by name.
func (s *Site) Assets() map[string]Asset { return s.assets }

// Version names the templates and files: where one of them is another, so is it.
func (s *Site) Version() string { return s.version }

// address is that of a file, with its version.
func (s *Site) address(root, name string) (string, error) {
	a, ok := s.assets[name]
	if !ok {
		return "", fmt.Errorf("there is no file %s", name)
	}
	return root + "static/" + name + "?v=" + a.Version, nil
}

// pair is a value with the name of its parameter, for a template.
func pair(name string, v value) any {
	return struct {
		Name  string
		Value value
	}{name, v}
}

func (s *Site) render(page string, view any) ([]byte, error) {
	var out bytes.Buffer
	if err := s.pages[page].Execute(&out, view); err != nil {
		return nil, fmt.Errorf("render page %s: %w", page, err)
	}
	return out.Bytes(), nil
}
