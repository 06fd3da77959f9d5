package exchange

import (
	"net/http"
	"net/textproto"
	"strings"
	"time"
)

// Verdict is what the conditions of a request come to.
type Verdict int

// Verdicts.
const (
	Proceed         Verdict = iota // answer
	NotModified                    // 304
	ConditionFailed                // 412
)

// Judge evaluates the conditions of a GET or HEAD in the order of RFC 9110,
// section 13.2.2. The entity tag is a strong one, quoted. Conditions on the date are
// ignored when modified is zero.
func Judge(r *http.Request, tag string, modified time.Time) Verdict {
	h, dated := r.Header, !modified.IsZero()
	if list := Field(h, "If-Match"); list != "" {
		if !names(list, tag, strongly) {
			return ConditionFailed
		}
	} else if since, ok := date(h, "If-Unmodified-Since"); ok && dated && modified.After(since) {
		return ConditionFailed
	}
	if list := Field(h, "If-None-Match"); list != "" {
		if names(list, tag, weakly) {
			return NotModified
		}
	} else if since, ok := date(h, "If-Modified-Since"); ok && dated && !modified.After(since) {
		return NotModified
	}
	return Proceed
}

// RangeHolds reports whether a Range header is to be honoured (If-Range, RFC 9110,
// section 13.1.5).
func RangeHolds(r *http.Request, tag string, modified time.Time) bool {
	condition := Field(r.Header, "If-Range")
	if condition == "" {
		return true
	}
	if one, _ := scanTag(condition); one != "" {
		return strongly(one, tag)
	}
	since, ok := date(r.Header, "If-Range")
	return ok && modified.Equal(since)
}

// Field returns a header that may come in several lines as one list.
func Field(h http.Header, name string) string { return strings.Join(h.Values(name), ", ") }

func date(h http.Header, name string) (time.Time, bool) {
	at, err := http.ParseTime(h.Get(name))
	return at, err == nil
}

// names reports whether a list of entity tags, or "*", names a tag.
func names(list, tag string, same func(a, b string) bool) bool {
	for {
		list = textproto.TrimString(list)
		if strings.HasPrefix(list, ",") {
			list = list[1:]
			continue
		}
		if strings.HasPrefix(list, "*") {
			return true
		}
		one, rest := scanTag(list)
		if one == "" {
			return false
		}
		if same(one, tag) {
			return true
		}
		list = rest
	}
}

func strongly(a, b string) bool { return a == b && strings.HasPrefix(a, `"`) }

func weakly(a, b string) bool { return strings.TrimPrefix(a, "W/") == strings.TrimPrefix(b, "W/") }

// scanTag cuts the entity tag off the beginning of a text; "" if there is none.
func scanTag(text string) (tag, rest string) {
	text = textproto.TrimString(text)
	start := 0
	if strings.HasPrefix(text, "W/") {
		start = 2
	}
	if len(text[start:]) < 2 || text[start] != '"' {
		return "", ""
	}
	for i := start + 1; i < len(text); i++ {
		switch b := text[i]; {
		case b == '"':
			return text[:i+1], text[i+1:]
		case b == 0x21, b >= 0x23 && b <= 0x7E, b >= 0x80: // etagc
		default:
			return "", ""
		}
	}
	return "", ""
}
