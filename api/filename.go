package api

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/parvis-opendata/parvis/datasets"
)

// maxSlug is the greatest number of characters of the readable part of a name.
const maxSlug = 80

// disposition returns the Content-Disposition of an object: a name that says what
// it is once it lies among other downloads.
//
// The name is made of the table's title, the day of the extract, and the rest of
// the object's name: offre-de-formation-du-cpf_2026-11-21.csv. A document that
// belongs to no table has the dataset's title, and its own name last. A file of
// invented data says so.
func (s snapshot) disposition(object string) string {
	name := s.fileName(object)
	return `attachment; filename="` + plain(name) + `"; filename*=UTF-8''` + url.PathEscape(name)
}

func (s snapshot) fileName(object string) string {
	title, end := s.dataset.Title, "_"+object
	id, extension, _ := strings.Cut(object, ".")
	if t, ok := tableOf(s.dataset, id); ok {
		title, end = t.Title, "."+extension
		if sharesTitle(s.dataset, t) {
			title = t.ID
		}
	}
	middle := "_" + s.manifest.DateExtract
	if s.manifest.Synthetic {
		middle += "_donnees-fictives"
	}
	return slug(title) + middle + end
}

func tableOf(d datasets.Dataset, id string) (datasets.Table, bool) {
	for _, t := range d.Tables {
		if t.ID == id {
			return t, true
		}
	}
	return datasets.Table{}, false
}

// sharesTitle reports whether another table would have the same name.
func sharesTitle(d datasets.Dataset, t datasets.Table) bool {
	for _, other := range d.Tables {
		if other.ID != t.ID && slug(other.Title) == slug(t.Title) {
			return true
		}
	}
	return false
}

// slug writes a title in lower case with hyphens, without its article. Accents
// stay.
func slug(title string) string {
	title = strings.ToLower(title)
	for _, article := range []string{"l'", "l’", "le ", "la ", "les "} {
		if rest, ok := strings.CutPrefix(title, article); ok {
			title = rest
			break
		}
	}
	words := strings.FieldsFunc(title, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
	var out []rune
	for _, w := range words {
		if len(out)+1+len([]rune(w)) > maxSlug && len(out) > 0 {
			break
		}
		if len(out) > 0 {
			out = append(out, '-')
		}
		out = append(out, []rune(w)...)
	}
	return string(out[:min(len(out), maxSlug)])
}

// unaccented are the letters of French, in lower case, without their accents.
var unaccented = strings.NewReplacer("à", "a", "â", "a", "ä", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "î", "i", "ï", "i",
	"ô", "o", "ö", "o", "ù", "u", "û", "u", "ü", "u", "ÿ", "y", "œ", "oe", "æ", "ae")

// plain writes a file name in ASCII, for clients that do not read filename*.
func plain(name string) string {
	var out strings.Builder
	for _, r := range unaccented.Replace(name) {
		switch {
		case r > unicode.MaxASCII, r == '"', r == '\\', unicode.IsControl(r):
			out.WriteByte('-')
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
