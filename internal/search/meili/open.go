package meili

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/meilisearch/meilisearch-go"

	"github.com/parvis-opendata/parvis/internal/search"
)

// mark is the attribute of the document that says that an index is finished; done is its
// value.
const (
	mark = "etat"
	done = "fini"
)

// finished is what that document says.
type finished struct {
	Form      int `json:"forme"`
	Documents int `json:"formations"`
}

func (e *Engine) index(name string) *Index {
	return &Index{engine: e, uid: e.uid(name), completions: e.completionsUID(name), settings: search.Defaults()}
}

// Open returns the finished index of a release. The key of [Engine.SearchKey] will do.
//
// Errors: [ErrMissing], [ErrRefused], [search.ErrUnavailable]; those of ctx.
func (e *Engine) Open(ctx context.Context, name string) (search.Index, error) {
	x := e.index(name)
	if err := x.check(ctx); err != nil {
		return nil, fmt.Errorf("open the search index %s: %w", x.uid, err)
	}
	return x, nil
}

// check finds out whether the index is finished and has all its documents.
func (x *Index) check(ctx context.Context) error {
	ctx, cancel := bounded(ctx, x.engine.timeout)
	defer cancel()
	last := &meilisearch.SearchRequest{
		IndexUID: x.completions, Filter: string(in(mark, done)), Limit: 1, AttributesToRetrieve: []string{stored},
	}
	response, err := x.engine.client.MultiSearchWithContext(ctx, &meilisearch.MultiSearchRequest{
		Queries: []*meilisearch.SearchRequest{last, {IndexUID: x.uid, Limit: 1, AttributesToRetrieve: []string{key}}},
	})
	if err != nil {
		return missing(x.engine.problem(ctx, err))
	}
	if len(response.Results) != 2 || len(response.Results[0].Hits) == 0 {
		return missing(fmt.Errorf("%w: it is not finished", ErrMissing))
	}
	said, err := completions(response.Results[0].Hits)
	if err != nil {
		return err
	}
	var f finished
	if err := json.Unmarshal([]byte(said[0]), &f); err != nil {
		return err
	}
	switch n := response.Results[1].EstimatedTotalHits; {
	case f.Form != form:
		return missing(fmt.Errorf("%w: it was made by another version of parvis", ErrMissing))
	case n != int64(f.Documents):
		return missing(fmt.Errorf("%w: it has %d trainings of %d", ErrMissing, n, f.Documents))
	}
	return nil
}

// missing says what to do about an index that is not there.
func missing(err error) error {
	if errors.Is(err, ErrMissing) {
		return fmt.Errorf("%w; make it with parvis search index", err)
	}
	return err
}

// Ensure makes the index of a release unless it is there and finished. What a killed
// process left of it is removed first. It reports whether it was made.
//
// Errors: those of [Engine.Build] and [Engine.Open].
func (e *Engine) Ensure(ctx context.Context, name string, documents iter.Seq2[search.Document, error]) (made bool, err error) {
	err = e.again(ctx, func() error {
		_, err := e.Open(ctx, name)
		return err
	})
	if !errors.Is(err, ErrMissing) {
		return false, err
	}
	if err := e.Remove(ctx, name); err != nil {
		return false, err
	}
	_, err = e.Build(ctx, name, documents)
	return err == nil, err
}

// Remove removes the index of a release; it is no error if there is none.
//
// Errors: [ErrRefused], [search.ErrUnavailable]; those of ctx.
func (e *Engine) Remove(ctx context.Context, name string) error {
	if err := e.remove(ctx, name); err != nil {
		return fmt.Errorf("remove the search index %s: %w", e.uid(name), err)
	}
	return nil
}

// remove removes the indexes of a release; first that which says whether it is finished.
func (e *Engine) remove(ctx context.Context, name string) error {
	for _, uid := range []string{e.completionsUID(name), e.uid(name)} {
		err := e.do(ctx, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
			return e.client.DeleteIndexWithContext(ctx, uid)
		})
		var failed *taskError
		if errors.Is(err, ErrMissing) || errors.As(err, &failed) && failed.code == "index_not_found" {
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Prune removes the indexes of all releases but those to keep, and returns what it
// removed.
//
// Errors: [ErrRefused], [search.ErrUnavailable]; those of ctx.
func (e *Engine) Prune(ctx context.Context, keep ...string) (removed []string, err error) {
	names, err := e.names(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the search indexes: %w", err)
	}
	for _, name := range names {
		if slices.Contains(keep, name) {
			continue
		}
		if err := e.Remove(ctx, name); err != nil {
			return removed, err
		}
		removed = append(removed, name)
	}
	return removed, nil
}

// names are those of the releases that have indexes, in order.
func (e *Engine) names(ctx context.Context) ([]string, error) {
	const page = 200
	var list []string
	for offset := int64(0); ; offset += page {
		var found *meilisearch.IndexesResults
		err := e.send(ctx, func(ctx context.Context) (err error) {
			found, err = e.client.ListIndexesWithContext(ctx, &meilisearch.IndexesQuery{Limit: page, Offset: offset})
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, i := range found.Results {
			if name, ours := strings.CutPrefix(i.UID, e.uid("")); ours {
				list = append(list, strings.TrimSuffix(name, suffix))
			}
		}
		if offset+page >= found.Total {
			slices.Sort(list)
			return slices.Compact(list), nil
		}
	}
}
