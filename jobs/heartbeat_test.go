package jobs

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestHeartbeat(t *testing.T) {
	h := Heartbeat(filepath.Join(t.TempDir(), "heartbeat"))
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	check := func(at time.Time, want string) {
		t.Helper()
		_, err := h.Check(at)
		if err == nil && want != "" || err != nil && (want == "" || !strings.Contains(err.Error(), want)) {
			t.Errorf("at %s: %v, want %q", at.Format(time.TimeOnly), err, want)
		}
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(noon, "no worker runs here")
	do(h.Beat(noon))
	check(noon.Add(2*time.Minute), "")
	check(noon.Add(4*time.Minute), "no sign of life for 4m0s")
	do(h.Beat(noon.Add(4 * time.Minute)))
	check(noon.Add(4*time.Minute), "")
	do(h.End())
	do(h.End())
	check(noon.Add(4*time.Minute), "no worker runs here")
	if err := Heartbeat(filepath.Join(t.TempDir(), "no", "heartbeat")).Beat(noon); err == nil {
		t.Error("a heartbeat without a directory was written")
	}
}
