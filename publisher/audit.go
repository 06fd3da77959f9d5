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

// check is one thing that must hold of a finished table: the query counts the
// rows that break it.
type check struct{ what, query string }

// audit looks at the finished tables with other means than those that made them,
// and refuses to go on if a single row breaks a check.
func (r *run) audit(ctx context.Context) error {
	var refusals []hub.Refusal
	done := 0
	if r.dataset.Statistical() {
		var err error
		if refusals, done, err = r.auditCells(ctx); err != nil {
			return err
		}
	}
	if err := r.registerAudit(ctx); err != nil {
		return err
	}
	for _, t := range r.dataset.Tables {
		r.tell(StepAudit, t.ID)
		for _, c := range append(fieldChecks(t), append(textChecks(t), nameChecks(t)...)...) {
			n, err := r.db.Count(ctx, c.query)
			if err != nil {
				return fmt.Errorf("table %s: %s: %w", t.ID, c.what, err)
			}
			done++
			if n > 0 {
				refusals = append(refusals, hub.Refusal{Reason: fmt.Sprintf("audit of %s: %s (%d rows)", t.ID, c.what, n)})
			}
		}
	}
	r.result.Audit = fmt.Sprintf("passed: %d checks", done)
	return r.refused(refusals)
}

// registerAudit gives the engine the second detector of personal data.
func (r *run) registerAudit(ctx context.Context) error {
	if r.dataset.Statistical() {
		return nil // no free text
	}
	return r.db.Register(ctx, "suspects", 1, []string{"n"}, func(a []string) (string, []int32) {
		return "", []int32{int32(len(texts.Suspects(a[0])))}
	})
}

// fieldChecks compare a table with its definition.
func fieldChecks(t datasets.Table) []check {
	table := engine.Ident(t.ID)
	key := make([]string, len(t.Key))
	for i, k := range t.Key {
		key[i] = engine.Ident(k)
	}
	checks := []check{{"the key is not unique", fmt.Sprintf("SELECT count(*) - count(DISTINCT row(%s)) FROM %s", strings.Join(key, ", "), table)}}
	if t.Period == nil { // where all cells are secret, a table of persons is empty
		checks = append(checks, check{"the table is empty", "SELECT CASE WHEN count(*) = 0 THEN 1 ELSE 0 END FROM " + table})
	}
	where := func(what, cond string) {
		checks = append(checks, check{what, "SELECT count(*) FROM " + table + " WHERE " + cond})
	}
	for _, f := range t.Fields {
		col := engine.Ident(f.Name)
		if f.Required {
			where(f.Name+" is empty", col+" IS NULL")
		}
		if f.Minimum != nil {
			where(f.Name+" is below its minimum", fmt.Sprintf("%s < %d", col, *f.Minimum))
		}
		if len(f.Enum) > 0 {
			where(f.Name+" has a value outside its list", col+" NOT IN ("+engine.Literals(f.Enum)+")")
		}
		if f.Pattern != "" {
			where(f.Name+" has another form than it should", "NOT regexp_matches("+col+", "+engine.Literal(f.Pattern)+")")
		}
		if f.Type == datasets.TypeText {
			where(f.Name+" is text without content", "trim("+col+") = ''")
		}
	}
	return checks
}

// textChecks look for personal data in free texts with the second detector, and
// for markup.
func textChecks(t datasets.Table) []check {
	var checks []check
	for _, f := range t.Fields {
		if f.FreeText {
			checks = append(checks, check{f.Name + " holds personal data",
				fmt.Sprintf("SELECT count(*) FROM %s WHERE suspects(%s).n > 0", engine.Ident(t.ID), engine.Ident(f.Name))})
		}
	}
	return checks
}

// optedOut lists the names of the natural persons who did not choose diffusion in
// every establishment, by SIREN; a faulty record counts as an opposition.
const optedOut = `(SELECT substr(siret, 1, 9) AS siren, unnest([raison_sociale, nom_commercial]) AS nom FROM (
		SELECT siret, raison_sociale, nom_commercial, personne_physique, statut_diffusion FROM hub.organismes
		UNION ALL SELECT siret, raison_sociale, nom_commercial, NULL, NULL FROM hub.organismes_quarantaine)
	WHERE substr(siret, 1, 9) IN (SELECT substr(siret, 1, 9) FROM hub.organismes
			WHERE (personne_physique IS NULL OR personne_physique) AND (statut_diffusion IS NULL OR statut_diffusion <> 'O')
		UNION ALL SELECT substr(siret, 1, 9) FROM hub.organismes_quarantaine WHERE siret IS NOT NULL))`

// nameChecks go back to the hub's list of providers: none that opted out may be
// named, neither as the provider nor in a text of its own.
func nameChecks(t datasets.Table) []check {
	if _, ok := t.Field("siret"); !ok {
		return nil
	}
	var checks []check
	for _, f := range t.Fields {
		switch {
		case f.ProviderName:
			checks = append(checks, check{f.Name + " names a provider who opted out", fmt.Sprintf(
				"SELECT count(*) FROM %s WHERE %s IS NOT NULL AND substr(siret, 1, 9) IN (SELECT siren FROM %s)", engine.Ident(t.ID), engine.Ident(f.Name), optedOut)})
		case f.FreeText:
			checks = append(checks, check{f.Name + " names a provider who opted out", "SELECT count(*) " + namedRows(t, f)})
		}
	}
	return checks
}

// namedRows is the FROM and WHERE of the rows, as t, a text of which names their
// provider who opted out.
func namedRows(t datasets.Table, f datasets.Field) string {
	return fmt.Sprintf("FROM %s t JOIN %s o ON o.siren = substr(t.siret, 1, 9) WHERE o.nom IS NOT NULL AND %s", engine.Ident(t.ID), optedOut, namedIn("t."+engine.Ident(f.Name), "o.nom"))
}

// namedIn is true where a text holds a name of several words as it is registered,
// in capitals or with initial capitals, whatever the accents and what joins the
// words.
func namedIn(field, name string) string {
	// Words are parted by one blank; a bar stands for what joins no words.
	plain := func(s string) string {
		return fmt.Sprintf(`' ' || trim(regexp_replace(regexp_replace(strip_accents(%s), '[\s''’.,_-]{1,5}', ' ', 'g'), '[^A-Za-z0-9 ]+|\n', ' | ', 'g')) || ' '`, s)
	}
	capital := fmt.Sprintf("array_to_string(list_transform(string_split(lower(%s), ' '), w -> upper(w[1]) || w[2:]), ' ')", plain(name))
	return fmt.Sprintf("(strpos(trim(%[1]s), ' ') > 0 AND (strpos(%[2]s, upper(%[1]s)) > 0 OR strpos(%[2]s, %[3]s) > 0))",
		plain(name), plain(field), capital)
}
