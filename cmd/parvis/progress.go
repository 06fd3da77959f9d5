package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress tells a person at a terminal how far a long step is; elsewhere it says
// nothing.
type progress struct {
	w    io.Writer
	bar  *progressbar.ProgressBar
	what string
}

func newProgress(w io.Writer) *progress {
	file, ok := w.(*os.File)
	if !ok {
		return &progress{}
	}
	if info, err := file.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &progress{}
	}
	return &progress{w: w}
}

// count shows that done of the given number of things are done.
func (p *progress) count(what string, done, of int64) {
	if p.w == nil {
		return
	}
	if p.bar == nil || p.what != what {
		p.end()
		p.what = what
		p.bar = progressbar.NewOptions64(of, progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(what),
			progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	_ = p.bar.Set64(done) // a terminal that is gone is no failure
}

// file shows the file that is read.
func (p *progress) file(name string, no, of int) {
	if p.w == nil {
		return
	}
	p.count("reading", int64(no-1), int64(of))
	p.bar.Describe("reading " + name)
}

// end removes the bar.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
