package publisher

import (
	"math"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize"
)

// CellCount is how much of a table is shown.
type CellCount struct {
	Table string `json:"table"`
	// Shown and Secret are numbers of cells; whatever made a cell secret.
	Shown  int64 `json:"shown"`
	Secret int64 `json:"secret"`
	// Periods are the same by period, in order.
	Periods []PeriodCount `json:"periods"`

	files, euros int64 // of all cells; euros in cents
}

// PeriodCount is how much of one period of a table is shown. It is written once,
// when the period is published, and carried over like its rows.
type PeriodCount struct {
	Period string `json:"period"`
	Shown  int64  `json:"shown"`
	Secret int64  `json:"secret"`
	// MaskedFiles and MaskedEuros are the shares of the files and of the euros in
	// secret cells, rounded to the per cent.
	MaskedFiles int `json:"part_masquee_dossiers"`
	MaskedEuros int `json:"part_masquee_montant"`
	// Profile and ProfileVersion name the rules by which cells were made secret.
	Profile        string `json:"profile"`
	ProfileVersion int    `json:"profile_version"`
}

// amount is files and euros (in cents), in shown and in secret cells.
type amount struct{ shownFiles, secretFiles, shownEuros, secretEuros int64 }

// tally counts the cells of a table while they are judged.
type tally struct {
	table   string
	profile anonymize.Profile
	counts  map[string]*PeriodCount
	amounts map[string]*amount
}

func newTally(table string, p anonymize.Profile) *tally {
	return &tally{table: table, profile: p, counts: map[string]*PeriodCount{}, amounts: map[string]*amount{}}
}

func (t *tally) add(c rawCell, secret bool) {
	count, sum := t.counts[c.period], t.amounts[c.period]
	if count == nil {
		count = &PeriodCount{Period: c.period, Profile: t.profile.Name, ProfileVersion: t.profile.Version}
		sum = &amount{}
		t.counts[c.period], t.amounts[c.period] = count, sum
	}
	if secret {
		count.Secret++
		sum.secretFiles += c.files
		sum.secretEuros += c.Shares[0].Total
		return
	}
	count.Shown++
	sum.shownFiles += c.files
	sum.shownEuros += c.Shares[0].Total
}

// count returns the result, periods in order.
func (t *tally) count() CellCount {
	total := CellCount{Table: t.table, Periods: []PeriodCount{}}
	for period, count := range t.counts {
		sum := t.amounts[period]
		count.MaskedFiles = percent(sum.secretFiles, sum.shownFiles+sum.secretFiles)
		count.MaskedEuros = percent(sum.secretEuros, sum.shownEuros+sum.secretEuros)
		total.Periods = append(total.Periods, *count)
		total.Shown += count.Shown
		total.Secret += count.Secret
		total.files += sum.shownFiles + sum.secretFiles
		total.euros += sum.shownEuros + sum.secretEuros
	}
	slices.SortFunc(total.Periods, func(a, b PeriodCount) int {
		if a.Period < b.Period {
			return -1
		}
		return 1
	})
	return total
}

// percent is a share, rounded to the per cent, halves up.
//
// Inputs: 0 ≤ part ≤ whole. Result: 0..100; 0 when whole is 0.
func percent(part, whole int64) int {
	if whole == 0 {
		return 0
	}
	return int(math.Floor(100*float64(part)/float64(whole) + 0.5))
}
