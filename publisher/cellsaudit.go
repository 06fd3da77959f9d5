package publisher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/publisher/outsider"
)

// auditCells counts the files of every shown cell of the new periods again, from the
// files in scope and in another way than the recipe, and applies the rules again in
// another way than anonymize. What an attacker would learn was found when the periods were
// protected.
func (r *run) auditCells(ctx context.Context) (refusals []hub.Refusal, checks int, err error) {
	checks = r.attacked
	if n := len(r.faults); n > 0 {
		for _, f := range r.faults[:min(n, 20)] {
			r.Log.Error("a secret could be worked out", slog.String("dataset", r.dataset.ID), slog.String("what", f.Error()))
		}
		refusals = append(refusals, hub.Refusal{Reason: fmt.Sprintf("audit of the joint tables: an attacker would learn %d secrets; the log names the cells", n)})
	}
	for _, c := range r.calendars {
		batches, err := r.batches(ctx, c.period.Unit)
		if err != nil {
			return nil, 0, err
		}
		built := slices.DeleteFunc(slices.Concat(batches...), func(p string) bool { return !slices.Contains(c.due(r.lastFile()), p) })
		if !slices.Equal(built, c.fresh) {
			return nil, 0, errors.New("the new periods are not those that were built")
		}
		found, err := r.auditCalendar(ctx, c, batches)
		if err != nil {
			return nil, 0, err
		}
		for table, wrong := range found {
			checks += len(wrong)
			for what, n := range wrong {
				if n != 0 {
					refusals = append(refusals, hub.Refusal{Reason: fmt.Sprintf("audit of %s: %s (%d)", table, what, n)})
				}
			}
		}
	}
	slices.SortFunc(refusals, func(a, b hub.Refusal) int { return strings.Compare(a.Reason, b.Reason) })
	if len(refusals) > 0 {
		return refusals, checks, nil // what is refused already need not be attacked
	}
	refusals, err = r.attackFromOutside(ctx)
	return refusals, checks, err
}

// auditCalendar counts, by table and by what is wrong, the rows of the new periods of a
// calendar, lot by lot.
func (r *run) auditCalendar(ctx context.Context, c *calendar, batches [][]string) (map[string]map[string]int64, error) {
	all := map[string]map[string]int64{}
	for _, t := range c.tables {
		all[t.ID] = map[string]int64{}
	}
	for _, b := range batches {
		b = slices.DeleteFunc(slices.Clone(b), func(p string) bool { return !slices.Contains(c.fresh, p) })
		if err := r.db.Exec(ctx, lot(c, b)); err != nil {
			return nil, fmt.Errorf("files to count again: %w", err)
		}
		for _, t := range c.tables {
			r.tell(StepAudit, t.ID+" "+strings.Join(b, " "))
			if err := r.auditBatch(ctx, t, b, all[t.ID]); err != nil {
				return nil, fmt.Errorf("table %s: %w", t.ID, err)
			}
		}
	}
	for _, t := range c.tables {
		found := all[t.ID]
		if err := errors.Join(r.auditTotals(ctx, c, t, found), r.auditMembers(ctx, c, t, found), r.auditYears(ctx, c, t, found)); err != nil {
			return nil, fmt.Errorf("table %s: %w", t.ID, err)
		}
	}
	return all, nil
}

// lot is the SQL that makes what the audit counts again of some periods: champ, their files
// in scope, and parts_du_lot, what each funder engages in one of them.
func lot(c *calendar, periods []string) string {
	sql := champ(c.period.Unit, periods)
	if slices.ContainsFunc(c.tables, func(t datasets.Table) bool { return len(t.Funders()) > 0 }) {
		sql += `CREATE OR REPLACE TABLE parts_du_lot AS SELECT * FROM (SELECT alea(id_dossier, 1) AS dossier, type_financeur, montant_engage AS part
	FROM hub.financements WHERE montant_engage > 0) SEMI JOIN champ ON dossier = alea_1;
`
	}
	return sql
}

// attackFromOutside attacks the finished tables of the new periods with what is printed and
// nothing else. It knows neither the true figures nor the problem that was protected, so
// that an equation that was forgotten there is not forgotten here.
func (r *run) attackFromOutside(ctx context.Context) ([]hub.Refusal, error) {
	tables := map[string]string{}
	periods := []string{}
	for _, c := range r.calendars {
		periods = append(periods, c.fresh...)
		for _, t := range c.tables {
			tables[t.ID] = engine.Ident(t.ID)
		}
	}
	r.tell(StepAudit, "from outside")
	report, err := outsider.Check(ctx, r.db, r.dataset, tables, outsider.Options{Periods: periods, Threads: r.processors()})
	if err != nil {
		return nil, fmt.Errorf("attack from outside: %w", err)
	}
	for _, f := range report.Findings[:min(len(report.Findings), 20)] {
		r.Log.Error("a secret can be worked out from what is printed", slog.String("dataset", r.dataset.ID), slog.String("table", f.Table), slog.String("period", f.Period), slog.String("key", keyText(f.Key)), slog.Any("measures", f.Measures))
	}
	var refusals []hub.Refusal
	if n := report.WorkedOut; n > 0 {
		refusals = append(refusals, hub.Refusal{Reason: fmt.Sprintf("audit from outside: %d figures can be worked out from what is printed; the log names their tables and periods", n)})
	}
	for _, c := range report.Contradictions {
		refusals = append(refusals, hub.Refusal{Reason: fmt.Sprintf("audit from outside: the figures of %s contradict each other (%s)", c.Period, c.Where)})
	}
	return refusals, nil
}

