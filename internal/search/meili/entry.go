package meili

import (
	"slices"
	"strconv"
	"strings"

	"github.com/parvis-opendata/parvis/internal/search"
)

// Attributes of an index, beside the facets of package search.
const (
	key           = "id"
	stored        = "document"
	title         = "intitule"
	certification = "certification"
	provider      = "organisme"
	domain        = "domaine"
	everywhere    = "tout" // a word that every training has, for requests that only filter
	tokens        = "mots"
	codes         = "codes"
	level         = "chiffre"
	price         = "prix"
	hours         = "heures"
	sessions      = "sessions"
)

// form is the form of the indexes: one made by a program with another is made again.
const form = 1

// fields are the attributes of words, by weight.
var fields = [4]string{title, certification, provider, domain}

// letters stand for the fields in the tokens.
var letters = [len(fields)]string{"i", "c", "o", "d"}

// Lengths in bytes from which on words and codes are left out.
const (
	longest     = 64
	longestCode = 400 // Meilisearch filters by 468 at most
)

// exact is the token of a word in a field.
func exact(field int, word string) string { return letters[field] + "=" + word }

// root is the token of a stem in a field, for words that are not their own stem.
func root(field int, stem string) string { return letters[field] + "~" + stem }

// entry is what Meilisearch is given of a document.
func entry(id int, d *search.Document, s *search.Settings) (map[string]any, error) {
	text, err := search.Encode(*d)
	if err != nil {
		return nil, err
	}
	e := map[string]any{
		key: id, stored: string(text), everywhere: everywhere, search.Distance: strconv.FormatBool(d.Distance()), sessions: d.Sessions,
		codes: slices.DeleteFunc(d.Codes(), func(c string) bool { return len(c) > longestCode }), search.NSF: d.NSF,
	}
	for name, value := range map[string]string{
		search.Level: d.Level, level: search.LevelNumber(d.Level), search.Register: d.Register, search.Accreditation: d.Accreditation,
	} {
		if value != "" {
			e[name] = value
		}
	}
	var all []string
	for i, texts := range texts(d) {
		words := words(texts, s)
		if len(words) > 0 {
			e[fields[i]] = strings.Join(words, " ")
		}
		for _, w := range words {
			all = append(all, exact(i, w))
			if stem := search.Stem(w); stem != w {
				all = append(all, root(i, stem))
			}
		}
	}
	slices.Sort(all)
	e[tokens] = slices.Compact(all)
	e[search.Departement], e[search.Region] = d.Where()
	if d.PriceMin != nil {
		e[price] = *d.PriceMin
	}
	if d.HoursMin != nil {
		e[hours] = *d.HoursMin
	}
	return e, nil
}

// texts are the texts of a document by field.
func texts(d *search.Document) [len(fields)][]string {
	return [...][]string{{d.Title}, {d.Certification}, {d.Provider}, append([]string{d.Formacode}, d.Domains...)}
}

// words returns the words of texts that say something.
func words(texts []string, s *search.Settings) []string {
	var all []string
	for _, text := range texts {
		for _, w := range search.Words(text) {
			if !s.Stops(w) && len(w) <= longest {
				all = append(all, w)
			}
		}
	}
	return all
}
