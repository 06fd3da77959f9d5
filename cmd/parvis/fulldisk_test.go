package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// resize gives a small disk another size: so many bytes, or what it holds and so many more.
func resize(t *testing.T, disk string, bytes int64, more bool) {
	t.Helper()
	if more {
		var now syscall.Statfs_t
		if err := syscall.Statfs(disk, &now); err != nil {
			t.Fatal(err)
		}
		bytes += int64(now.Blocks-now.Bfree) * now.Bsize
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Fatal(err)
	}
}

// diskSite is a server and a store with a small release, and a larger one to publish.
type diskSite struct {
	t           *testing.T
	store, work string
	big         string
	server      *liveServer
	before      string // what is served
}

// newDiskSite is one with any of the directories on a small disk.
func newDiskSite(t *testing.T, store, work, serve string) *diskSite {
	t.Helper()
	root := t.TempDir()
	s := &diskSite{t: t, store: store, work: work, big: filepath.Join(root, "big")}
	small := filepath.Join(root, "small")
	for dir, formations := range map[string]string{small: "50", s.big: "3000"} {
		if r := program(t, 0, "hub", "generate", "--out", dir, "--dossiers", "100", "--formations", formations, "--until", "2026-11-20"); r.code != exitDone {
			t.Fatalf("%+v", r)
		}
	}
	if r := s.publish(small); r.code != exitDone {
		t.Fatalf("%+v", r)
	}
	s.server = startServer(t, "PARVIS_STORE="+store, "PARVIS_WORKDIR="+serve)
	await(t, "a release is loaded and searched", func() bool {
		s.before = s.server.get(catalogueRecords).header.Get("X-Release")
		return s.before != "" && s.server.get(catalogueSearch).status == 200
	})
	return s
}

func (s *diskSite) publish(hub string) ran {
	s.t.Helper()
	return program(s.t, 0, "publish", catalogue, "--hub", hub, "--store", s.store, "--workdir", s.work, "--as-of", "2026-11-25", "--force", "older_extract")
}

// stays checks that the former release is served whole.
func (s *diskSite) stays() {
	s.t.Helper()
	for _, path := range []string{catalogueRecords, catalogueExport, catalogueSearch} {
		if r := s.server.get(path); r.status != 200 || r.header.Get("X-Release") != s.before {
			s.t.Errorf("%s, of %s: %s", path, s.before, r)
		}
	}
	if v := program(s.t, 0, "releases", "verify", catalogue, "--store", s.store); v.code != exitDone {
		s.t.Errorf("a release is damaged: %+v", v)
	}
}

// recovers checks that the next release is published, and served.
func (s *diskSite) recovers() {
	s.t.Helper()
	if r := s.publish(s.big); r.code != exitDone {
		s.t.Fatalf("with room again: %+v", r)
	}
	await(s.t, "the next release is served", func() bool {
		r := s.server.get(catalogueRecords)
		return r.status == 200 && r.header.Get("X-Release") > s.before
	})
	await(s.t, "its file is whole", func() bool {
		f := s.server.get(catalogueFile)
		return f.whole() && f.header.Get("X-Release") > s.before
	})
}

const roomy = 256 << 20

// TestADiskFillsUp under a release that is served: of the store, of a publication, of a server.
// What is served stays; when there is room again, the next release is.
func TestADiskFillsUp(t *testing.T) {
	disk := func(t *testing.T) string { return smallDisk(t, fmt.Sprint(roomy)) }
	levels := []int64{100_000}
	if os.Getenv(soakFaults) != "" {
		levels = []int64{0, 100_000, 500_000}
	}
	for _, more := range levels {
		t.Run(fmt.Sprintf("of the store, at %d bytes", more), func(t *testing.T) {
			store := disk(t)
			s := newDiskSite(t, store, t.TempDir(), t.TempDir())
			resize(t, store, more, true)
			if r := s.publish(s.big); r.code != exitFailure || !strings.Contains(r.stderr, "full") {
				t.Errorf("%+v", r)
			}
			s.stays()
			resize(t, store, roomy, false)
			s.recovers()
		})
		t.Run(fmt.Sprintf("of a publication, at %d bytes", more), func(t *testing.T) {
			work := disk(t)
			s := newDiskSite(t, t.TempDir(), work, t.TempDir())
			resize(t, work, more, true)
			if r := s.publish(s.big); r.code != exitFailure || !strings.Contains(strings.ToLower(r.stderr), "no space left") {
				t.Errorf("%+v", r)
			}
			s.stays()
			resize(t, work, roomy, false)
			s.recovers()
		})
	}
	t.Run("of a server", func(t *testing.T) {
		serve := disk(t)
		s := newDiskSite(t, t.TempDir(), t.TempDir(), serve)
		resize(t, serve, 500_000, true)
		if r := s.publish(s.big); r.code != exitDone {
			t.Fatalf("%+v", r)
		}
		await(t, "the server finds its disk full", func() bool { return strings.Contains(s.server.log.text(), "release is not loaded") })
		s.stays()
		resize(t, serve, roomy, false)
		s.recovers()
	})
}
