package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/testneed"
)

// objectServer is the S3 server of compose.yaml, started by its own script.
type objectServer struct {
	t        *testing.T
	endpoint string
	environ  []string
	secrets  string
}

func startObjectServer(t *testing.T) *objectServer {
	t.Helper()
	program, err := exec.LookPath("versitygw")
	if home, homeless := os.UserHomeDir(); err != nil && homeless == nil {
		program, err = exec.LookPath(filepath.Join(home, "go", "bin", "versitygw"))
	}
	if err != nil {
		testneed.Missing(t, "no S3 server (go install github.com/versity/versitygw/cmd/versitygw@v1.8.0)", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	data := t.TempDir()
	for _, folder := range []string{"objects", "accounts"} {
		if err := os.Mkdir(filepath.Join(data, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := &objectServer{t: t, endpoint: "http://" + address, secrets: t.TempDir()}
	s.environ = append(os.Environ(), "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"), "SECRETS="+s.secrets, "DATA="+data,
		"ADDRESS="+address, "ADMIN_ENDPOINT_URL="+s.endpoint)
	for _, name := range []string{"s3_root_key", "s3_work_key", "s3_serve_key"} {
		s.secret(name, "first "+name)
	}
	s.start()
	return s
}

func (s *objectServer) secret(name, value string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.secrets, name), []byte(strings.ReplaceAll(value, " ", "-")), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *objectServer) start() {
	s.t.Helper()
	var log bytes.Buffer
	cmd := exec.Command("sh", filepath.Join("..", "..", "deploy", "s3-server"))
	cmd.Env, cmd.Stdout, cmd.Stderr = s.environ, &log, &log
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() })
	for deadline := time.Now().Add(20 * time.Second); !s.healthy(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatal("the server does not get healthy")
		}
	}
}

// healthy asks what the health check of compose.yaml asks.
func (s *objectServer) healthy() bool {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	response, err := client.Get(s.endpoint + "/health")
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// accounts runs the script of the service s3-accounts.
func (s *objectServer) accounts() {
	s.t.Helper()
	cmd := exec.Command("sh", filepath.Join("..", "..", "deploy", "s3-accounts"))
	cmd.Env = s.environ
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("%v:\n%s", err, out)
	}
}

func (s *objectServer) open(account, secret string) (*objects.S3, error) {
	return objects.OpenS3(context.Background(), objects.S3Options{
		Endpoint: s.endpoint, Region: "us-east-1", AccessKey: account, SecretKey: secret, Bucket: "parvis",
		Patience: objects.S3Patience{Attempts: 1},
	})
}

// store opens the store as an account, which must be able to.
func (s *objectServer) store(account, secret string) *objects.S3 {
	s.t.Helper()
	store, err := s.open(account, secret)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = store.Close() })
	return store
}

// TestAccountsOfCompose: the worker can do all with the store, the process that
// serves can read it and nothing else.
func TestAccountsOfCompose(t *testing.T) {
	s := startObjectServer(t)
	s.accounts()
	work, serve := s.store("parvis-work", "first-s3_work_key"), s.store("parvis-serve", "first-s3_serve_key")
	if err := objects.Probe(t.Context(), work); err != nil {
		t.Error(err)
	}
	const name = "datasets/jeu/current.json"
	made, err := work.Create(t.Context(), name, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := objects.ReadAll(t.Context(), serve, name, 100); err != nil || string(got) != "{}" {
		t.Errorf("serve reads %q, %v", got, err)
	}
	if _, err := serve.Stat(t.Context(), "datasets/jeu/nothing"); !errors.Is(err, objects.ErrNotFound) {
		t.Errorf("serve looks for what is not there: %v", err)
	}
	if _, err := serve.Create(t.Context(), "datasets/jeu/new", []byte("x")); !errors.Is(err, objects.ErrUnavailable) {
		t.Errorf("serve writes: %v", err)
	}
	if _, err := serve.Replace(t.Context(), name, []byte("x"), made.Version); !errors.Is(err, objects.ErrUnavailable) {
		t.Errorf("serve replaces: %v", err)
	}
	if err := serve.Delete(t.Context(), name); !errors.Is(err, objects.ErrUnavailable) {
		t.Errorf("serve deletes: %v", err)
	}

	// Run again with another secret, as after a leak.
	s.secret("s3_serve_key", "second s3_serve_key")
	s.accounts()
	s.store("parvis-serve", "second-s3_serve_key")
	s.store("parvis-work", "first-s3_work_key")
	if store, err := s.open("parvis-serve", "first-s3_serve_key"); err == nil {
		_ = store.Close()
		t.Error("the old secret still opens the store")
	}
}

// TestSecretsOfCompose: each secret is made once, in a folder that only its owner
// can enter.
func TestSecretsOfCompose(t *testing.T) {
	root := t.TempDir()
	script := filepath.Join(root, "deploy", "secrets")
	if err := os.Mkdir(filepath.Dir(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(script, []byte(rootFile(t, "deploy/secrets")), 0o755); err != nil {
		t.Fatal(err)
	}
	read := func() map[string]string {
		if out, err := exec.Command("sh", script).CombinedOutput(); err != nil {
			t.Fatalf("%v:\n%s", err, out)
		}
		values := map[string]string{}
		for name := range readCompose(t).Secrets {
			b, err := os.ReadFile(filepath.Join(root, "secrets", name))
			if err != nil || len(b) != 64 {
				t.Errorf("%s has %d characters: %v", name, len(b), err)
			}
			values[string(b)] = name
		}
		return values
	}
	first, second := read(), read()
	if len(first) != len(readCompose(t).Secrets) {
		t.Error("two secrets are the same")
	}
	for value, name := range second {
		if first[value] != name {
			t.Errorf("%s was made again", name)
		}
	}
	if info, err := os.Stat(filepath.Join(root, "secrets")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info.Mode(), err)
	}
}
