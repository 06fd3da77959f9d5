package web

import (
	"time"

	"github.com/parvis-opendata/parvis/datasets"
)

// Offer is a dataset as lists show it.
type Offer struct {
	datasets.Dataset
	// Served says that a release is served, of which the rest tells.
	Served                 bool
	Release                string
	PublishedAt, CheckedAt time.Time
	DateExtract            string
	Rows                   int64
}

// Frequencies are the words for how often a dataset is published.
var frequencies = map[string]string{"daily": "chaque jour", "monthly": "chaque mois", "quarterly": "chaque trimestre"}

// Often says how often the dataset is published.
func (o Offer) Often() string { return frequencies[o.Frequency] }

// Kind is what the dataset is about, in a word.
func (o Offer) Kind() string { return kinds[o.ID].name }

// Dashboard is the name of the dashboard of the dataset.
func (o Offer) Dashboard() string { return kinds[o.ID].dashboard }

// The datasets.
const (
	catalogueID = "moncompteformation_catalogueformation"
	engageesID  = "moncompteformation_formations_engagees"
	usagersID   = "moncompteformation_usagers"
)

// Purchases is the dataset of the purchases.
const Purchases = engageesID

// kinds are the datasets in a word, with the names of their dashboards.
var kinds = map[string]struct{ name, dashboard string }{
	catalogueID: {"L'offre", "offre"},
	engageesID:  {"Les engagements", "engagements"},
	usagersID:   {"Les usagers", "usagers"},
}
