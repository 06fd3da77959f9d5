package publisher

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// rawPrefix begins the names of the tables as the recipes make them, before they
// are protected.
const rawPrefix = "brut_"

// build makes the tables of the dataset from the hub's clean tables.
func (r *run) build(ctx context.Context) error {
	functions, err := datasets.Functions()
	if err != nil {
		return err
	}
	if err := r.db.Exec(ctx, functions); err != nil {
		return err
	}
	day := engine.Literal(r.report.ExtractDate.Format(time.DateOnly))
	for _, t := range r.dataset.Tables {
		r.tell(StepBuild, t.ID)
		sql := strings.ReplaceAll(t.SQL, "$date_extract", day)
		if err := r.db.Exec(ctx, "CREATE TABLE "+engine.Ident(rawPrefix+t.ID)+" AS\n"+sql); err != nil {
			return fmt.Errorf("table %s: %w", t.ID, err)
		}
	}
	return nil
}
