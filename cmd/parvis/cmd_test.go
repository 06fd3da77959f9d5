package main

import (
	"os"
	"strings"
	"testing"
)

// TestREADMEListsTheSettings compares the table of the README with the settings.
func TestREADMEListsTheSettings(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var s settings
	var want []string
	for _, row := range s.table() {
		value := ""
		if row.Default != "" {
			value = " `" + row.Default + "`"
		}
		want = append(want, "| `"+row.Name+"` |"+value+" | "+row.Help+" |")
	}
	var got []string
	for _, line := range strings.Split(string(readme), "\n") {
		if strings.HasPrefix(line, "| `PARVIS_") || strings.HasPrefix(line, "| `OTEL_") {
			got = append(got, line)
		}
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("README has:\n%s\nwant:\n%s", g, w)
	}
}
