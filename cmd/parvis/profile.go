package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/parvis-opendata/parvis/anonymize"
)

// profile returns the rules of disclosure control.
func (s *settings) profile() (anonymize.Profile, error) {
	if slices.Contains(anonymize.ProfileNames(), s.Profile) {
		return anonymize.EmbeddedProfile(s.Profile)
	}
	file, err := os.Open(s.Profile)
	if err != nil {
		return anonymize.Profile{}, fmt.Errorf("%w: read PARVIS_PROFILE: %w; give standard, strict, or a file", errUsage, err)
	}
	profile, err := anonymize.ReadProfile(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return profile, fmt.Errorf("%w: read PARVIS_PROFILE: %w", errUsage, err)
	}
	return profile, nil
}