// keyText writes the key of a row.
func keyText(key map[string]*string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(key)) {
		value := "-"
		if key[name] != nil {
			value = *key[name]
		}
		parts = append(parts, name+"="+value)
	}
	return strings.Join(parts, " ")
}

// auditBatch adds to found, by what is wrong, the cells of some periods.
func (r *run) auditBatch(ctx context.Context, t datasets.Table, periods []string, found map[string]int64) error {
	if err := r.tally(ctx, r.recount(t, periods), r.wrongCells(t), found); err != nil {
		return err
	}
	return r.auditFunders(ctx, t, periods, found)
}

// wrongCells are the conditions on a shown cell and what was counted again.
func (r *run) wrongCells(t datasets.Table) []check {
	p := r.Profile
	all := []check{
		{"the cell rests on no file in scope", "recomptes.numero IS NULL"},
		{fmt.Sprintf("the cell rests on fewer than %d persons", p.Persons.Threshold), fmt.Sprintf("least(personnes, identites) < %d", p.Persons.Threshold)},
	}
	for _, c := range []struct{ field, what, wrong string }{
		{"nb_dossiers", "the number of files", "nb_dossiers <> dossiers"},
		{"nb_titulaires", "the number of persons", "nb_titulaires <> least(personnes, identites)"},
		{"montant_engage", "the sum", "montant_engage <> montant"},
		// A mean times the number lies within half a cent for each of the sum; no division, no rounding.
		{"prix_moyen", "the mean", "NOT CAST(200 * montant AS HUGEINT) - CAST(200 * prix_moyen AS HUGEINT) * dossiers BETWEEN -dossiers AND dossiers - 1"},
		{"nb_dossiers_a_duree_connue", "the number of files of known duration", "nb_dossiers_a_duree_connue <> connus"},
	} {
		if f, ok := t.Field(c.field); ok && !f.OfMonths {
			all = append(all, check{c.field + " is not " + c.what, c.wrong})
		}
	}
	for _, by := range []string{"personnes", "identites"} {
		if d := p.Amounts.DominancePercent; d > 0 {
			all = append(all, check{"one of the " + by + " dominates the amount", fmt.Sprintf("100 * %s_1 > %d * montant", by, d)})
		}
		if pp := p.Amounts.PPercent; pp > 0 {
			all = append(all, check{"one of the " + by + " could estimate another's amount",
				fmt.Sprintf("montant > 0 AND 100 * (montant - %[1]s_1 - %[1]s_2) < %[2]d * %[1]s_1", by, pp)})
		}
	}
	for i, f := range t.Means() {
		all = append(all, check{f.Name + " rests on too few persons",
			fmt.Sprintf("%[1]s IS NOT NULL AND least(personnes_%[2]d, identites_%[2]d) < %[3]d", engine.Ident(f.Name), i, p.Persons.Threshold)},
			check{f.Name + " is not the mean", fmt.Sprintf("%[1]s IS NOT NULL AND NOT CAST(200 * somme_%[2]d AS HUGEINT) - CAST(200 * %[1]s AS HUGEINT) * connus BETWEEN -connus AND connus - 1", engine.Ident(f.Name), i)})
	}
	return all
}

// shown is the SQL condition that a row has a figure.
func shown(t datasets.Table) string {
	var measures []string
	for _, f := range t.Fields {
		if f.Measure {
			measures = append(measures, "CAST("+engine.Ident(f.Name)+" AS VARCHAR)")
		}
	}
	return "coalesce(" + strings.Join(measures, ", ") + ") IS NOT NULL"
}

// meets is the SQL condition that a file of champ is in a row of montrees.
func meets(t datasets.Table) string {
	var on []string
	for _, dimension := range slices.Sorted(maps.Keys(t.Cell)) {
		column := "montrees." + engine.Ident(t.Cell[dimension])
		switch code, ok := t.Margin[dimension]; {
		case dimension == "periode":
			on = append(on, fmt.Sprintf("%s = CAST(%s AS VARCHAR)", strings.Replace(label(t.Period.Unit), "periode", "champ.periode", 1), column))
		case ok:
			on = append(on, fmt.Sprintf("(champ.%s = %s OR %[2]s = %s)", engine.Ident(dimension), column, engine.Literal(code)))
		default:
			on = append(on, fmt.Sprintf("champ.%s = %s", engine.Ident(dimension), column))
		}
	}
	return strings.Join(on, " AND ")
}

