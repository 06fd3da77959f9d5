package files

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
)

// output is a file that is hashed and counted while it is written, compressed or
// not.
type output struct {
	file *os.File
	hash hash.Hash
	n    int64
	gz   *gzip.Writer
	*bufio.Writer
}

// newOutput creates dir/name. A gzip file carries neither name nor time.
func newOutput(dir, name string, compressed bool) (*output, error) {
	file, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	o := &output{file: file, hash: sha256.New()}
	if !compressed {
		o.Writer = bufio.NewWriterSize(rawOutput{o}, 1<<18)
		return o, nil
	}
	o.gz, err = gzip.NewWriterLevel(rawOutput{o}, gzip.DefaultCompression)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	o.Writer = bufio.NewWriterSize(o.gz, 1<<18)
	return o, nil
}

// rawOutput is the last stage of an output: the bytes as they reach the disk.
type rawOutput struct{ o *output }

func (r rawOutput) Write(b []byte) (int, error) {
	n, err := r.o.file.Write(b)
	r.o.hash.Write(b[:n])
	r.o.n += int64(n)
	return n, err
}

func (o *output) close() error {
	err := o.Flush()
	if o.gz != nil {
		err = errors.Join(err, o.gz.Close())
	}
	return errors.Join(err, o.file.Close())
}

func (o *output) describe(f *File) {
	f.Bytes, f.SHA256 = o.n, hex.EncodeToString(o.hash.Sum(nil))
}
