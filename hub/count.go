package hub

import (
	"context"
	"database/sql"
	"fmt"
)

// count fills the report with what was read, set apart and kept.
func (r *reader) count(ctx context.Context) error {
	for i, e := range r.entities {
		rep := &r.report.Entities[i]
		if err := r.countCauses(ctx, rep); err != nil {
			return err
		}
		if err := r.countRules(ctx, e, rep); err != nil {
			return err
		}
	}
	return r.extractDate(ctx)
}

func (r *reader) countCauses(ctx context.Context, rep *EntityReport) error {
	for _, f := range rep.Files {
		rep.Read += f.Records
	}
	causes := map[string]*int64{
		"later": &rep.Later, "superseded": &rep.Superseded, "deleted": &rep.Deleted, "quarantined": &rep.Quarantined,
	}
	err := r.db.Each(ctx, "SELECT cause, count(*) FROM stage."+rep.Entity+"_ecartes GROUP BY cause", func(scan func(...any) error) error {
		var cause string
		var n int64
		if err := scan(&cause, &n); err != nil {
			return err
		}
		*causes[cause] += n
		return nil
	})
	if err != nil {
		return err
	}
	unread, err := r.db.Count(ctx, "SELECT count(*) FROM stage.quarantaine WHERE illisible AND entite = ?", rep.Entity)
	if err != nil {
		return err
	}
	rep.Quarantined += unread
	rep.Kept, err = r.db.Count(ctx, "SELECT count(*) FROM hub."+rep.Entity)
	return err
}

// countRules counts the quarantine by file and by rule.
func (r *reader) countRules(ctx context.Context, e Entity, rep *EntityReport) error {
	totals := map[string]int64{}
	rules, _ := e.ruleset()
	for bit := -1; bit < len(rules); bit++ {
		cond, rule := "illisible", unreadable
		if bit >= 0 {
			rule = rules[bit]
			cond = fmt.Sprintf("NOT illisible AND broken & %d <> 0", int64(1)<<bit)
		}
		q := fmt.Sprintf("SELECT rid // %d, count(*) FROM stage.quarantaine WHERE entite = ? AND %s GROUP BY 1", int64(fileShift), cond)
		err := r.db.Each(ctx, q, func(scan func(...any) error) error {
			var file, n int64
			if err := scan(&file, &n); err != nil {
				return err
			}
			totals[rule.ID] += n
			rep.Files[file].Rules = append(rep.Files[file].Rules, rule.count(n))
			return nil
		}, rep.Entity)
		if err != nil {
			return err
		}
		if n := totals[rule.ID]; n > 0 {
			rep.Rules = append(rep.Rules, rule.count(n))
		}
	}
	return r.db.Each(ctx, fmt.Sprintf("SELECT rid // %d, count(*) FROM stage.quarantaine WHERE entite = ? GROUP BY 1", int64(fileShift)), func(scan func(...any) error) error {
		var file, n int64
		if err := scan(&file, &n); err != nil {
			return err
		}
		rep.Files[file].Quarantined = n
		return nil
	}, rep.Entity)
}

func (rule Rule) count(n int64) RuleCount {
	return RuleCount{Rule: rule.ID, Title: rule.Title, Fields: rule.Fields, Remedy: rule.Remedy, Records: n}
}

// extractDate finds the day of the latest record seen.
func (r *reader) extractDate(ctx context.Context) error {
	for i, e := range r.entities {
		var day sql.NullTime
		limit := r.asOf.AddDate(0, 0, 1).Format("2006-01-02")
		if err := r.db.Row(ctx, "SELECT CAST(max(date_maj) AS DATE) FROM stage."+e.Name+" WHERE date_maj < CAST(? AS TIMESTAMPTZ)", []any{&day}, limit); err != nil {
			return err
		}
		if !day.Valid {
			continue
		}
		r.report.Entities[i].latest = day.Time
		if day.Time.After(r.report.ExtractDate) {
			r.report.ExtractDate = day.Time
		}
	}
	return nil
}
