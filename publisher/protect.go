package publisher

import (
	"context"
	"fmt"
	"strings"

	"github.com/parvis-opendata/parvis/anonymize/texts"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// Withheld counts what was taken out of the texts and names of a dataset; a
// training that stands in several rows counts once.
type Withheld struct {
	Names     int64 `json:"names"`         // rows whose provider is not named
	InTexts   int64 `json:"names_in_text"` // the name of such a provider in its texts
	Texts     int64 `json:"texts"`         // texts withheld whole, since a name remained
	Emails    int64 `json:"emails"`
	Phones    int64 `json:"phones"`
	NIRs      int64 `json:"nirs"`
	IBANs     int64 `json:"ibans"`
	Trainings int64 `json:"trainings"` // trainings out of whose texts something was taken
}

// rounded returns the counts as the public reads them.
func (w Withheld) rounded() QualityRemoved {
	return QualityRemoved{
		ProviderNames: hub.Rounded(w.Names), NamesInTexts: hub.Rounded(w.InTexts), TextsWithheld: hub.Rounded(w.Texts), EmailAddresses: hub.Rounded(w.Emails),
		PhoneNumbers: hub.Rounded(w.Phones), NIRs: hub.Rounded(w.NIRs), IBANs: hub.Rounded(w.IBANs), Trainings: hub.Rounded(w.Trainings),
	}
}

// protect makes the tables that may be published: markup and personal data taken
// out of free texts, names withheld, helper columns dropped.
func (r *run) protect(ctx context.Context) error {
	if r.dataset.Statistical() {
		return r.protectCells(ctx)
	}
	if err := r.registerProtection(ctx); err != nil {
		return err
	}
	for _, t := range r.dataset.Tables {
		r.tell(StepProtect, t.ID)
		p := protection{table: t}
		if err := r.db.Exec(ctx, p.create()); err != nil {
			return fmt.Errorf("table %s: %w", t.ID, err)
		}
		if err := r.withholdTexts(ctx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.ID, err)
		}
		w := &r.withheld
		err := r.db.Row(ctx, p.count(), []any{&w.Emails, &w.Phones, &w.NIRs, &w.IBANs, &w.InTexts, &w.Trainings, &w.Names})
		if err != nil {
			return fmt.Errorf("table %s: %w", t.ID, err)
		}
		// From here on the run works on what may be published only.
		if err := r.db.Exec(ctx, "DROP TABLE "+engine.Ident(rawPrefix+t.ID)); err != nil {
			return err
		}
	}
	r.result.Withheld = &r.withheld
	return nil
}

