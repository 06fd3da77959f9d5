package hub

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// resolve decides which records of an entity are current and good. It writes the
// rids of all others to stage.{entity}_ecartes with the cause, the faulty ones
// also to stage.quarantaine, and makes the view hub.{entity} of the rest.
//
// Among records of one key the highest version wins, then the latest date_maj,
// then the last file in order of names, then the last row. A winner that is a
// suppression removes the record. A winner that is faulty goes to quarantine: an
// older version is not published in its place, since the hub has said that it
// no longer holds.
func (r *reader) resolve(ctx context.Context, e Entity) error {
	_, structural := e.ruleset()
	mask := int64(1)<<structural - 1
	limit := "TIMESTAMPTZ '" + r.asOf.AddDate(0, 0, 1).Format(time.DateOnly) + "'" // midnight in the hub's zone
	seen := fmt.Sprintf("broken & %d = 0 AND date_maj < %s", mask, limit)
	// Few keys have several versions. Looking for them by a hash, and ranking those
	// alone, costs half of ranking all; keys that share a hash are ranked too.
	hash := "hash(" + strings.Join(e.Key, ", ") + ")"
	several := fmt.Sprintf("CREATE TABLE stage.%[1]s_multiples AS SELECT %[2]s AS h FROM stage.%[1]s WHERE %[3]s GROUP BY h HAVING count(*) > 1",
		e.Name, hash, seen)
	ranked := fmt.Sprintf(`CREATE TABLE stage.%[1]s_ecartes AS
		WITH ranges AS (SELECT rid, operation, broken,
			row_number() OVER (PARTITION BY %[2]s ORDER BY version DESC, date_maj DESC, rid DESC) AS rang
			FROM stage.%[1]s WHERE %[3]s AND %[4]s IN (SELECT h FROM stage.%[1]s_multiples)
			UNION ALL
			SELECT rid, operation, broken, 1 FROM stage.%[1]s
			WHERE %[3]s AND (operation = 'S' OR broken <> 0) AND %[4]s NOT IN (SELECT h FROM stage.%[1]s_multiples))
		SELECT rid, CASE WHEN rang > 1 THEN 'superseded' WHEN operation = 'S' THEN 'deleted' ELSE 'quarantined' END AS cause
		FROM ranges WHERE rang > 1 OR operation = 'S' OR broken <> 0
		UNION ALL
		SELECT rid, CASE WHEN date_maj >= %[5]s THEN 'later' ELSE 'quarantined' END FROM stage.%[1]s
		WHERE broken & %[6]d <> 0 OR date_maj >= %[5]s`,
		e.Name, strings.Join(e.Key, ", "), seen, hash, limit, mask)
	// A record whose version or date cannot be read may be the latest of its key.
	unclear := fmt.Sprintf(`CREATE TABLE stage.%[1]s_inclassables AS SELECT DISTINCT %[2]s AS cle FROM stage.%[1]s
		WHERE broken & %[3]d <> 0 AND broken & 1 = 0 AND (date_maj IS NULL OR date_maj < %[4]s)`, e.Name, e.keyText(), mask, limit)
	quarantine := fmt.Sprintf(`INSERT INTO stage.quarantaine SELECT '%[1]s', rid, broken, false FROM stage.%[1]s
		WHERE rid IN (SELECT rid FROM stage.%[1]s_ecartes WHERE cause = 'quarantined')`, e.Name)
	var cols []string
	for _, c := range e.kept() {
		cols = append(cols, engine.Ident(c.name))
	}
	view := fmt.Sprintf(`CREATE VIEW hub.%[1]s AS SELECT %[2]s FROM stage.%[1]s s
		ANTI JOIN stage.%[1]s_ecartes e ON e.rid = s.rid`, e.Name, strings.Join(cols, ", "))
	aside := fmt.Sprintf(`CREATE VIEW hub.%[1]s_quarantaine AS SELECT %[2]s FROM stage.%[1]s s
		JOIN stage.%[1]s_ecartes e ON e.rid = s.rid WHERE e.cause = 'quarantined'`, e.Name, strings.Join(cols, ", "))
	for _, q := range []string{several, ranked, unclear, quarantine, view, aside} {
		if err := r.db.Exec(ctx, q); err != nil {
			return fmt.Errorf("resolve %s: %w", e.Name, err)
		}
	}
	return nil
}

// checkReferences sets apart the records of an entity that break a rule about
// other entities. Late rules are checked when late is true, the others when not.
func (r *reader) checkReferences(ctx context.Context, e Entity, late bool) error {
	rules, _ := e.ruleset()
	var flags []string
	for bit, rule := range rules {
		if rule.Reference && rule.Late == late {
			flags = append(flags, fmt.Sprintf("(CASE WHEN %s THEN %d ELSE 0 END)", r.expand(rule.Broken), int64(1)<<bit))
		}
	}
	if len(flags) == 0 {
		return nil
	}
	if e.Name == "dossiers" && !late {
		for _, q := range prepareDossiers {
			if err := r.db.Exec(ctx, q); err != nil {
				return fmt.Errorf("check %s: %w", e.Name, err)
			}
		}
	}
	// A record already in quarantine is looked at too: the sender learns of all
	// its faults at once.
	candidates := fmt.Sprintf(`SELECT rid, %[2]s AS broken FROM stage.%[1]s
		WHERE rid NOT IN (SELECT rid FROM stage.%[1]s_ecartes WHERE cause <> 'quarantined')`, e.Name, strings.Join(flags, " + "))
	for _, q := range []string{
		"CREATE OR REPLACE TABLE stage.fautes AS SELECT * FROM (" + candidates + ") WHERE broken <> 0",
		fmt.Sprintf(`UPDATE stage.quarantaine q SET broken = q.broken + f.broken FROM stage.fautes f
			WHERE q.entite = '%s' AND q.rid = f.rid`, e.Name),
		fmt.Sprintf(`DELETE FROM stage.fautes WHERE rid IN (SELECT rid FROM stage.quarantaine WHERE entite = '%s')`, e.Name),
		fmt.Sprintf(`INSERT INTO stage.quarantaine SELECT '%s', rid, broken, false FROM stage.fautes`, e.Name),
		fmt.Sprintf(`INSERT INTO stage.%s_ecartes SELECT rid, 'quarantined' FROM stage.fautes`, e.Name),
	} {
		if err := r.db.Exec(ctx, q); err != nil {
			return fmt.Errorf("check %s: %w", e.Name, err)
		}
	}
	return nil
}
