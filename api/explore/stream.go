package explore

import (
	"io"
	"net/http"
	"os"
	"strconv"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// pieceSize is how many bytes of rows are gathered before they are sent.
const pieceSize = 64 << 10

// rowsTrailer says, after the last row of an export, how many there were. Its presence
// tells a complete answer.
const rowsTrailer = "X-Total-Rows"

// rowFormat writes rows one after another.
type rowFormat interface {
	appendHead(b []byte) []byte
	appendRow(b []byte, rows *engine.Rows) []byte
	appendTail(b []byte) []byte
}

func newRowFormat(q *prepared, o exportOptions) rowFormat {
	switch o.format.name {
	case "csv":
		return newCSV(q, o)
	case "json":
		return &jsonArray{objects: newObjects(q)}
	default:
		return jsonLines{newObjects(q)}
	}
}

// sendRows sends an export as text. Rows that the engine reads one after another are
// sent as they are computed. Those that it must have in memory all together, to sort or
// group them, are written to a file first: a client may be slow.
func (a *API) sendRows(c *Call, q *prepared, o exportOptions, pre exchange.Preface) error {
	w := work{q.loan.Table, o.rows(q), q.Cost(), true}
	if r := q.request; r.OrderBy != "" || q.Grouped || q.Aggregated || o.limit >= 0 || o.offset > 0 {
		return a.sendSpooled(c, w, newRowFormat(q, o), func() outgoing { return a.newOutgoing(c, o, pre) })
	}
	return a.stream(c, w, newRowFormat(q, o), a.newOutgoing(c, o, pre))
}

// stream sends rows in pieces. What fails before the first piece is answered as an
// error; what fails later is returned, so that the caller breaks the answer off.
func (a *API) stream(c *Call, w work, f rowFormat, out outgoing) error {
	piece := f.appendHead(make([]byte, 0, pieceSize+pieceSize/4))
	n := 0
	err := a.run(c.Request.Context(), w, func(rows *engine.Rows, m *meter) error {
		n++
		piece = f.appendRow(piece, rows)
		if len(piece) < pieceSize {
			return nil
		}
		return m.pause(c.Request.Context(), func() error { // the client's time is not the query's
			_, err := out.Write(piece)
			piece = piece[:0]
			return err
		})
	})
	if err != nil {
		return err
	}
	if _, err := out.Write(f.appendTail(piece)); err != nil {
		return err
	}
	if err := out.finish(); err != nil {
		return err
	}
	c.Writer.Header().Set(rowsTrailer, strconv.Itoa(n))
	return nil
}

// outgoing is the body of an export, coded as it goes. Its head is sent with the
// first bytes.
type outgoing struct {
	io.Writer
	packed io.WriteCloser // nil without coding
}

func (a *API) newOutgoing(c *Call, o exportOptions, pre exchange.Preface) outgoing {
	h := c.Writer.Header()
	h.Set("Content-Type", o.mediaType())
	h.Set("Trailer", rowsTrailer)
	var out outgoing
	out.Writer = exchange.NewPaced(c.Writer, a.o.Stall)
	coding := pre.Coding
	if coding != "" {
		h.Set("Content-Encoding", coding)
	} else if o.compressed {
		coding = "gzip"
	}
	if coding != "" {
		out.packed = exchange.NewEncoder(coding, out.Writer)
		out.Writer = out.packed
	}
	return out
}

// finish ends the body.
func (o outgoing) finish() error {
	if o.packed == nil {
		return nil
	}
	return o.packed.Close()
}

// sendScratch sends a file that was made for this answer, whole.
func (a *API) sendScratch(c *Call, file *os.File, o exportOptions, pre exchange.Preface) error {
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	out := a.newOutgoing(c, o, pre)
	h := c.Writer.Header()
	h.Del("Trailer")
	if out.packed == nil {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	c.Writer.WriteHeader(http.StatusOK)
	if _, err := io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{file}, make([]byte, pieceSize)); err != nil {
		return err
	}
	return out.finish()
}

// scratch makes a directory for the files of one answer, and returns what removes it.
func (a *API) scratch() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp(a.o.Scratch, "parvis-export-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}
