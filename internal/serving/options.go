package serving

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/objects"
)

// Store is what a library needs of object storage: it only reads.
type Store interface {
	Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, objects.Info, error)
	List(ctx context.Context, prefix string) iter.Seq2[objects.Info, error]
}

// Options are what a [Library] is made of.
type Options struct {
	Store    Store
	Datasets []datasets.Dataset
	// Dir is a private directory for the files of the engine, made if there is none,
	// emptied at the start and at the end. It is locked against a second process.
	Dir string
	// MemoryLimit bounds the memory of the engine, all releases and queries together,
	// such as "2GB": half of it for queries, half for loading. Empty leaves the
	// engine's default.
	MemoryLimit string
	// Threads of the engine; 0 means one per core.
	Threads int
	Log     *slog.Logger
	Now     func() time.Time
	// Poll is how often the pointers are looked at; 2 seconds if zero.
	Poll time.Duration
}

const (
	defaultPoll = 2 * time.Second
	// maxOlder is how many releases, besides the served and the previous one of each
	// dataset, are kept loaded.
	maxOlder = 2
	// retryPolls is after how many polls a release that could not be loaded is tried
	// again: half a minute.
	retryPolls = 15
	// sweepPolls is after how many polls it is looked whether what is loaded may still be
	// read.
	sweepPolls = 15
)

// complete fills in what is left out.
//
// Errors: something that cannot be left out is.
func (o *Options) complete() error {
	if o.Store == nil || o.Log == nil || o.Now == nil || o.Dir == "" {
		return errors.New("store, directory, log and clock are needed")
	}
	if o.Poll <= 0 {
		o.Poll = defaultPoll
	}
	if _, _, ok := cutSize(o.MemoryLimit); !ok && o.MemoryLimit != "" {
		return fmt.Errorf("memory limit %q is no size such as 2GB", o.MemoryLimit)
	}
	return nil
}

// half is half of the memory limit.
func (o *Options) half() string {
	n, unit, ok := cutSize(o.MemoryLimit)
	if !ok {
		return ""
	}
	return strconv.FormatFloat(n/2, 'f', 3, 64) + unit
}

// cutSize cuts a size such as 2GB into number and unit.
func cutSize(text string) (n float64, unit string, ok bool) {
	at := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if at < 0 {
		return 0, "", false
	}
	n, err := strconv.ParseFloat(text[:at], 64)
	return n, text[at:], err == nil && n > 0
}
