package publisher

import (
	"math"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/publisher/joint"
)

// CellCount is how much of a table is shown, exactly: for the operator and the audit.
type CellCount struct {
	Table string `json:"table"`
	// Shown and Secret are numbers of cells; whatever made a cell secret.
	Shown  int64 `json:"shown"`
	Secret int64 `json:"secret"`
	// SecretFiles are the files in secret cells, SensitiveFiles those of them in cells
	// that are secret for their own sake.
	SecretFiles    int64 `json:"secret_files"`
	SensitiveFiles int64 `json:"sensitive_files"`

	periods      []PeriodCount // the same as the public reads it, in order
	files, euros int64         // of all cells; euros in cents
}

// PeriodCount is how much of one period of a table is shown, as the public reads it.
// It is written once, when the period is published, and carried over like its rows.
type PeriodCount struct {
	Period string `json:"period"`
	Shown  int64  `json:"shown"`
	// Secret is rounded ([hub.Rounded]).
	Secret int64 `json:"secret"`
	// MaskedFiles and MaskedEuros are the shares of the files and of the euros in
	// secret cells, rounded to the per cent; null for a period so small that the
	// files in secret cells would follow from them.
	MaskedFiles *int `json:"part_masquee_dossiers"`
	MaskedEuros *int `json:"part_masquee_montant"`
	// Profile and ProfileVersion name the rules by which cells were made secret,
	// Threshold is the least number of persons of a shown cell.
	Profile        string `json:"profile"`
	ProfileVersion int    `json:"profile_version"`
	Threshold      int    `json:"threshold"`
}

// amount is files and euros (in cents), in shown and in secret cells.
type amount struct{ shownFiles, secretFiles, sensitiveFiles, shownEuros, secretEuros int64 }

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

func (t *tally) add(period string, row joint.Row) {
	count, sum := t.counts[period], t.amounts[period]
	if count == nil {
		count = &PeriodCount{Period: period, Profile: t.profile.Name, ProfileVersion: t.profile.Version, Threshold: t.profile.Persons.Threshold}
		sum = &amount{}
		t.counts[period], t.amounts[period] = count, sum
	}
	if row.Sensitive {
		sum.sensitiveFiles += row.Files
	}
	if row.Hidden {
		count.Secret++
		sum.secretFiles += row.Files
		sum.secretEuros += row.Cents
		return
	}
	count.Shown++
	sum.shownFiles += row.Files
	sum.shownEuros += row.Cents
}

// count returns the result, periods in order.
func (t *tally) count() CellCount {
	total := CellCount{Table: t.table}
	for period, count := range t.counts {
		sum := t.amounts[period]
		total.Shown += count.Shown
		total.Secret += count.Secret
		total.files += sum.shownFiles + sum.secretFiles
		total.euros += sum.shownEuros + sum.secretEuros
		total.SecretFiles += sum.secretFiles
		total.SensitiveFiles += sum.sensitiveFiles
		count.Secret = hub.Rounded(count.Secret)
		if sum.shownFiles+sum.secretFiles >= t.largeEnough() {
			files, euros := percent(sum.secretFiles, sum.shownFiles+sum.secretFiles), percent(sum.secretEuros, sum.shownEuros+sum.secretEuros)
			count.MaskedFiles, count.MaskedEuros = &files, &euros
		}
		total.periods = append(total.periods, *count)
	}
	slices.SortFunc(total.periods, func(a, b PeriodCount) int { return strings.Compare(a.Period, b.Period) })
	return total
}

// largeEnough is the number of files from which the share of a period is told. The
// files shown are in the table, so a share known to half a per cent tells those in
// secret cells to half a per cent of all: that must be twice the threshold at least.
func (t *tally) largeEnough() int64 { return 400 * int64(t.profile.Persons.Threshold) }

// percent is a share, rounded to the per cent, halves up.
//
// Inputs: 0 ≤ part ≤ whole. Result: 0..100; 0 when whole is 0.
func percent(part, whole int64) int {
	if whole == 0 {
		return 0
	}
	return int(math.Floor(100*float64(part)/float64(whole) + 0.5))
}
