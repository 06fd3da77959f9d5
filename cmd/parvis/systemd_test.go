package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/parvis-opendata/parvis/internal/testneed"
)

// TestUnitsAreHardened has systemd read the units, and judge how much they may do.
func TestUnitsAreHardened(t *testing.T) {
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		testneed.Missing(t, "systemd is not installed", err)
	}
	for _, name := range []string{"parvis-serve.service", "parvis-work.service"} {
		unit := strings.ReplaceAll(rootFile(t, "deploy/systemd/"+name), "/usr/local/bin/parvis", "/bin/true")
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(unit), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(program, "verify", path).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v: %s", name, err, out)
		}
		// From 0 to 100, where less is safer.
		if out, err := exec.Command(program, "security", "--offline=true", "--threshold=15", "--no-pager", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}

// TestUnitsSetWhatThereIs compares the variables of the units with the settings; what
// serves the public gets none of the hub's, and no secret stands in a file of settings.
func TestUnitsSetWhatThereIs(t *testing.T) {
	known := rootFile(t, "README.md")
	variable := regexp.MustCompile(`\bPARVIS_[A-Z0-9_]+`)
	for _, name := range []string{"parvis-serve.service", "parvis-work.service", "parvis-as-work", "serve.env", "work.env"} {
		text := rootFile(t, "deploy/systemd/"+name)
		names := variable.FindAllString(text, -1)
		if len(names) < 3 {
			t.Errorf("%s sets %v", name, names)
		}
		for _, v := range names {
			if !strings.Contains(known, "`"+strings.TrimSuffix(v, "_FILE")+"`") {
				t.Errorf("%s sets %s, which there is not", name, v)
			}
			if strings.Contains(name, "serve") && strings.HasPrefix(v, "PARVIS_HUB") {
				t.Errorf("%s sets %s", name, v)
			}
			if strings.HasSuffix(name, ".env") && strings.Contains(v, "SECRET") {
				t.Errorf("%s holds a secret: %s", name, v)
			}
		}
	}
}
