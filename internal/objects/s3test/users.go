package s3test

import (
	"crypto/rand"
	"os/exec"
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// User makes a user of a server of [StartWithUsers], with keys of its own, who may do nothing until a policy of a bucket says so, and returns the
// options with those keys.
func (s *Server) User(t *testing.T, o objects.S3Options) objects.S3Options {
	t.Helper()
	o.AccessKey, o.SecretKey = "access"+rand.Text(), "secret"+rand.Text()
	cmd := exec.CommandContext(t.Context(), s.program, "admin", "--endpoint-url", s.Options.Endpoint, "create-user",
		"--access", o.AccessKey, "--secret", o.SecretKey, "--role", "user")
	cmd.Env = []string{"ADMIN_ACCESS_KEY=" + s.Options.AccessKey, "ADMIN_SECRET_KEY=" + s.Options.SecretKey}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make a user: %v\n%s", err, out)
	}
	return o
}

// Allow sets the policy of a bucket.
func (s *Server) Allow(t *testing.T, bucket, policy string) {
	t.Helper()
	if err := s.Client.SetBucketPolicy(t.Context(), bucket, policy); err != nil {
		t.Fatalf("set the policy of %s: %v\n%s", bucket, err, policy)
	}
}
