package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/api/fairuse"
	"github.com/parvis-opendata/parvis/api/portal"
	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/internal/serving"
	"github.com/parvis-opendata/parvis/internal/traces"
)

// Search lends the index of the catalogue; see indexes.Keeper.
type Search interface {
	Acquire(ctx context.Context) (*indexes.Loan, error)
	// State says how a search goes.
	State(ctx context.Context) indexes.State
}

const (
	searchPattern  = "/api/v1/search"
	suggestPattern = "/api/v1/suggest"
	// suggestions is how many completions are offered at most.
	suggestions = 8
)

// searchRoutes are the addresses of the search.
func (s *Server) searchRoutes() []route {
	if s.options.Search == nil {
		return nil
	}
	return []route{
		{searchPattern, s.search, search.Parameters},
		{suggestPattern, s.suggest, []string{"q"}},
	}
}

// searchBody is a page of what was found.
type searchBody struct {
	Release string                    `json:"release"`
	Total   int                       `json:"total"`
	Page    int                       `json:"page"`
	PerPage int                       `json:"per_page"`
	Hits    []search.Hit              `json:"hits"`
	Facets  map[string][]search.Count `json:"facets"`
	Without string                    `json:"without,omitempty"`
}

// search answers with a page of trainings.
func (s *Server) search(c *gin.Context) error {
	q, err := s.readSearch(c)
	if err != nil {
		return err
	}
	return s.overIndex(s.exchange(c), jsonAnswer, q.Values().Encode(), func(ctx context.Context, l *indexes.Loan) ([]byte, error) {
		a, err := search.Find(ctx, l, q)
		if err != nil {
			return nil, err
		}
		return encode(searchBody{l.Release, a.Total, q.Page, q.PerPage, a.Hits, a.Facets, a.Without})
	})
}

// suggestBody are the completions of what was typed.
type suggestBody struct {
	Release     string   `json:"release"`
	Suggestions []string `json:"suggestions"`
}

// suggest answers with completions.
func (s *Server) suggest(c *gin.Context) error {
	typed := c.Query("q")
	typed = typed[:min(len(typed), search.MaxText)]
	return s.overIndex(s.exchange(c), jsonAnswer, "suggest "+typed, func(ctx context.Context, l *indexes.Loan) ([]byte, error) {
		found, err := l.Suggest(ctx, typed, suggestions)
		if err != nil {
			return nil, err
		}
		return encode(suggestBody{l.Release, append([]string{}, found...)})
	})
}

// readSearch reads the query of a request, which the contract has been compared with.
//
// Errors: a [*problem].
func (s *Server) readSearch(c *gin.Context) (search.Query, error) {
	values, err := parseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return search.Query{}, &problem{kind: errParameter, detail: "La partie de l'adresse qui suit « ? » n'est pas bien formée.", cause: err,
			fixes: fixed("Codez les caractères spéciaux (%20 pour une espace).")}
	}
	q, err := search.Read(values.values)
	if err != nil {
		return q, beyondPages(err)
	}
	return q, nil
}

// beyondPages refuses a query that is as the contract says, and cannot be answered all the
// same.
func beyondPages(err error) error {
	return &problem{
		kind: errParameter, cause: err,
		detail: fmt.Sprintf("Seules les %d premières formations trouvées se parcourent, et prix_max et heures_max sont des nombres.", search.MaxHits),
		fixes: func(l links) []string {
			return []string{"Précisez la recherche, par des mots ou par des filtres.", "Pour tout lire, prenez les lignes du catalogue : " + l.rows(search.Table)}
		},
	}
}

// form is a form of answers about what was found.
type form struct{ name, mediaType string }

var jsonAnswer = form{"json", "application/json"}

// overIndex answers from the index of one release, under a key of that release and what
// is asked.
//
// Errors: a [*problem]; [*fairuse.RefusedError].
func (s *Server) overIndex(c *exchange.Call, as form, asked string, produce func(context.Context, *indexes.Loan) ([]byte, error)) (err error) {
	defer func() { s.countRefusal(err) }()
	ctx := c.Request.Context()
	l, err := s.options.Search.Acquire(ctx)
	if err != nil {
		return searchProblem(err)
	}
	defer l.GiveBack()
	c.Writer.Header().Set("X-Release", l.Release)
	if l.Synthetic {
		c.Writer.Header().Set("X-Synthetic", "true")
	}
	reply := exchange.Reply{
		Key: exchange.Key(s.options.Version, "search", as.name, l.Release, asked), MediaType: as.mediaType,
		Modified: l.Modified.Truncate(time.Second), Caching: exchange.CacheLatest,
	}
	return searchProblem(s.cache.Answer(c.Writer, c.Request, reply, exchange.Making{
		Make: func() (b exchange.Body, err error) {
			err = s.spend(ctx, func(ctx context.Context) error {
				b.Bytes, err = produce(ctx, l)
				return err
			})
			return b, err
		},
		Cheap: c.Eased, Stall: s.options.Stall,
	}))
}

