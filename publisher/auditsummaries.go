package publisher

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// auditFunders adds to found, by what is wrong, the rows of some periods that tell of
// funders: each figure is counted again from the fundings, and rests on nobody or on enough
// persons.
func (r *run) auditFunders(ctx context.Context, t datasets.Table, periods []string, found map[string]int64) error {
	funders := t.Funders()
	if len(funders) == 0 {
		return nil
	}
	var parts, counts []string
	var wrong []check
	for i, f := range funders {
		of := fmt.Sprintf("FILTER (WHERE type_financeur = %s)", engine.Literal(f.Code))
		parts = append(parts, "CAST("+engine.Ident(f.Part)+" AS VARCHAR)")
		counts = append(counts, fmt.Sprintf("coalesce(sum(part) %[1]s, 0) AS part_%[2]d, count(DISTINCT alea_1) %[1]s AS dossiers_%[2]d, least(count(DISTINCT personne) %[1]s, count(DISTINCT identite) %[1]s) AS personnes_%[2]d", of, i))
		wrong = append(wrong,
			check{f.Part + " is not what the funder engages", fmt.Sprintf("%s <> part_%d", engine.Ident(f.Part), i)},
			check{"the funder of " + f.Part + " pays for too few persons", fmt.Sprintf("personnes_%d BETWEEN 1 AND %d", i, r.Profile.Persons.Threshold-1)})
		if f.Files != "" {
			wrong = append(wrong, check{f.Files + " is not the number of files", fmt.Sprintf("%s <> dossiers_%d", engine.Ident(f.Files), i)})
		}
	}
	with := fmt.Sprintf(`WITH montrees AS (SELECT row_number() OVER () AS numero, * FROM %s WHERE %s AND coalesce(%s) IS NOT NULL),
recomptes AS (SELECT montrees.numero, %s FROM champ JOIN montrees ON %s JOIN parts_du_lot AS parts ON parts.dossier = champ.alea_1 GROUP BY montrees.numero)`,
		engine.Ident(t.ID), inPeriods(t, periods), strings.Join(parts, ", "), strings.Join(counts, ", "), meets(t))
	return r.tally(ctx, with, wrong, found)
}

// tally adds to found how many of the rows montrees, with what was counted again of each in
// recomptes, meet each condition or lack what it asks for.
func (r *run) tally(ctx context.Context, with string, wrong []check, found map[string]int64) error {
	cols := make([]string, len(wrong))
	counts := make([]int64, len(wrong))
	dest := make([]any, len(wrong))
	for i, c := range wrong {
		cols[i] = "count(*) FILTER (WHERE coalesce(" + c.query + ", true))"
		dest[i] = &counts[i]
	}
	if err := r.db.Row(ctx, with+"\nSELECT "+strings.Join(cols, ", ")+" FROM montrees LEFT JOIN recomptes USING (numero)", dest); err != nil {
		return err
	}
	for i, c := range wrong {
		found[c.what] += counts[i]
	}
	return nil
}

// auditMembers wants a summary to list in each new period as many rows as there are
// combinations of members that a reader knows to exist, each once.
func (r *run) auditMembers(ctx context.Context, c *calendar, t datasets.Table, found map[string]int64) error {
	if t.Grid == "" || len(c.fresh) == 0 {
		return nil
	}
	from, certifications := []string{}, "1"
	for _, dimension := range slices.Sorted(maps.Keys(t.Cell)) {
		switch code, margin := t.Margin[dimension]; {
		case dimension == "periode":
		case dimension == "certification":
			certifications = r.named(c)
		case margin:
			from = append(from, fmt.Sprintf("(SELECT %[1]s FROM membres_%[1]s UNION ALL SELECT %[2]s)", dimension, engine.Literal(code)))
		default:
			from = append(from, fmt.Sprintf("(SELECT %[1]s FROM membres_%[1]s)", dimension))
		}
	}
	members := "1"
	if len(from) > 0 {
		members = "(SELECT count(*) FROM " + strings.Join(from, ", ")
		if t.Possible != "" {
			members += " WHERE " + t.Possible
		}
		members += ")"
	}
	var keys []string
	for _, k := range t.Key {
		keys = append(keys, "coalesce(CAST("+engine.Ident(k)+" AS VARCHAR), '')")
	}
	q := fmt.Sprintf(`SELECT count(*) FROM (SELECT unnest([%[1]s]) AS periode) AS p WHERE periode <> '' AND (
	SELECT count(*) <> %[2]s * %[3]s OR count(*) <> count(DISTINCT (%[4]s)) FROM %[5]s AS t WHERE CAST(t.%[6]s AS VARCHAR) = p.periode)`,
		engine.Literals(append([]string{""}, c.fresh...)), members, certifications, strings.Join(keys, ", "), engine.Ident(t.ID), engine.Ident(t.Period.Field))
	n, err := r.db.Count(ctx, q)
	found["a period lacks a member, or has one twice"] = n
	return err
}

// named is the SQL of the number of certifications of which a table shows a cell in the
// period p.
func (r *run) named(c *calendar) string {
	var all []string
	for _, t := range c.tables {
		if column, ok := t.Cell["certification"]; ok {
			all = append(all, fmt.Sprintf("SELECT %s AS certification FROM %s WHERE CAST(%s AS VARCHAR) = p.periode AND %s", engine.Ident(column), engine.Ident(t.ID), engine.Ident(t.Period.Field), shown(t)))
		}
	}
	return "(SELECT count(DISTINCT certification) FROM (" + strings.Join(all, " UNION ALL ") + "))"
}

// auditYears wants the figures of years that are those of months to be their sums, if all
// twelve are shown, and to be empty otherwise.
func (r *run) auditYears(ctx context.Context, c *calendar, t datasets.Table, found map[string]int64) error {
	for _, f := range t.Fields {
		if !f.OfMonths {
			continue
		}
		q := fmt.Sprintf(`SELECT count(*) FROM (SELECT * FROM %[1]s WHERE %[2]s AND %[3]s) AS t
LEFT JOIN (SELECT substr(periode, 1, 4) AS annee, code_region, sum(%[4]s) AS somme, count(%[4]s) AS mois FROM mois_publies GROUP BY ALL) AS m
	ON m.annee = CAST(t.%[5]s AS VARCHAR) AND m.code_region = t.%[6]s
WHERE t.%[4]s IS DISTINCT FROM CASE WHEN mois = 12 THEN somme END`,
			engine.Ident(t.ID), inPeriods(t, c.fresh), shown(t), engine.Ident(f.Name), engine.Ident(t.Period.Field), engine.Ident(t.Cell["code_region"]))
		n, err := r.db.Count(ctx, q)
		if err != nil {
			return err
		}
		found[f.Name+" is not the sum of the months"] = n
	}
	return nil
}
