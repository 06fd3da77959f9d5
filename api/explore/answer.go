package explore

import (
	"errors"
	"net/http"

	"github.com/parvis-opendata/parvis/api/exchange"
)

const jsonType = "application/json; charset=utf-8"

// answer answers with JSON under a key: with what is kept, or with what produce makes.
func (a *API) answer(c *Call, l loan, key string, produce func() ([]byte, error)) error {
	return a.answerLinked(c, l, key, func() (exchange.Body, error) {
		body, err := produce()
		return exchange.Body{Bytes: body}, err
	})
}

// answerLinked is [API.answer] with a Link header.
func (a *API) answerLinked(c *Call, l loan, key string, produce func() (exchange.Body, error)) error {
	err := a.o.Cache.Answer(c.Writer, c.Request, l.reply(key, jsonType), exchange.Making{Make: produce, Cheap: c.Eased, Stall: a.o.Stall})
	return told(err)
}

// reply is how an answer under a key is told.
func (l loan) reply(key, mediaType string) exchange.Reply {
	return exchange.Reply{Key: key, MediaType: mediaType, Modified: l.modified(), Caching: l.cache()}
}

// open decides how to answer under a key, and answers 304 itself. A body that is dense
// is compressed already.
//
// Errors: a condition that does not hold; no acceptable coding.
func (c *Call) open(l loan, key string, dense bool) (exchange.Preface, error) {
	r := l.reply(key, "")
	r.Dense = dense
	pre, err := exchange.Begin(c.Writer, c.Request, r)
	if pre.Over {
		c.Eased()
	}
	return pre, told(err)
}

// told tells the errors of an exchange as those of this package.
func told(err error) error {
	switch {
	case errors.Is(err, exchange.ErrCoding):
		return &Error{Status: http.StatusNotAcceptable, Code: "NotAcceptable", Kind: KindCoding, Message: "La réponse existe sans compression, en gzip et en zstd, que Accept-Encoding refuse tous."}
	case errors.Is(err, exchange.ErrPrecondition):
		return &Error{Status: http.StatusPreconditionFailed, Code: "PreconditionFailed", Kind: KindPrecondition,
			Message: "La réponse n'est pas, ou n'est plus, celle que désigne la condition de la requête (If-Match, If-Unmodified-Since)."}
	}
	return err
}
