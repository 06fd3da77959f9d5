package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/whitespace"
	"github.com/blevesearch/bleve/v2/mapping"

	"github.com/parvis-opendata/parvis/internal/search"
)

// Engine makes indexes in a directory of its own.
type Engine struct{ Dir string }

// Fields of words, by weight.
const (
	title         = "intitule"
	certification = "certification"
	provider      = "organisme"
	domain        = "domaine"
	codes         = "codes"
)

// Numbers and what is stored.
const (
	price    = "prix"
	hours    = "heures"
	sessions = "sessions"
	level    = "chiffre"
	stored   = "document"
)

// words is the analyzer of texts whose words were made by search.Words.
const words = "mots"

// Build implements search.Engine. The documents are read once, and are not kept in memory.
func (e Engine) Build(ctx context.Context, name string, documents iter.Seq2[search.Document, error]) (search.Index, error) {
	dir := filepath.Join(e.Dir, name)
	x, err := build(ctx, dir, documents)
	if err != nil {
		return nil, fmt.Errorf("build the search index: %w", err)
	}
	return x, nil
}

func build(ctx context.Context, dir string, documents iter.Seq2[search.Document, error]) (_ *Index, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	defer func() { // what was there before is not ours
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	m, err := mappings()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "index")
	b, err := bleve.NewBuilder(path, m, map[string]any{"buildPathPrefix": dir})
	if err != nil {
		return nil, err
	}
	r := &reader{settings: search.Defaults(), counts: map[string]int32{}, offers: map[string]int64{}}
	// A builder holds nothing but files until it is closed, which joins them.
	if err := r.read(ctx, b, documents); err != nil {
		return nil, err
	}
	opened, err := open(b, path, m, r.documents)
	if err != nil {
		return nil, err
	}
	c, err := readColumns(opened)
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return &Index{
		bleve: opened, columns: c, dir: dir, settings: r.settings, vocabulary: newVocabulary(r.counts),
		keys: r.keys(), completions: r.completions(),
	}, nil
}

// open ends the building and opens what was built.
func open(b bleve.Builder, path string, m mapping.IndexMapping, documents int) (bleve.Index, error) {
	if documents == 0 { // a builder of nothing cannot be closed
		return bleve.NewMemOnly(m)
	}
	if err := b.Close(); err != nil {
		return nil, err
	}
	return bleve.OpenUsing(path, map[string]any{"read_only": true})
}

// reader indexes documents and collects their words.
type reader struct {
	settings  *search.Settings
	documents int
	counts    map[string]int32 // trainings by word
	offers    map[string]int64 // sessions by completion
}

func (r *reader) read(ctx context.Context, b bleve.Builder, documents iter.Seq2[search.Document, error]) error {
	for d, err := range documents {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		entry, err := r.entry(&d)
		if err != nil {
			return err
		}
		if err := b.Index(d.Numero, entry); err != nil {
			return err
		}
		r.documents++
	}
	return nil
}

// entry is what Bleve is given of a document.
func (r *reader) entry(d *search.Document) (map[string]any, error) {
	text, err := search.Encode(*d)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	e := map[string]any{
		stored: string(text), title: r.words(seen, d.Title), certification: r.words(seen, d.Certification),
		provider: r.words(seen, d.Provider), domain: r.words(seen, append([]string{d.Formacode}, d.Domains...)...),
		codes: d.Codes(), search.Level: d.Level, level: search.LevelNumber(d.Level), search.Register: d.Register, search.NSF: d.NSF,
		search.Accreditation: d.Accreditation, search.Distance: strconv.FormatBool(d.Distance()), sessions: float64(d.Sessions),
	}
	var departements, regions []string
	for _, p := range d.Places {
		departements = append(departements, p.Departement)
		if !slices.Contains(regions, p.Region) {
			regions = append(regions, p.Region)
		}
	}
	e[search.Departement], e[search.Region] = departements, regions
	if d.PriceMin != nil {
		e[price] = *d.PriceMin
	}
	if d.HoursMin != nil {
		e[hours] = *d.HoursMin
	}
	for _, t := range []string{d.Certification, d.Provider, d.Formacode} {
		if t != "" {
			r.offers[t] += d.Sessions
		}
	}
	return e, nil
}

// words returns the words of texts, each as it is after a sign, and its stem.
func (r *reader) words(seen map[string]bool, texts ...string) string {
	var b strings.Builder
	for _, text := range texts {
		for _, w := range search.Words(text) {
			if len(w) > 64 {
				continue
			}
			if !seen[w] {
				seen[w] = true
				r.counts[w]++
			}
			b.WriteString(exact(w))
			b.WriteByte(' ')
			b.WriteString(search.Stem(w))
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// exact is how a word is indexed as it is, beside its stem.
func exact(word string) string { return "=" + word }

// keys is the vocabulary of the synonyms, where typing errors are looked for too.
func (r *reader) keys() *vocabulary {
	counts := map[string]int32{}
	for phrase := range r.settings.Synonyms {
		if !strings.Contains(phrase, " ") {
			counts[phrase] = 1
		}
	}
	return newVocabulary(counts)
}

// completion is a text that Suggest may return.
type completion struct {
	text, folded string // folded begins with a space, as each of its words does
	sessions     int64
}

// completions returns the titles of certifications, names of providers and labels, the
// most offered first.
func (r *reader) completions() []completion {
	var all []completion
	for text, n := range r.offers {
		all = append(all, completion{text, " " + search.Fold(text), n})
	}
	slices.SortFunc(all, func(a, b completion) int {
		return cmp.Or(cmp.Compare(b.sessions, a.sessions), cmp.Compare(a.text, b.text))
	})
	return all
}

// mappings tells Bleve the fields.
func mappings() (*mapping.IndexMappingImpl, error) {
	m := bleve.NewIndexMapping()
	err := m.AddCustomAnalyzer(words, map[string]any{"type": custom.Name, "tokenizer": whitespace.Name})
	if err != nil {
		return nil, err
	}
	d := bleve.NewDocumentStaticMapping()
	for _, f := range []string{title, certification, provider, domain} {
		d.AddFieldMappingsAt(f, &mapping.FieldMapping{Type: "text", Analyzer: words, Index: true, SkipFreqNorm: true})
	}
	for _, f := range append([]string{level, codes}, search.Facets...) {
		counted := f != codes && f != level
		d.AddFieldMappingsAt(f, &mapping.FieldMapping{Type: "text", Analyzer: keyword.Name, Index: true, SkipFreqNorm: true, DocValues: counted})
	}
	for _, f := range []string{price, hours, sessions} {
		d.AddFieldMappingsAt(f, &mapping.FieldMapping{Type: "number", Index: true, DocValues: true})
	}
	d.AddFieldMappingsAt(stored, &mapping.FieldMapping{Type: "text", Analyzer: keyword.Name, Store: true})
	m.DefaultMapping = d
	return m, nil
}
