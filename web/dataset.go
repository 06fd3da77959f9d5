package web

import (
	"slices"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
)

// Dataset is what the page of a dataset shows. Of a dataset that has no release in service
// it shows what is published there, and the history.
type Dataset struct {
	Offer
	// Note is what the operator says of the served release, such as an erratum.
	Note      string
	Synthetic bool
	// Periods are those that a statistical dataset has published, in order.
	Periods []string
	// Counts are those of the served release, by table.
	Counts map[string]Count
	Files  []File
	// History are releases, latest first, and Older is how many are not among them.
	History []Release
	Older   int
	// Quality and Disclosure are the reports of the served release; nil if there is none.
	Quality    *Quality
	Disclosure *Disclosure
	// View is what is asked of a table, and Preview what came of it; nil where the tables
	// cannot be asked now.
	View    View
	Preview *Preview
}

// Count is how much a table of a release holds.
type Count struct {
	Rows int64
	// Masked is the share of training files in secret cells, in per cent; nil if nothing
	// is counted.
	Masked *int
}

// File is an object of the served release.
type File struct {
	Name, MediaType, SHA256 string
	Bytes                   int64
}

// Release is one of the history.
type Release struct {
	ID          string
	State       string // served, kept, pruned, withdrawn
	PublishedAt time.Time
	DateExtract string
	Rows        int64
	// Note is what the operator says of it, such as an erratum.
	Note string
	// Since and Reason say when and why it was withdrawn or is no longer kept.
	Since  time.Time
	Reason string
	// Changes is what differs from the release before; nil if that is not known.
	Changes *Changes
}

// Datasets renders the list of the datasets.
func (s *Site) Datasets(f Frame, all []Offer) ([]byte, error) {
	return s.render("datasets", datasetsView{f, all})
}

// datasetsView is the list as the template sees it.
type datasetsView struct {
	Frame
	Offers []Offer
}

// Lines says how many rows the tables have together.
func (o Offer) Lines() string { return number(int(o.Rows)) }

// Dataset renders the page of a dataset.
func (s *Site) Dataset(f Frame, d Dataset) ([]byte, error) {
	v := datasetView{Frame: f, Dataset: d}
	for _, t := range d.Tables {
		v.Parts = append(v.Parts, v.part(t))
	}
	v.Examples = v.examples()
	if d.Served {
		v.Linked = v.linked()
	}
	if d.Preview != nil {
		v.Grid = v.grid()
	}
	return s.render("dataset", v)
}

// datasetView is the page as the template sees it.
type datasetView struct {
	Frame
	Dataset

	Parts    []part
	Examples []example
	Linked   *linkedDataset
	Grid     *grid
}

// Withdrawn is the last release, if none is served because it was withdrawn.
func (v datasetView) Withdrawn() *Release {
	if v.Served || len(v.History) == 0 {
		return nil
	}
	i := slices.IndexFunc(v.History, func(r Release) bool { return r.State == "withdrawn" })
	if i < 0 {
		return nil
	}
	return &v.History[i]
}

// Next says when the next update is to be expected, as far as the frequency tells; empty if
// nothing is known.
func (o Offer) Next() string {
	if !o.Served {
		return ""
	}
	checked := o.CheckedAt.In(paris)
	switch o.Frequency {
	case "daily":
		return "le " + day(checked.AddDate(0, 0, 1))
	case "monthly":
		return "au début du mois " + of(months[checked.Month()%12])
	case "quarterly":
		return "au début du mois " + of(months[(checked.Month()+2)/3*3%12])
	}
	return ""
}

// of puts « de » before a name.
func of(name string) string {
	if strings.ContainsRune("aeiouyéh", []rune(name)[0]) {
		return "d'" + name
	}
	return "de " + name
}

// Span is the time that the tables tell of.
func (d Dataset) Span() string {
	if len(d.Periods) == 0 {
		return ""
	}
	first, last := periodName(d.Periods[0]), periodName(d.Periods[len(d.Periods)-1])
	if first == last {
		return first
	}
	return first + " – " + last
}

// Citation is how to cite the dataset.
func (v datasetView) Citation() string {
	text := v.Publisher + ", « " + v.Title + " »"
	if v.Served {
		text += ", extrait du " + date(v.DateExtract) + ", publication " + v.Release
	}
	return text + ", " + v.License + ", " + v.Canonical()
}

// part is a table of the dataset, with its files.
type part struct {
	datasets.Table

	Known        bool // whether the release has it
	Rows, Masked string
	Open         bool   // nearly nothing is secret, but for what funders pay
	Funders      string // in how many rows what each funder pays is told; empty if in all, or in no row
	Files        []file
	Columns      []column
	Shown        bool // in the preview
	Preview, API string
}

