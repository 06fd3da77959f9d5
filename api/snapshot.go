package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/memo"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

const (
	// freshFor is how long the pointer and the state of a release are believed:
	// what another process publishes or withdraws shows after that.
	freshFor = 2 * time.Second
	// historyFor is the same for the list of releases, which costs more to read.
	historyFor = 5 * time.Second
	// staleFor is how old they may become while the store cannot be read.
	staleFor = 10 * time.Minute
)

// library finds releases, and remembers for a moment what it found.
type library struct {
	shelf     *shelf
	archive   *release.Archive
	pointers  *memo.Memo[release.Current] // by dataset
	entries   *memo.Memo[release.Entry]   // by dataset/release
	histories *memo.Memo[[]release.Entry] // by dataset
}

func newLibrary(s Store, now func() time.Time) *library {
	l := &library{shelf: newShelf(s, now)}
	l.archive = release.NewArchive(l.shelf)
	l.pointers = &memo.Memo[release.Current]{
		Read: func(ctx context.Context, dataset string) (release.Current, error) {
			c, _, err := l.archive.Current(ctx, dataset)
			return c, err
		},
		Keep: freshFor, Stale: staleFor, Limit: 1 << 10, Now: now, Absent: isNotFound,
	}
	l.entries = &memo.Memo[release.Entry]{
		Read: func(ctx context.Context, key string) (release.Entry, error) {
			dataset, id, _ := strings.Cut(key, "/")
			return l.archive.Entry(ctx, dataset, id)
		},
		Keep: freshFor, Stale: staleFor, Limit: 1 << 10, Now: now, Absent: isNotFound,
	}
	l.histories = &memo.Memo[[]release.Entry]{
		Read: l.archive.History,
		Keep: historyFor, Stale: staleFor, Limit: 1 << 10, Now: now, Absent: isNotFound,
	}
	return l
}

// snapshot is one release as an answer sees it, from beginning to end.
type snapshot struct {
	dataset  datasets.Dataset
	manifest release.Manifest
	// pointer is set when the release is the served one.
	pointer *release.Current
	// latest says that the release was asked for as "latest".
	latest bool
}

func (s snapshot) id() string { return s.manifest.Release }

// modified is when the content of the address last changed. Under "latest" that is
// when the release came to be served, which after a roll-back is later than its
// publication.
func (s snapshot) modified() time.Time {
	at := s.manifest.PublishedAt
	if s.latest && s.pointer.ServedSince.After(at) {
		at = s.pointer.ServedSince
	}
	return at
}

// find returns the release under a name: an identifier, or [latest].
//
// Errors: a [*problem] that says why there is none, or what became of it.
func (l *library) find(ctx context.Context, d datasets.Dataset, name string) (snapshot, error) {
	if name == latest {
		return l.served(ctx, d)
	}
	return l.pinned(ctx, d, name)
}

// served returns the served release. A remembered pointer may name a release that
// was withdrawn a moment ago; then the pointer is read again.
func (l *library) served(ctx context.Context, d datasets.Dataset) (snapshot, error) {
	s, err := l.follow(ctx, d)
	if errors.Is(err, errWithdrawn) || errors.Is(err, errPruned) {
		l.pointers.Forget(d.ID)
		s, err = l.follow(ctx, d)
	}
	return s, err
}

func (l *library) follow(ctx context.Context, d datasets.Dataset) (snapshot, error) {
	c, err := l.pointers.Get(ctx, d.ID)
	if isNotFound(err) || err == nil && c.Release == "" && len(c.History) == 0 {
		return snapshot{}, &problem{kind: errUnpublished, detail: fmt.Sprintf("Le jeu de données « %s » n'a pas encore été publié.", d.ID)}
	}
	if err != nil {
		return snapshot{}, err
	}
	if c.Release == "" {
		return snapshot{}, l.noneLeft(ctx, d)
	}
	e, err := l.readable(ctx, d, c.Release)
	if err != nil {
		return snapshot{}, err
	}
	return snapshot{dataset: d, manifest: e.Manifest, pointer: &c, latest: true}, nil
}

// pinned returns the release with an identifier.
func (l *library) pinned(ctx context.Context, d datasets.Dataset, id string) (snapshot, error) {
	e, err := l.readable(ctx, d, id)
	if err != nil {
		return snapshot{}, err
	}
	s := snapshot{dataset: d, manifest: e.Manifest}
	if c, err := l.pointers.Get(ctx, d.ID); err == nil && c.Release == id {
		s.pointer = &c
	}
	return s, nil
}

