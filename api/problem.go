package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/api/explore"
	"github.com/parvis-opendata/parvis/api/portal"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// Kinds of problem: what a client can tell apart.
var (
	errParameter      = errors.New("unknown or faulty query parameter")
	errUnknownRoute   = errors.New("no such address")
	errUnknownDataset = errors.New("no such dataset")
	errUnknownRelease = errors.New("no such release")
	errUnknownObject  = errors.New("no such object")
	errUnpublished    = errors.New("no release is served")
	errMethod         = errors.New("method not allowed")
	errEncoding       = errors.New("no acceptable content coding")
	errPruned         = errors.New("release was pruned")
	errWithdrawn      = errors.New("release was withdrawn")
	errPrecondition   = errors.New("precondition failed")
	errLongAddress    = errors.New("address too long")
	errRange          = errors.New("range not satisfiable")
	errLongHeaders    = errors.New("headers too long")
	errQuery          = errors.New("query refused")
	errUnknownTable   = errors.New("no such table")
	errTooMany        = errors.New("too much asked by one client")
	errBusy           = errors.New("too much asked by all clients")
	errTimeout        = errors.New("query timeout")
	errUnavailable    = errors.New("data cannot be read now")
	errInternal       = errors.New("internal error")
	errSearchNotReady = errors.New("search index is not ready")
	errSearchAway     = errors.New("search engine does not answer")
	errTooManyFound   = errors.New("more trainings are found than a file takes")
)

// kind is a row of the table that turns errors into answers.
type kind struct {
	is     error
	status int
	// name ends the problem's type, which is an address under our base that never
	// changes its meaning.
	name  string
	title string
	// detail and fix are said when the error says nothing itself.
	detail, fix string
}

// kinds is that table. The first row that matches decides.
var kinds = []kind{
	{errParameter, 400, "parametre", "Paramètre refusé", "", ""},
	{errQuery, 400, "requete", "Requête refusée", "", ""},
	{errTooManyFound, 400, "recherche-trop-large", "Trop de formations pour un fichier", "", ""},
	{errUnknownTable, 404, "table-inconnue", "Table inconnue", "", ""},
	{errTooMany, 429, "trop-de-requetes", "Trop de requêtes", "", ""},
	{errBusy, 503, "affluence", "Trop de requêtes en même temps", "", ""},
	{errTimeout, 503, "requete-trop-longue", "Requête trop longue", "", ""},
	{errUnavailable, 503, "indisponible", "Service momentanément indisponible", "", ""},
	{errSearchNotReady, 503, "recherche-indisponible", "Recherche momentanément indisponible", "", ""},
	{errSearchAway, 503, "recherche-indisponible", "Recherche momentanément indisponible", "", ""},
	{errUnknownRoute, 404, "adresse-inconnue", "Adresse inconnue", "Il n'y a rien à cette adresse.", "Commencez par la liste des jeux de données : /api/v1/datasets"},
	{errUnknownDataset, 404, "jeu-de-donnees-inconnu", "Jeu de données inconnu", "", ""},
	{errUnknownRelease, 404, "publication-inconnue", "Publication inconnue", "", ""},
	{errUnknownObject, 404, "fichier-inconnu", "Fichier inconnu", "", ""},
	{errUnpublished, 404, "aucune-publication", "Aucune publication en service", "", "Revenez après la prochaine publication."},
	{portal.ErrUnknownTraining, 404, "formation-inconnue", "Formation introuvable",
		"Le catalogue en service n'a pas de formation de ce numéro. Il ne contient que celles dont une session est ouverte : elle en est peut-être sortie.", "Cherchez-la par des mots : /recherche"},
	{portal.ErrUnknownCertification, 404, "certification-inconnue", "Certification introuvable",
		"Ni le catalogue en service ni les achats ne connaissent de certification de ce code. Un code s'écrit RNCP37674, RS6151 ou CI103645.", "Cherchez-la par des mots : /recherche"},
	{errMethod, 405, "methode", "Méthode refusée", "Cette adresse se lit ; elle n'accepte rien d'autre.", "Utilisez GET ou HEAD."},
	{errEncoding, 406, "codage", "Aucun codage acceptable", "", "Acceptez « identity » dans Accept-Encoding, ou ne donnez pas cet en-tête."},
	{errPruned, 410, "publication-epuree", "Publication non conservée", "", ""},
	{errWithdrawn, 410, "publication-retiree", "Publication retirée", "", ""},
	{errPrecondition, 412, "precondition", "Condition non remplie", "Le fichier n'est pas, ou n'est plus, celui que désigne la condition de la requête (If-Match, If-Unmodified-Since).", "Relisez le fichier sans condition, ou épinglez une publication dans l'adresse."},
	{errLongAddress, 414, "adresse-trop-longue", "Adresse trop longue", "L'adresse dépasse 64 Kio.", "Raccourcissez l'adresse."},
	{errRange, 416, "intervalle", "Intervalle hors du fichier", "", "Demandez un intervalle qui commence dans le fichier ; HEAD en donne la taille (Content-Length)."},
	{errLongHeaders, 431, "en-tetes-trop-longs", "En-têtes trop longs", "Les en-têtes de la requête dépassent 16 Kio.", "Retirez les en-têtes superflus, les cookies d'abord."},
	{release.ErrNotFound, 404, "fichier-inconnu", "Fichier inconnu", "Ce fichier n'existe pas.", "Choisissez dans la liste des jeux de données : /api/v1/datasets"},
	{objects.ErrNotFound, 404, "fichier-inconnu", "Fichier inconnu", "Ce fichier n'existe pas.", "Choisissez dans la liste des jeux de données : /api/v1/datasets"},
	{release.ErrGone, 410, "publication-epuree", "Publication non conservée", "Cette publication n'est plus conservée.", ""},
	{objects.ErrUnavailable, 503, "indisponible", "Service momentanément indisponible", "Les données ne peuvent pas être lues en ce moment.", "Réessayez dans quelques secondes (Retry-After)."},
	{context.DeadlineExceeded, 503, "indisponible", "Service momentanément indisponible", "Les données n'ont pas pu être lues à temps.", "Réessayez dans quelques secondes (Retry-After)."},
	{errInternal, 500, "erreur-interne", "Erreur interne", "Une erreur est survenue de notre côté.", "Réessayez ; si l'erreur demeure, signalez-la avec la valeur de request_id."},
}

