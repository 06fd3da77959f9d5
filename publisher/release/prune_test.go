package release_test

import (
	"testing"

	"github.com/parvis-opendata/parvis/publisher/release"
)

func TestPruneBeforeTheFirstPublication(t *testing.T) {
	s := newShelf(t)
	s.put("2026-11-01", "one") // sealed, and never served
	pruned, abandoned, err := s.Prune(t.Context(), dataset, release.DefaultRetention(), day("2026-11-20"), false)
	if err != nil || len(pruned) > 0 || len(abandoned) > 0 {
		t.Errorf("%v, %v, %v", pruned, abandoned, err)
	}
	if _, _, err := release.NewArchive(s.store).Prune(t.Context(), "other", release.DefaultRetention(), day("2026-11-20"), false); err != nil {
		t.Error(err)
	}
}
