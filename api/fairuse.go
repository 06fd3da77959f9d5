package api

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/api/explore"
	"github.com/parvis-opendata/parvis/api/fairuse"
)

// What a request costs, in calls.
const (
	callWeight = 1
	fileWeight = 0.1 // what is not computed
)

const useKey = "fairuse"

// share counts a request, and refuses it when its client asks for more than its share.
func (s *Server) share(c *gin.Context) {
	address := s.proxies.client(c.Request)
	s.warnOfProxy(c)
	client := fairuse.ClientOf(address)
	c.Request = c.Request.WithContext(fairuse.WithClient(c.Request.Context(), client))
	weight := s.weigh(c.FullPath())
	r, err := s.use.Call(client, weight)
	if err != nil {
		c.Abort()
		s.tellStanding(c, client)
		s.fail(c, err)
		return
	}
	defer r.Done()
	if weight >= callWeight {
		c.Set(useKey, func() {
			r.Ease()
			s.tellStanding(c, client)
		})
		s.tellStanding(c, client)
	}
	c.Next()
}

// weigh returns what a request to a route costs.
func (s *Server) weigh(route string) float64 {
	switch {
	case route == "/healthz", route == "/readyz":
		return 0
	case strings.HasPrefix(route, "/api/"), strings.HasPrefix(route, "/explore/"), s.isPage(route):
		return callWeight
	}
	return fileWeight
}

// ease says that an answer costs next to nothing.
func ease(c *gin.Context) {
	if f, ok := c.Get(useKey); ok {
		f.(func())() //nolint:forcetypeassert // share sets nothing else
	}
}

// tellStanding says in the headers what the client has left: in those of the IETF draft
// (draft-ietf-httpapi-ratelimit-headers), and for Explore in those of the original.
func (s *Server) tellStanding(c *gin.Context, client fairuse.Client) {
	standing, ok := s.use.Standing(client)
	if !ok {
		return
	}
	limit, remaining := strconv.Itoa(standing.Limit), strconv.Itoa(standing.Remaining)
	c.Header("RateLimit-Limit", limit)
	c.Header("RateLimit-Remaining", remaining)
	c.Header("RateLimit-Reset", strconv.Itoa(int(math.Ceil(standing.Reset.Seconds()))))
	if explore.Owns(c.Request.URL.Path) {
		c.Header("X-RateLimit-Limit", limit)
		c.Header("X-RateLimit-Remaining", remaining)
		c.Header("X-RateLimit-Reset", time.Now().UTC().Add(standing.Reset).Format("2006-01-02 15:04:05+00:00"))
	}
}

// warnOfProxy says once that requests come through a proxy that is not trusted: then all
// its clients share one budget.
func (s *Server) warnOfProxy(c *gin.Context) {
	if s.options.RateLimit <= 0 || c.Request.Header.Get("X-Forwarded-For") == "" || !s.proxies.unknown(c.Request) {
		return
	}
	s.warned.Do(func() {
		s.options.Log.Warn("requests come through a proxy of the private network that is not trusted, so that all its clients count as one; name it in PARVIS_TRUSTED_PROXIES")
	})
}
