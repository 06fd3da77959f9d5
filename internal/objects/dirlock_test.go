package objects

import (
	"errors"
	"testing"
)

func TestLockOnARemovedFileIsNoLock(t *testing.T) {
	d, err := OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	first, err := d.tryLock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.tryLock(); !errors.Is(err, errHeld) {
		t.Fatalf("got error %v while the lock is held", err)
	}
	if err := d.root.Remove(lockFile); err != nil {
		t.Fatal(err)
	}
	if d.isNamed(first) {
		t.Error("no file has the name, and the lock still counts")
	}
	second, err := d.tryLock()
	if err != nil {
		t.Fatal(err)
	}
	if d.isNamed(first) || !d.isNamed(second) {
		t.Error("another file has the name, and the lock on the first still counts")
	}
	for _, c := range []interface{ Close() error }{first, second, d} {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}
