package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/parvis-opendata/parvis/internal/problem"
)

// reportFile is what the report of a mask is called.
const reportFile = "report.json"

// create writes files of a directory under a temporary name, and renames them.
func create(dir *os.Root) problem.Create {
	return func(name string, write func(io.Writer) error) (err error) {
		temporary := "." + name + ".partial"
		file, err := dir.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return err
		}
		defer func() {
			if err != nil {
				err = errors.Join(err, dir.Remove(temporary))
			}
		}()
		if err := errors.Join(write(file), file.Sync(), file.Close()); err != nil {
			return err
		}
		return dir.Rename(temporary, name)
	}
}

// keepInput refuses a directory where the mask would overwrite a file of the problem.
func (c *protectCommand) keepInput(out *os.Root, in *problem.Input) error {
	names := []string{reportFile}
	for _, table := range in.Tables() {
		names = append(names, problem.MaskFile(table))
	}
	for _, name := range names {
		there, err := out.Stat(name)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("write mask: %w", err)
		}
		for _, file := range in.Files() {
			input, err := os.Stat(filepath.Join(filepath.Dir(c.Problem), filepath.FromSlash(file)))
			if err != nil {
				return fmt.Errorf("read problem: %w", err)
			}
			if os.SameFile(there, input) {
				return fmt.Errorf("%w: write mask: %s would overwrite %s of the problem; give another --out", errUsage, filepath.Join(c.Out, name), file)
			}
		}
	}
	return nil
}
