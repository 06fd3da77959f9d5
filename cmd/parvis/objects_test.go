package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
)

// cloud is a hub and a store in object storage, with a key for each role that may do
// no more than docs/operations.md says.
type cloud struct {
	t                   *testing.T
	hub, publish, serve objects.S3Options
	work                string
	printed             bytes.Buffer // by every run of the program
	storeFiles          *objects.S3  // of the owner of the server
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	server := s3test.StartWithUsers(t)
	hub, store := server.Bucket(t), server.Bucket(t)
	hub.Prefix, store.Prefix = "extracts/today", "parvis"
	c := &cloud{
		t: t, work: t.TempDir(), hub: server.User(t, hub), publish: server.User(t, store), serve: server.User(t, store),
		storeFiles: s3test.Open(t, store),
	}
	docs, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	server.Allow(t, hub.Bucket, policy(t, string(docs), "the hub", map[string]string{
		"KEY-OF-THE-HUB": c.hub.AccessKey, "HUB-BUCKET": hub.Bucket, "HUB-PREFIX": hub.Prefix,
	}))
	server.Allow(t, store.Bucket, policy(t, string(docs), "the store", map[string]string{
		"KEY-OF-PUBLISH": c.publish.AccessKey, "KEY-OF-SERVE": c.serve.AccessKey, "STORE-BUCKET": store.Bucket, "STORE-PREFIX": store.Prefix,
	}))
	hubtest.Upload(t, s3test.Open(t, hub), hubtest.Extract(t, nil))
	return c
}

// policy finds an example in the documentation, and fills it in.
func policy(t *testing.T, docs, of string, values map[string]string) string {
	t.Helper()
	found := regexp.MustCompile("(?s)Policy of the bucket of " + of + ":\n\n```json\n(.*?)```").FindStringSubmatch(docs)
	if found == nil {
		t.Fatalf("docs/operations.md has no policy of %s", of)
	}
	text := found[1]
	for name, value := range values {
		text = strings.ReplaceAll(text, name, value)
	}
	return text
}

// address is a place as a setting spells it.
func address(o objects.S3Options) string { return s3Scheme + o.Bucket + "/" + o.Prefix }

// hubAccess and storeAccess are the environment of a process with access to either;
// one key of each comes by a file.
func (c *cloud) hubAccess() []string {
	return []string{
		"PARVIS_HUB=" + address(c.hub), "PARVIS_HUB_S3_ENDPOINT=" + c.hub.Endpoint, "PARVIS_HUB_S3_ACCESS_KEY=" + c.hub.AccessKey,
		"PARVIS_HUB_S3_SECRET_KEY_FILE=" + c.file(c.hub.SecretKey),
	}
}

func (c *cloud) storeAccess(o objects.S3Options) []string {
	return []string{
		"PARVIS_STORE=" + address(o), "PARVIS_S3_ENDPOINT=" + o.Endpoint, "PARVIS_S3_ACCESS_KEY_FILE=" + c.file(o.AccessKey),
		"PARVIS_S3_SECRET_KEY=" + o.SecretKey, "PARVIS_WORKDIR=" + c.work,
	}
}

func (c *cloud) file(secret string) string {
	path := filepath.Join(c.t.TempDir(), "key")
	hubtest.Write(c.t, path, []byte(secret+"\n"))
	return path
}

