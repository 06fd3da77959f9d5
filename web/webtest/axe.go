package webtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/parvis-opendata/parvis/internal/testneed"
)

// axeVersion is the package of npm that judges how accessible a page is.
const axeVersion = "axe-core@4.14.1"

var axe = sync.OnceValues(installAxe)

// installAxe installs it below the user's cache, once, and returns its script.
func installAxe() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "parvis-test", axeVersion)
	script := filepath.Join(dir, "node_modules", "axe-core", "axe.min.js")
	text, err := os.ReadFile(script)
	if err == nil {
		return string(text), nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if err := exec.Command("npm", "install", "--prefix", dir, "--no-fund", "--no-audit", "--ignore-scripts", "--loglevel=error", axeVersion).Run(); err != nil {
		return "", err
	}
	text, err = os.ReadFile(script)
	return string(text), err
}

// Axe has axe-core judge the page that is open, and returns its serious and critical
// violations of WCAG 2.2 AA, each with the elements it is of. A test that cannot have it is
// skipped.
func Axe(b *Browser) []string {
	b.t.Helper()
	script, err := axe()
	if err != nil {
		testneed.Missing(b.t, "axe-core cannot be installed with npm", err)
	}
	Value[bool](b, script+"; true")
	return Await[[]string](b, `axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => r.violations
		.filter(v => v.impact === "serious" || v.impact === "critical")
		.map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 120) + " " + n.any.map(a => a.message).join("; ")).join(" | ")))`)
}
