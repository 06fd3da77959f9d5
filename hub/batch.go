package hub

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// batchBytes bounds the files that are read by one statement.
const batchBytes = 32 << 20

// batch returns how many of the files, from the first, may be read together: small
// Parquet files, of which an incremental extract has hundreds. Each statement costs
// as much as reading some ten thousand records.
func batch(files []FileReport) int {
	n, size := 0, int64(0)
	for _, f := range files {
		size += f.file.Size
		if f.file.format() != "parquet" || size > batchBytes {
			break
		}
		n++
	}
	return max(n, 1)
}

// stageBatch reads several Parquet files of an entity, the first of which has the
// given number, by one statement.
//
// Result: false when they cannot be read together, because one is damaged or is not
// like the others; nothing was staged then, and reading them one by one finds the
// one at fault. Errors: those of [reader.stageFile].
func (r *reader) stageBatch(ctx context.Context, e Entity, no int, files []FileReport) (done bool, err error) {
	paths := make([]string, len(files))
	for i, f := range files {
		path, release, err := r.source.Local(ctx, f.file, r.dir)
		if refused := new(FileError); errors.As(err, &refused) {
			return false, nil
		} else if err != nil {
			return false, err
		}
		defer release()
		paths[i] = path
	}
	err = r.db.Pin(ctx, func(db *engine.DB) error {
		rel, ok := r.batchRelation(ctx, db, e, paths, files)
		if !ok || r.insert(ctx, db, e, no, rel) != nil {
			return ctx.Err()
		}
		done = true
		for i := range files {
			if err := r.unchanged(paths[i], &files[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}

// batchRelation is the relation of several files whose columns are alike, and fills
// in how many records each has.
func (r *reader) batchRelation(ctx context.Context, db *engine.DB, e Entity, paths []string, files []FileReport) (relation, bool) {
	var all relation
	for i := range files {
		rel, err := parquetRelation(ctx, db, e, paths[i])
		if err != nil || !rel.ranked || e.checkColumns(rel, &files[i]) != nil || i > 0 && fmt.Sprint(rel.columns) != fmt.Sprint(all.columns) {
			return all, false
		}
		files[i].Records = rel.records
		if i == 0 {
			all = rel
		}
	}
	all.from = fmt.Sprintf("(SELECT %s, %d * file_index + file_row_number + 1 AS parvis_rang FROM read_parquet([%s], hive_partitioning = false))",
		strings.Join(e.columnsIn(all), ", "), int64(fileShift), engine.Literals(paths))
	return all, true
}
