package explore

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// sendSpooled writes rows to a file, compressed, as fast as the engine gives them, and
// then sends them. Nothing of the answer is sent when the query fails.
func (a *API) sendSpooled(c *Call, w work, f rowFormat, out func() outgoing) (err error) {
	dir, remove, err := a.scratch()
	if err != nil {
		return err
	}
	defer remove()
	file, err := os.Create(filepath.Join(dir, "rows.zst"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	n := 0
	return a.produce(c.Request.Context(), w, func(ctx context.Context, m *meter) (err error) {
		n, err = w.spool(ctx, m, f, file)
		return err
	}, func() error {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		return c.sendSpool(file, out(), n)
	})
}

// spool writes the rows to a file, and says how many there are.
func (w work) spool(ctx context.Context, m *meter, f rowFormat, to io.Writer) (n int, err error) {
	buffer := bufio.NewWriterSize(to, pieceSize)
	packed := exchange.NewEncoder(exchange.Zstd, buffer)
	piece := f.appendHead(make([]byte, 0, pieceSize+pieceSize/4))
	err = w.read(ctx, m, func(rows *engine.Rows, m *meter) error {
		n++
		piece = f.appendRow(piece, rows)
		if len(piece) < pieceSize {
			return nil
		}
		m.restart()
		_, err := packed.Write(piece)
		piece = piece[:0]
		return err
	})
	if err == nil {
		_, err = packed.Write(f.appendTail(piece))
	}
	return n, errors.Join(err, packed.Close(), buffer.Flush())
}

// sendSpool sends what was spooled.
func (c *Call) sendSpool(file io.Reader, out outgoing, n int) error {
	text, err := exchange.NewDecoder(bufio.NewReaderSize(file, pieceSize))
	if err != nil {
		return err
	}
	defer func() { _ = text.Close() }() // it was read to its end, or the answer is broken off
	if _, err := io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{text}, make([]byte, pieceSize)); err != nil {
		return err
	}
	if err := out.finish(); err != nil {
		return err
	}
	c.Writer.Header().Set(rowsTrailer, strconv.Itoa(n))
	return nil
}
