package explore

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/api/fairuse"
)

// TestRefusalsAreExplained: each reason has a sentence that says when to ask again.
func TestRefusalsAreExplained(t *testing.T) {
	for reason := fairuse.TooManyCalls; reason <= fairuse.WaitedTooLong; reason++ {
		r := &fairuse.RefusedError{Reason: reason, Retry: 1500 * time.Millisecond}
		status, kind := http.StatusServiceUnavailable, KindBusy
		if r.Own() {
			r.Limit, status, kind = 77, http.StatusTooManyRequests, KindTooMany
		}
		f := ErrorOf(fmt.Errorf("run: %w", r))
		if f.Status != status || f.Kind != kind || f.RetryAfter != 2 || !strings.HasSuffix(f.Message, " Réessayez dans 2 s (Retry-After).") ||
			strings.Contains(f.Message, "77") != r.Own() || strings.Contains(f.Message, "%!") {
			t.Errorf("%d: %+v", reason, f)
		}
	}
}
