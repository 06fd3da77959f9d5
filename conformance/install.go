package main

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed python/*.py python/requirements.txt javascript/*.mjs javascript/package.json r/*.R
var scripts embed.FS

// writeScripts puts the scripts of the clients below dir, and returns where.
func writeScripts(dir string) (string, error) {
	to := filepath.Join(dir, "scripts")
	if err := os.CopyFS(to, scripts); err != nil {
		return "", fmt.Errorf("write the scripts: %w", err)
	}
	return to, nil
}

// installation is what runs the scripts of one language.
type installation struct {
	// program is its interpreter, environment what it needs to find its packages.
	program     string
	environment []string
	// missing says why it cannot be had.
	missing error
}

// installer installs what the clients need, once each.
type installer struct {
	cache, scripts string
	done           map[string]installation
}

// language returns what runs the scripts of a language.
func (i installer) language(ctx context.Context, name string) installation {
	if there, ok := i.done[name]; ok {
		return there
	}
	var out installation
	switch name {
	case "python":
		out = i.python(ctx)
	case "javascript":
		out = i.javascript(ctx)
	default:
		out.program, out.missing = exec.LookPath("Rscript")
	}
	i.done[name] = out
	return out
}

// python makes a virtual environment with the versions of requirements.txt.
func (i installer) python(ctx context.Context) installation {
	system, err := exec.LookPath("python3")
	if err != nil {
		return installation{missing: err}
	}
	dir, err := i.prepared(ctx, "python/requirements.txt", func(dir string) error {
		if err := command(ctx, os.Stderr, system, "-m", "venv", dir); err != nil {
			return err
		}
		return command(ctx, os.Stderr, filepath.Join(dir, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check",
			"--requirement", filepath.Join(i.scripts, "python", "requirements.txt"))
	})
	return installation{
		program: filepath.Join(dir, "bin", "python3"), missing: err,
		environment: []string{"PYTHONDONTWRITEBYTECODE=1", "PATH=" + filepath.Join(dir, "bin") + string(os.PathListSeparator) + os.Getenv("PATH")},
	}
}

// javascript makes a project with the versions of package.json. Modules are looked for
// beside a script, so that the scripts get a link to them.
func (i installer) javascript(ctx context.Context) installation {
	node, err := exec.LookPath("node")
	if err != nil {
		return installation{missing: err}
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return installation{missing: err}
	}
	dir, err := i.prepared(ctx, "javascript/package.json", func(dir string) error {
		text, err := fs.ReadFile(scripts, "javascript/package.json")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "package.json"), text, 0o600); err != nil {
			return err
		}
		return command(ctx, os.Stderr, npm, "install", "--prefix", dir, "--no-fund", "--no-audit", "--ignore-scripts", "--loglevel=error")
	})
	if err == nil {
		err = os.Symlink(filepath.Join(dir, "node_modules"), filepath.Join(i.scripts, "javascript", "node_modules"))
	}
	return installation{program: node, missing: err}
}

// prepared returns the directory of the cache where the packages that a list pins are
// installed, which it makes if this list was not installed before.
func (i installer) prepared(ctx context.Context, list string, install func(dir string) error) (string, error) {
	text, err := fs.ReadFile(scripts, list)
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256(text)
	dir := filepath.Join(i.cache, filepath.Dir(list)+"-"+hex.EncodeToString(digest[:6]))
	done := filepath.Join(dir, "installed")
	if _, err := os.Stat(done); err == nil {
		return dir, nil
	}
	fmt.Fprintf(os.Stderr, "installing %s…\n", list)
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if err := install(dir); err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	return dir, os.WriteFile(done, nil, 0o600)
}
