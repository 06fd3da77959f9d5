package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
	"github.com/parvis-opendata/parvis/internal/problem"
)

type protectCommand struct {
	Problem string `required:"" placeholder:"FILE" help:"The description of the tables, problem.json."`
	Out     string `placeholder:"DIR" help:"Where to write the mask and report.json."`
	Audit   bool   `help:"Attack a finished mask instead of making one."`
	Mask    string `placeholder:"DIR" help:"With --audit: the mask, one NAME.csv per table."`
	Known   string `placeholder:"FILE" help:"With --audit: hidden cells that a reader knows from elsewhere, CSV."`
	Effort  string `default:"normal" enum:"normal,high" help:"normal, or high: hide less, take longer."`
	JSON    bool   `help:"Print JSON."`

	Engines engines `kong:"-"`
}

// engines are what the command has others do. Neither is called with a problem that
// does not add up.
type engines struct {
	// protect says which cells to hide, one entry per cell: all sensitive cells, and
	// what must be hidden for their sake.
	protect func(p tabular.Problem, o protectOptions) (hidden []bool, err error)
	// audit lists what a reader of everything that is not hidden can work out, and notes
	// on what the audit does not hold against the mask.
	audit func(p tabular.Problem, hidden []bool, o auditOptions) ([]learned, []string, error)
}

type protectOptions struct {
	ZerosKnown, High bool
	Threads          int
}

type auditOptions struct {
	ZerosKnown bool
	// Known, one entry per cell or nil, are figures that a reader has from elsewhere.
	Known   []bool
	Threads int
}

// learned is one thing that an attacker learns.
type learned struct {
	// Kind is one word for what is wrong.
	Kind string
	// Cell, By and Equation are numbers, −1 where they do not apply: the cell that is
	// disclosed, the cell behind which the attacker is alone, and the equation whose
	// hidden members break a rule together.
	Cell, By, Equation int
}

// Run protects tables, or attacks a mask of them.
func (c *protectCommand) Run(ctx context.Context, p *process, s *settings) error {
	if err := c.check(); err != nil {
		return err
	}
	in, err := c.read()
	if err != nil {
		return err
	}
	if c.Audit {
		return c.attack(ctx, p, s, in)
	}
	return c.protect(ctx, p, s, in)
}

// check refuses options that make no sense together.
func (c *protectCommand) check() error {
	switch {
	case c.Audit && c.Mask == "":
		return fmt.Errorf("%w: protect: --audit needs the mask; name its directory with --mask", errUsage)
	case c.Audit && c.Out != "":
		return fmt.Errorf("%w: protect: --audit writes nothing; leave --out out", errUsage)
	case !c.Audit && c.Mask != "":
		return fmt.Errorf("%w: protect: --mask goes with --audit; give both, or --out to make a mask", errUsage)
	case !c.Audit && c.Known != "":
		return fmt.Errorf("%w: protect: --known goes with --audit; make the mask first, then attack it with what is known", errUsage)
	case !c.Audit && c.Out == "":
		return fmt.Errorf("%w: protect: name a directory for the mask with --out, or attack one with --audit and --mask", errUsage)
	}
	return nil
}

// read reads the problem. Its files cannot lie outside its directory, links included.
func (c *protectCommand) read() (in *problem.Input, err error) {
	root, err := openRoot(filepath.Dir(c.Problem))
	if err != nil {
		return nil, fmt.Errorf("read problem: %w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	in, err = problem.Read(root.FS(), filepath.Base(c.Problem))
	if err != nil {
		return nil, fmt.Errorf("read problem: %w", wrongInput(err))
	}
	return in, nil
}

// openRoot opens a directory that a user named.
func openRoot(dir string) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s: there is no such directory; correct the path", errUsage, dir)
	}
	return root, err
}

