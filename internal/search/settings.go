package search

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed data/*.txt data/*.csv
var data embed.FS

// Settings are what engines and plans are told about the language; see folder data.
type Settings struct {
	// Synonyms maps a folded phrase to its alternatives, each of one or several words that
	// are all needed.
	Synonyms map[string][][]string
	stemmed  map[string]string // phrases of Synonyms by their stems
	stops    map[string]bool
	distance map[string]bool
	places   map[string]Zone
	near     []string                     // names of places of one word that are well known
	longest  int                          // words of the longest phrase
	regions  map[string]string            // of the départements
	labels   map[string]map[string]string // of facets
}

// Defaults returns the settings. They must not be changed.
var Defaults = sync.OnceValue(func() *Settings {
	s := &Settings{
		Synonyms: map[string][][]string{}, stops: set(lines("mots_vides.txt", strings.Fields)),
		distance: set(lines("a_distance.txt", func(l string) []string { return []string{l} })),
		places:   map[string]Zone{}, stemmed: map[string]string{}, regions: map[string]string{},
		labels: map[string]map[string]string{Departement: {}, Region: {}, NSF: {}, Distance: {"true": "À distance", "false": "Sur place"}},
	}
	lines("synonymes.txt", func(l string) []string { s.synonym(l); return nil })
	s.readPlaces()
	for _, r := range table("nsf.csv") {
		s.labels[NSF][r[0]] = r[1]
	}
	for phrase := range s.Synonyms {
		s.longest = max(s.longest, strings.Count(phrase, " ")+1)
	}
	for phrase := range s.places {
		s.longest = max(s.longest, strings.Count(phrase, " ")+1)
	}
	return s
})

// file returns a file of data; it is part of the program.
func file(name string) []byte {
	text, err := data.ReadFile("data/" + name)
	if err != nil {
		panic(fmt.Sprintf("data of the search: %v", err))
	}
	return text
}

// lines returns what fn makes of the lines of a file, but for comments and empty ones.
func lines(name string, fn func(string) []string) []string {
	var all []string
	for line := range strings.Lines(string(file(name))) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, fn(line)...)
		}
	}
	return all
}

func set(list []string) map[string]bool {
	m := map[string]bool{}
	for _, s := range list {
		m[s] = true
	}
	return m
}

// synonym adds a line of synonyms.
func (s *Settings) synonym(line string) {
	left, right, _ := strings.Cut(line, "=>")
	var alternatives [][]string
	for alternative := range strings.SplitSeq(right, "|") {
		alternatives = append(alternatives, strings.Fields(alternative))
	}
	for phrase := range strings.SplitSeq(left, "|") {
		phrase = strings.Join(spoken(strings.Fields(phrase)), " ")
		s.Synonyms[phrase] = append(s.Synonyms[phrase], alternatives...)
		if _, ok := s.stemmed[stems(phrase)]; !ok {
			s.stemmed[stems(phrase)] = phrase
		}
	}
}

// alternatives returns what a phrase also is, in the plural or the feminine too.
func (s *Settings) alternatives(phrase string) ([][]string, bool) {
	all, ok := s.Synonyms[phrase]
	if !ok {
		all, ok = s.Synonyms[s.stemmed[stems(phrase)]]
	}
	return all, ok
}

// NearKeys returns at most n words with synonyms that look like a word, the nearest first.
func (s *Settings) NearKeys(word string, n int) []string {
	most := Edits(word)
	if most == 0 {
		return nil
	}
	distances := map[string]int{}
	var near []string
	for phrase := range s.Synonyms {
		if d := Distant(word, phrase, most); d <= most && !strings.Contains(phrase, " ") {
			distances[phrase] = d
			near = append(near, phrase)
		}
	}
	slices.SortFunc(near, func(a, b string) int { return cmp.Or(distances[a]-distances[b], cmp.Compare(a, b)) })
	return near[:min(n, len(near))]
}

// Stops reports whether a word says nothing in a query.
func (s *Settings) Stops(word string) bool { return s.stops[word] }

// StopWords are the words that say nothing, in order.
func (s *Settings) StopWords() []string { return slices.Sorted(maps.Keys(s.stops)) }

// stems returns a phrase with the stem of each word.
func stems(phrase string) string {
	words := strings.Fields(phrase)
	for i, w := range words {
		words[i] = Stem(w)
	}
	return strings.Join(words, " ")
}

// table reads a CSV file of data, without its header.
func table(name string) [][]string {
	rows, err := csv.NewReader(bytes.NewReader(file(name))).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("data of the search: %s: %v", name, err))
	}
	return rows[1:]
}

// Values are the values of a facet that have a name, in order.
func (s *Settings) Values(facet string) []string {
	return slices.Sorted(maps.Keys(s.labels[facet]))
}

// Label returns the name of a value of a facet: that of a département, a région, a domain
// of the NSF, in French for the distance; else the value.
func (s *Settings) Label(facet, value string) string {
	if label, ok := s.labels[facet][value]; ok {
		return label
	}
	return value
}
