package exchange

import (
	"net/http"
	"strconv"
	"strings"
)

// Accepts are the content codings that a client takes, with their weights.
type Accepts map[string]float64

// ParseAccepts reads Accept-Encoding (RFC 9110, section 12.5.3). A weight that
// does not parse counts as 0.
func ParseAccepts(h http.Header) Accepts {
	a := Accepts{}
	for item := range strings.SplitSeq(Field(h, "Accept-Encoding"), ",") {
		name, rest, _ := strings.Cut(item, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "" {
			continue
		}
		if name == "x-gzip" {
			name = "gzip"
		}
		a[name] = parseWeight(rest)
	}
	return a
}

func parseWeight(parameters string) float64 {
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(p, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(q >= 0 && q <= 1) {
			return 0
		}
		return q
	}
	return 1
}

// weight is that of a coding: 0 unless it, or anything, is asked for.
func (a Accepts) weight(coding string) float64 {
	if q, ok := a[coding]; ok {
		return q
	}
	return a["*"]
}

// identity is the weight of no coding at all, and whether the client spoke of it.
// It is acceptable unless excluded.
func (a Accepts) identity() (q float64, given bool) {
	if q, ok := a["identity"]; ok {
		return q, true
	}
	if q, ok := a["*"]; ok {
		return q, q == 0
	}
	return 1, false
}