// retryAfter is how many seconds a client should wait when the store is away.
const retryAfter = 5

// problem is an error that says in French what a client can know and do.
type problem struct {
	kind    error
	detail  string
	fixes   func(links) []string
	release string            // that the problem is about
	header  map[string]string // that go with the answer
	where   *place
	// retryAfter is how many seconds to wait; 0 leaves it to the kind.
	retryAfter int
	cause      error // for the log only
}

// place is where in a query something is wrong.
type place struct {
	Clause string `json:"clause"`
	// Position counts characters of the clause from 1.
	Position int    `json:"position,omitempty"`
	Found    string `json:"found,omitempty"`
	Expected string `json:"expected,omitempty"`
}

func (p *problem) Error() string {
	if p.cause == nil {
		return p.kind.Error()
	}
	return p.kind.Error() + ": " + p.cause.Error()
}

func (p *problem) Unwrap() []error { return []error{p.kind, p.cause} }

// kindOf returns the row for an error; the last one for errors nobody foresaw.
func kindOf(err error) kind {
	var p *problem
	if errors.As(err, &p) {
		err = p.kind // whatever its cause is
	}
	for _, k := range kinds {
		if errors.Is(err, k.is) {
			return k
		}
	}
	return kinds[len(kinds)-1]
}

// problemBody is an answer in the form of RFC 9457.
type problemBody struct {
	Type      string   `json:"type"`
	Title     string   `json:"title"`
	Status    int      `json:"status"`
	Detail    string   `json:"detail"`
	Instance  string   `json:"instance"`
	Fixes     []string `json:"fixes"`
	RequestID string   `json:"request_id"`
	*place
}

// handle makes a handler fit for the router: an error becomes an answer.
func (s *Server) handle(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			s.fail(c, err)
		}
	}
}