// wrongInput marks faults of the user's files as wrong use.
func wrongInput(err error) error {
	var invalid *problem.InvalidError
	if errors.As(err, &invalid) {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	return err
}

// protect makes a mask, attacks it, and writes it with what was learned.
func (c *protectCommand) protect(ctx context.Context, p *process, s *settings, in *problem.Input) (err error) {
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return fmt.Errorf("write mask: %w", err)
	}
	out, err := os.OpenRoot(c.Out)
	if err != nil {
		return fmt.Errorf("write mask: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := c.keepInput(out, in); err != nil {
		return err
	}
	start := p.now()
	var hidden []bool
	var faults []learned
	var notes []string
	err = interruptible(ctx, func() (err error) {
		hidden, err = c.Engines.protect(in.Problem, protectOptions{ZerosKnown: in.ZerosKnown, High: c.Effort == "high", Threads: s.Threads})
		if err != nil {
			return fmt.Errorf("protect: %w", err)
		}
		if len(hidden) != len(in.Problem.Cells) {
			return fmt.Errorf("protect: the mask has %d cells, the problem %d", len(hidden), len(in.Problem.Cells))
		}
		faults, notes, err = c.audit(in.Problem, hidden, auditOptions{ZerosKnown: in.ZerosKnown, Threads: s.Threads})
		return err
	})
	if err != nil {
		return err
	}
	report := newProtectReport(in, hidden, faults, p.now().Sub(start))
	report.Notes = slices.Concat(report.Notes, in.Notes, notes)
	if err := in.WriteMask(hidden, create(out)); err != nil {
		return err
	}
	for _, table := range in.Tables() {
		report.files = append(report.files, filepath.Join(c.Out, problem.MaskFile(table)))
	}
	if len(faults) > 0 {
		report.Notes = append(report.Notes, "the mask failed its audit: do not publish it")
	}
	if err := create(out)(reportFile, report.writeJSON); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return c.print(p, report)
}

// attack says what a mask gives away.
func (c *protectCommand) attack(ctx context.Context, p *process, s *settings, in *problem.Input) (err error) {
	dir, err := openRoot(c.Mask)
	if err != nil {
		return fmt.Errorf("read mask: %w", err)
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	known, err := c.readKnown(in)
	if err != nil {
		return err
	}
	start := p.now()
	mask, err := in.ReadMask(dir.FS())
	if err != nil {
		return fmt.Errorf("read mask: %w", wrongInput(err))
	}
	var faults []learned
	var notes []string
	err = interruptible(ctx, func() (err error) {
		faults, notes, err = c.audit(mask.Problem, mask.Hidden, auditOptions{ZerosKnown: in.ZerosKnown, Known: known.Cells, Threads: s.Threads})
		return err
	})
	if err != nil {
		return err
	}
	report := newProtectReport(in, mask.Hidden, faults, p.now().Sub(start))
	report.Notes = slices.Concat(report.Notes, in.Notes, mask.Notes, known.Notes, notes)
	for _, split := range mask.Split {
		report.Notes = append(report.Notes, fmt.Sprintf("%s is printed in %s and hidden in %s; it counts as printed", in.Name(split.Cell), split.Printed, split.Hidden))
	}
	return c.print(p, report)
}

// readKnown reads what a reader knows from elsewhere: nothing if no file is named.
func (c *protectCommand) readKnown(in *problem.Input) (known *problem.Known, err error) {
	if c.Known == "" {
		return &problem.Known{}, nil
	}
	root, err := openRoot(filepath.Dir(c.Known))
	if err != nil {
		return nil, fmt.Errorf("read known figures: %w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	known, err = in.ReadKnown(root.FS(), filepath.Base(c.Known))
	if err != nil {
		return nil, fmt.Errorf("read known figures: %w", wrongInput(err))
	}
	return known, nil
}

func (c *protectCommand) audit(p tabular.Problem, hidden []bool, o auditOptions) ([]learned, []string, error) {
	faults, notes, err := c.Engines.audit(p, hidden, o)
	if err != nil {
		return nil, nil, fmt.Errorf("audit mask: %w", err)
	}
	return faults, notes, nil
}

// interruptible returns when the work is done, or at once when the context is. The
// work is then left to itself: the process ends.
func interruptible(ctx context.Context, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// print says what came of it. What an attacker learns is a refusal.
func (c *protectCommand) print(p *process, report *protectReport) error {
	var err error
	if c.JSON {
		err = p.printJSON(report)
	} else {
		_, err = fmt.Fprint(p.out, report.text())
	}
	if err == nil && report.Audit != auditPassed {
		err = errRefused
	}
	return err
}
