package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// printTable prints a line for each client, then why checks failed or were skipped. It
// reports whether any failed; a skip fails too when everything is required.
func printTable(w io.Writer, reports []report, require bool) (failed bool) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "client\tversion\tpassed\tskipped\tfailed")
	for _, r := range reports {
		fmt.Fprintln(table, strings.Join([]string{
			r.client, r.version, strconv.Itoa(r.passed), strconv.Itoa(len(r.skips)), strconv.Itoa(len(r.failures)),
		}, "\t"))
	}
	_ = table.Flush()
	for _, r := range reports {
		failed = failed || len(r.failures) > 0 || require && len(r.skips) > 0
		for _, f := range r.failures {
			fmt.Fprintf(w, "\nFAILED   %s: %s\n%s\n", r.client, f.check, f.text)
		}
		for _, s := range r.skips {
			fmt.Fprintf(w, "\nSKIPPED  %s: %s\n", strings.TrimSuffix(r.client+": "+s.check, ": "), s.text)
		}
	}
	return failed
}
