package web

import (
	"strconv"
	"strings"
	"time"
)

// linkedDataset describes a dataset as schema.org has it, for search engines.
type linkedDataset struct {
	Context       string           `json:"@context"`
	Type          string           `json:"@type"`
	ID            string           `json:"@id"`
	Identifier    string           `json:"identifier"`
	Name          string           `json:"name"`
	Description   string           `json:"description"`
	URL           string           `json:"url"`
	License       string           `json:"license"`
	Free          bool             `json:"isAccessibleForFree"`
	Language      string           `json:"inLanguage"`
	Keywords      []string         `json:"keywords"`
	Version       string           `json:"version"`
	Published     string           `json:"datePublished"`
	Modified      string           `json:"dateModified"`
	Temporal      string           `json:"temporalCoverage"`
	Spatial       linkedThing      `json:"spatialCoverage"`
	Creator       linkedThing      `json:"creator"`
	Publisher     linkedThing      `json:"publisher"`
	BasedOn       linkedThing      `json:"isBasedOn"`
	Catalog       linkedThing      `json:"includedInDataCatalog"`
	Measured      []linkedVariable `json:"variableMeasured"`
	Distributions []linkedDownload `json:"distribution"`
}

type linkedThing struct {
	Type string `json:"@type"`
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

type linkedVariable struct {
	Type        string `json:"@type"`
	Name        string `json:"name"`
	Title       string `json:"alternateName"`
	Description string `json:"description"`
	Unit        string `json:"unitText,omitempty"`
}

type linkedDownload struct {
	Type     string `json:"@type"`
	Name     string `json:"name"`
	URL      string `json:"contentUrl"`
	Encoding string `json:"encodingFormat"`
	Size     string `json:"contentSize"`
	SHA256   string `json:"sha256"`
}

func (v datasetView) linked() *linkedDataset {
	at := v.PublishedAt.UTC().Format(time.RFC3339)
	l := &linkedDataset{
		Context: "https://schema.org", Type: "Dataset", ID: v.Canonical(), Identifier: v.ID, Name: v.Title, Description: v.Description,
		URL: v.Canonical(), License: v.LicenseURL, Free: true, Language: v.Language, Keywords: v.Keywords, Version: v.Release, Published: at, Modified: at,
		Temporal: v.temporal(), Spatial: linkedThing{Type: "Country", Name: "France"},
		Creator: linkedThing{Type: "Organization", Name: v.Publisher}, Publisher: linkedThing{Type: "Organization", Name: v.Publisher},
		BasedOn: linkedThing{Type: "CreativeWork", Name: v.Publisher + ", extrait du " + date(v.DateExtract)},
		Catalog: linkedThing{"DataCatalog", "Parvis", v.Base + "/jeux-de-donnees"},
	}
	for _, f := range fieldsOf(v.Offer.Dataset) {
		l.Measured = append(l.Measured, linkedVariable{"PropertyValue", f.Name, f.Title, f.Description, f.Unit})
	}
	for _, p := range v.Parts {
		for _, f := range p.Files {
			encoding, _, _ := strings.Cut(f.MediaType, ";")
			l.Distributions = append(l.Distributions, linkedDownload{"DataDownload", p.Title + " – " + f.Format, f.Latest, encoding, strconv.FormatInt(f.Bytes, 10) + " B", f.SHA256})
		}
	}
	return l
}

// temporal is the time that the tables tell of, in ISO 8601.
func (v datasetView) temporal() string {
	if len(v.Periods) == 0 {
		return v.DateExtract
	}
	first, _ := bounds(v.Periods[0])
	_, last := bounds(v.Periods[len(v.Periods)-1])
	return first + "/" + last
}

// bounds are the first and the last day of a month, quarter or year.
func bounds(period string) (first, last string) {
	year, quarter, quarterly := strings.Cut(period, "-T")
	var from, to time.Time
	if n, err := strconv.Atoi(quarter); quarterly && err == nil {
		y, _ := strconv.Atoi(year)
		from = time.Date(y, time.Month(3*n-2), 1, 0, 0, 0, 0, time.UTC)
		to = from.AddDate(0, 3, -1)
	} else if m, err := time.Parse("2006-01", period); err == nil {
		from, to = m, m.AddDate(0, 1, -1)
	} else {
		return period, period
	}
	return from.Format(time.DateOnly), to.Format(time.DateOnly)
}