func (v datasetView) part(t datasets.Table) part {
	p := part{Table: t, Shown: t.ID == v.View.Table.ID, Preview: v.preview(View{Table: t}), API: v.Root + strings.TrimSuffix(View{Table: t}.Rows().Records(""), "?")}
	count, known := v.Counts[t.ID]
	p.Known = known
	if known {
		p.Rows = some(int(count.Rows), "ligne", "lignes")
		p.Masked, p.Open = masked(count.Masked), count.Masked != nil && *count.Masked == 0
	}
	for _, format := range formats {
		i := slices.IndexFunc(v.Files, func(f File) bool { return f.Name == t.ID+"."+format.extension })
		if i >= 0 {
			p.Files = append(p.Files, v.file(v.Files[i], format.name, format.what))
		}
	}
	for _, f := range t.Fields {
		if filled := v.Quality.filled(t.ID, f.Name); f.Funder != "" && filled != "" && filled != "100"+hard+"%" {
			p.Funders = filled
		}
		p.Columns = append(p.Columns, column{f, types[f.Type], v.Quality.filled(t.ID, f.Name)})
	}
	return p
}

// masked says how far sums over a table understate; empty if they do not.
func masked(percent *int) string {
	if percent == nil || *percent == 0 {
		return ""
	}
	return "Les sommes de lignes publiées sont inférieures à la réalité d'environ " + number(*percent) + hard + "% des dossiers, que le secret statistique masque."
}

// column is a field as it is told.
type column struct {
	datasets.Field

	Kind   string
	Filled string
}

// types are those of fields in a word.
var types = map[datasets.Type]string{
	datasets.TypeText: "texte", datasets.TypeInt: "nombre entier", datasets.TypeDecimal: "nombre décimal", datasets.TypeDate: "date", datasets.TypeMonth: "mois",
}

// fieldsOf are the fields of all tables, each once.
func fieldsOf(d datasets.Dataset) []datasets.Field {
	var all []datasets.Field
	seen := map[string]bool{}
	for _, t := range d.Tables {
		for _, f := range t.Fields {
			if !seen[f.Name] {
				all = append(all, f)
			}
			seen[f.Name] = true
		}
	}
	return all
}

// format is one that tables are published in.
type format struct{ extension, name, what string }

var formats = []format{
	{"excel.csv", "CSV pour tableur", "points-virgules et virgules décimales : s'ouvre d'un clic dans un tableur en français"},
	{"csv", "CSV", "virgules, UTF-8, point décimal : pour les programmes"},
	{"xlsx", "XLSX", "classeur pour Excel ou LibreOffice, où les codes gardent leurs zéros"},
	{"parquet", "Parquet", "colonnes typées et compressées, lisibles à distance par DuckDB, pandas ou R"},
	{"jsonl.gz", "JSON lines", "un objet JSON par ligne, comprimé par gzip"},
	{"csv.gz", "CSV comprimé", "le même CSV, comprimé par gzip"},
}

// Formats explains the formats.
func (v datasetView) Formats() []file {
	var all []file
	for _, f := range formats {
		all = append(all, file{Format: f.name, What: f.what})
	}
	return all
}

// file is one to download.
type file struct {
	File
	Format, What   string
	Size           string
	Latest, Pinned string // addresses
}

func (v datasetView) file(f File, format, what string) file {
	folder := v.Base + "/datasets/" + v.ID + "/releases/"
	return file{f, format, what, size(f.Bytes), folder + "latest/" + f.Name, folder + v.Release + "/" + f.Name}
}

// Documents are the files that tell of the release.
func (v datasetView) Documents() []file {
	var all []file
	for _, one := range []struct{ name, what string }{
		{"schema.json", "noms, types et contraintes des champs (Table Schema)"}, {"changes.json", "ce qui diffère de la publication précédente, ligne à ligne"},
		{"quality.json", "ce qui a été lu, mis à l'écart et rempli"}, {"disclosure.json", "ce qui est secret, selon quelles règles"},
	} {
		if i := slices.IndexFunc(v.Files, func(f File) bool { return f.Name == one.name }); i >= 0 {
			all = append(all, v.file(v.Files[i], one.name, one.what))
		}
	}
	return all
}

// size writes a number of bytes: 344 Ko.
func size(bytes int64) string {
	x := float64(bytes)
	for _, unit := range []string{"o", "Ko", "Mo"} {
		if x < 1000 {
			return precise(x) + hard + unit
		}
		x /= 1000
	}
	return precise(x) + hard + "Go"
}

// precise writes a number under ten with a decimal, others without.
func precise(x float64) string {
	if x < 10 {
		return decimals(x)
	}
	return number(int(x + 0.5))
}

// periodName writes a month, a quarter or a year; another text stays as it is.
func periodName(period string) string {
	if len(period) == len("2026-T3") && period[4:6] == "-T" {
		return quarterName(period)
	}
	return monthName(period)
}
