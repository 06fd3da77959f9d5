package publisher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/publisher/files"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// Names of the documents of a release.
const (
	schemaName     = "schema.json"
	qualityName    = "quality.json"
	disclosureName = "disclosure.json"
	changesName    = "changes.json"
)

// write makes every file of the release in the private directory, and its
// manifest.
func (r *run) write(ctx context.Context) error {
	digest := sha256.New()
	r.manifest = release.Manifest{
		Dataset: r.dataset.ID, DateExtract: r.report.ExtractDate.Format("2006-01-02"), CodeVersion: r.Version,
		Note: r.request.Note, Synthetic: r.report.Synthetic, Periods: r.periods(),
	}
	for _, t := range r.dataset.Tables {
		r.tell(StepWrite, t.ID)
		written, err := files.Write(ctx, files.Source{DB: r.db, Relation: t.ID, Table: t, Dataset: r.dataset}, r.filesDir())
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(digest, "%s %x\n", t.ID, written.Digest) // a hash never fails
		r.tables = append(r.tables, written)
		r.files = append(r.files, written.Files...)
		r.manifest.Tables = append(r.manifest.Tables, release.Table{ID: t.ID, Rows: written.Rows, Periods: r.ownPeriods(t)})
	}
	if len(r.manifest.Periods) > 0 { // one may be wholly secret: published all the same
		_, _ = fmt.Fprintf(digest, "%s\n", strings.Join(r.manifest.Periods, " "))
	}
	for _, t := range r.manifest.Tables {
		if len(t.Periods) > 0 {
			_, _ = fmt.Fprintf(digest, "%s %s\n", t.ID, strings.Join(t.Periods, " "))
		}
	}
	r.manifest.ContentDigest = hex.EncodeToString(digest.Sum(nil))
	r.manifest.Release = release.ID(r.current.After(r.started), r.manifest.ContentDigest)
	if r.previous != nil {
		r.manifest.Previous = r.previous.Release
	}
	if r.unchanged() {
		return nil
	}
	if err := r.refuseDiscarded(ctx); err != nil {
		return err
	}
	if err := r.writeDocuments(ctx); err != nil {
		return err
	}
	for _, f := range r.files {
		o := release.Object{Name: f.Name, MediaType: f.MediaType, Bytes: f.Bytes, SHA256: f.SHA256}
		if f.Rows >= 0 {
			rows := f.Rows
			o.Rows = &rows
		}
		r.manifest.Objects = append(r.manifest.Objects, o)
	}
	return nil
}

// ownPeriods returns the periods of a table that has others than its dataset.
func (r *run) ownPeriods(t datasets.Table) []string {
	if c := r.calendarOf(t); c != nil && !c.main {
		return c.periods()
	}
	return nil
}

// unchanged reports whether the content is that of the served release.
func (r *run) unchanged() bool {
	return r.previous != nil && r.previous.ContentDigest == r.manifest.ContentDigest
}

// writeDocuments writes what describes the tables.
func (r *run) writeDocuments(ctx context.Context) error {
	schema, err := r.dataset.Schema()
	if err != nil {
		return err
	}
	quality, err := r.quality(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", qualityName, err)
	}
	changes, err := r.changes(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", changesName, err)
	}
	disclosure, err := r.disclosure(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", disclosureName, err)
	}
	for i := range disclosure.Tables {
		r.manifest.Tables[i].Masked = disclosure.Tables[i].MaskedFiles
	}
	if err := r.document(schemaName, schema); err != nil {
		return err
	}
	for _, doc := range []struct {
		name    string
		content any
	}{{qualityName, quality}, {disclosureName, disclosure}, {changesName, changes}} {
		text, err := json.MarshalIndent(doc.content, "", "  ")
		if err != nil {
			return err
		}
		if err := r.document(doc.name, append(text, '\n')); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) document(name string, content []byte) error {
	f, err := files.NewFile(r.filesDir(), name, "application/json", content)
	r.files = append(r.files, f)
	return err
}

// refuseDiscarded refuses the content of a release that an operator withdrew, or
// from which an operator rolled back: a schedule must not bring it back.
func (r *run) refuseDiscarded(ctx context.Context) error {
	if slices.Contains(r.current.Discarded, r.manifest.ContentDigest) {
		return r.refused(discarded("the content is that of a release that an operator withdrew or rolled back from"))
	}
	history, err := r.archive.History(ctx, r.dataset.ID)
	if err != nil {
		return err
	}
	for _, e := range history {
		if e.State == release.Withdrawn && e.Manifest.ContentDigest == r.manifest.ContentDigest {
			return r.refused(discarded(fmt.Sprintf("the content is that of release %s, withdrawn: %s", e.Manifest.Release, e.Reason)))
		}
		if e.State == release.Kept && e.Manifest.Previous == r.manifest.Previous && e.Manifest.ContentDigest == r.manifest.ContentDigest {
			r.adopt(e.Manifest)
		}
	}
	return nil
}

// adopt takes over a release of the same content that was stored whole on top of
// the served one but not served, because its publication was killed before the
// flip.
func (r *run) adopt(m release.Manifest) {
	r.Log.Info("unserved release adopted", slog.String("dataset", m.Dataset), slog.String("release", m.Release))
	r.adopted = &m
}