// recount is the SQL of the tables montrees, the shown cells of some periods with a
// number, and recomptes, the same cells counted again from their files.
func (r *run) recount(t datasets.Table, periods []string) string {
	values, counts := []string{"champ.montant_engage"}, []string{distinct("true", "")}
	known := "0"
	for i, f := range t.Means() {
		values = append(values, fmt.Sprintf("champ.%s AS valeur_%d", engine.Ident(f.MeanOf), i))
		counts = append(counts, distinct(fmt.Sprintf("valeur_%d IS NOT NULL", i), fmt.Sprintf("_%d", i)))
		counts = append(counts, fmt.Sprintf("sum(valeur_%[1]d) AS somme_%[1]d", i))
		known = fmt.Sprintf("count(valeur_%d)", i)
	}
	largest := func(who, by string) string {
		return fmt.Sprintf(`grands_%[1]s AS (SELECT numero, max(montant) FILTER (WHERE rang = 1) AS %[1]s_1, coalesce(max(montant) FILTER (WHERE rang = 2), 0) AS %[1]s_2
	FROM (SELECT numero, sum(montant_engage) AS montant, row_number() OVER (PARTITION BY numero ORDER BY sum(montant_engage) DESC) AS rang
		FROM fichiers GROUP BY numero, %[2]s) GROUP BY numero)`, who, by)
	}
	return fmt.Sprintf(`WITH montrees AS (SELECT row_number() OVER () AS numero, * FROM %[1]s WHERE %[2]s AND %[3]s),
fichiers AS (SELECT montrees.numero, champ.personne, champ.identite, %[4]s FROM champ JOIN montrees ON %[5]s),
sommes AS (SELECT numero, count(*) AS dossiers, sum(montant_engage) AS montant, %[9]s AS connus, %[6]s FROM fichiers GROUP BY numero),
%[7]s,
%[8]s,
recomptes AS (SELECT * FROM sommes JOIN grands_personnes USING (numero) JOIN grands_identites USING (numero))`,
		engine.Ident(t.ID), inPeriods(t, periods), shown(t), strings.Join(values, ", "), meets(t), strings.Join(counts, ", "),
		largest("personnes", "personne"), largest("identites", "identite"), known)
}

// distinct is the SQL that counts the persons of a cell in the files where a condition
// holds, by each number.
func distinct(condition, suffix string) string {
	var cols []string
	for _, c := range [][2]string{{"personnes", "personne"}, {"identites", "identite"}} {
		cols = append(cols, fmt.Sprintf("count(DISTINCT %s) FILTER (WHERE %s) AS %s%s", c[1], condition, c[0], suffix))
	}
	return strings.Join(cols, ", ")
}

// auditTotals wants the files and euros of all cells of the new periods, shown and
// secret, to be those in scope, and the rows carried over to be those published.
func (r *run) auditTotals(ctx context.Context, c *calendar, t datasets.Table, found map[string]int64) error {
	var files, cents int64
	q := fmt.Sprintf("SELECT count(*), coalesce(CAST(100 * sum(montant_engage) AS BIGINT), 0) FROM %s WHERE %s IN (%s)", scopeTable, label(c.period.Unit), engine.Literals(append([]string{""}, c.fresh...)))
	if err := r.db.Row(ctx, q, []any{&files, &cents}); err != nil {
		return err
	}
	count, times := r.count(t.ID), int64(1+len(t.Margin))
	found["the files of all cells are not those in scope"] = count.files - times*files
	found["the euros of all cells are not those in scope"] = count.euros - times*cents
	carried, err := r.carriedRows(ctx, c, t)
	if err != nil || len(carried) == 0 {
		return err
	}
	former := strings.Join(carried, " UNION ALL ")
	finished := fmt.Sprintf("SELECT %s FROM %s WHERE %s", fieldList(t), engine.Ident(t.ID), inPeriods(t, c.published))
	n, err := r.db.Count(ctx, fmt.Sprintf(`SELECT (SELECT count(*) FROM (%[1]s EXCEPT ALL (%[2]s))) + (SELECT count(*) FROM ((%[2]s) EXCEPT ALL %[1]s))`, finished, former))
	found["a row published before is not carried over as it was"] = n
	return err
}

// fieldList is the SQL of the fields of a table in order.
func fieldList(t datasets.Table) string {
	cols := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		cols[i] = engine.Ident(f.Name)
	}
	return strings.Join(cols, ", ")
}
