package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// build describes the program.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
}

// thisBuild reads what the toolchain wrote into the program.
func thisBuild() build {
	b := build{Version: "devel", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Commit = s.Value
		}
	}
	return b
}

func (b build) String() string {
	if b.Commit == "" {
		return b.Version
	}
	return b.Version + "+" + b.Commit[:min(12, len(b.Commit))]
}

type versionCommand struct {
	JSON bool `help:"Print JSON."`
}

// Run prints the build.
func (c *versionCommand) Run(p *process) error {
	b := thisBuild()
	if c.JSON {
		return p.printJSON(b)
	}
	_, err := fmt.Fprintf(p.out, "parvis %s (%s)\n", b, b.Go)
	return err
}
