package meili

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/meilisearch/meilisearch-go"

	"github.com/parvis-opendata/parvis/internal/search"
)

// Sizes of what is sent at once. Meilisearch indexes fewer and larger batches faster.
const (
	batchBytes  = 16 << 20
	mostPending = 2 // batches that the server has not indexed yet
	mostSamples = 20
)

// cleaning bounds the removal of what a failed build leaves.
const cleaning = 2 * time.Minute

// Build implements search.Engine. The documents are read once, and not kept in memory.
// Errors are also [ErrRefused] and [ErrTooOld].
func (e *Engine) Build(ctx context.Context, name string, documents iter.Seq2[search.Document, error]) (search.Index, error) {
	x, err := e.build(ctx, name, documents)
	if err != nil {
		return nil, fmt.Errorf("build the search index %s: %w", e.uid(name), err)
	}
	return x, nil
}

func (e *Engine) build(ctx context.Context, name string, documents iter.Seq2[search.Document, error]) (_ *Index, err error) {
	if !goodName.MatchString(name) || len(name) > longestName {
		return nil, fmt.Errorf("%q is no name of an index: letters and digits, with single - or _ between them", name)
	}
	if err := e.version(ctx); err != nil {
		return nil, err
	}
	if err := e.create(ctx, e.uid(name)); err != nil { // what was there before is not ours
		return nil, err
	}
	defer func() {
		if err != nil {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaning)
			defer cancel()
			err = errors.Join(err, e.remove(ctx, name))
		}
	}()
	b := &builder{
		sender: sender{Engine: e, index: e.client.Index(e.uid(name))}, settings: search.Defaults(),
		samples: map[int]string{}, offers: map[string]int64{},
	}
	if err := b.trainings(ctx, documents); err != nil {
		return nil, err
	}
	if err := b.completions(ctx, name); err != nil {
		return nil, err
	}
	return e.index(name), nil
}

// create makes an empty index under a name that none has.
func (e *Engine) create(ctx context.Context, uid string) error {
	return e.do(ctx, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return e.client.CreateIndexWithContext(ctx, &meilisearch.IndexConfig{Uid: uid, PrimaryKey: key})
	})
}

// builder fills the two indexes of a release.
type builder struct {
	sender

	settings *search.Settings
	count    int
	samples  map[int]string   // stored texts of some documents
	offers   map[string]int64 // sessions by completion
}

// trainings makes the index of the trainings and checks it.
func (b *builder) trainings(ctx context.Context, documents iter.Seq2[search.Document, error]) error {
	if err := b.configure(ctx, settings(b.settings), filterable()); err != nil {
		return err
	}
	for d, err := range documents {
		if err != nil {
			return err
		}
		b.count++
		row, err := entry(b.count, &d, b.settings)
		if err != nil {
			return err
		}
		b.sample(row)
		for _, text := range d.Completions() {
			b.offers[text] += d.Sessions
		}
		if err := b.add(ctx, row); err != nil {
			return err
		}
	}
	if err := b.flush(ctx); err != nil {
		return err
	}
	return b.check(ctx)
}

// sample keeps the text of the first documents by powers of two.
func (b *builder) sample(row map[string]any) {
	if b.count&(b.count-1) == 0 && len(b.samples) < mostSamples {
		b.samples[b.count], _ = row[stored].(string)
	}
}

// check counts the documents and reads some of them again.
func (b *builder) check(ctx context.Context) error {
	if err := b.counted(ctx, b.count); err != nil {
		return err
	}
	for id, want := range b.samples {
		var got struct {
			Text string `json:"document"`
		}
		err := b.send(ctx, func(ctx context.Context) error {
			return b.index.GetDocumentWithContext(ctx, strconv.Itoa(id), &meilisearch.DocumentQuery{Fields: []string{stored}}, &got)
		})
		if err != nil {
			return err
		}
		if got.Text != want {
			return fmt.Errorf("document %d is not as it was sent; see the log of Meilisearch, then index again", id)
		}
	}
	return nil
}

