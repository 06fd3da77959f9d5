package explore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/api/fairuse"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// Codes of errors, beside those of odsql.
const (
	codeNotFound    = "NotFoundResource"
	codeRemoved     = "RemovedEndpoint"
	codeGone        = "GoneRelease"
	codeUnavailable = "TemporarilyUnavailable"
	codeTimeout     = "QueryTimeout"
	codeTooMany     = "TooManyRequests"
	codeBusy        = "TooBusy"
)

// Kind is what is wrong, more finely than the codes of the dialect tell; empty for a
// query that is refused.
type Kind string

// Kinds of error.
const (
	KindParameter    Kind = "parameter"    // the value of a parameter that is no clause
	KindCursor       Kind = "cursor"       // not ours, changed, or of another query
	KindTable        Kind = "table"        // there is no such table
	KindRelease      Kind = "release"      // there is no such release
	KindUnpublished  Kind = "unpublished"  // no release is served
	KindGone         Kind = "gone"         // the release is not kept any more
	KindCoding       Kind = "coding"       // the client takes no coding that there is
	KindPrecondition Kind = "precondition" // a condition does not hold
	KindUnavailable  Kind = "unavailable"  // the data cannot be read now
	KindTimeout      Kind = "timeout"      // the query took longer than it may
	KindTooMany      Kind = "too many"     // the client asks for more than its share
	KindBusy         Kind = "busy"         // all clients together ask for too much
)

// Error is an error as a client sees it.
type Error struct {
	Status  int
	Code    string
	Kind    Kind
	Message string // in French
	// RetryAfter is how many seconds the client should wait; 0 if waiting does not help.
	RetryAfter int
	// Limit is what the client has used up, for an error of [KindTooMany].
	Limit int
	// Clause, Position, Found and Expected are those of an [odsql.Error].
	Clause          string
	Position        int
	Found, Expected string
	cause           error
}

// Error implements error.
func (f *Error) Error() string {
	if f.cause != nil {
		return f.Code + ": " + f.cause.Error()
	}
	return f.Code + ": " + f.Message
}

// Unwrap returns the cause.
func (f *Error) Unwrap() error { return f.cause }

func parameterError(message string) error {
	return &Error{Status: http.StatusBadRequest, Code: odsql.CodeParameter, Kind: KindParameter, Message: message}
}

func notFound(message string) error {
	return &Error{Status: http.StatusNotFound, Code: codeNotFound, Message: message}
}

// errTimeout marks a query that took longer than it may.
var errTimeout = errors.New("query timeout")

// ErrorOf returns what a client is told of an error; nil for one that this package
// does not know.
func ErrorOf(err error) *Error {
	var fault *Error
	if errors.As(err, &fault) {
		return fault
	}
	var query *odsql.Error
	if errors.As(err, &query) {
		return &Error{
			Status: http.StatusBadRequest, Code: query.Code, Message: query.Message, Clause: query.Clause, Position: query.Position,
			Found: query.Found, Expected: query.Expected, cause: err,
		}
	}
	var gone *serving.GoneError
	if errors.As(err, &gone) {
		return &Error{Status: http.StatusGone, Code: codeGone, Kind: KindGone, Message: "Cette publication n'est plus conservée, ou a été retirée. Sans « release », celle en service répond.", cause: err}
	}
	var refused *fairuse.RefusedError
	if errors.As(err, &refused) {
		return refusal(refused)
	}
	for _, k := range faults {
		if errors.Is(err, k.is) {
			f := k.fault
			f.cause = err
			return &f
		}
	}
	return nil
}

// faults is the table of the errors of the packages below.
var faults = []struct {
	is    error
	fault Error
}{
	{serving.ErrUnknownTable, Error{Status: 404, Code: codeNotFound, Kind: KindTable, Message: "Il n'y a pas de jeu de données de cet identifiant. La liste est à l'adresse /api/explore/v2.1/catalog/datasets."}},
	{serving.ErrUnknownRelease, Error{Status: 404, Code: codeNotFound, Kind: KindRelease, Message: "Le jeu de données n'a pas de publication de cet identifiant."}},
	{serving.ErrUnpublished, Error{Status: 404, Code: codeNotFound, Kind: KindUnpublished, Message: "Aucune publication de ce jeu de données n'est en service."}},
	{serving.ErrLoading, Error{Status: 503, Code: codeUnavailable, Kind: KindUnavailable, Message: "Cette publication est en cours de chargement ; réessayez dans quelques secondes.", RetryAfter: 5}},
	{serving.ErrUnavailable, Error{Status: 503, Code: codeUnavailable, Kind: KindUnavailable, Message: "Les données ne peuvent pas être lues en ce moment ; réessayez dans quelques secondes.", RetryAfter: 5}},
	{errTimeout, Error{Status: 503, Code: codeTimeout, Kind: KindTimeout, Message: "La requête a pris plus de temps que permis. Restreignez-la (where, refine), ou téléchargez la table entière (exports/parquet) et calculez chez vous."}},
	{engine.ErrMemory, Error{Status: 503, Code: codeUnavailable, Kind: KindUnavailable, Message: "La requête demande plus de mémoire qu'il n'y en a. Restreignez-la, ou téléchargez la table entière (exports/parquet).", RetryAfter: 30}},
	{context.DeadlineExceeded, Error{Status: 503, Code: codeUnavailable, Kind: KindUnavailable, Message: "Les données n'ont pas pu être lues à temps ; réessayez dans quelques secondes.", RetryAfter: 5}},
}