// look does something with the index of one release, in its turn.
//
// Errors: those of do and of [Server.spend]; those of the index.
func (s *Server) look(ctx context.Context, do func(context.Context, *indexes.Loan) error) (err error) {
	defer func() { s.countRefusal(searchProblem(err)) }()
	l, err := s.options.Search.Acquire(ctx)
	if err != nil {
		return err
	}
	defer l.GiveBack()
	return s.spend(ctx, func(ctx context.Context) error { return do(ctx, l) })
}

// searchRefusals are the reasons why nothing was searched, by the kind of problem.
var searchRefusals = map[error]string{
	errSearchNotReady: "not_ready", errSearchAway: "engine_away", errUnavailable: "no_release", errUnpublished: "no_release", errTimeout: "timeout",
}

// countRefusal tells of a search that was not answered, and not because of how it was asked.
func (s *Server) countRefusal(err error) {
	var p *problem
	var r *fairuse.RefusedError
	reason := ""
	switch {
	case errors.As(err, &p):
		reason = searchRefusals[p.kind]
	case errors.As(err, &r):
		reason = r.Reason.String()
	}
	if reason != "" && s.options.Searched != nil {
		s.options.Searched(reason, 0)
	}
}

// spend does what takes time of the search, in its turn and for as long as a query may
// take.
//
// Errors: those of do; errTimeout; [*fairuse.RefusedError].
func (s *Server) spend(ctx context.Context, do func(context.Context) error) (err error) {
	turn, err := s.use.Enter(ctx, fairuse.Page)
	if err != nil {
		return err
	}
	defer turn.Leave()
	began := time.Now()
	ctx, span := traces.Begin(ctx, "search")
	defer func() { span.End(err) }()
	ctx, cancel := context.WithTimeoutCause(ctx, s.options.QueryTimeout, errTimeout)
	defer cancel()
	err = do(ctx)
	if err != nil && errors.Is(context.Cause(ctx), errTimeout) {
		err = fmt.Errorf("%w: %w", errTimeout, err)
	}
	if err == nil && s.options.Searched != nil {
		s.options.Searched("", time.Since(began))
	}
	return err
}

// withoutSearch are ways to the same data when nothing can be searched.
func withoutSearch(l links) []string {
	return []string{
		"Réessayez dans quelques secondes (Retry-After).",
		"Le catalogue se lit aussi sans la recherche : " + l.rows(search.Table),
	}
}

// searchProblem says what a client can know and do about an error of the search.
func searchProblem(err error) error {
	p := &problem{cause: err, fixes: withoutSearch}
	var many *portal.TooManyError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &many):
		p.kind, p.fixes = errTooManyFound, fixed("Précisez la recherche, par des mots ou par des filtres.", "Sans mots, l'export de l'API Explore rend toutes les lignes que gardent des filtres.")
		p.detail = fmt.Sprintf("La recherche trouve %d formations, et un fichier en prend %d au plus : rien n'est coupé en silence. Précisez la recherche, ou cherchez par filtres seulement.", many.Total, search.MaxHits)
	case errors.Is(err, indexes.ErrNotReady):
		p.kind, p.detail = errSearchNotReady, "L'index de la recherche est en préparation ; le reste du service répond."
	case errors.Is(err, search.ErrUnavailable):
		p.kind, p.detail = errSearchAway, "Le moteur de recherche ne répond pas ; le reste du service répond."
	case errors.Is(err, serving.ErrLoading), errors.Is(err, serving.ErrUnavailable):
		p.kind, p.detail = errUnavailable, "La publication en service est en cours de chargement, ou ne peut pas être lue en ce moment."
	case errors.Is(err, serving.ErrUnpublished):
		p.kind, p.detail, p.fixes = errUnpublished, "Aucune publication de ces données n'est en service.", fixed("Revenez après la prochaine publication.")
	case errors.Is(err, errTimeout):
		p.kind, p.detail, p.fixes = errTimeout, "La recherche a pris plus de temps que permis.", fixed("Donnez moins de mots, ou plus précis.")
	case errors.Is(err, exchange.ErrCoding):
		p.kind, p.detail, p.fixes = errEncoding, "La réponse existe sans compression, en gzip et en zstd, que Accept-Encoding refuse tous.", nil
	case errors.Is(err, exchange.ErrPrecondition):
		return errPrecondition
	default:
		return err
	}
	return p
}