// fail answers with what went wrong. An answer that has begun is broken off, so
// that the client does not take it for whole.
func (s *Server) fail(c *gin.Context, err error) {
	if c.Request.Context().Err() != nil { // nobody is there to be answered
		panic(http.ErrAbortHandler)
	}
	if c.Writer.Written() {
		s.options.Log.Warn("answer broken off", slog.String("request_id", requestID(c)), slog.String("route", c.FullPath()), slog.Any("error", err))
		panic(http.ErrAbortHandler)
	}
	if explore.Owns(c.Request.URL.Path) {
		s.failExplore(c, err)
		return
	}
	if f := explore.ErrorOf(err); f != nil && (f.Kind == explore.KindTooMany || f.Kind == explore.KindBusy) {
		err = s.queryProblem(c, f)
	}
	k := kindOf(err)
	if k.status >= http.StatusInternalServerError && !k.expected() {
		s.options.Log.Error("request failed", slog.String("request_id", requestID(c)), slog.String("route", c.FullPath()), slog.Any("error", err))
	}
	s.answerProblem(c, k, err)
}

// expected reports whether the error says nothing that an operator must look at, or
// that the log does not say already.
func (k kind) expected() bool {
	return errors.Is(k.is, errBusy) || errors.Is(k.is, errTimeout) || errors.Is(k.is, errSearchNotReady)
}

func (s *Server) answerProblem(c *gin.Context, k kind, err error) {
	body := problemBody{
		Type: s.options.BaseURL + "/problemes/" + k.name, Title: k.title, Status: k.status, Detail: k.detail,
		Instance: shortPath(c.Request), Fixes: []string{}, RequestID: requestID(c),
	}
	if k.fix != "" {
		body.Fixes = append(body.Fixes, k.fix)
	}
	var p *problem
	if errors.As(err, &p) {
		if p.detail != "" {
			body.Detail = p.detail
		}
		if p.fixes != nil {
			body.Fixes = p.fixes(s.linksFor(c.Request))
		}
		if p.release != "" {
			c.Header("X-Release", p.release)
		}
		for name, value := range p.header {
			c.Header(name, value)
		}
		body.place = p.where
	}
	if seconds := k.wait(p); seconds > 0 {
		c.Header("Retry-After", strconv.Itoa(seconds))
	}
	if s.wantsPage(c) {
		s.writeProblemPage(c, body)
		return
	}
	writeProblem(c, body)
}

// wait is how many seconds the client should wait; 0 if waiting does not help.
func (k kind) wait(p *problem) int {
	switch {
	case p != nil && p.retryAfter > 0:
		return p.retryAfter
	case k.status == http.StatusServiceUnavailable && !errors.Is(k.is, errTimeout):
		return retryAfter
	}
	return 0
}

// writeProblem sends a problem, which no cache may keep.
func writeProblem(c *gin.Context, body problemBody) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // texts and a number always encode
	}
	sendProblem(c, body.Status, "application/problem+json", text)
}

// sendProblem sends what says what is wrong.
func sendProblem(c *gin.Context, status int, mediaType string, text []byte) {
	for _, name := range []string{"ETag", "Last-Modified", "Content-Disposition", "Content-Encoding", "Trailer", "Link"} {
		c.Writer.Header().Del(name)
	}
	c.Header("Cache-Control", exchange.NoStore)
	c.Header("Content-Type", mediaType)
	c.Header("Content-Length", strconv.Itoa(len(text)))
	c.Writer.WriteHeader(status)
	c.Writer.WriteHeaderNow()
	if c.Request.Method != http.MethodHead {
		_, _ = c.Writer.Write(text) // a client that left cannot be told
	}
}

// shortPath returns the path asked for, as sent, cut when it is very long.
func shortPath(r *http.Request) string {
	path := r.URL.EscapedPath()
	if len(path) > 512 {
		return path[:512]
	}
	return path
}

// unknownRoute answers for addresses where nothing is.
func (s *Server) unknownRoute(*gin.Context) error { return errUnknownRoute }

// otherMethod answers for methods other than GET and HEAD: OPTIONS with what may
// be done, among it the questions that browsers ask beforehand.
func (s *Server) otherMethod(c *gin.Context) error {
	const allowed = "GET, HEAD, OPTIONS"
	c.Header("Allow", allowed)
	if c.Request.Method != http.MethodOptions {
		return errMethod
	}
	c.Header("Access-Control-Allow-Methods", allowed)
	c.Header("Access-Control-Allow-Headers", "Range, If-None-Match, If-Match, If-Modified-Since, If-Unmodified-Since, If-Range, Accept, Content-Type, X-Request-Id")
	c.Header("Access-Control-Max-Age", "86400")
	c.Header("Cache-Control", "public, max-age=86400")
	c.Header("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
	c.Writer.WriteHeader(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
	return nil
}