// command makes the program with an environment.
func (c *cloud) command(environ []string, args ...string) *exec.Cmd {
	c.t.Helper()
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.CommandContext(c.t.Context(), self)
	cmd.Args = append([]string{"parvis"}, args...)
	cmd.Env = append([]string{"TMPDIR=" + c.t.TempDir()}, environ...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// run runs the program, and expects an exit code and a text.
func (c *cloud) run(environ []string, code int, want string, args ...string) {
	c.t.Helper()
	cmd := c.command(environ, args...)
	out, err := cmd.CombinedOutput()
	c.printed.Write(out)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code || !strings.Contains(string(out), want) {
		c.t.Fatalf("parvis %v: exit %d, want %d and %q:\n%s", args, got, code, want, out)
	}
}

func TestHubAndStoreInObjectStorage(t *testing.T) {
	c := newCloud(t)
	hub, store, both := c.hubAccess(), c.storeAccess(c.publish), append(c.hubAccess(), c.storeAccess(c.publish)...)
	c.run(append(hub, "PARVIS_WORKDIR="+c.work), exitDone, "a publication would accept this extract", "hub", "check", address(c.hub), "--as-of", "2026-11-20")
	c.run(both, exitDone, "(published)", "publish", catalogue, "--as-of", "2026-11-20")
	c.run(both, exitDone, "unchanged, still served", "publish", "--all", "--as-of", "2026-11-20")
	c.run(store, exitDone, "served", "releases", "list", catalogue)
	c.run(store, exitDone, "10 objects  whole", "releases", "verify", catalogue)
	c.run(store, exitDone, "", "releases", "prune", catalogue)
	c.run(both, exitDone, "(set)", "settings")
	c.run(both, exitDone, "(set)", "settings", "--json")

	// The public is served with a key that can only read, and without the hub.
	c.run(both, exitUsage, "unset PARVIS_HUB", "serve")
	c.serves()
	reader := c.storeAccess(c.serve)
	c.run(reader, exitDone, "10 objects  whole", "releases", "verify", catalogue)
	c.run(append(hub, reader...), exitFailure, "access denied", "publish", catalogue, "--as-of", "2026-11-20")

	// The key of the hub opens no store, that of the store no hub, and the hub's can only read.
	mixed := c.hub
	mixed.Bucket, mixed.Prefix = c.publish.Bucket, c.publish.Prefix
	c.run(c.storeAccess(mixed), exitFailure, "access denied", "releases", "list", catalogue)
	if _, err := s3test.Open(t, c.hub).Put(t.Context(), "formations/x.csv", strings.NewReader("x"), 1); !errors.Is(err, objects.ErrUnavailable) {
		t.Errorf("the key of the hub writes: %v", err)
	}

	for _, key := range []string{c.hub.AccessKey, c.hub.SecretKey, c.publish.AccessKey, c.publish.SecretKey, c.serve.AccessKey, c.serve.SecretKey} {
		if strings.Contains(c.printed.String(), key) {
			t.Errorf("a key was printed:\n%s", c.printed.String())
		}
	}
	// The lock of a server is an empty file that stays: to delete it would let two servers in.
	left, err := filepath.Glob(filepath.Join(c.work, "*", "*"))
	left = slices.DeleteFunc(left, func(path string) bool { return filepath.Base(path) == "serving.lock" })
	if err != nil || len(left) > 0 {
		t.Errorf("left in the working directory: %v, %v", left, err)
	}
}

// serves runs the server, downloads a file from it, and ends it.
func (c *cloud) serves() {
	t := c.t
	t.Helper()
	cmd := c.command(append(c.storeAccess(c.serve), "PARVIS_LISTEN=127.0.0.1:0"), "serve")
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(log)
	line, err := lines.ReadString('\n')
	c.printed.WriteString(line)
	found := regexp.MustCompile(`address=(\S+)`).FindStringSubmatch(line)
	if found == nil {
		t.Fatalf("does not serve: %q, %v", line, err)
	}
	title, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	c.printed.Write(title)
	c.download(found[1] + "/datasets/" + catalogue + "/releases/latest/" + catalogue + ".csv")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(lines)
	c.printed.Write(rest)
	if err := errors.Join(err, cmd.Wait()); err != nil {
		t.Errorf("%v\n%s", err, rest)
	}
}

// download compares a public file with the one in the store.
func (c *cloud) download(url string) {
	c.t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		c.t.Fatalf("%s: %d, %v", url, answer.StatusCode, err)
	}
	name := "datasets/" + catalogue + "/releases/" + answer.Header.Get("X-Release") + "/" + catalogue + ".csv"
	want, _, err := objects.ReadAll(c.t.Context(), c.storeFiles, name, 1<<20)
	if err != nil || !bytes.Equal(got, want) {
		c.t.Errorf("%s: %d bytes, want %d; %v", url, len(got), len(want), err)
	}
}
