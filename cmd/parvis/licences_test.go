package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var updateLicences = flag.Bool("update-licences", false, "write docs/licences.md")

// licences are those that may go into a program under the EUPL 1.2, by what their texts
// say, in the order in which they are tried.
var licences = []struct {
	name string
	says []string
}{
	{"Apache-2.0", []string{"apache license", "version 2.0"}},
	{"MPL-2.0", []string{"mozilla public license", "version 2.0"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "nor the names of"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "neither the name"}},
	{"BSD-2-Clause", []string{"redistribution and use in source and binary forms"}},
	{"MIT", []string{"permission is hereby granted, free of charge", "without restriction"}},
	{"ISC", []string{"permission to use, copy, modify, and/or distribute this software for any purpose"}},
}

// TestLicences reads the licence of each module that the program is made of, and compares
// them with the list in the documentation.
func TestLicences(t *testing.T) {
	dir := t.TempDir()
	script := exec.Command(filepath.Join("..", "..", "scripts", "licences"), dir)
	if out, err := script.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var lines []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		module, version, is := strings.Cut(strings.TrimPrefix(path, dir+string(os.PathSeparator)), "@")
		if err != nil || !d.IsDir() || !is || strings.Contains(version, string(os.PathSeparator)) {
			return err
		}
		lines = append(lines, fmt.Sprintf("| %s | %s |", module, strings.Join(licencesIn(t, path), ", ")))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	name := filepath.Join("..", "..", "docs", "licences.md")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, listed, _ := strings.Cut(string(text), "|---|---|\n")
	now := strings.Join(lines, "\n") + "\n"
	if *updateLicences {
		if err := os.WriteFile(name, []byte(head+"|---|---|\n"+now), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(listed, now); diff != "" {
		t.Errorf("docs/licences.md (write it with go test ./cmd/parvis -run TestLicences -update-licences):\n%s", diff)
	}
}

// licencesIn returns the licences of a module, which must be known ones.
func licencesIn(t *testing.T, dir string) []string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range files {
		if strings.HasPrefix(f.Name(), "NOTICE") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		plain := strings.Join(strings.Fields(strings.ToLower(string(text))), " ")
		i := slices.IndexFunc(licences, func(l struct {
			name string
			says []string
		}) bool {
			return !slices.ContainsFunc(l.says, func(s string) bool { return !strings.Contains(plain, s) })
		})
		if i < 0 {
			t.Errorf("%s: the licence %s is not one that is known to be compatible; read it", dir, f.Name())
			continue
		}
		found = append(found, licences[i].name)
	}
	if len(found) == 0 {
		t.Errorf("%s has no licence", dir)
	}
	slices.Sort(found)
	return slices.Compact(found)
}
