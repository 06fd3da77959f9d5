package portal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/api/explore"
	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// TooManyError says that more trainings are found than the search can name.
type TooManyError struct{ Total int }

func (e *TooManyError) Error() string {
	return fmt.Sprintf("%d trainings are found, of which the search names %d", e.Total, search.MaxHits)
}

// errMoving says that the search has named a training twice, or not all of them.
var errMoving = errors.New("the pages of the search do not fit together")

// exported are the parameters of the files of what was found.
var exported = slices.DeleteFunc(slices.Clone(search.Parameters), func(name string) bool {
	return slices.Contains([]string{"sort", "page", "per_page"}, name)
})

// exportEndpoints are the files of what was found.
func (p *Portal) exportEndpoints() []Endpoint {
	var all []Endpoint
	for _, format := range []string{"csv", "xlsx"} {
		pattern := SearchPattern + "/export." + format
		all = append(all, Endpoint{Pattern: pattern, Parameters: exported, Answer: func(c *Call) error { return p.searchExport(c, format) }})
	}
	return all
}

// searchExport answers with the rows of the catalogue of all trainings found, from the
// release that was searched.
func (p *Portal) searchExport(c *Call, format string) error {
	given := pageQuery(c)
	maps.DeleteFunc(given, func(name string, _ []string) bool { return !slices.Contains(exported, name) })
	q, err := p.readQuery(SearchPattern+"/export."+format, given)
	if err != nil {
		return err
	}
	found := explore.Extract{Table: search.Table, Field: "numero_formation", Format: format, Title: "formations-trouvees"}
	err = p.o.Look(c.Request.Context(), func(ctx context.Context, l *indexes.Loan) (err error) {
		found.Release = l.Release
		found.Values, err = p.found(ctx, l, q)
		return err
	})
	if err != nil {
		return err
	}
	if p.o.Explore == nil {
		return serving.ErrUnavailable
	}
	return p.o.Explore.SendExtract(c, found)
}

// found names all trainings that a query finds.
//
// Errors: [*TooManyError]; those of the index; its pages do not fit together.
func (p *Portal) found(ctx context.Context, l *indexes.Loan, q search.Query) ([]string, error) {
	key := exchange.Key(p.o.Version, "found", l.Release, q.Values().Encode())
	if kept, ok := p.o.Cache.Get(key); ok {
		return strings.FieldsFunc(string(kept.Bytes), func(r rune) bool { return r == '\n' }), nil
	}
	seen := map[string]bool{}
	q.Facets, q.PerPage = nil, search.MaxPerPage
	for q.Page = 1; q.Page <= search.MaxHits/search.MaxPerPage; q.Page++ {
		a, err := l.Search(ctx, q)
		if err != nil {
			return nil, err
		}
		if a.Total > search.MaxHits {
			return nil, &TooManyError{a.Total}
		}
		for i := range a.Hits {
			seen[a.Hits[i].Numero] = true
		}
		if q.Page*q.PerPage < a.Total {
			continue
		}
		if len(seen) != a.Total {
			return nil, errMoving
		}
		break
	}
	numbers := slices.Sorted(maps.Keys(seen))
	p.o.Cache.Keep(key, exchange.Body{Bytes: []byte(strings.Join(numbers, "\n"))})
	return numbers, nil
}
