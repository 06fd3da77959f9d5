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
// and version; those in the folder profiles are embedded. A rule whose figures are left
// out is off.
type Profile struct {
	Name        string `json:"name"`
	Version     int    `json:"version"`
	Description string `json:"description"`
	// Persons is rule P1, and through its threshold P5.
	Persons PersonsRule `json:"persons"`
	// Organisations is rule P2.
	Organisations OrganisationsRule `json:"organisations,omitzero"`
	// Amounts is rule P3.
	Amounts AmountsRule `json:"amounts"`
	// Group is rule P4.
	Group GroupRule `json:"group,omitzero"`
	// Remainder is rule P6: what the hidden members of an equation add up to passes the
	// other rules too.
	Remainder bool `json:"remainder"`
	// Levels: what a reader can compute of an amount that P2 or P3 makes sensitive must
	// reach the protection levels of the test ([Profile.AmountLevel]); otherwise it is
	// enough that it does not follow.
	Levels bool `json:"levels,omitempty"`
}

// PersonsRule is rule P1: a cell is sensitive if it rests on 1 to Threshold − 1
// distinct persons.
type PersonsRule struct {
	Threshold int `json:"threshold"`
	// Interval: what a reader can compute of the number of files of such a cell must reach
	// 0 or the threshold ([Profile.CountLevel]), so that he cannot tell that they are few;
	// otherwise it is enough that he cannot tell the number.
	Interval bool `json:"interval,omitempty"`
}

// OrganisationsRule is rule P2, on distinct providers (SIREN) and the amounts that they
// bring. A test whose figure is zero is off; with all of them zero the rule is off.
type OrganisationsRule struct {
	// MinFrequency: sensitive if it rests on 1 to MinFrequency − 1 of them.
	MinFrequency int `json:"min_frequency,omitempty"`
	AmountsRule
}

// On reports whether the rule is in force, so that providers must be counted.
func (r OrganisationsRule) On() bool { return r != OrganisationsRule{} }

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

// GroupRule is rule P4: if all persons of a published row but AtMost fall in one
// category of a sensitive dimension, the others are a secret. Zero: off.
type GroupRule struct {
	AtMost int `json:"at_most,omitempty"`
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

// minContributors: with fewer, one of two contributors knows the other. maxContributors
// bounds what each cell carries: so many numbers.
const (
	minContributors = 3
	maxContributors = 100
)

// Check refuses figures by which nothing would be protected.
func (p Profile) Check() error {
	if p.Name == "" || p.Version < 1 {
		return errors.New("read profile: it lacks a name or a version from 1")
	}
	for _, f := range []struct {
		name          string
		value, lo, hi int
		off           bool // zero is allowed, and switches the test off
		why           string
	}{
		{"persons.threshold", p.Persons.Threshold, minContributors, maxContributors, false, "; below 3, one of two persons knows the other"},
		{"organisations.min_frequency", p.Organisations.MinFrequency, minContributors, p.Persons.Threshold, true, "; below 3, one of two providers knows the other; of each cell, as many numbers are kept as persons.threshold says"},
		{"organisations.dominance_percent", p.Organisations.DominancePercent, 1, 100, true, ""},
		{"organisations.p_percent", p.Organisations.PPercent, 1, 100, true, ""},
		{"amounts.dominance_percent", p.Amounts.DominancePercent, 1, 100, true, ""},
		{"amounts.p_percent", p.Amounts.PPercent, 1, 100, true, ""},
		{"group.at_most", p.Group.AtMost, 1, p.Persons.Threshold - 1, true, "; as many persons as the threshold are no secret"},
	} {
		allowed := f.lo <= f.value && f.value <= f.hi || f.off && f.value == 0
		if !allowed {
			return fmt.Errorf("read profile %s: %s is %d, not in %d..%d%s", p.Name, f.name, f.value, f.lo, f.hi, f.why)
		}
	}
	return nil
}
