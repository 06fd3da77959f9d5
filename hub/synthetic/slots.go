package synthetic

import (
	"context"
	"fmt"
	"math"
)

// weighted is an item and how often it is drawn, in any unit.
type weighted struct {
	item   string // SQL
	weight float64
}

// slots makes a table of n slots in which each item fills as many as its weight
// says, to draw from by a hash. prefix is SQL for leading columns ("3, "). An item
// of any weight has at least one slot as long as there are many more slots than items.
func slots(prefix string, n int, items []weighted) []string {
	var total, sum float64
	for _, i := range items {
		total += i.weight
	}
	var rows []string
	from := 0
	for k, i := range items {
		sum += i.weight
		to := max(int(math.Round(sum/total*float64(n))), from+1)
		to = min(to, n-(len(items)-1-k))
		if k == len(items)-1 {
			to = n
		}
		if from < to {
			rows = append(rows, fmt.Sprintf("(%s%d, %d, %s)", prefix, from, to, i.item))
		}
		from = max(from, to)
	}
	return rows
}

// expand makes a table of slots from ranges of them: the columns given, then cran,
// then value.
func (d *draw) expand(ctx context.Context, table, prefix, value string, rows []string) error {
	if err := d.db.Exec(ctx, fmt.Sprintf("CREATE TABLE tranche (%sde INTEGER, a INTEGER, %s)", prefix, value)); err != nil {
		return err
	}
	if err := d.insert(ctx, "tranche", rows); err != nil {
		return err
	}
	return d.db.Exec(ctx, fmt.Sprintf("CREATE TABLE %s AS SELECT * EXCLUDE (de, a), unnest(range(de, a))::INTEGER AS cran FROM tranche; DROP TABLE tranche", table))
}
