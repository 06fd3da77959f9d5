// Command conformance runs other people's clients, and the queries that public code
// sends, against a publication that it makes and serves: what they read must be what the
// files of the release say. It is for developers and is no part of the product.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
)

// options are what the command line says.
type options struct {
	// cache keeps the installed clients from run to run; it lies outside the repository.
	cache string
	// parvis is a program built before; built when empty.
	parvis string
	// only chooses clients by name.
	only *regexp.Regexp
	// require makes a client that cannot be had a failure.
	require bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := 0
	failed, err := run(ctx, os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintf(os.Stderr, "conformance: %v\n", err)
		code = 3
	case failed:
		code = 1
	}
	stop()
	os.Exit(code)
}

// run makes the publication, serves it, runs the clients and prints their table. It
// reports whether any check failed.
func run(ctx context.Context, arguments []string) (failed bool, err error) {
	o, err := readOptions(arguments)
	if err != nil {
		return false, err
	}
	dir, err := os.MkdirTemp("", "parvis-conformance-")
	if err != nil {
		return false, fmt.Errorf("make a working directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	scripts, err := writeScripts(dir)
	if err != nil {
		return false, err
	}
	s, err := publishAndServe(ctx, o, dir)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	installed := installer{cache: o.cache, scripts: scripts, done: map[string]installation{}}
	var reports []report
	for _, c := range clients {
		if !o.only.MatchString(c.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s…\n", c.name)
		reports = append(reports, c.run(ctx, s, installed))
	}
	if len(reports) == 0 {
		return false, errors.New("-only chooses no client")
	}
	return printTable(os.Stdout, reports, o.require), nil
}

func readOptions(arguments []string) (options, error) {
	var o options
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	flags.StringVar(&o.cache, "cache", filepath.Join(cache, "parvis-conformance"), "where the clients are installed, and kept for the next run")
	flags.StringVar(&o.parvis, "parvis", "", "a parvis built before; by default it is built")
	only := flags.String("only", ".", "regular expression of the clients to run")
	flags.BoolVar(&o.require, "require", false, "a client that cannot be had is a failure")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	if o.only, err = regexp.Compile(*only); err != nil {
		return o, fmt.Errorf("read -only: %w", err)
	}
	return o, nil
}
