package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// The publication is small: what is proved is that clients read it right, not how fast.
const (
	dossiers   = "60000"
	formations = "3000"
)

// service is a served publication.
type service struct {
	// url is the address of the service, truth the directory of the release's own files.
	url, truth string
	process    *exec.Cmd
}

// publishAndServe builds parvis, publishes a synthetic hub below dir and serves it.
func publishAndServe(ctx context.Context, o options, dir string) (*service, error) {
	program := o.parvis
	if program == "" {
		program = filepath.Join(dir, "parvis")
		fmt.Fprintln(os.Stderr, "building parvis…")
		if err := command(ctx, os.Stderr, "go", "build", "-o", program, "./cmd/parvis"); err != nil {
			return nil, fmt.Errorf("build parvis, from the root of the repository: %w", err)
		}
	}
	fmt.Fprintln(os.Stderr, "publishing a synthetic hub…")
	demo := filepath.Join(dir, "demo")
	if err := command(ctx, io.Discard, program, "demo", "--no-serve", "--dossiers", dossiers, "--formations", formations, "--dir", demo); err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	s := &service{truth: filepath.Join(dir, "truth")}
	if err := gather(filepath.Join(demo, "store", "datasets"), s.truth); err != nil {
		return nil, err
	}
	if err := s.start(ctx, program, filepath.Join(demo, "store"), filepath.Join(dir, "work")); err != nil {
		return nil, err
	}
	if err := s.wait(ctx); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// command runs a program to its end, and returns what it said when it fails.
func command(ctx context.Context, out io.Writer, name string, arguments ...string) error {
	c := exec.CommandContext(ctx, name, arguments...) //nolint:gosec // the programs are those named in this folder, or on the command line
	c.Stdout = out
	said := &tail{most: 2000}
	c.Stderr = said
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, said)
	}
	return nil
}

// gather links the files of every served release into one directory: tables have names
// of their own.
func gather(datasets, truth string) error {
	if err := os.MkdirAll(truth, 0o700); err != nil {
		return fmt.Errorf("gather the files of the releases: %w", err)
	}
	pointers, err := filepath.Glob(filepath.Join(datasets, "*", "current.json"))
	if err != nil {
		return fmt.Errorf("gather the files of the releases: %w", err)
	}
	for _, pointer := range pointers {
		text, err := os.ReadFile(pointer)
		if err != nil {
			return fmt.Errorf("gather the files of the releases: %w", err)
		}
		var current struct {
			Release string `json:"release"`
		}
		if err := json.Unmarshal(text, &current); err != nil {
			return fmt.Errorf("gather the files of the releases: read %s: %w", pointer, err)
		}
		files, err := filepath.Glob(filepath.Join(filepath.Dir(pointer), "releases", current.Release, "moncompteformation_*"))
		if err != nil {
			return fmt.Errorf("gather the files of the releases: %w", err)
		}
		for _, file := range files {
			if err := os.Symlink(file, filepath.Join(truth, filepath.Base(file))); err != nil {
				return fmt.Errorf("gather the files of the releases: %w", err)
			}
		}
	}
	return nil
}

// address finds where the service listens, in its log.
var address = regexp.MustCompile(`msg=serving address=(\S+)`)

// start starts the service on a free port. Its limits of use are lifted: one machine
// makes all the calls.
func (s *service) start(ctx context.Context, program, store, work string) error {
	s.process = exec.CommandContext(ctx, program, "serve")
	s.process.Env = append(os.Environ(), "PARVIS_STORE="+store, "PARVIS_WORKDIR="+work, "PARVIS_LISTEN=127.0.0.1:0", "PARVIS_RATE_LIMIT=0", "PARVIS_QUERY_TIME=0")
	s.process.Cancel = func() error { return s.process.Process.Signal(syscall.SIGTERM) }
	log, err := s.process.StderrPipe()
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	if err := s.process.Start(); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			s.url = m[1]
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return nil
		}
	}
	return errors.Join(errors.New("serve: it stopped before it listened"), s.process.Wait())
}

// wait waits until every table can be queried.
func (s *service) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		err := ask(ctx, s.url+"/readyz")
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the tables: %w", err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func ask(ctx context.Context, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("it answered %s", answer.Status)
	}
	return nil
}

// stop ends the service, which must end well.
func (s *service) stop() error {
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop the service: %w", err)
	}
	if err := s.process.Wait(); err != nil {
		return fmt.Errorf("stop the service: %w", err)
	}
	return nil
}
