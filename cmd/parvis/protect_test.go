package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// standIns are engines for tests of the command: normal effort hides every
// cell, high effort the sensitive cells alone; the audit finds sensitive cells that are
// printed, or alone in an equation.
func standIns() engines {
	return engines{
		protect: func(p tabular.Problem, o protectOptions) ([]bool, error) {
			hidden := make([]bool, len(p.Cells))
			for i, c := range p.Cells {
				hidden[i] = c.Sensitive || !o.High
			}
			return hidden, nil
		},
		audit: func(p tabular.Problem, hidden []bool, _ auditOptions) (faults []learned, _ []string, _ error) {
			for i, c := range p.Cells {
				if c.Sensitive && !hidden[i] {
					faults = append(faults, learned{Kind: "shown", Cell: i, By: -1, Equation: -1})
				}
			}
			for _, e := range p.Equations {
				n, last := 0, int32(-1)
				for _, i := range append([]int32{e.Total}, e.Members...) {
					if hidden[i] && !p.Cells[i].Known {
						n, last = n+1, i
					}
				}
				if n == 1 && p.Cells[last].Sensitive {
					faults = append(faults, learned{Kind: "determined", Cell: int(last), By: -1, Equation: -1})
				}
			}
			return faults, nil, nil
		},
	}
}

// protectMain is `parvis protect` with the stand-ins.
func protectMain() {
	p := &process{args: os.Args[1:], environ: os.Environ(), out: os.Stdout, err: os.Stderr, now: time.Now}
	var cli struct {
		Settings settings       `embed:""`
		Protect  protectCommand `cmd:""`
	}
	cli.Protect.Engines = standIns()
	k, err := kong.New(&cli, kong.Name("parvis-protect"), kong.Writers(p.out, p.err))
	if err != nil {
		os.Exit(p.report(err))
	}
	parsed, err := k.Parse(p.args)
	if err != nil {
		os.Exit(p.report(errors.Join(errUsage, err)))
	}
	parsed.BindTo(context.Background(), (*context.Context)(nil))
	parsed.Bind(p, &cli.Settings)
	os.Exit(p.report(parsed.Run()))
}

func TestProtectIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan bool)
	release := make(chan bool)
	defer close(release)
	c := protectCommand{Problem: "../../anonymize/testdata/problems/z1/problem.json", Out: t.TempDir(), Effort: "normal", Engines: standIns()}
	c.Engines.protect = func(tabular.Problem, protectOptions) ([]bool, error) {
		close(started)
		<-release
		return nil, nil
	}
	go func() { <-started; cancel() }()
	err := c.Run(ctx, &process{out: &strings.Builder{}, err: &strings.Builder{}, now: time.Now}, &settings{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want canceled", err)
	}
}

func TestProtectDoesNotWriteHalfAMask(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	broken := errors.New("broken")
	err = create(root)("t.csv", func(w io.Writer) error {
		if _, err := w.Write([]byte("a,b\n")); err != nil {
			return err
		}
		return broken
	})
	left, globErr := filepath.Glob(filepath.Join(dir, "*"))
	hidden, hiddenErr := filepath.Glob(filepath.Join(dir, ".*"))
	if !errors.Is(err, broken) || len(left)+len(hidden) > 0 || globErr != nil || hiddenErr != nil {
		t.Errorf("error %v, left %v %v", err, left, hidden)
	}
}

// TestProtectReportKinds checks that each kind of an audit reads as a sentence.
func TestProtectReportKinds(t *testing.T) {
	for _, c := range []struct {
		l    learnedCell
		want string
	}{
		{learnedCell{Kind: "determined", Cell: "t: a=x"}, "t: a=x follows from the printed figures (determined)"},
		{learnedCell{Kind: "contributor", Cell: "t: a=x", By: "t: a=y"}, "t: a=x can be worked out by the only contributor to t: a=y (contributor)"},
		{learnedCell{Kind: "new", Cell: "t: a=x"}, "t: a=x is disclosed (new)"},
	} {
		if got := c.l.text(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	text, err := json.Marshal(&protectReport{SecondaryValue: "12.50", Audit: auditPassed, Learned: []learnedCell{}, Notes: []string{}})
	want := `{"cells":0,"sensitive":0,"secondary":0,"secondary_value":12.50,"seconds":0,"audit":"passed","learned":[],"notes":[]}`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v, want %s", text, err, want)
	}
}
