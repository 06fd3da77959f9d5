package objects

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/minio/minio-go/v7"
)

// span is a range of bytes: length of them from offset on, or all if length is -1.
type span struct{ offset, length int64 }

func (r span) whole() bool { return r.offset == 0 && r.length < 0 }

// header spells the range as HTTP does, with the last byte instead of the length.
func (r span) header() string {
	if r.length < 0 || r.length > math.MaxInt64-r.offset {
		return fmt.Sprintf("bytes=%d-", r.offset)
	}
	return fmt.Sprintf("bytes=%d-%d", r.offset, r.offset+r.length-1)
}

// options asks for the range, of the given version unless it is empty.
func (r span) options(version string) (o minio.GetObjectOptions) {
	if !r.whole() {
		o.Set("Range", r.header())
	}
	if version != "" {
		o.Set("If-Match", `"`+version+`"`)
	}
	return o
}

// sizes returns the size of the whole object and of the body of an answer, once the answer is found to hold the range
// that was asked for.
func (r span) sizes(answer minio.ObjectInfo, header http.Header) (total, length int64, err error) {
	if answer.Size < 0 {
		return 0, 0, unavailable("the server does not tell how long an object is: check any proxy in front of it")
	}
	if r.whole() {
		return answer.Size, answer.Size, nil
	}
	first, last, total, ok := parseContentRange(header.Get("Content-Range"))
	if !ok || first != r.offset || last >= total || answer.Size != last-first+1 || r.length >= 0 && answer.Size > r.length {
		return 0, 0, unavailable("the server does not answer with the range that it is asked for: check any proxy in front of it")
	}
	return total, answer.Size, nil
}

// parseContentRange reads "bytes first-last/total".
func parseContentRange(text string) (first, last, total int64, ok bool) {
	text, ok = strings.CutPrefix(text, "bytes ")
	span, size, cut := strings.Cut(text, "/")
	from, to, dash := strings.Cut(span, "-")
	first, err1 := strconv.ParseInt(from, 10, 64)
	last, err2 := strconv.ParseInt(to, 10, 64)
	total, err3 := strconv.ParseInt(size, 10, 64)
	ok = ok && cut && dash && err1 == nil && err2 == nil && err3 == nil && 0 <= first && first <= last
	return first, last, total, ok
}
