package release

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Retention says which releases are kept.
type Retention struct {
	// Days is how long every release is kept.
	Days int
	// Monthly keeps the first release of each month for ever.
	Monthly bool
	// Zone is that of the months; nil means UTC.
	Zone *time.Location
}

// DefaultRetention keeps every release ninety days, then the first of each month.
func DefaultRetention() Retention { return Retention{Days: 90, Monthly: true} }

var retentionPattern = regexp.MustCompile(`^(\d{1,5})d(,monthly)?$`)

// ParseRetention reads a setting such as "90d,monthly" or "30d".
func ParseRetention(text string) (Retention, error) {
	m := retentionPattern.FindStringSubmatch(text)
	if m == nil {
		return Retention{}, fmt.Errorf("read retention: %q is not of the form 90d or 90d,monthly", text)
	}
	days, err := strconv.Atoi(m[1])
	return Retention{Days: days, Monthly: m[2] != ""}, err
}

func (r Retention) String() string {
	text := strconv.Itoa(r.Days) + "d"
	if r.Monthly {
		text += ",monthly"
	}
	return text
}

// abandonedAfter is the age at which objects without a manifest are taken to be
// the remains of a publication that was killed.
const abandonedAfter = 48 * time.Hour

// Prune removes the objects of the releases that retention no longer keeps, and
// the remains of publications that never ended. The served release and the one
// before it always stay. With dry, nothing is removed.
//
// Result: the releases pruned, and the unfinished ones removed.
func (a *Archive) Prune(ctx context.Context, dataset string, r Retention, now time.Time, dry bool) (pruned, abandoned []string, err error) {
	history, err := a.History(ctx, dataset)
	if err != nil {
		return nil, nil, fmt.Errorf("prune %s: %w", dataset, err)
	}
	c, _, err := a.Current(ctx, dataset)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, nil, fmt.Errorf("prune %s: %w", dataset, err)
	}
	c.Dataset = dataset // of which nothing may have been published yet
	before, err := a.lastServed(ctx, c)
	if err != nil {
		return nil, nil, fmt.Errorf("prune %s: %w", dataset, err)
	}
	for _, e := range r.expired(history, before, now) {
		if !dry {
			done, err := a.prune(ctx, e.Manifest, Marker{At: now.UTC(), Reason: "conservation " + r.String()})
			if err != nil {
				return pruned, nil, fmt.Errorf("prune %s: %w", dataset, err)
			}
			if !done {
				continue
			}
		}
		pruned = append(pruned, e.Manifest.Release)
	}
	// A release marked earlier may still have objects, if that run was killed.
	for _, e := range history {
		if !dry && (e.State == Pruned || e.State == Withdrawn) {
			if err := a.empty(ctx, dataset, e.Manifest.Release); err != nil {
				return pruned, nil, err
			}
		}
	}
	abandoned, err = a.sweep(ctx, dataset, now, dry)
	return pruned, abandoned, err
}

// prune marks a release and removes its objects, unless it has become the served
// one meanwhile: the mark is then taken back (see [Archive.StandBack]).
func (a *Archive) prune(ctx context.Context, m Manifest, mark Marker) (done bool, err error) {
	if err := a.mark(ctx, m, prunedName, mark); err != nil {
		return false, err
	}
	c, _, err := a.Current(ctx, m.Dataset)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return false, err
	}
	if c.Release == m.Release {
		return false, a.store.Delete(ctx, ObjectName(m.Dataset, m.Release, prunedName))
	}
	return true, a.empty(ctx, m.Dataset, m.Release)
}

// expired returns the releases of a history that retention drops; before is the
// one that was served before the present one, which stays.
func (r Retention) expired(history []Entry, before *Manifest, now time.Time) []Entry {
	first := map[string]string{} // of each month; history is latest first
	for _, e := range history {
		if e.State == Kept || e.State == Served {
			first[r.month(e.Manifest.Release)] = e.Manifest.Release
		}
	}
	var out []Entry
	for _, e := range history {
		id := e.Manifest.Release
		young := now.Sub(Time(id)) < time.Duration(r.Days)*24*time.Hour
		if e.State != Kept || young || before != nil && id == before.Release || r.Monthly && first[r.month(id)] == id {
			continue
		}
		out = append(out, e)
	}
	return out
}

// month returns the month in which a release was made.
func (r Retention) month(id string) string {
	at := Time(id)
	if r.Zone != nil {
		at = at.In(r.Zone)
	}
	return at.Format("2006-01")
}

// sweep removes what publications left that were killed before their manifest.
func (a *Archive) sweep(ctx context.Context, dataset string, now time.Time, dry bool) ([]string, error) {
	all, err := a.scan(ctx, dataset)
	if err != nil {
		return nil, err
	}
	var abandoned []string
	for _, f := range all {
		if containsManifest(f.objects) || now.Sub(Time(f.id)) < abandonedAfter {
			continue
		}
		// The listing alone is not believed: it may lack what is there.
		if _, err := a.Manifest(ctx, dataset, f.id); !errors.Is(err, ErrNotFound) {
			if err != nil {
				return abandoned, fmt.Errorf("prune %s: %w", dataset, err)
			}
			continue
		}
		abandoned = append(abandoned, f.id)
		if dry {
			continue
		}
		for _, o := range f.objects {
			if err := a.store.Delete(ctx, ObjectName(dataset, f.id, o)); err != nil {
				return abandoned, fmt.Errorf("prune %s: %w", dataset, err)
			}
		}
	}
	return abandoned, nil
}

func containsManifest(names []string) bool {
	for _, n := range names {
		if n == ManifestName {
			return true
		}
	}
	return false
}

// Nearest returns the kept or served release closest in time to the given one;
// "" if there is none. History is latest first.
func Nearest(history []Entry, id string) string {
	var best string
	var gap time.Duration
	for _, e := range history {
		if e.State != Kept && e.State != Served {
			continue
		}
		if d := Time(e.Manifest.Release).Sub(Time(id)).Abs(); best == "" || d < gap {
			best, gap = e.Manifest.Release, d
		}
	}
	return best
}
