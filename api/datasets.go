package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// datasetList is the answer of /api/v1/datasets.
type datasetList struct {
	Datasets  []datasetBody `json:"datasets"`
	Synthetic bool          `json:"synthetic"`
	Notice    string        `json:"notice,omitempty"`
}

// datasetBody describes a dataset.
type datasetBody struct {
	ID          string      `json:"id"`
	Title       string      `json:"title"`
	Summary     string      `json:"summary"`
	Description string      `json:"description"`
	Frequency   string      `json:"frequency"`
	Publisher   string      `json:"publisher"`
	License     string      `json:"license"`
	LicenseID   string      `json:"license_id"`
	LicenseURL  string      `json:"license_url"`
	Language    string      `json:"language"`
	Keywords    []string    `json:"keywords"`
	Themes      []string    `json:"themes"`
	Synthetic   bool        `json:"synthetic"`
	Notice      string      `json:"notice,omitempty"`
	Tables      []tableBody `json:"tables"`
	// Served is the served release; null while there is none.
	Served *servedBody  `json:"served"`
	Links  datasetLinks `json:"links"`
}

// tableBody describes a table. The list of datasets leaves the fields out.
type tableBody struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Grain       string   `json:"grain"`
	Key         []string `json:"key"`
	Facets      []string `json:"facets"`
	// Rows are those of the served release.
	Rows *int64 `json:"rows"`
	// Masked is the share of the training files that are in secret cells of the
	// served release, in per cent.
	Masked *int        `json:"part_masquee,omitempty"`
	Fields []fieldBody `json:"fields,omitempty"`
	Links  tableLinks  `json:"links"`
}

// tableLinks are the addresses about a table; absent where no query is answered.
type tableLinks struct {
	Rows string `json:"rows,omitempty"`
}

