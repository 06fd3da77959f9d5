package publisher_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// Environment of a child process that publishes and kills itself.
const (
	crashRoot    = "PARVIS_TEST_CRASH_ROOT"
	crashExtract = "PARVIS_TEST_CRASH_EXTRACT"
	crashAt      = "PARVIS_TEST_CRASH_AT"
)

// killer ends the process at the given moment, as kill -9 does.
type killer struct {
	at string
}

func (k killer) reached(moment string) {
	if moment == k.at {
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		select {} // the signal is on its way
	}
}

// killingStore tells a killer before and after each write.
type killingStore struct {
	objects.Store
	killer killer
	puts   int
}

func (s *killingStore) Put(ctx context.Context, name string, body io.Reader, size int64) (objects.Info, error) {
	s.puts++
	s.killer.reached("before put " + strconv.Itoa(s.puts))
	info, err := s.Store.Put(ctx, name, body, size)
	s.killer.reached("after put " + strconv.Itoa(s.puts))
	return info, err
}

func (s *killingStore) Create(ctx context.Context, name string, data []byte) (objects.Info, error) {
	s.killer.reached("before seal")
	info, err := s.Store.Create(ctx, name, data)
	s.killer.reached("after seal")
	return info, err
}

func (s *killingStore) Replace(ctx context.Context, name string, data []byte, version string) (objects.Info, error) {
	s.killer.reached("before flip")
	info, err := s.Store.Replace(ctx, name, data, version)
	s.killer.reached("after flip")
	return info, err
}

// TestCrashChild is the process that is killed; on its own it does nothing.
func TestCrashChild(t *testing.T) {
	root := os.Getenv(crashRoot)
	if root == "" {
		t.Skip("runs as the child of TestKilledAtEveryStep")
	}
	b := newBenchIn(t, root, os.Getenv(crashExtract))
	k := killer{at: os.Getenv(crashAt)}
	b.Store = &killingStore{Store: b.Store, killer: k}
	b.Progress = func(_ string, step publisher.Step, detail string) {
		k.reached(strings.TrimSpace(string(step) + " " + detail))
	}
	b.publish(t)
	fmt.Println("published")
}

// moments at which a publication is killed.
var moments = []string{
	"read", "read 4/7 habilitations/part-1.csv", "build", "protect", "audit", "write", "store", "before put 1", "after put 1", "before put 5",
	"after put 10", "before seal", "after seal", "flip", "before flip", "after flip",
}

// TestKilledAtEveryStep: whatever the moment, the served release is whole, and
// the next run publishes.
func TestKilledAtEveryStep(t *testing.T) {
	first := hubtest.Extract(t, nil)
	second := hubtest.Extract(t, map[string][]hubtest.Record{"actions": {hubtest.Rec("actions", "frais_ttc=1234.00")}})
	for _, moment := range moments {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, first)
			before := b.publish(t)
			b.killAt(t, moment, second)
			served := b.wholeServed(t)
			if moment != "after flip" && served != before.Release {
				t.Errorf("%s is served, before the flip", served)
			}
			b.use(t, second)
			b.now = b.now.Add(time.Hour)
			after := b.publish(t)
			if got := b.rows(t, after.Release)[0]["frais_ttc_tot_min"]; got != "1234.00" {
				t.Errorf("next run published %q", got)
			}
			if served := b.wholeServed(t); served != after.Release || served == before.Release {
				t.Errorf("%s is served after the next run", served)
			}
			b.nothingLeft(t)
		})
	}
}

// killAt publishes an extract in a child that is killed at the given moment.
func (b *bench) killAt(t *testing.T, moment, extract string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashChild$", "-test.v")
	cmd.Env = append(os.Environ(), crashRoot+"="+b.root, crashExtract+"="+extract, crashAt+"="+moment)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the child was not killed: %v\n%s", err, out)
	}
}

// wholeServed returns the served release after it was read again whole.
func (b *bench) wholeServed(t *testing.T) string {
	t.Helper()
	c, _, err := b.archive.Current(t.Context(), catalogue)
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.archive.Manifest(t.Context(), catalogue, c.Release)
	if err != nil {
		t.Fatal(err)
	}
	if faults, err := b.archive.Verify(t.Context(), m); err != nil || len(faults) > 0 {
		t.Errorf("served release %s: %v, %v", c.Release, faults, err)
	}
	return c.Release
}

// nothingLeft checks that retention sweeps what the killed run left, and that no
// nominative file stays.
func (b *bench) nothingLeft(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(b.root, "work", "run-"+catalogue)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the private directory is still there: %v", err)
	}
	if _, _, err := b.archive.Prune(t.Context(), catalogue, release.DefaultRetention(), b.now.Add(72*time.Hour), false); err != nil {
		t.Fatal(err)
	}
	history, err := b.archive.History(t.Context(), catalogue)
	if err != nil || len(history) != 2 {
		t.Errorf("%d releases, %v", len(history), err)
	}
	known := map[string]bool{}
	for _, e := range history {
		known[e.Manifest.Release] = true
	}
	prefix := "datasets/" + catalogue + "/releases/"
	for info, err := range b.Store.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		if id, _, _ := strings.Cut(strings.TrimPrefix(info.Name, prefix), "/"); !known[id] {
			t.Errorf("left over: %s", info.Name)
		}
	}
}

// dyingStore fails for good once a manifest is sealed, as if the process were dead.
type dyingStore struct {
	objects.Store
	dead bool
}

func (s *dyingStore) Create(ctx context.Context, name string, data []byte) (objects.Info, error) {
	info, err := s.Store.Create(ctx, name, data)
	s.dead = s.dead || strings.HasSuffix(name, "/"+release.ManifestName)
	return info, err
}

func (s *dyingStore) Replace(ctx context.Context, name string, data []byte, version string) (objects.Info, error) {
	if s.dead {
		return objects.Info{}, objects.ErrUnavailable
	}
	return s.Store.Replace(ctx, name, data, version)
}

func (s *dyingStore) Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, objects.Info, error) {
	if s.dead {
		return nil, objects.Info{}, objects.ErrUnavailable
	}
	return s.Store.Open(ctx, name, offset, length)
}

// TestKilledAfterItsManifestWhileAnotherWasServed: the release of the one that was
// killed was made on top of one that is not served any more, so it is taken back.
func TestKilledAfterItsManifestWhileAnotherWasServed(t *testing.T) {
	price := func(value string) string {
		return hubtest.Extract(t, map[string][]hubtest.Record{"actions": {hubtest.Rec("actions", "frais_ttc="+value)}})
	}
	b := newBench(t, hubtest.Extract(t, nil))
	b.publish(t)
	other := newBench(t, price("1300.00"))
	other.Store, other.archive, other.now = b.Store, b.archive, b.now.Add(time.Hour)
	store, served := b.Store, ""
	b.Store = &dyingStore{Store: store}
	b.use(t, price("1400.00"))
	b.Progress = func(_ string, step publisher.Step, detail string) {
		if step == publisher.StepStore && detail == "" {
			served = other.publish(t).Release
		}
	}
	if _, err := b.Publish(t.Context(), publisher.Request{Dataset: catalogue}); !errors.Is(err, objects.ErrUnavailable) {
		t.Fatalf("error %v", err)
	}
	if history, err := b.archive.History(t.Context(), catalogue); err != nil || len(history) != 3 {
		t.Fatalf("%d releases, %v; want the two served and the one that was killed", len(history), err)
	}
	if res := other.publish(t); !res.Unchanged || other.wholeServed(t) != served {
		t.Errorf("the next run: %+v", res)
	}
	other.nothingLeft(t)
}
