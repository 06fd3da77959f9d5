package web

import (
	"encoding/xml"
	"time"
)

// Event is something to announce: a release that was published, or withdrawn.
type Event struct {
	Dataset, Title string
	Release
}

// When is when it happened.
func (e Event) When() time.Time {
	if e.State == "withdrawn" {
		return e.Since
	}
	return e.PublishedAt
}

// atomFeed is a feed as RFC 4287 has it.
type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Language string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle"`
	Updated  string      `xml:"updated"`
	Links    []atomLink  `xml:"link"`
	Author   atomAuthor  `xml:"author"`
	Rights   string      `xml:"rights"`
	Entries  []atomEntry `xml:"entry"`
}

type atomLink struct {
	Relation string `xml:"rel,attr"`
	Type     string `xml:"type,attr,omitempty"`
	Address  string `xml:"href,attr"`
	Title    string `xml:"title,attr,omitempty"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomEntry struct {
	ID        string       `xml:"id"`
	Title     string       `xml:"title"`
	Published string       `xml:"published"`
	Updated   string       `xml:"updated"`
	Category  atomCategory `xml:"category"`
	Links     []atomLink   `xml:"link"`
	Content   string       `xml:"content"`
}

type atomCategory struct {
	Term  string `xml:"term,attr"`
	Label string `xml:"label,attr"`
}

// never is when a feed changed to which nothing has come yet.
var never = time.Unix(0, 0)

// Feed renders events, the latest first, as an Atom feed. Notice is said of data that are
// invented.
//
// Errors: a text has characters that XML cannot have.
func Feed(base, author, notice string, events []Event) ([]byte, error) {
	f := atomFeed{
		Language: "fr", ID: base + "/atom.xml", Title: "Parvis : publications des données ouvertes de la formation professionnelle",
		Subtitle: "Nouvelles publications, notes et errata, retraits et leurs motifs.", Updated: stamp(never),
		Links:  []atomLink{{"self", "application/atom+xml", base + "/atom.xml", ""}, {"alternate", "text/html", base + "/jeux-de-donnees", ""}},
		Author: atomAuthor{author}, Rights: "Licence Ouverte / Open Licence version 2.0",
	}
	if notice != "" {
		f.Subtitle += " " + notice
	}
	for i, e := range events {
		if i == 0 {
			f.Updated = stamp(e.When())
		}
		f.Entries = append(f.Entries, entry(base, e))
	}
	text, err := xml.MarshalIndent(f, "", "  ")
	return append([]byte(xml.Header), append(text, '\n')...), err
}

func entry(base string, e Event) atomEntry {
	about := base + "/api/v1/datasets/" + e.Dataset + "/releases/" + e.ID
	one := atomEntry{
		ID: about, Title: e.Title + " : extrait du " + date(e.DateExtract), Published: stamp(e.PublishedAt), Updated: stamp(e.When()),
		Category: atomCategory{e.Dataset, e.Title},
		Links:    []atomLink{{"alternate", "text/html", base + "/jeux-de-donnees/" + e.Dataset, ""}, {"related", "application/json", about, "Description de la publication"}},
		Content:  "Publication " + e.ID + ", extrait du " + date(e.DateExtract) + ", " + some(int(e.Rows), "ligne", "lignes") + ".",
	}
	if e.Changes != nil {
		one.Content += " Depuis la précédente : " + e.Changes.String() + "."
	}
	if e.Note != "" {
		one.Title += " (avec une note)"
		one.Content += " Note : " + e.Note
	}
	if e.State == "withdrawn" {
		one.ID += "#retrait" // another event than the publication
		one.Title, one.Published = e.Title+" : retrait de la publication du "+day(e.PublishedAt.In(paris)), stamp(e.Since)
		one.Content = "La publication " + e.ID + ", extrait du " + date(e.DateExtract) + ", a été retirée le " + day(e.Since.In(paris)) + ". Motif : " + e.Reason
	}
	return one
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
