package publisher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// cellsDisclosure reports on the protection of a statistical dataset. What was said
// of the periods published before is carried over like their rows.
func (r *run) cellsDisclosure(ctx context.Context) (Disclosure, error) {
	rules := r.Profile
	former, err := r.formerCounts(ctx)
	if err != nil {
		return Disclosure{}, err
	}
	inputs, err := r.inputsDigest(ctx)
	if err != nil {
		return Disclosure{}, err
	}
	d := Disclosure{
		Dataset: r.dataset.ID, DateExtract: r.manifest.DateExtract, Synthetic: r.manifest.Synthetic, Rounding: roundingText, Rules: &rules, Inputs: inputs,
		Measures: measuresTexts(rules, lowest(former, rules)),
		Audit: DisclosureAudit{
			Outcome: "passed", Attacked: hub.Rounded(int64(r.attacked)), Widths: r.widths,
			Method: "Chaque cellule publiée des périodes nouvelles est recomptée à partir des dossiers, autrement que la première fois, et les règles lui sont de nouveau appliquées ; la somme de toutes les cellules, publiées ou secrètes, est comparée à l'ensemble des dossiers. Puis chaque cellule secrète est attaquée comme le ferait un lecteur : par toutes les sommes publiées à la fois, par les bornes que chacun connaît, et par ce qu'un titulaire seul dans une cellule sait de lui-même ; pour chacune, deux tables complètes qui s'accordent avec tout ce qui est publié et qui diffèrent sur elle sont construites et vérifiées. La publication est refusée au premier écart.",
		},
		Limits: []string{
			"Ce que sait un lecteur par ailleurs (un collègue, un proche) et l'entente de plusieurs titulaires ne sont pas pris en compte.",
			"Une même personne dont l'identité est écrite de plusieurs façons, et dont le NIR manque à certains dossiers, peut compter pour deux.",
			"Les parts masquées d'une table sont estimées à partir de celles de ses périodes, arrondies au point.",
			"Les largeurs (« widths ») sont celles des intervalles que donnent les sommes publiées prises une à une : ce que l'on peut savoir du nombre de dossiers d'une cellule secrète est au moins aussi étroit.",
		},
	}
	for _, t := range r.dataset.Tables {
		one, err := r.disclosureTable(ctx, t, append(former[t.ID], r.count(t.ID).periods...))
		if err != nil {
			return d, err
		}
		d.Tables = append(d.Tables, one)
	}
	return d, nil
}

// count returns the cells of the new periods of a table.
func (r *run) count(id string) CellCount {
	i := slices.IndexFunc(r.cells, func(c CellCount) bool { return c.Table == id })
	if i < 0 {
		return CellCount{Table: id}
	}
	return r.cells[i]
}

// lowest is the least threshold of all periods of the release.
func lowest(former map[string][]PeriodCount, rules anonymize.Profile) int {
	least := rules.Persons.Threshold
	for _, periods := range former {
		for _, p := range periods {
			least = min(least, p.Threshold)
		}
	}
	return least
}

// formerCounts reads what the releases from which periods are carried over said of
// them, by table.
func (r *run) formerCounts(ctx context.Context) (map[string][]PeriodCount, error) {
	all := map[string][]PeriodCount{}
	for _, s := range r.sources() {
		text, err := r.archive.Document(ctx, s.manifest, disclosureName)
		if err != nil {
			return nil, err
		}
		var d Disclosure
		if err := json.Unmarshal(text, &d); err != nil {
			return nil, fmt.Errorf("read %s of release %s: %w", disclosureName, s.manifest.Release, err)
		}
		for _, t := range d.Tables {
			for _, p := range t.Periods {
				if slices.Contains(s.periods[t.ID], p.Period) {
					all[t.ID] = append(all[t.ID], p)
				}
			}
		}
	}
	return all, nil
}

// tableSource is a release and the periods that are carried over from it, by table.
type tableSource struct {
	manifest release.Manifest
	periods  map[string][]string
}

// inputsDigest is a digest of the files in scope of the new periods, whatever their order
// and whatever numbers their persons were given.
func (r *run) inputsDigest(ctx context.Context) (string, error) {
	var sum string
	q := "SELECT CAST(count(*) AS VARCHAR) || ' ' || CAST(coalesce(sum(hash(periode, alea_1, alea_2, montant_engage)), 0) AS VARCHAR) FROM " + scopeTable
	if err := r.db.Row(ctx, q, []any{&sum}); err != nil {
		return "", err
	}
	digest := sha256.Sum256([]byte(sum))
	return hex.EncodeToString(digest[:]), nil
}

// sources returns the releases from which periods of any table are carried over.
func (r *run) sources() []tableSource {
	var all []tableSource
	for _, c := range r.calendars {
		for _, s := range c.sources {
			i := slices.IndexFunc(all, func(o tableSource) bool { return o.manifest.Release == s.manifest.Release })
			if i < 0 {
				i, all = len(all), append(all, tableSource{s.manifest, map[string][]string{}})
			}
			for _, t := range c.tables {
				all[i].periods[t.ID] = s.periods
			}
		}
	}
	return all
}

// disclosureTable adds up what is said of the periods of a table. The files and euros
// shown are in the table; those masked follow from the share of each period.
func (r *run) disclosureTable(ctx context.Context, t datasets.Table, periods []PeriodCount) (DisclosureTable, error) {
	slices.SortFunc(periods, func(a, b PeriodCount) int { return strings.Compare(a.Period, b.Period) })
	d := DisclosureTable{ID: t.ID, Periods: periods}
	shown := map[string][2]float64{}
	q := fmt.Sprintf("SELECT CAST(%s AS VARCHAR), CAST(coalesce(sum(nb_dossiers), 0) AS DOUBLE), CAST(coalesce(sum(montant_engage), 0) AS DOUBLE) FROM %s GROUP BY 1", engine.Ident(t.Period.Field), engine.Ident(t.ID))
	err := r.db.Each(ctx, q, func(scan func(...any) error) error {
		var period string
		var files, euros float64
		err := scan(&period, &files, &euros)
		shown[period] = [2]float64{files, euros}
		return err
	})
	if err != nil {
		return d, err
	}
	var files, euros masked
	for _, p := range periods {
		d.Shown += p.Shown
		d.Secret += p.Secret
		files.add(shown[p.Period][0], p.MaskedFiles)
		euros.add(shown[p.Period][1], p.MaskedEuros)
	}
	d.Secret = hub.Rounded(d.Secret)
	d.MaskedFiles, d.MaskedEuros = files.percent(), euros.percent()
	return d, nil
}

// masked adds up amounts of which a share is masked.
type masked struct{ shown, hidden float64 }

// add takes the amount shown of a period and the share masked, in per cent. Where the
// share is not told, or all is masked, nothing says how much that is: the period is
// left out.
func (m *masked) add(shown float64, percent *int) {
	if percent == nil || *percent >= 100 {
		return
	}
	m.shown += shown
	m.hidden += shown * float64(*percent) / float64(100-*percent)
}

// percent returns the share of all periods together; nil if none is known.
func (m *masked) percent() *int {
	if m.shown+m.hidden == 0 {
		return nil
	}
	share := percent(int64(m.hidden), int64(m.shown+m.hidden))
	return &share
}
