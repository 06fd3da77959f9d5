package serving

import (
	"context"
	"errors"
	"os"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// Parquet runs one SELECT, as [Table.Query] does, and gives its rows as a Parquet file
// with the given columns, compressed with snappy or zstd. The file has no name
// any more: its space is free when the caller closes it.
//
// Errors: those of [Table.Query]; [engine.ErrFile].
func (t *Table) Parquet(ctx context.Context, columns []engine.ParquetColumn, compression, sql string, args ...any) (*os.File, error) {
	path := t.library.scratch.newFile() + ".parquet"
	err := t.volume.file.WriteParquet(ctx, engine.ParquetFile{Path: path, Compression: compression, Columns: columns}, sql, args...)
	if err != nil {
		if gone := os.Remove(path); gone != nil && !errors.Is(gone, os.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		return nil, err
	}
	file, err := os.Open(path)
	if err = errors.Join(err, os.Remove(path)); err != nil && file != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, err
}
