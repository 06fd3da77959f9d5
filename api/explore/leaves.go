package explore

import (
	"bytes"
	"context"
	"strconv"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// leafRows is the number of rows of a leaf. Rows of the catalogue take about 4 kB each:
// a leaf is small enough to be kept.
const leafRows = 16

// rowEnd ends each row of a leaf. It is in no JSON, where it is escaped.
const rowEnd = 0x1e

// leaves reads a page of a whole table, whose rows are numbered from 0. Who pages through a
// table asks for pages of any size at any offset, but always for rows of the same leaves:
// what the rows from 16k to 16k + 15 look like is kept.
//
// Shape of the result: the rows as objects with commas between, and how many.
func (a *API) leaves(c *Call, q *prepared, part page) (results []byte, n int, err error) {
	past := min(int64(part.offset+part.limit), q.loan.Rows())
	from := int64(part.offset)
	if from >= past {
		return nil, 0, nil
	}
	first := from / leafRows
	all := make([][]byte, (past-1)/leafRows+1-first)
	query, locale := q.Canonical(), q.locale()
	keys := make([]string, len(all))
	missing, last := len(all), -1
	for i := range all {
		keys[i] = a.key(q.loan, "leaf", query, locale, strconv.FormatInt(first+int64(i), 10))
		kept, ok := a.o.Cache.Get(keys[i])
		if all[i] = kept.Bytes; !ok {
			missing, last = min(missing, i), i
		}
	}
	if last >= 0 {
		if err := a.readLeaves(c.Request.Context(), q, first+int64(missing), all[missing:last+1]); err != nil {
			return nil, 0, err
		}
		for i := missing; i <= last; i++ {
			a.o.Cache.Keep(keys[i], exchange.Body{Bytes: all[i]})
		}
	} else {
		c.Eased()
	}
	for i, leaf := range all {
		at := (first + int64(i)) * leafRows
		for row := range bytes.SplitSeq(leaf, []byte{rowEnd}) {
			if at >= from && at < past && len(row) > 0 {
				if n++; n > 1 {
					results = append(results, ',')
				}
				results = append(results, row...)
			}
			at++
		}
		if err := bounded(results); err != nil {
			return nil, 0, err
		}
	}
	return results, n, nil
}

// readLeaves makes leaves that follow one another.
func (a *API) readLeaves(ctx context.Context, q *prepared, first int64, leaves [][]byte) error {
	fields, n := newObjects(q), 0
	for i := range leaves {
		leaves[i] = nil
	}
	statement := q.Page(len(leaves)*leafRows, int(first)*leafRows)
	return a.run(ctx, work{table: q.loan.Table, statement: statement, cost: q.Cost()}, func(rows *engine.Rows, _ *meter) error {
		leaf := &leaves[n/leafRows]
		n++
		*leaf = append(fields.appendFields(append(*leaf, '{'), rows), '}', rowEnd)
		return bounded(*leaf)
	})
}