// completions makes the index of the completions; its last document says that all is done.
func (b *builder) completions(ctx context.Context, name string) error {
	b.sender = sender{Engine: b.Engine, index: b.client.Index(b.completionsUID(name))}
	if err := b.create(ctx, b.completionsUID(name)); err != nil {
		return err
	}
	equal := rule{Patterns: []string{tokens, mark}}
	equal.Features.Filter.Equality = true
	if err := b.configure(ctx, completionSettings(), []any{equal}); err != nil {
		return err
	}
	texts := slices.SortedFunc(maps.Keys(b.offers), func(a, c string) int {
		return cmp.Or(cmp.Compare(b.offers[c], b.offers[a]), cmp.Compare(a, c))
	})
	for i, text := range texts {
		words := search.Words(text)
		row := map[string]any{key: i + 1, stored: text, title: search.Fold(text), tokens: words, sessions: b.offers[text]}
		if err := b.add(ctx, row); err != nil {
			return err
		}
	}
	if err := b.flush(ctx); err != nil {
		return err
	}
	if err := b.counted(ctx, len(texts)); err != nil {
		return err
	}
	text, err := json.Marshal(finished{Form: form, Documents: b.count})
	if err != nil {
		return err
	}
	if err := b.add(ctx, map[string]any{key: 0, stored: string(text), mark: done}); err != nil {
		return err
	}
	return b.flush(ctx)
}

// sender sends documents to an index in batches, and waits when the server lags behind.
type sender struct {
	*Engine

	index   meilisearch.IndexManager
	batch   bytes.Buffer
	pending []int64 // tasks
}

// configure sets the settings of an empty index.
func (s *sender) configure(ctx context.Context, settings *meilisearch.Settings, filterable []any) error {
	err := s.do(ctx, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return s.index.UpdateSettingsWithContext(ctx, settings)
	})
	if err != nil {
		return err
	}
	return s.do(ctx, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return s.index.UpdateFilterableAttributesWithContext(ctx, &filterable)
	})
}

// add adds a document to the batch, and sends it if it is full.
func (s *sender) add(ctx context.Context, row map[string]any) error {
	if err := json.NewEncoder(&s.batch).Encode(row); err != nil {
		return err
	}
	if s.batch.Len() < batchBytes {
		return ctx.Err()
	}
	return s.push(ctx)
}

// push sends the batch, once few enough are pending.
func (s *sender) push(ctx context.Context) error {
	for len(s.pending) >= mostPending {
		if err := s.settle(ctx); err != nil {
			return err
		}
	}
	uid, err := s.start(ctx, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return s.index.AddDocumentsNdjsonWithContext(ctx, s.batch.Bytes(), nil)
	})
	s.batch.Reset()
	s.pending = append(s.pending, uid)
	return err
}

// settle waits for the oldest batch.
func (s *sender) settle(ctx context.Context) error {
	uid := s.pending[0]
	s.pending = s.pending[1:]
	return s.wait(ctx, uid)
}

// flush sends what is left and waits for all batches.
func (s *sender) flush(ctx context.Context) error {
	if s.batch.Len() > 0 {
		if err := s.push(ctx); err != nil {
			return err
		}
	}
	for len(s.pending) > 0 {
		if err := s.settle(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// counted checks how many documents the index has.
func (s *sender) counted(ctx context.Context, want int) error {
	var stats *meilisearch.StatsIndex
	err := s.send(ctx, func(ctx context.Context) (err error) {
		stats, err = s.index.GetStatsWithContext(ctx, nil)
		return err
	})
	if err != nil {
		return err
	}
	if stats.NumberOfDocuments != int64(want) {
		return fmt.Errorf("it has %d documents of %d; see the log of Meilisearch, then index again", stats.NumberOfDocuments, want)
	}
	return nil
}