// refusal says why there is no place.
func refusal(r *fairuse.RefusedError) *Error {
	f := &Error{Status: http.StatusTooManyRequests, Code: codeTooMany, Kind: KindTooMany, RetryAfter: r.Seconds(), Limit: r.Limit, cause: r}
	if !r.Own() {
		f.Status, f.Code, f.Kind = http.StatusServiceUnavailable, codeBusy, KindBusy
	}
	f.Message = refusals[r.Reason]
	if r.Own() {
		f.Message = fmt.Sprintf(f.Message, r.Limit)
	}
	f.Message += fmt.Sprintf(" Réessayez dans %d s (Retry-After).", f.RetryAfter)
	return f
}

// refusals are the sentences for the reasons; those about the client take the limit.
var refusals = map[fairuse.Reason]string{
	fairuse.TooManyCalls:  "Votre adresse a fait plus de %d appels en une minute. Espacez-les, demandez plus de lignes par appel, ou téléchargez un export : il ne compte que pour un appel.",
	fairuse.TooMuchTime:   "Vos requêtes ont pris plus de %d secondes de calcul en une minute. Restreignez-les (where, select), ou téléchargez la table entière et calculez chez vous.",
	fairuse.TooManyAtOnce: "Votre adresse en demande trop à la fois (%d au plus). Attendez la fin des réponses en cours.",
	fairuse.QueueFull:     "Trop de requêtes attendent en ce moment, toutes adresses confondues.",
	fairuse.WaitedTooLong: "La requête a attendu son tour trop longtemps : il y en a trop en ce moment, toutes adresses confondues.",
}

// removed answers for the endpoints that version 2.1 does not have any more.
func removed(c *Call) error {
	return &Error{Status: http.StatusGone, Code: codeRemoved, Message: fmt.Sprintf(
		"Cette adresse n'existe plus dans la version 2.1 de l'API. Utilisez %s/api/explore/v2.1/catalog/datasets/{dataset_id}/records, avec select et group_by pour les agrégats.", c.Base)}
}

// Owns reports whether a path speaks this dialect, so that its errors do too.
func Owns(path string) bool {
	for _, prefix := range []string{"/api/explore/", "/api/records/", "/api/datasets/1.0/", "/api/v2/", "/explore/"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// version1 reports whether a path is of version 1 of the dialect.
func version1(path string) bool {
	return slices.ContainsFunc([]string{"/api/records/1.0/", "/api/datasets/1.0/", "/explore/"}, func(prefix string) bool { return strings.HasPrefix(path, prefix) })
}

// anonymousQuota is the original's number for the quota of a client without a key.
const anonymousQuota = 10005

// body is the error in JSON.
func (f *Error) body(r *http.Request) any {
	if f.Kind == KindTooMany {
		return struct {
			Code  int    `json:"errorcode"`
			Reset string `json:"reset_time"`
			Unit  string `json:"limit_time_unit"`
			Limit int    `json:"call_limit"`
			Error string `json:"error"`
		}{anonymousQuota, time.Now().UTC().Add(time.Duration(f.RetryAfter) * time.Second).Format(time.RFC3339), "minute", f.Limit, f.Message}
	}
	body := struct {
		Code    string `json:"error_code"`
		Message string `json:"message"`
		// Error is where version 1 has the message.
		Error string `json:"error,omitempty"`
	}{Code: f.Code, Message: f.Message}
	if version1(r.URL.Path) {
		body.Error = f.Message
	}
	return body
}

// WriteError answers with an error, which no cache may keep.
func WriteError(w http.ResponseWriter, r *http.Request, f *Error) {
	text, err := json.Marshal(f.body(r))
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	h := w.Header()
	for _, name := range []string{"ETag", "Last-Modified", "Content-Disposition", "Content-Encoding", "Trailer", "Content-Location"} {
		h.Del(name)
	}
	h.Set("Cache-Control", exchange.NoStore)
	h.Set("Content-Type", jsonType)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	if f.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	w.WriteHeader(f.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(text) // a client that left cannot be told
	}
}
