package portal

import (
	"context"
	"encoding/json"
	"time"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/web"
)

const htmlType = "text/html; charset=utf-8"

// sheet is a page on its way.
type sheet struct {
	// policy is its Content-Security-Policy; [web.Policy] if empty.
	policy string
	// mediaType is that of a page if empty.
	mediaType string
	// of is what the page depends on besides its address, the program and the datasets'
	// state as told below.
	of []any
	// modified is when it came to be what it is; zero if not known.
	modified time.Time
	make     func(context.Context) ([]byte, error)
}

// send answers with a page, which is made unless it is kept.
//
// Errors: those of make and of the exchange.
func (p *Portal) send(c *Call, s sheet) error {
	if s.policy == "" {
		s.policy = web.Policy
	}
	if s.mediaType == "" {
		s.mediaType = htmlType
	}
	c.Writer.Header().Set("Content-Security-Policy", s.policy)
	state, err := json.Marshal([]any{s.of, p.synthetic(c.Request.Context())})
	if err != nil {
		return err
	}
	reply := exchange.Reply{
		Key:       exchange.Key(p.o.Version, p.site.Version(), c.Base, c.Request.URL.EscapedPath(), c.Request.URL.RawQuery, string(state)),
		MediaType: s.mediaType, Modified: s.modified.Truncate(time.Second), Caching: exchange.CacheLatest,
	}
	return p.o.Cache.Answer(c.Writer, c.Request, reply, exchange.Making{
		Make: func() (b exchange.Body, err error) {
			b.Bytes, err = s.make(c.Request.Context())
			return b, err
		},
		Cheap: c.Eased, Stall: p.o.Stall,
	})
}
