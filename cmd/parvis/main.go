// Command parvis publishes open data from the training-data hub, and serves it.
//
// It reads settings, wires the packages together, and turns their errors into
// one line and an exit code. It decides nothing else.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // time zones on a machine that has none

	"github.com/alecthomas/kong"

	"github.com/parvis-opendata/parvis/internal/traces"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// Exit codes.
const (
	exitDone    = 0
	exitRefused = 1 // the data or the disclosure control say no
	exitUsage   = 2
	exitFailure = 3 // something broke
)

// errUsage marks a wrong use of the command line or a setting.
var errUsage = errors.New("wrong use")

// errRefused marks a check that found a reason to publish nothing, and has said
// so already.
var errRefused = errors.New("a publication would be refused")

func main() {
	os.Exit(run())
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends at once
	p := process{args: os.Args[1:], environ: os.Environ(), out: os.Stdout, err: os.Stderr, now: time.Now}
	return p.run(ctx)
}

// process is what a run of the program has of the world.
type process struct {
	args    []string
	environ []string
	out     io.Writer
	err     io.Writer
	now     func() time.Time
	traces  *traces.Tracer // nil until a command opens it, and if there is no collector
}

// run parses the command line, runs the command and returns the exit code.
func (p *process) run(ctx context.Context) int {
	var cli commands
	code, parser, err := p.parse(&cli)
	if err != nil || parser == nil {
		return code
	}
	if err := errors.Join(cli.Settings.bindSecrets(p.environ), cli.Settings.check()); err != nil {
		return p.report(err)
	}
	cli.Protect.Engines = disclosureControl()
	parser.BindTo(ctx, (*context.Context)(nil))
	parser.Bind(p, &cli.Settings)
	defer func() { p.traces.Close(ctx) }()
	return p.report(parser.Run())
}

// parse reads the command line. It returns no context when there is nothing left
// to do.
func (p *process) parse(cli *commands) (code int, parsed *kong.Context, err error) {
	exited := -1
	k, err := kong.New(cli,
		kong.Name("parvis"),
		kong.Description("Publishes open data on professional training from the hub's extracts, and serves it."),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Writers(p.out, p.err),
		kong.Exit(func(c int) { exited = c }),
		kong.Resolvers(envResolver(p.environ)),
	)
	if err != nil {
		return p.report(err), nil, err
	}
	parsed, err = k.Parse(p.args)
	if exited >= 0 {
		return exited, nil, nil
	}
	if err != nil {
		return p.report(fmt.Errorf("%w: %w; see parvis --help", errUsage, err)), nil, err
	}
	return exitDone, parsed, nil
}

// report writes an error in one line and returns the exit code that it means.
func (p *process) report(err error) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errRefused):
		return exitRefused
	}
	_, _ = fmt.Fprintln(p.err, "parvis: "+oneLine(err))
	switch {
	case isRefused(err):
		return exitRefused
	case errors.Is(err, errUsage), errors.Is(err, release.ErrNotFound):
		return exitUsage
	default:
		return exitFailure
	}
}

// oneLine is the text of an error in one line.
func oneLine(err error) string {
	text := strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", "; ")), " ")
	return strings.ReplaceAll(text, errUsage.Error()+": ", "")
}

// isRefused reports whether the data or the disclosure control said no.
func isRefused(err error) bool {
	var refused *publisher.RefusedError
	return errors.As(err, &refused)
}
