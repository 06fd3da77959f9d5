package meili

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/meilisearch/meilisearch-go"

	"github.com/parvis-opendata/parvis/internal/search"
)

// Kinds of errors beside those of package search.
var (
	// ErrMissing: the index is not on the server, is not finished, or was made by another
	// version of the program.
	ErrMissing = errors.New("the search index is not there")
	// ErrRefused: the server does not accept the key.
	ErrRefused = errors.New("the server of Meilisearch refuses the key")
	// ErrTooOld: the server lacks what is needed.
	ErrTooOld = errors.New("the server of Meilisearch is too old")
)

// Least version of Meilisearch.
const (
	leastMajor, leastMinor = 1, 40
)

// problem makes of an error of the client one that says its kind and what to do.
func (e *Engine) problem(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	switch {
	case errors.Is(context.Cause(ctx), errSlow):
		return fmt.Errorf("%w in time: %s; see its log and its load", search.ErrUnavailable, e.address)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	var answer *meilisearch.Error
	if !errors.As(err, &answer) {
		return fmt.Errorf("%w: %s: %w", search.ErrUnavailable, e.address, err)
	}
	code := answer.MeilisearchApiError.Code
	switch {
	case answer.StatusCode == 0:
		return fmt.Errorf("%w: %s cannot be reached: %w; start it, or correct PARVIS_SEARCH", search.ErrUnavailable, e.address, answer.OriginError)
	case code == "missing_master_key":
		return fmt.Errorf("%w: %s runs without a master key; start it with one", ErrRefused, e.address)
	case answer.StatusCode == http.StatusUnauthorized, answer.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%w: %s (%s); set PARVIS_MEILI_KEY to a key that may do this", ErrRefused, e.address, code)
	case code == "api_key_not_found":
		return errNoKey
	case code == "index_not_found", code == "document_not_found":
		return fmt.Errorf("%w: %s", ErrMissing, answer.MeilisearchApiError.Message)
	case answer.StatusCode >= 500, answer.StatusCode == http.StatusTooManyRequests, answer.StatusCode == http.StatusRequestTimeout:
		return fmt.Errorf("%w: %s answers %d %s; see its log", search.ErrUnavailable, e.address, answer.StatusCode, code)
	case answer.StatusCode == http.StatusOK:
		return fmt.Errorf("%w: what %s answers is not of Meilisearch; correct PARVIS_SEARCH", search.ErrUnavailable, e.address)
	}
	return fmt.Errorf("%s answers %d %s: %s; it must be Meilisearch %d.%d or newer", e.address, answer.StatusCode, code, short(answer.MeilisearchApiError.Message), leastMajor, leastMinor)
}

// failed is problem for a search, which can do nothing about it but be asked again.
func (e *Engine) failed(ctx context.Context, err error) error {
	err = e.problem(ctx, err)
	if err == nil || errors.Is(err, search.ErrUnavailable) || errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", search.ErrUnavailable, err)
}

// errNoKey: the server has no key of that number.
var errNoKey = errors.New("there is no such key")

// errSlow is the cause of the end of a request that takes too long.
var errSlow = errors.New("too slow")

// bounded ends a request after some time.
func bounded(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, most, errSlow)
}

// short cuts a message of the server, which may repeat a whole request.
func short(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// version checks that the server is there, accepts the key and is new enough.
func (e *Engine) version(ctx context.Context) error {
	ctx, cancel := bounded(ctx, e.timeout)
	defer cancel()
	v, err := e.client.VersionWithContext(ctx)
	if err != nil {
		return e.problem(ctx, err)
	}
	parts := strings.Split(v.PkgVersion, ".")
	if len(parts) < 2 {
		return fmt.Errorf("%w: what %s answers is not of Meilisearch; correct PARVIS_SEARCH", search.ErrUnavailable, e.address)
	}
	major, _ := strconv.Atoi(parts[0])
	minor, _ := strconv.Atoi(parts[1])
	if major < leastMajor || major == leastMajor && minor < leastMinor {
		return fmt.Errorf("%w: %s is version %s; upgrade it to %d.%d or newer", ErrTooOld, e.address, short(v.PkgVersion), leastMajor, leastMinor)
	}
	return nil
}

// Alive asks the server whether it is well; any key will do.
//
// Errors: [search.ErrUnavailable]; those of ctx.
func (e *Engine) Alive(ctx context.Context) error {
	ctx, cancel := bounded(ctx, e.timeout)
	defer cancel()
	_, err := e.client.HealthWithContext(ctx)
	return e.problem(ctx, err)
}