// readable returns a release that can be read.
func (l *library) readable(ctx context.Context, d datasets.Dataset, id string) (release.Entry, error) {
	e, err := l.entry(ctx, d, id)
	if err == nil && (e.State == release.Withdrawn || e.State == release.Pruned) {
		err = l.gone(ctx, d, e)
	}
	return e, err
}

// entry returns a release, whatever has become of it.
func (l *library) entry(ctx context.Context, d datasets.Dataset, id string) (release.Entry, error) {
	if !release.ValidID(id) {
		return release.Entry{}, unknownRelease(d, id)
	}
	e, err := l.entries.Get(ctx, d.ID+"/"+id)
	if isNotFound(err) {
		err = unknownRelease(d, id)
	}
	return e, err
}

// history returns the releases of a dataset, latest first.
func (l *library) history(ctx context.Context, d datasets.Dataset) ([]release.Entry, error) {
	return l.histories.Get(ctx, d.ID)
}

// forget makes the library read anew what it knows about a release.
func (l *library) forget(d datasets.Dataset, id string) {
	l.pointers.Forget(d.ID)
	l.entries.Forget(d.ID + "/" + id)
	l.histories.Forget(d.ID)
}

func unknownRelease(d datasets.Dataset, id string) error {
	return &problem{
		kind:   errUnknownRelease,
		detail: fmt.Sprintf("Le jeu de données « %s » n'a pas de publication « %s ».", d.ID, shorten(id)),
		fixes: func(l links) []string {
			return []string{"Choisissez une publication dans la liste : " + l.releases(d.ID), "Ou demandez celle en service : " + l.release(d.ID, latest)}
		},
	}
}

// noneLeft says that the served release was withdrawn and no other took its place.
func (l *library) noneLeft(ctx context.Context, d datasets.Dataset) error {
	p := &problem{
		kind:   errUnpublished,
		detail: fmt.Sprintf("La dernière publication du jeu de données « %s » a été retirée, et aucune autre n'est en service.", d.ID),
		fixes: func(l links) []string {
			return []string{"Revenez après la prochaine publication.", "L'historique dit ce qui a été retiré et pourquoi : " + l.releases(d.ID)}
		},
	}
	history, err := l.history(ctx, d)
	if err != nil {
		return p // the history only adds a reason
	}
	for _, e := range history {
		if e.State == release.Withdrawn {
			p.detail += " Motif : " + sentence(e.Reason)
			break
		}
	}
	return p
}

// gone says what became of a release, and names the nearest that can be read.
func (l *library) gone(ctx context.Context, d datasets.Dataset, e release.Entry) error {
	id, day := e.Manifest.Release, e.Since.Format(time.DateOnly)
	p := &problem{kind: errPruned, release: id}
	p.detail = fmt.Sprintf("La publication %s n'est plus conservée depuis le %s.", id, day)
	if e.State == release.Withdrawn {
		p.kind = errWithdrawn
		p.detail = fmt.Sprintf("La publication %s a été retirée le %s. Motif : %s", id, day, sentence(e.Reason))
	}
	var nearest string
	if history, err := l.history(ctx, d); err == nil { // the answer is the same without
		nearest = release.Nearest(history, id)
	}
	p.fixes = func(l links) []string {
		if nearest == "" {
			return []string{"Consultez l'historique : " + l.releases(d.ID)}
		}
		return []string{
			fmt.Sprintf("La publication conservée la plus proche est %s : %s", nearest, l.release(d.ID, nearest)),
			"Celle en service : " + l.release(d.ID, latest),
		}
	}
	if nearest != "" {
		p.detail += fmt.Sprintf(" La publication conservée la plus proche est %s.", nearest)
	}
	return p
}

// sentence ends a text with a full stop.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return "non précisé."
	}
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "!") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// shorten makes a name that somebody sent fit to be shown.
func shorten(name string) string {
	name = strings.ToValidUTF8(name, "�")
	if runes := []rune(name); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return name
}

// isNotFound reports whether the store was read, and there is nothing.
func isNotFound(err error) bool {
	return errors.Is(err, objects.ErrNotFound) || errors.Is(err, release.ErrNotFound)
}
