package problem

import (
	"fmt"
	"strconv"
	"strings"
)

// maxFaults is how many faults are told at once.
const maxFaults = 20

// InvalidError says what is wrong with the files. It is the user's to correct.
type InvalidError struct {
	// Faults name the place, the fault and the remedy, one each, at most 20.
	Faults []string
	// More is the number of faults that are not listed.
	More int
}

// Error lists the faults, one a line.
func (e *InvalidError) Error() string {
	text := strings.Join(e.Faults, "\n")
	if e.More > 0 {
		text += fmt.Sprintf("\nand %d more", e.More)
	}
	return text
}

// place is where a fault is. Line 1 is the first line of a file; zero values are
// left out.
type place struct {
	file   string
	line   int
	column string
}

func (p place) String() string {
	text := p.file
	if p.line > 0 {
		text += fmt.Sprintf(", line %d", p.line)
	}
	if p.column != "" {
		text += ", column " + p.column
	}
	return text
}

// faults collects what is wrong, so that a user sees more than the first fault.
type faults struct {
	found InvalidError
}

// addf records a fault: what is wrong, and after a semicolon what to do.
func (f *faults) addf(at place, format string, args ...any) {
	if f.full() {
		f.found.More++
		return
	}
	f.found.Faults = append(f.found.Faults, at.String()+": "+fmt.Sprintf(format, args...))
}

// full reports whether further faults are counted only.
func (f *faults) full() bool { return len(f.found.Faults) == maxFaults }

// count is the number of faults so far.
func (f *faults) count() int { return len(f.found.Faults) + f.found.More }

// err is the error of all faults so far, nil if there is none.
func (f *faults) err() error {
	if len(f.found.Faults) == 0 {
		return nil
	}
	found := f.found
	return &found
}

// quoted is a code or a name as it stands in a message, cut if it is long.
func quoted(text string) string {
	const longest = 80
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "…"
	}
	return strconv.Quote(text)
}
