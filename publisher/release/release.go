// Package release knows what has been published: releases, their manifests, the
// pointer that says which one is served, and what may happen to them afterwards
// (roll back, withdraw, verify, prune).
//
// It owns the layout of the store under datasets/. It does not make releases;
// publisher does. It needs object storage only, so the process that serves the
// public can use it.
//
// Invariant: a release is written once. Its manifest is written last, so that a
// release without manifest does not exist; what happens to a release later is
// said by markers beside the manifest, never in it.
package release

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Manifest describes a release.
type Manifest struct {
	Dataset string `json:"dataset"`
	Release string `json:"release"`
	// DateExtract is the day of the hub's extract (YYYY-MM-DD).
	DateExtract string    `json:"date_extract"`
	PublishedAt time.Time `json:"published_at"`
	CodeVersion string    `json:"code_version"`
	// Previous is the release that was served when this one was made.
	Previous string `json:"previous,omitempty"`
	// Note is a word or an erratum of the operator.
	Note string `json:"note,omitempty"`
	// Synthetic marks invented data.
	Synthetic bool `json:"synthetic"`
	// ContentDigest is the SHA-256 of the tables' content without their load dates.
	ContentDigest string `json:"content_digest"`
	// Periods are the periods that a statistical dataset has published, in order;
	// none of them is computed again.
	Periods []string `json:"periods,omitempty"`
	Tables  []Table  `json:"tables"`
	Objects []Object `json:"objects"`
}

// Table is one table of a release.
type Table struct {
	ID   string `json:"id"`
	Rows int64  `json:"rows"`
	// Periods are the periods that the table has published, in order, if they are
	// others than those of its dataset: years beside months.
	Periods []string `json:"periods,omitempty"`
	// Masked is the share of the training files that are in secret cells, in per
	// cent: by so much sums over the table understate. Absent where nothing is
	// counted, and where so little is that it could tell a cell.
	Masked *int `json:"part_masquee,omitempty"`
}

// Object is one file of a release.
type Object struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Bytes     int64  `json:"bytes"`
	SHA256    string `json:"sha256"`
	// Rows is the number of rows of a table file; absent for other objects.
	Rows *int64 `json:"rows,omitempty"`
}

// Object returns the object of the given name.
func (m Manifest) Object(name string) (Object, bool) {
	i := slices.IndexFunc(m.Objects, func(o Object) bool { return o.Name == name })
	if i < 0 {
		return Object{}, false
	}
	return m.Objects[i], true
}

// Rows returns the rows of all tables.
func (m Manifest) Rows() int64 {
	var n int64
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// ManifestName is the object that describes a release; it is not among the
// objects of the manifest.
const ManifestName = "manifest.json"

// State is what has become of a release.
type State string

// States of a release.
const (
	Served    State = "served"    // the pointer names it
	Kept      State = "kept"      // whole, not served
	Pruned    State = "pruned"    // objects removed by retention
	Withdrawn State = "withdrawn" // taken down: an error, or a risk for a person
)

// Entry is a release in the history of its dataset.
type Entry struct {
	Manifest Manifest
	State    State
	// Since and Reason say when and why a release was pruned or withdrawn.
	Since  time.Time
	Reason string
}

// Marker is the object beside a manifest that says what happened to the release.
type Marker struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

const (
	prunedName    = "pruned.json"
	withdrawnName = "withdrawn.json"
)

// Current is the pointer of a dataset: which release is served.
type Current struct {
	Dataset string `json:"dataset"`
	// Release is empty when the served release was withdrawn and none was left.
	Release     string    `json:"release"`
	DateExtract string    `json:"date_extract,omitempty"`
	ServedSince time.Time `json:"served_since"`
	// CheckedAt is when a publication last found that this is the state of the hub.
	CheckedAt time.Time `json:"checked_at"`
	// CheckedExtract is the day of the extract that was then read.
	CheckedExtract string `json:"checked_extract,omitempty"`
	// Discarded are the content digests that an operator withdrew or rolled back
	// from: a publication does not bring them back by itself.
	Discarded []string `json:"discarded,omitempty"`
	// History are the releases that were served, in order, the served one last.
	History []string `json:"history,omitempty"`
	// Fence is the number of the lease under which a publication last wrote the
	// pointer; 0 for none. It only grows (see [Archive.Claim]).
	Fence int64 `json:"fence,omitempty"`
	// Claimed: that publication has not come to its flip yet.
	Claimed bool `json:"claimed,omitempty"`
	// Due is the last due date of the schedule that a publication has served.
	Due time.Time `json:"due,omitzero"`
}

// maxHistory bounds the history that the pointer carries: some years of daily
// releases.
const maxHistory = 2000

// Serve returns the pointer after a release has become the served one.
func (c Current) Serve(m Manifest, now time.Time) Current {
	c.Dataset, c.Release, c.DateExtract, c.ServedSince = m.Dataset, m.Release, m.DateExtract, now.UTC()
	c.Discarded = slices.DeleteFunc(slices.Clone(c.Discarded), func(d string) bool { return d == m.ContentDigest })
	c.History = append(slices.Clone(c.History), m.Release)
	c.History = c.History[max(0, len(c.History)-maxHistory):]
	return c
}

// discard returns the pointer with one more content that must not come back.
func (c Current) discard(digest string) Current {
	if !slices.Contains(c.Discarded, digest) {
		c.Discarded = append(slices.Clone(c.Discarded), digest)
	}
	return c
}

var idPattern = regexp.MustCompile(`^\d{8}T\d{6}Z-[0-9a-f]{8}$`)

const idTime = "20060102T150405Z"

// ID returns the identifier of a release: the UTC time of the run and the first
// eight hexadecimal digits of the content digest.
func ID(at time.Time, digest string) string {
	return at.UTC().Format(idTime) + "-" + digest[:8]
}

// After returns the time for the identifier of a release that is to follow those that were
// served: that of the run, or, if the clock was set back meanwhile, the second after the latest
// of them. Releases sort by their identifiers as they were served, whatever the clocks do.
func (c Current) After(run time.Time) time.Time {
	for _, id := range c.History {
		if at := Time(id); !run.Truncate(time.Second).After(at) {
			run = at.Add(time.Second)
		}
	}
	return run
}

// ValidID reports whether a text has the form of a release identifier.
func ValidID(id string) bool {
	if !idPattern.MatchString(id) {
		return false
	}
	_, err := time.Parse(idTime, id[:len(idTime)])
	return err == nil
}

// Time returns the time in an identifier of a release; zero if it is none.
func Time(id string) time.Time {
	t, err := time.Parse(idTime, id[:min(len(id), len(idTime))])
	if err != nil {
		return time.Time{}
	}
	return t
}

// Folder returns the prefix of the objects of a release, with its final slash.
func Folder(dataset, id string) string {
	return fmt.Sprintf("datasets/%s/releases/%s/", dataset, id)
}

// ObjectName returns the name under which an object of a release is stored.
func ObjectName(dataset, id, object string) string { return Folder(dataset, id) + object }

func releasesFolder(dataset string) string { return "datasets/" + dataset + "/releases/" }

// CurrentName returns the name of the pointer of a dataset.
func CurrentName(dataset string) string { return "datasets/" + dataset + "/current.json" }

// splitName returns the release and the object of a stored name.
func splitName(dataset, name string) (id, object string, ok bool) {
	rest, ok := strings.CutPrefix(name, releasesFolder(dataset))
	if !ok {
		return "", "", false
	}
	id, object, ok = strings.Cut(rest, "/")
	return id, object, ok && ValidID(id)
}
