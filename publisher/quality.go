package publisher

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// Quality is the content of quality.json. Counts of the hub's records are rounded
// ([hub.Rounded]) so that they add no equation to the tables.
type Quality struct {
	Dataset     string `json:"dataset"`
	DateExtract string `json:"date_extract"`
	Synthetic   bool   `json:"synthetic"`
	// Rounding says in words how counts were rounded.
	Rounding string         `json:"rounding"`
	Input    []QualityInput `json:"input"`
	Tables   []QualityTable `json:"tables"`
	// Withheld is absent for a dataset without texts.
	Withheld *QualityRemoved `json:"withheld,omitempty"`
	// Previous compares with the release served before; absent for the first.
	Previous *QualityPrevious `json:"previous,omitempty"`
}

// QualityInput is what was read of one entity of the hub.
type QualityInput struct {
	Entity      string          `json:"entity"`
	Read        int64           `json:"read"`
	Kept        int64           `json:"kept"`
	Superseded  int64           `json:"superseded"`
	Deleted     int64           `json:"deleted"`
	Later       int64           `json:"later"`
	Quarantined int64           `json:"quarantined"`
	Rules       []hub.RuleCount `json:"rules"`
}

// QualityTable is how full a published table is.
type QualityTable struct {
	ID   string `json:"id"`
	Rows int64  `json:"rows"`
	// FillRates is the share of rows in which a field has a value, in per cent to
	// one decimal.
	FillRates []FillRate `json:"fill_rates"`
}

// FillRate is the share of rows with a value, in per cent.
type FillRate struct {
	Field   string  `json:"field"`
	Percent float64 `json:"percent"`
}

// QualityRemoved counts what anonymisation took out, rounded.
type QualityRemoved struct {
	ProviderNames  int64 `json:"provider_names"`
	NamesInTexts   int64 `json:"names_in_texts"`
	TextsWithheld  int64 `json:"texts_withheld"`
	EmailAddresses int64 `json:"email_addresses"`
	PhoneNumbers   int64 `json:"phone_numbers"`
	NIRs           int64 `json:"nirs"`
	IBANs          int64 `json:"ibans"`
	Trainings      int64 `json:"trainings"`
}

// QualityPrevious is the served release before.
type QualityPrevious struct {
	Release string           `json:"release"`
	Rows    map[string]int64 `json:"rows"`
}

const roundingText = "Comptes arrondis à trois chiffres significatifs, à la dizaine au moins ; un compte positif inférieur à 10 vaut 10."

// quality measures the finished tables and reports on the input.
func (r *run) quality(ctx context.Context) (Quality, error) {
	q := Quality{Dataset: r.dataset.ID, DateExtract: r.manifest.DateExtract, Synthetic: r.manifest.Synthetic, Rounding: roundingText}
	for _, e := range r.report.Entities {
		in := QualityInput{
			Entity: e.Entity, Read: hub.Rounded(e.Read), Kept: hub.Rounded(e.Kept), Superseded: hub.Rounded(e.Superseded),
			Deleted: hub.Rounded(e.Deleted), Later: hub.Rounded(e.Later), Quarantined: hub.Rounded(e.Quarantined), Rules: []hub.RuleCount{},
		}
		for _, rule := range e.Rules {
			rule.Records = hub.Rounded(rule.Records)
			in.Rules = append(in.Rules, rule)
		}
		q.Input = append(q.Input, in)
	}
	if !r.dataset.Statistical() {
		withheld := r.withheld.rounded()
		q.Withheld = &withheld
	}
	for i, t := range r.dataset.Tables {
		rates, err := r.fillRates(ctx, t.ID, t.Names(), r.tables[i].Rows)
		if err != nil {
			return q, err
		}
		q.Tables = append(q.Tables, QualityTable{ID: t.ID, Rows: r.tables[i].Rows, FillRates: rates})
	}
	if r.previous != nil {
		q.Previous = &QualityPrevious{Release: r.previous.Release, Rows: map[string]int64{}}
		for _, t := range r.previous.Tables {
			q.Previous.Rows[t.ID] = t.Rows
		}
	}
	return q, nil
}

func (r *run) fillRates(ctx context.Context, table string, names []string, rows int64) ([]FillRate, error) {
	counts := make([]int64, len(names))
	cols := make([]string, len(names))
	dest := make([]any, len(names))
	for i, n := range names {
		cols[i] = "count(" + engine.Ident(n) + ")"
		dest[i] = &counts[i]
	}
	if err := r.db.Row(ctx, fmt.Sprintf("SELECT %s FROM %s", strings.Join(cols, ", "), engine.Ident(table)), dest); err != nil {
		return nil, err
	}
	rates := make([]FillRate, len(names))
	for i, n := range names {
		rates[i] = FillRate{Field: n, Percent: math.Round(1000*float64(counts[i])/float64(max(rows, 1))) / 10}
	}
	return rates, nil
}
