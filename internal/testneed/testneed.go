// Package testneed is for tests that need what a machine may not have: a
// privilege, a program. It owns the one switch between skipping and failing.
package testneed

import (
	"os"
	"testing"
)

// Missing skips the test and says why, or fails it if PARVIS_TEST_REQUIRE is set,
// as it is in continuous integration.
func Missing(t testing.TB, what string, err error) {
	t.Helper()
	if os.Getenv("PARVIS_TEST_REQUIRE") != "" {
		t.Fatalf("PARVIS_TEST_REQUIRE is set, and %s: %v", what, err)
	}
	t.Skipf("%s: %v", what, err)
}
