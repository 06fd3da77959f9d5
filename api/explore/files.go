package explore

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// documents are the objects of a release that belong to no table, with their titles.
var documents = map[string]string{
	"schema.json":     "Schéma des tables (Table Schema)",
	"quality.json":    "Rapport de qualité",
	"disclosure.json": "Rapport de protection des données",
	"changes.json":    "Changements depuis la publication précédente",
}

// attachment is a document that goes with a dataset.
type attachment struct {
	MediaType string `json:"mimetype"`
	URL       string `json:"url"`
	ID        string `json:"id"`
	Title     string `json:"title"`
}

// where names the release of a loan in an address: as the request asked for it.
func (l loan) where() string {
	if l.pinned {
		return l.ReleaseID()
	}
	return serving.Latest
}

func (c *Call) attachmentBodies(l loan) []attachment {
	all := []attachment{}
	for _, o := range l.Manifest().Objects {
		if title, ok := documents[o.Name]; ok {
			all = append(all, attachment{o.MediaType, c.file(l.Dataset().ID, l.where(), o.Name), objectID(o.Name), title})
		}
	}
	return append(all, attachment{"application/json", c.file(l.Dataset().ID, l.where(), release.ManifestName), objectID(release.ManifestName), "Manifeste : fichiers et empreintes"})
}

// objectID is a name without the signs that an identifier does not have.
func objectID(name string) string { return strings.NewReplacer(".", "_", "-", "_").Replace(name) }

// attachments answers with the documents that go with a table.
func (a *API) attachments(c *Call, _ params, l loan) error {
	type metas struct {
		MediaType string `json:"mime-type"`
		Title     string `json:"title"`
		URL       string `json:"url"`
		ID        string `json:"id"`
	}
	type entry struct {
		Href  string `json:"href"`
		Metas metas  `json:"metas"`
	}
	body := struct {
		Links       []string `json:"links"`
		Attachments []entry  `json:"attachments"`
	}{[]string{}, []entry{}}
	for _, one := range c.attachmentBodies(l) {
		body.Attachments = append(body.Attachments, entry{one.URL, metas{one.MediaType, one.Title, one.URL, one.ID}})
	}
	text, err := marshal(body)
	if err != nil {
		return err
	}
	return a.answer(c, l, a.key(l, "attachments", string(text)), func() ([]byte, error) { return append(text, '\n'), nil })
}

// alternative is a file of the release that holds a table.
type alternative struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	MediaType string `json:"mimetype"`
	URL       string `json:"url"`
	Bytes     int64  `json:"size"`
	SHA256    string `json:"sha256"`
}

func (c *Call) alternatives(l loan) []alternative {
	all := []alternative{}
	for _, o := range l.Manifest().Objects {
		if extension, ok := strings.CutPrefix(o.Name, l.ID()+"."); ok {
			all = append(all, alternative{objectID(extension), o.Name, o.MediaType, c.file(l.Dataset().ID, l.where(), o.Name), o.Bytes, o.SHA256})
		}
	}
	return all
}

// alternativeExport leads to a file of the served release.
func (a *API) alternativeExport(c *Call, _ params, l loan) error {
	asked := c.Path("file")
	for _, one := range c.alternatives(l) {
		if asked == one.ID || asked == one.Title || l.ID()+"."+asked == one.Title {
			return c.lead(one.URL)
		}
	}
	return notFound(fmt.Sprintf("Le jeu de données « %s » n'a pas de fichier « %s ».", l.ID(), cut(asked, 60)))
}

// redirect leads from a page of the old portal to ours, to the place of the table.
func (a *API) redirect(c *Call, _ params, l loan) error {
	address := c.pageOf(l.Dataset())
	if l.ID() != l.Dataset().ID {
		address += "#" + url.PathEscape(l.ID())
	}
	return c.lead(address)
}

// lead answers with another address.
func (c *Call) lead(address string) error {
	c.Writer.Header().Set("Location", address)
	c.Writer.Header().Set("Cache-Control", "public, max-age=3600")
	c.Writer.WriteHeader(http.StatusFound)
	return nil
}
