package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/parvis-opendata/parvis/publisher"
)

// errClosed is what a pipe says that nobody reads any more.
var errClosed = errors.New("broken pipe")

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, errClosed }

func threeOutcomes() (ids []string, done []publisher.Outcome) {
	refused := &publisher.StepError{Dataset: "b", Step: publisher.StepAudit, Err: &publisher.RefusedError{Reasons: []string{"too few"}}}
	return []string{"a", "b", "c"}, []publisher.Outcome{
		{Result: publisher.Result{Dataset: "a", Release: "r"}}, {Err: refused}, {Err: errors.Join(errors.New("one"), errors.New("two"))},
	}
}

func TestPublishPrintsOneDocument(t *testing.T) {
	ids, done := threeOutcomes()
	out := &bytes.Buffer{}
	p := &process{out: out}
	err := (&publishCommand{All: true, JSON: true}).print(p, ids, done)
	if !errors.Is(err, done[1].Err) || !errors.Is(err, done[2].Err) {
		t.Errorf("failures are lost: %v", err)
	}
	var got []map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got) != 3 {
		t.Fatalf("%v: %s", err, out)
	}
	if got[0]["dataset"] != "a" || got[0]["release"] != "r" || got[0]["error"] != nil {
		t.Errorf("%v", got[0])
	}
	if len(got[1]) != 3 || got[1]["dataset"] != "b" || got[1]["error"] != "publish b: audit: refused: too few" || got[1]["refused"] != true {
		t.Errorf("%v", got[1])
	}
	if len(got[2]) != 3 || got[2]["dataset"] != "c" || got[2]["error"] != "one; two" || got[2]["refused"] != false {
		t.Errorf("%v", got[2])
	}
}

func TestPublishOfOnePrintsItsObject(t *testing.T) {
	ids, done := threeOutcomes()
	for i, want := range []string{`"a"`, ""} {
		out := &bytes.Buffer{}
		err := (&publishCommand{Datasets: ids[i : i+1], JSON: true}).print(&process{out: out}, ids[i:i+1], done[i:i+1])
		var got struct{ Dataset json.RawMessage }
		if out.Len() > 0 {
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		}
		if string(got.Dataset) != want || (err != nil) != (want == "") {
			t.Errorf("%s, %v", out, err)
		}
	}
}

// TestPublishThatCannotPrint: that nobody reads what is printed hides no failure.
func TestPublishThatCannotPrint(t *testing.T) {
	ids, done := threeOutcomes()
	for _, asJSON := range []bool{true, false} {
		err := (&publishCommand{Datasets: ids, JSON: asJSON}).print(&process{out: closedPipe{}}, ids, done)
		if !errors.Is(err, errClosed) || !errors.Is(err, done[1].Err) || !errors.Is(err, done[2].Err) {
			t.Errorf("json %v: %v", asJSON, err)
		}
	}
}

// TestPublishSeveralWithOneFailure runs the program: one of the datasets cannot be
// published, and the document says which.
func TestPublishSeveralWithOneFailure(t *testing.T) {
	s := newSite(t)
	lock, err := os.OpenFile(filepath.Join(s.work, catalogue+".lock"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	r := program(t, 0, "publish", "--all", "--json", "--hub", s.hub, "--store", s.store, "--workdir", s.work, "--as-of", "2026-11-20")
	var got []struct {
		Dataset, Error string
		Refused        *bool
	}
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || r.code != exitFailure || len(got) == 0 {
		t.Fatalf("%v: %+v", err, r)
	}
	for _, one := range got {
		failed := one.Dataset == catalogue
		if strings.Contains(one.Error, "another publication") != failed || failed != (one.Refused != nil && !*one.Refused) {
			t.Errorf("%+v", one)
		}
	}
	if got[0].Dataset != catalogue {
		t.Errorf("%+v", got)
	}
	if r := s.publish(s.hub, "--json"); r.code != exitFailure || r.out != "" {
		t.Errorf("one dataset: %+v", r)
	}
}
