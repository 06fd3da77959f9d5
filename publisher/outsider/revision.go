package outsider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// Prints are fingerprints of what a release says of each period: for each table and
// period, by column. Two releases that say the same have the same.
type Prints map[string]map[string]map[string]string

// Fingerprint takes the prints of the tables of a release.
//
// Inputs: the relation of each table by its id; the periods that the release holds, of
// which the detailed table may have no row. Load dates are left out, as are tables that
// the release does not have.
//
// Notes: equal rows always give equal prints; different ones do too with a chance of
// about 2⁻⁶⁴.
func Fingerprint(ctx context.Context, db *engine.DB, dataset datasets.Dataset, relations map[string]string, periods []string) (Prints, error) {
	prints := Prints{}
	for _, t := range dataset.Tables {
		from, ok := relations[t.ID]
		if !ok {
			continue
		}
		one, names, err := fingerprint(ctx, db, t, from)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", t.ID, err)
		}
		if t.ID == dataset.ID {
			addEmpty(one, t, names, periods)
		}
		prints[t.ID] = one
	}
	return prints, nil
}

// addEmpty adds prints of no rows for the periods without any.
func addEmpty(prints map[string]map[string]string, t datasets.Table, names, periods []string) {
	for _, period := range periods {
		if _, err := t.Period.Unit.Start(period); err != nil || prints[period] != nil {
			continue
		}
		prints[period] = map[string]string{}
		for _, name := range names {
			prints[period][name] = ""
		}
	}
}

func fingerprint(ctx context.Context, db *engine.DB, t datasets.Table, from string) (prints map[string]map[string]string, names []string, err error) {
	there, err := db.Columns(ctx, "SELECT * FROM "+from)
	if err != nil {
		return nil, nil, err
	}
	cols := []string{fmt.Sprintf("CAST(%s AS VARCHAR)", engine.Ident(t.Period.Field))}
	keys := make([]string, len(t.Key))
	for i, k := range t.Key {
		keys[i] = engine.Ident(k)
	}
	for _, c := range there {
		if _, public := t.Field(c.Name); public && c.Name != t.LoadDate {
			names = append(names, c.Name)
			cols = append(cols, fmt.Sprintf("CAST(sum(hash(row(%s, CAST(%s AS VARCHAR)))) AS VARCHAR)", strings.Join(keys, ", "), engine.Ident(c.Name)))
		}
	}
	prints = map[string]map[string]string{}
	err = db.Texts(ctx, "SELECT "+strings.Join(cols, ", ")+" FROM "+from+" GROUP BY 1", len(cols), func(row []engine.Text) error {
		one := map[string]string{}
		for i, name := range names {
			one[name] = row[i+1].String
		}
		prints[row[0].String] = one
		return nil
	})
	return prints, names, err
}

// Difference is a period of which two releases do not say the same.
type Difference struct {
	Table   string    `json:"table"`
	Period  string    `json:"period"`
	Between [2]string `json:"between"`
	Columns []string  `json:"columns"`
}

// Series are the prints of several releases, each period as it was first met.
type Series struct {
	first       map[[2]string]map[string]string // by table and period
	releases    map[[2]string]string
	Differences []Difference
}

// Add compares a release with those added before, on the periods and columns that both
// have.
func (s *Series) Add(release string, prints Prints) {
	if s.first == nil {
		s.first, s.releases = map[[2]string]map[string]string{}, map[[2]string]string{}
	}
	for table, periods := range prints {
		for period, columns := range periods {
			at := [2]string{table, period}
			former, met := s.first[at]
			if !met {
				s.first[at], s.releases[at] = columns, release
				continue
			}
			var differ []string
			for name, now := range columns {
				if was, both := former[name]; both && was != now {
					differ = append(differ, name)
				}
			}
			if differ != nil {
				slices.Sort(differ)
				s.Differences = append(s.Differences, Difference{table, period, [2]string{s.releases[at], release}, differ})
			}
		}
	}
	slices.SortFunc(s.Differences, func(a, b Difference) int {
		return slices.Compare([]string{a.Table, a.Period, a.Between[1]}, []string{b.Table, b.Period, b.Between[1]})
	})
}
