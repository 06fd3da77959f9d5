package main

import (
	"fmt"
	"strings"

	"github.com/parvis-opendata/parvis/publisher/release"
)

// retentions says which releases are kept: by dataset, and under "" of the others.
type retentions map[string]release.Retention

// of is the retention of a dataset.
func (r retentions) of(dataset string) release.Retention {
	if own, ok := r[dataset]; ok {
		return own
	}
	return r[""]
}

// retentions reads the setting: rules with semicolons between, such as 90d,monthly for
// all datasets or catalogue=30d,monthly for that of a job.
func (s *settings) retentions() (retentions, error) {
	zone, err := s.zone()
	if err != nil {
		return nil, err
	}
	all := retentions{}
	for rule := range strings.SplitSeq(s.Retention, ";") {
		name, text, named := strings.Cut(rule, "=")
		if !named {
			name, text = "", rule
		}
		dataset, err := s.datasetOf(strings.TrimSpace(name), named)
		if err != nil {
			return nil, err
		}
		if _, twice := all[dataset]; twice {
			return nil, fmt.Errorf("%w: read PARVIS_RETENTION: %q has two rules for the same; leave one", errUsage, s.Retention)
		}
		keep, err := release.ParseRetention(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("%w: read PARVIS_RETENTION: %w", errUsage, err)
		}
		keep.Zone = zone
		all[dataset] = keep
	}
	if _, ok := all[""]; !ok {
		keep := release.DefaultRetention()
		keep.Zone = zone
		all[""] = keep
	}
	return all, nil
}

// datasetOf returns the dataset that a rule names by its job; "" if it names none.
func (s *settings) datasetOf(job string, named bool) (string, error) {
	if !named {
		return "", nil
	}
	var known []string
	for _, row := range s.timetable() {
		if row.job == job {
			return row.dataset, nil
		}
		known = append(known, row.job)
	}
	return "", fmt.Errorf("%w: read PARVIS_RETENTION: there is no dataset %q; known: %s", errUsage, job, strings.Join(known, ", "))
}
