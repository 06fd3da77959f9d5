package serving

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// CatalogueID is the id of the table of the tables: one row for each table of the served
// releases, with its metadata under the names of the Explore API. It has no older
// releases.
const CatalogueID = "catalog"

// column is a column of the catalogue.
type column struct {
	field odsql.Field
	sql   string // its type
	value func(catalogued) any
}

// catalogued is a table of a served release.
type catalogued struct {
	dataset  datasets.Dataset
	table    datasets.Table
	manifest release.Manifest
	rows     int64
	modified time.Time
}

// columns are those of the catalogue, in order.
var columns = []column{
	textColumn("dataset_id", "Identifiant", func(c catalogued) any { return c.table.ID }),
	textColumn("title", "Titre", func(c catalogued) any { return c.table.Title }),
	textColumn("description", "Description", func(c catalogued) any { return c.table.Description }),
	listColumn("theme", "Thème", func(c catalogued) any { return c.dataset.Themes }),
	listColumn("keyword", "Mot clé", func(c catalogued) any { return c.dataset.Keywords }),
	facet(textColumn("license", "Licence", func(c catalogued) any { return c.dataset.License })),
	textColumn("license_url", "Adresse de la licence", func(c catalogued) any { return c.dataset.LicenseURL }),
	facet(textColumn("language", "Langue", func(c catalogued) any { return c.dataset.Language })),
	facet(plainColumn("modified", "Modifié le", odsql.DateTime, "TIMESTAMP", func(c catalogued) any { return c.modified.UTC() })),
	plainColumn("data_processed", "Données traitées le", odsql.DateTime, "TIMESTAMP", func(c catalogued) any { return c.manifest.PublishedAt.UTC() }),
	plainColumn("metadata_processed", "Métadonnées traitées le", odsql.DateTime, "TIMESTAMP", func(c catalogued) any { return c.manifest.PublishedAt.UTC() }),
	facet(textColumn("publisher", "Producteur", func(c catalogued) any { return c.dataset.Publisher })),
	plainColumn("records_count", "Nombre d'enregistrements", odsql.Int, "BIGINT", func(c catalogued) any { return c.rows }),
	listColumn("features", "Fonctions", func(c catalogued) any { return features(c.table) }),
	plainColumn("has_records", "A des enregistrements", odsql.Bool, "BOOLEAN", func(c catalogued) any { return c.rows > 0 }),
	plainColumn("data_visible", "Données visibles", odsql.Bool, "BOOLEAN", func(catalogued) any { return true }),
	plainColumn("federated", "Fédéré", odsql.Bool, "BOOLEAN", func(catalogued) any { return false }),
	facet(textColumn("dataset", "Jeu de données", func(c catalogued) any { return c.dataset.ID })),
	textColumn("release", "Publication", func(c catalogued) any { return c.manifest.Release }),
	plainColumn("date_extract", "Date de l'extrait", odsql.Date, "DATE", func(c catalogued) any { return c.manifest.DateExtract }),
}

func plainColumn(name, label string, t odsql.Type, sql string, value func(catalogued) any) column {
	return column{odsql.Field{Name: name, Label: label, Type: t}, sql, value}
}

func textColumn(name, label string, value func(catalogued) any) column {
	return plainColumn(name, label, odsql.Text, "VARCHAR", value)
}

func listColumn(name, label string, value func(catalogued) any) column {
	c := facet(plainColumn(name, label, odsql.Text, "VARCHAR[]", value))
	c.field.Multivalued = true
	return c
}

func facet(c column) column {
	c.field.Facet = true
	return c
}

// features says what can be done with a table, in the words of the Explore API.
func features(t datasets.Table) []string {
	list := []string{"analyze"}
	timed := func(f datasets.Field) bool { return f.Type == datasets.TypeDate || f.Type == datasets.TypeMonth }
	if slices.ContainsFunc(t.Fields, timed) {
		list = append(list, "timeserie")
	}
	return list
}

// refreshCatalogue makes the catalogue anew after what is served has changed.
func (l *Library) refreshCatalogue() {
	l.cataloguing.Lock()
	defer l.cataloguing.Unlock()
	l.mu.Lock()
	rows := l.catalogued()
	l.mu.Unlock()
	v, err := l.bindCatalogue(l.background, rows)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		if l.background.Err() == nil && !l.missed {
			l.options.Log.Error("catalogue is not made", slog.Any("error", err))
		}
		l.missed = true
		return
	}
	l.missed = false
	v.uses = 1
	l.open++
	l.drop(l.catalogue)
	l.catalogue = v
	l.announce()
}

// catalogueMissed reports whether the catalogue is not what it should be, because it could
// not be made.
func (l *Library) catalogueMissed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.missed
}

// catalogued lists the tables of the served releases by id. The lock is held.
func (l *Library) catalogued() []catalogued {
	var all []catalogued
	for _, s := range l.shelves {
		if s.served == nil {
			continue
		}
		for _, t := range s.served.tables {
			all = append(all, catalogued{s.dataset, t.definition, s.served.manifest, t.rows, s.modified(s.served)})
		}
	}
	slices.SortFunc(all, func(a, b catalogued) int { return cmp.Compare(a.table.ID, b.table.ID) })
	return all
}

// bindCatalogue makes a volume whose one table has a row for each of some tables.
func (l *Library) bindCatalogue(ctx context.Context, rows []catalogued) (*volume, error) {
	schema := &odsql.Schema{Relation: engine.Ident(CatalogueID), Key: []string{"dataset_id"}}
	var definitions, marks []string
	for _, c := range columns {
		schema.Fields = append(schema.Fields, c.field)
		definitions = append(definitions, engine.Ident(c.field.Name)+" "+c.sql)
		marks = append(marks, "?")
	}
	v := &volume{manifest: catalogueManifest(rows), tables: map[string]*content{}}
	return v, l.make(ctx, v, func(b *binder) error {
		if err := b.db.Exec(ctx, "CREATE TABLE "+schema.Relation+" ("+strings.Join(definitions, ", ")+")"); err != nil {
			return err
		}
		insert := "INSERT INTO " + schema.Relation + " VALUES (" + strings.Join(marks, ", ") + ")"
		for _, row := range rows {
			values := make([]any, len(columns))
			for i, c := range columns {
				values[i] = c.value(row)
			}
			if err := b.db.Exec(ctx, insert, values...); err != nil {
				return err
			}
		}
		vocabulary, err := b.dictionaries(ctx, schema, CatalogueID)
		b.tables[CatalogueID] = &content{
			definition: datasets.Table{ID: CatalogueID, Title: "Catalogue", Key: schema.Key, Facets: schema.FacetNames()},
			schema:     schema, vocabulary: vocabulary, rows: int64(len(rows)),
		}
		return err
	})
}

// catalogueManifest names the state of the catalogue by a digest of what it describes.
func catalogueManifest(rows []catalogued) release.Manifest {
	var m release.Manifest
	digest := sha256.New()
	for _, r := range rows {
		_, _ = io.WriteString(digest, fmt.Sprintln(r.table.ID, r.manifest.Release, r.modified.UnixNano())) // a hash never fails
		if r.modified.After(m.PublishedAt) {
			m.PublishedAt = r.modified
		}
	}
	m.Release = "catalog-" + hex.EncodeToString(digest.Sum(nil)[:8])
	return m
}
