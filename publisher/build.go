package publisher

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// rawPrefix begins the names of the tables as the recipes make them, before they
// are protected.
const rawPrefix = "brut_"

// build makes the tables of the dataset from the hub's clean tables.
func (r *run) build(ctx context.Context) error {
	if r.dataset.Statistical() {
		return r.buildCells(ctx)
	}
	for _, t := range r.dataset.Tables {
		r.tell(StepBuild, t.ID)
		if err := r.db.Exec(ctx, "CREATE TABLE "+engine.Ident(rawPrefix+t.ID)+" AS\n"+r.recipe(t.SQL)); err != nil {
			return fmt.Errorf("table %s: %w", t.ID, err)
		}
	}
	return nil
}

// recipe returns the SQL of a table with the values of the run.
func (r *run) recipe(sql string) string {
	return strings.ReplaceAll(sql, "$date_extract", engine.Literal(r.report.ExtractDate.Format(time.DateOnly)))
}
