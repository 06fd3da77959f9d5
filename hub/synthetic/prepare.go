package synthetic

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// random returns the generator of what is drawn in Go; what names its purpose.
func (d *draw) random(what uint64) *rand.Rand { return rand.New(rand.NewPCG(d.Seed, what)) } //nolint:gosec // G404: invented data, reproducible

// prepare fills the engine with macros and the tables that draws look into.
func (d *draw) prepare(ctx context.Context) error {
	// Joins are run as they are written: the records on the left, looked up one by one
	// in the tables on the right, each of which has one row for each of them. So
	// records keep the order of their numbers, without a sort.
	for _, q := range []string{
		"SET GLOBAL preserve_insertion_order = true",
		"SET GLOBAL disabled_optimizers = 'join_order,build_side_probe_side'",
	} {
		if err := d.db.Exec(ctx, q); err != nil {
			return err
		}
	}
	if err := run(ctx, d.db, "macros", nil); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		d.settings, d.communes, d.certifications, d.organismes, d.names, d.months, d.texts,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := run(ctx, d.db, "personnes", nil); err != nil {
		return err
	}
	return run(ctx, d.db, "offre", nil)
}

// settings makes macros of the options.
func (d *draw) settings(ctx context.Context) error {
	macros := map[string]string{
		"jour":                  sqlDate(d.Until),
		"personnes":             strconv.Itoa(d.personPairs()),
		"organismes":            strconv.Itoa(d.providers()),
		"formations":            strconv.Itoa(d.Formations),
		"bloc_dossier":          "250",
		"bloc_formation":        "300",
		"bloc_action":           "350",
		"bloc_session":          "500",
		"fautes_dossiers":       d.faultNames("dossiers", "financements"),
		"fautes_formations":     d.faultNames("formations"),
		"fautes_actions":        d.faultNames("actions"),
		"fautes_sessions":       d.faultNames("sessions"),
		"fautes_territoires":    d.faultNames("territoires"),
		"fautes_certifications": d.faultNames("certifications"),
		"fautes_organismes":     d.faultNames("organismes"),
		"fautes_habilitations":  d.faultNames("habilitations"),
	}
	r := d.random(1)
	for _, e := range []string{"dossier", "personne", "formation", "action", "session", "organisme", "liste", "certification"} {
		macros["entite_"+e] = fmt.Sprintf("CAST(%d AS UBIGINT)", r.Uint64())
	}
	for name, sql := range macros {
		if err := d.db.Exec(ctx, "CREATE MACRO "+name+"() AS "+sql); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	return nil
}

// personPairs returns how many men there are, and as many women, so that each has
// on average one file and 0.62 persons of a file have any.
func (d *draw) personPairs() int { return 20 * (1 + d.Dossiers*48/2000) }

// providers returns the number of providers: one for twelve trainings.
func (d *draw) providers() int { return min(max(d.Formations/12, 5), maxProviders) }

// insert fills a table with rows of SQL literals.
func (d *draw) insert(ctx context.Context, table string, rows []string) error {
	for part := range slices.Chunk(rows, 2000) {
		if err := d.db.Exec(ctx, "INSERT INTO "+table+" VALUES "+strings.Join(part, ", ")); err != nil {
			return fmt.Errorf("fill %s: %w", table, err)
		}
	}
	return nil
}

// literal returns SQL for a text; null when it is empty.
func literal(text string) string {
	if text == "" {
		return "NULL"
	}
	return engine.Literal(text)
}