// withholdTexts empties the few texts in which a name that is withheld can still be
// read: no text of one provider may stop the publication of all.
func (r *run) withholdTexts(ctx context.Context, t datasets.Table) error {
	for _, f := range t.Fields {
		if !f.FreeText || f.ProviderName {
			continue
		}
		n, err := r.db.Count(ctx, "SELECT count(DISTINCT t.rowid) "+namedRows(t, f))
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		r.withheld.Texts += n
		q := fmt.Sprintf("UPDATE %[1]s SET %[2]s = NULL WHERE rowid IN (SELECT t.rowid %[3]s)", engine.Ident(t.ID), engine.Ident(f.Name), namedRows(t, f))
		if err := r.db.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// registerProtection gives the engine the functions of anonymize/texts.
func (r *run) registerProtection(ctx context.Context) error {
	err := r.db.Register(ctx, "nettoyer", 1, []string{"courriels", "telephones", "nirs", "ibans"}, func(a []string) (string, []int32) {
		text, n := texts.Scrub(texts.PlainText(a[0]))
		return text, []int32{int32(n.Emails), int32(n.Phones), int32(n.NIRs), int32(n.IBANs)}
	})
	if err != nil {
		return err
	}
	err = r.db.Register(ctx, "retirer_nom", 2, []string{"noms"}, func(a []string) (string, []int32) {
		text, n := texts.WithholdName(a[0], strings.Split(a[1], "\n")...)
		return text, []int32{int32(n)}
	})
	if err != nil {
		return err
	}
	return r.db.Register(ctx, "nom_retenu", 2, []string{"oui"}, func(a []string) (string, []int32) {
		if texts.NameWithheld(diffusion(a[0], a[1])) {
			return "", []int32{1}
		}
		return "", []int32{0}
	})
}

func diffusion(natural, status string) texts.Diffusion {
	d := texts.Diffusion{Status: status}
	if natural != "" {
		person := natural == "true"
		d.NaturalPerson = &person
	}
	return d
}

// protection is the SQL that protects one table.
type protection struct{ table datasets.Table }

// free returns the fields that hold free text.
func (p protection) free() []datasets.Field {
	var out []datasets.Field
	for _, f := range p.table.Fields {
		if f.FreeText {
			out = append(out, f)
		}
	}
	return out
}

// kinds are what nettoyer counts.
var kinds = []string{"courriels", "telephones", "nirs", "ibans"}

// create makes the table from the raw one: the fields in order and in their
// types, then what was taken out (_courriels…, _noms_retires) and whether the provider's
// name is withheld (_retenu), for the count.
//
// Each free text passes through nettoyer (_net_…), then, where the name is
// withheld, through retirer_nom (_sans_…).
func (p protection) create() string {
	var net, sans, cols []string
	for _, f := range p.free() {
		net = append(net, fmt.Sprintf("nettoyer(%s) AS %s", engine.Ident(f.Name), engine.Ident("_net_"+f.Name)))
		sans = append(sans, fmt.Sprintf("CASE WHEN _retenu THEN retirer_nom(%[1]s.texte, coalesce(_noms, '')) END AS %[2]s",
			engine.Ident("_net_"+f.Name), engine.Ident("_sans_"+f.Name)))
	}
	for _, f := range p.table.Fields {
		cols = append(cols, fmt.Sprintf("CAST(%s AS %s) AS %s", p.published(f), f.Type.SQL(), engine.Ident(f.Name)))
	}
	for _, k := range kinds {
		cols = append(cols, p.removed("_net_", k)+" AS _"+k)
	}
	return fmt.Sprintf(`CREATE TABLE %s AS SELECT %s, %s AS _noms_retires, _retenu FROM (SELECT *, %s FROM (
		SELECT *, nom_retenu(coalesce(CAST(_personne_physique AS VARCHAR), ''), coalesce(_statut_diffusion, '')).oui = 1 AS _retenu, %s FROM %s))`,
		engine.Ident(p.table.ID), strings.Join(cols, ", "), p.removed("_sans_", "noms"), strings.Join(sans, ", "), strings.Join(net, ", "), engine.Ident(rawPrefix+p.table.ID))
}

// published is the value of a field that the public may read.
func (p protection) published(f datasets.Field) string {
	if !f.FreeText {
		return engine.Ident(f.Name)
	}
	net := engine.Ident("_net_" + f.Name)
	if f.ProviderName {
		return fmt.Sprintf("CASE WHEN NOT _retenu THEN nullif(%s.texte, '') END", net)
	}
	return fmt.Sprintf("nullif(CASE WHEN _retenu THEN %s.texte ELSE %s.texte END, '')", engine.Ident("_sans_"+f.Name), net)
}

// removed sums one count over the free texts of a row; the name of the provider
// itself is no text.
func (p protection) removed(prefix, count string) string {
	var terms []string
	for _, f := range p.free() {
		if prefix == "_net_" || !f.ProviderName {
			terms = append(terms, fmt.Sprintf("coalesce(%s.%s, 0)", engine.Ident(prefix+f.Name), count))
		}
	}
	return strings.Join(terms, " + ")
}

// count sums what was removed. The rows of one training have the same texts, so
// it counts each training once.
func (p protection) count() string {
	all := append(append([]string{}, kinds...), "noms_retires")
	var inner, outer []string
	for _, k := range all {
		inner = append(inner, fmt.Sprintf("max(_%[1]s) AS %[1]s", k))
		outer = append(outer, "coalesce(sum("+k+"), 0)::BIGINT")
	}
	table := engine.Ident(p.table.ID)
	return fmt.Sprintf("SELECT %s, count(*) FILTER (WHERE %s > 0), (SELECT count(*) FROM %s WHERE _retenu) FROM (SELECT %s FROM %s GROUP BY %s)",
		strings.Join(outer, ", "), strings.Join(all, " + "), table, strings.Join(inner, ", "), table, engine.Ident(p.table.Key[0]))
}