// fieldBody describes a column.
type fieldBody struct {
	Name        string          `json:"name"`
	Label       string          `json:"label"`
	Aliases     []string        `json:"aliases"`
	Type        datasets.Type   `json:"type"`
	Unit        string          `json:"unit,omitempty"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Example     string          `json:"example,omitempty"`
	Constraints constraintsBody `json:"constraints"`
}

// constraintsBody are the constraints of a column, as in Table Schema.
type constraintsBody struct {
	Required bool     `json:"required,omitempty"`
	Enum     []string `json:"enum,omitempty"`
	Pattern  string   `json:"pattern,omitempty"`
	Minimum  *int     `json:"minimum,omitempty"`
}

// servedBody is the served release of a dataset.
type servedBody struct {
	Release        string       `json:"release"`
	DateExtract    string       `json:"date_extract"`
	PublishedAt    time.Time    `json:"published_at"`
	ServedSince    time.Time    `json:"served_since"`
	CheckedAt      time.Time    `json:"checked_at"`
	CheckedExtract string       `json:"checked_extract,omitempty"`
	Synthetic      bool         `json:"synthetic"`
	Note           string       `json:"note,omitempty"`
	Rows           int64        `json:"rows"`
	Objects        []objectBody `json:"objects"`
}

// objectBody is a file of a release. URL pins the release; LatestURL, where it is
// served, follows it.
type objectBody struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Bytes     int64  `json:"bytes"`
	SHA256    string `json:"sha256"`
	Rows      *int64 `json:"rows,omitempty"`
	URL       string `json:"url"`
	LatestURL string `json:"latest_url,omitempty"`
}

// datasetLinks are the addresses about a dataset.
type datasetLinks struct {
	Self       string `json:"self"`
	Releases   string `json:"releases"`
	Latest     string `json:"latest"`
	Changes    string `json:"changes"`
	Quality    string `json:"quality"`
	Disclosure string `json:"disclosure"`
	Schema     string `json:"schema"`
	Manifest   string `json:"manifest"`
}

// dataset returns the dataset that a request names.
func (s *Server) dataset(c *gin.Context) (datasets.Dataset, error) {
	id := parameter(c, "dataset")
	d, ok := datasets.Find(s.options.Datasets, id)
	if !ok {
		return d, &problem{
			kind: errUnknownDataset, detail: fmt.Sprintf("Il n'y a pas de jeu de données « %s ».", shorten(id)),
			fixes: func(l links) []string {
				return []string{"Choisissez dans la liste des jeux de données : " + l.base + "/api/v1/datasets"}
			},
		}
	}
	return d, nil
}

// listDatasets answers with every dataset, without the fields of their tables.
func (s *Server) listDatasets(c *gin.Context) error {
	out := datasetList{Datasets: []datasetBody{}}
	for _, d := range s.options.Datasets {
		one, _, err := s.describe(c, d)
		if err != nil {
			return err
		}
		for i := range one.Tables {
			one.Tables[i].Fields = nil
		}
		out.Synthetic = out.Synthetic || one.Synthetic
		out.Datasets = append(out.Datasets, one)
	}
	out.Notice = datasets.Notice(out.Synthetic)
	return writeJSON(c, out)
}

// showDataset answers with one dataset.
func (s *Server) showDataset(c *gin.Context) error {
	d, err := s.dataset(c)
	if err != nil {
		return err
	}
	body, snap, err := s.describe(c, d)
	if err != nil {
		return err
	}
	if snap != nil {
		mark(c, snap.manifest)
	}
	return writeJSON(c, body)
}

// describe returns what is known of a dataset, and its served release if there is
// one.
func (s *Server) describe(c *gin.Context, d datasets.Dataset) (datasetBody, *snapshot, error) {
	l := s.linksFor(c.Request)
	body := newDatasetBody(d, l)
	if s.explore != nil {
		for i := range body.Tables {
			body.Tables[i].Links.Rows = l.rows(body.Tables[i].ID)
		}
	}
	snap, err := s.servedOrNone(c.Request.Context(), d)
	if err != nil || snap == nil {
		return body, nil, err
	}
	m := snap.manifest
	body.Synthetic, body.Notice = m.Synthetic, datasets.Notice(m.Synthetic)
	for i := range body.Tables {
		if t := publishedTable(m, body.Tables[i].ID); t != nil {
			body.Tables[i].Rows, body.Tables[i].Masked = &t.Rows, t.Masked
		}
	}
	body.Served = &servedBody{
		Release: m.Release, DateExtract: m.DateExtract, PublishedAt: m.PublishedAt, ServedSince: snap.pointer.ServedSince,
		CheckedAt: snap.pointer.CheckedAt, CheckedExtract: snap.pointer.CheckedExtract,
		Synthetic: m.Synthetic, Note: m.Note, Rows: m.Rows(), Objects: objectBodies(m, l, latest),
	}
	return body, snap, nil
}

// servedOrNone returns the served release, nil if none is served.
func (s *Server) servedOrNone(ctx context.Context, d datasets.Dataset) (*snapshot, error) {
	snap, err := s.library.served(ctx, d)
	if errors.Is(err, errUnpublished) {
		return nil, nil //nolint:nilnil // that none is served is an answer
	}
	return &snap, err
}

func newDatasetBody(d datasets.Dataset, l links) datasetBody {
	body := datasetBody{
		ID: d.ID, Title: d.Title, Summary: d.Summary, Description: d.Description, Frequency: d.Frequency, Publisher: d.Publisher,
		License: d.License, LicenseID: d.LicenseID, LicenseURL: d.LicenseURL, Language: d.Language,
		Keywords: orEmpty(d.Keywords), Themes: orEmpty(d.Themes),
		Links: datasetLinks{
			Self: l.dataset(d.ID), Releases: l.releases(d.ID), Latest: l.release(d.ID, latest),
			Changes: l.document(d.ID, "changes", latest), Quality: l.document(d.ID, "quality", latest), Disclosure: l.document(d.ID, "disclosure", latest),
			Schema: l.file(d.ID, latest, "schema.json"), Manifest: l.file(d.ID, latest, release.ManifestName),
		},
	}
	for _, t := range d.Tables {
		body.Tables = append(body.Tables, newTableBody(t))
	}
	return body
}

func newTableBody(t datasets.Table) tableBody {
	body := tableBody{ID: t.ID, Title: t.Title, Description: t.Description, Grain: t.Grain, Key: orEmpty(t.Key), Facets: orEmpty(t.Facets)}
	for _, f := range t.Fields {
		body.Fields = append(body.Fields, fieldBody{
			Name: f.Name, Label: f.Label, Aliases: orEmpty(f.Aliases), Type: f.Type, Unit: f.Unit, Title: f.Title,
			Description: f.Description, Example: f.Example,
			Constraints: constraintsBody{Required: f.Required, Enum: f.Enum, Pattern: f.Pattern, Minimum: f.Minimum},
		})
	}
	return body
}

// objectBodies lists the files of a release, its manifest excepted. Follow is
// [latest] when the release is the served one, else "".
func objectBodies(m release.Manifest, l links, follow string) []objectBody {
	all := make([]objectBody, 0, len(m.Objects))
	for _, o := range m.Objects {
		one := objectBody{
			Name: o.Name, MediaType: o.MediaType, Bytes: o.Bytes, SHA256: o.SHA256, Rows: o.Rows, URL: l.file(m.Dataset, m.Release, o.Name),
		}
		if follow != "" {
			one.LatestURL = l.file(m.Dataset, follow, o.Name)
		}
		all = append(all, one)
	}
	return all
}

// publishedTable returns a table of a release; nil if it was not in it.
func publishedTable(m release.Manifest, id string) *release.Table {
	for i, t := range m.Tables {
		if t.ID == id {
			return &m.Tables[i]
		}
	}
	return nil
}

// orEmpty makes JSON say [] and not null.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
