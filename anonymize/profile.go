package anonymize

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

//go:embed profiles/*.json
var profiles embed.FS

// Profile is the rules in force and their figures. It is a file that people read
// and version; those in the folder profiles are embedded.
type Profile struct {
	Name        string `json:"name"`
	Version     int    `json:"version"`
	Description string `json:"description"`
	// Persons is rule P1, and through its threshold P5.
	Persons PersonsRule `json:"persons"`
	// Amounts is rule P3.
	Amounts AmountsRule `json:"amounts"`
}

// PersonsRule is rule P1: a cell is sensitive if it rests on 1 to Threshold − 1
// distinct persons.
type PersonsRule struct {
	Threshold int `json:"threshold"`
}

// AmountsRule is rule P3, the tests of concentration on the amounts that persons
// contribute. A test whose figure is zero is off.
type AmountsRule struct {
	// DominancePercent d: sensitive if the largest contribution is above d % of the
	// cell.
	DominancePercent int `json:"dominance_percent,omitempty"`
	// PPercent p: sensitive if what remains besides the two largest contributions is
	// below p % of the largest, so that the second contributor knows it to p %.
	PPercent int `json:"p_percent,omitempty"`
}

// ProfileNames are the names of the embedded profiles.
func ProfileNames() []string { return []string{"standard", "strict"} }

// EmbeddedProfile returns an embedded profile.
//
// Errors: there is none of that name.
func EmbeddedProfile(name string) (Profile, error) {
	if !slices.Contains(ProfileNames(), name) {
		return Profile{}, fmt.Errorf("there is no profile %q", name)
	}
	text, err := profiles.ReadFile("profiles/" + name + ".json")
	if err != nil {
		return Profile{}, err
	}
	return ReadProfile(bytes.NewReader(text))
}

// ReadProfile reads a profile.
//
// Errors: text that is not JSON, a key that is unknown (a rule that would silently
// not hold), a figure out of range.
func ReadProfile(r io.Reader) (Profile, error) {
	var p Profile
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("read profile: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return p, errors.New("read profile: there is more than one JSON object")
	}
	return p, p.Check()
}

// maxThreshold bounds the threshold: each cell carries so many numbers.
const maxThreshold = 100

// Check refuses figures by which nothing would be protected.
func (p Profile) Check() error {
	switch {
	case p.Name == "" || p.Version < 1:
		return errors.New("read profile: it lacks a name or a version from 1")
	case p.Persons.Threshold < 3 || p.Persons.Threshold > maxThreshold:
		return fmt.Errorf("read profile %s: persons.threshold is %d, not in 3..%d; below 3, one of two persons knows the other", p.Name, p.Persons.Threshold, maxThreshold)
	case p.Amounts.DominancePercent < 0 || p.Amounts.DominancePercent > 100:
		return fmt.Errorf("read profile %s: amounts.dominance_percent is %d, not in 0..100", p.Name, p.Amounts.DominancePercent)
	case p.Amounts.PPercent < 0 || p.Amounts.PPercent > 100:
		return fmt.Errorf("read profile %s: amounts.p_percent is %d, not in 0..100", p.Name, p.Amounts.PPercent)
	default:
		return nil
	}
}
