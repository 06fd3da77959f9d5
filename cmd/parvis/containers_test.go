package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

// What a test can check of the containers without an engine.

// composeFile is compose.yaml, as far as the tests look at it.
type composeFile struct {
	Services map[string]composeService `yaml:"services"`
	Networks map[string]struct {
		Internal bool `yaml:"internal"`
	} `yaml:"networks"`
	Volumes map[string]any `yaml:"volumes"`
	Secrets map[string]any `yaml:"secrets"`
}

type composeService struct {
	Image       string            `yaml:"image"`
	Profiles    []string          `yaml:"profiles"`
	User        string            `yaml:"user"`
	Restart     string            `yaml:"restart"`
	Command     []string          `yaml:"command"`
	Entrypoint  []string          `yaml:"entrypoint"`
	Environment map[string]string `yaml:"environment"`
	Secrets     []string          `yaml:"secrets"`
	Volumes     []string          `yaml:"volumes"`
	Networks    []string          `yaml:"networks"`
	NetworkMode string            `yaml:"network_mode"`
	Ports       []string          `yaml:"ports"`
	ReadOnly    bool              `yaml:"read_only"`
	CapDrop     []string          `yaml:"cap_drop"`
	CapAdd      []string          `yaml:"cap_add"`
	Privileged  bool              `yaml:"privileged"`
	SecurityOpt []string          `yaml:"security_opt"`
	Tmpfs       []string          `yaml:"tmpfs"`
	Healthcheck struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
	DependsOn map[string]any `yaml:"depends_on"`
}

// ours reports whether a service runs the image of Parvis.
func (s composeService) ours() bool { return strings.HasPrefix(s.Image, "parvis:") }

// oneShot reports whether a service ends by itself.
func (s composeService) oneShot() bool { return s.Restart == "no" }

func readCompose(t *testing.T) composeFile {
	t.Helper()
	var c composeFile
	if err := yaml.Unmarshal([]byte(rootFile(t, "compose.yaml")), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Services) == 0 {
		t.Fatal("compose.yaml has no services")
	}
	return c
}

// rootFile reads a file of the root of the repository.
func rootFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// parses checks that the program knows a command line.
func parses(t *testing.T, args []string) {
	t.Helper()
	var cli commands
	var out bytes.Buffer
	p := process{args: args, out: &out, err: &out}
	if code, parsed, err := p.parse(&cli); err != nil || parsed == nil {
		t.Errorf("parvis %s: code %d, %v", strings.Join(args, " "), code, err)
	}
}

// isSetting checks that a variable of the environment is a setting.
func isSetting(t *testing.T, name string) {
	t.Helper()
	var names []string
	for _, row := range new(settings).table() {
		names = append(names, row.Name)
	}
	name = strings.TrimSuffix(name, "_FILE")
	// The settings of object storage may not be there yet; when one is, all must be.
	s3 := func(name string) bool { return strings.HasPrefix(name, "PARVIS_S3_") }
	if !slices.Contains(names, name) && (!s3(name) || slices.ContainsFunc(names, s3)) {
		t.Errorf("%s is no setting", name)
	}
}

var version = regexp.MustCompile(`[0-9]`)

// pinned checks that an image is of a version.
func pinned(t *testing.T, image string) {
	t.Helper()
	name, tag, ok := strings.Cut(image, ":")
	if !ok || strings.HasPrefix(tag, "latest") || !version.MatchString(tag) && !strings.Contains(name, "-debian") {
		t.Errorf("image %s is of no version", image)
	}
}

func TestComposeServicesAreHardened(t *testing.T) {
	for name, s := range readCompose(t).Services {
		t.Run(name, func(t *testing.T) {
			if !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") || !slices.Contains(s.Tmpfs, "/tmp") {
				t.Error("it lacks read_only, cap_drop ALL, no-new-privileges or a tmpfs on /tmp")
			}
			if s.Privileged || len(s.CapAdd) > 0 {
				t.Error("it has privileges")
			}
			if s.Restart == "" {
				t.Error("it does not say when it starts again")
			}
			if len(s.Healthcheck.Test) == 0 && !s.oneShot() {
				t.Error("it has no health check")
			}
			if !s.ours() {
				pinned(t, s.Image)
			} else if s.User != "65532:65532" {
				t.Errorf("it runs as %q", s.User)
			}
			if len(s.Ports) > 0 && name != "serve" {
				t.Error("it can be reached from outside")
			}
		})
	}
}

func TestComposeCommandsAndSettingsExist(t *testing.T) {
	for name, s := range readCompose(t).Services {
		for variable, value := range s.Environment {
			if strings.HasPrefix(variable, "PARVIS_") {
				isSetting(t, variable)
			}
			if secret, ok := strings.CutPrefix(value, "/run/secrets/"); ok && (!strings.HasSuffix(variable, "_FILE") || !slices.Contains(s.Secrets, secret)) {
				t.Errorf("%s: %s=%s, but the service has the secrets %v", name, variable, value, s.Secrets)
			}
			if strings.HasSuffix(variable, "_SECRET_KEY") || strings.HasSuffix(variable, "_MASTER_KEY") {
				t.Errorf("%s: %s is in the environment; give it as a file", name, variable)
			}
		}
		if s.ours() {
			parses(t, s.Command)
			if test := s.Healthcheck.Test; len(test) > 0 {
				if diff := cmp.Diff([]string{"CMD", "/usr/local/bin/parvis"}, test[:2]); diff != "" {
					t.Errorf("%s: health check: %s", name, diff)
				}
				parses(t, test[2:])
			}
		}
	}
}

// TestComposeNamesExist: the schema of compose files does not compare what is
// named with what is defined.
func TestComposeNamesExist(t *testing.T) {
	c := readCompose(t)
	for name, s := range c.Services {
		for _, n := range s.Networks {
			if _, ok := c.Networks[n]; !ok {
				t.Errorf("%s: there is no network %s", name, n)
			}
		}
		for _, n := range s.Secrets {
			if _, ok := c.Secrets[n]; !ok {
				t.Errorf("%s: there is no secret %s", name, n)
			}
			if !strings.Contains(rootFile(t, "deploy/secrets"), n) {
				t.Errorf("%s: deploy/secrets does not make %s", name, n)
			}
		}
		for n := range s.DependsOn {
			if _, ok := c.Services[n]; !ok {
				t.Errorf("%s: there is no service %s", name, n)
			}
		}
		for _, v := range s.Volumes {
			if source := volume(v); strings.HasPrefix(source, "./") {
				rootFolder(t, source)
			} else if _, ok := c.Volumes[source]; !ok {
				t.Errorf("%s: there is no volume %s", name, source)
			}
		}
		for _, word := range s.Entrypoint {
			if file, ok := strings.CutPrefix(word, "/deploy/"); ok {
				rootFile(t, "deploy/"+file)
			}
		}
	}
}

var orElse = regexp.MustCompile(`^\$\{[A-Z_]+:-([^}]*)\}`)

// volume returns what a mount leads to, by default.
func volume(mount string) string {
	source, _, _ := strings.Cut(orElse.ReplaceAllString(mount, "$1"), ":")
	return source
}

func rootFolder(t *testing.T, name string) {
	t.Helper()
	if info, err := os.Stat(filepath.Join("..", "..", name)); err != nil || !info.IsDir() {
		t.Errorf("there is no folder %s", name)
	}
}

// TestComposeKeepsTheHubFromThePublic: what serves has no way to the hub and no key
// of what works.
func TestComposeKeepsTheHubFromThePublic(t *testing.T) {
	c := readCompose(t)
	serve, work := c.Services["serve"], c.Services["work"]
	if diff := cmp.Diff([]string{"tables:/var/lib/parvis/work", "search-key:/var/lib/parvis/search:ro"}, serve.Volumes); diff != "" {
		t.Errorf("volumes of serve: %s", diff)
	}
	if slices.ContainsFunc(work.Volumes, func(v string) bool { return volume(v) == "tables" }) {
		t.Error("work has the volume of serve")
	}
	for variable := range serve.Environment {
		if strings.HasPrefix(variable, "PARVIS_HUB") {
			t.Errorf("serve has %s", variable)
		}
	}
	if diff := cmp.Diff([]string{"s3_serve_key"}, serve.Secrets); diff != "" {
		t.Errorf("secrets of serve: %s", diff)
	}
	if serve.Environment["PARVIS_MEILI_KEY_FILE"] == work.Environment["PARVIS_MEILI_KEY_FILE"] {
		t.Error("serve and work have one key of the search")
	}
	if slices.Contains(work.Secrets, "s3_serve_key") || slices.Contains(work.Secrets, "s3_root_key") {
		t.Errorf("secrets of work: %v", work.Secrets)
	}
	if serve.Environment["PARVIS_S3_ACCESS_KEY"] == work.Environment["PARVIS_S3_ACCESS_KEY"] {
		t.Error("serve and work have one account")
	}
	for name, s := range c.Services {
		hub := slices.ContainsFunc(s.Volumes, func(v string) bool { return volume(v) == "hub" })
		if hub && name != "work" && !slices.Contains(s.Profiles, "demo") {
			t.Errorf("%s has the hub", name)
		}
		if hub && s.NetworkMode != "none" {
			for _, n := range s.Networks {
				if !c.Networks[n].Internal {
					t.Errorf("%s has the hub, and network %s leads out", name, n)
				}
			}
		}
	}
}

// instruction is an instruction of a Dockerfile.
type instruction struct{ name, value string }

var continued = regexp.MustCompile(`\\\n(#.*\n)*`)

// stages reads the stages of the Dockerfile.
func stages(t *testing.T) [][]instruction {
	t.Helper()
	var all [][]instruction
	for _, line := range strings.Split(continued.ReplaceAllString(rootFile(t, "Dockerfile"), " "), "\n") {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		if name == "FROM" {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], instruction{name, strings.TrimSpace(value)})
	}
	return all
}

// last returns the value of the last instruction of a name.
func last(t *testing.T, stage []instruction, name string) string {
	t.Helper()
	for _, i := range slices.Backward(stage) {
		if i.name == name {
			return i.value
		}
	}
	t.Fatalf("no %s in the stage", name)
	return ""
}

// words reads the exec form of a command.
func words(t *testing.T, value string) []string {
	t.Helper()
	var list []string
	if err := json.Unmarshal([]byte(value), &list); err != nil || len(list) == 0 {
		t.Fatalf("%s is no list of words: %v", value, err)
	}
	return list
}

func TestImageIsBuiltAndRunOnOneDebian(t *testing.T) {
	all := stages(t)
	build, final := last(t, all[0], "FROM"), last(t, all[len(all)-1], "FROM")
	from := regexp.MustCompile(`^golang:([0-9.]+)-([a-z]+) AS build$`).FindStringSubmatch(build)
	if from == nil {
		t.Fatalf("the builder is %q", build)
	}
	if want := regexp.MustCompile(`(?m)^go (.+)$`).FindStringSubmatch(rootFile(t, "go.mod")); from[1] != want[1] {
		t.Errorf("the builder has Go %s, go.mod says %s", from[1], want[1])
	}
	debian := map[string]string{"bookworm": "debian12", "trixie": "debian13"}[from[2]]
	if debian == "" || !strings.Contains(final, debian) {
		t.Errorf("the builder is Debian %s, the last stage %s: the C libraries do not fit", from[2], final)
	}
	pinned(t, final)
	if regexp.MustCompile(`alpine|scratch|busybox|debug`).MatchString(final) {
		t.Errorf("the last stage is %s", final)
	}
}

func TestImageRunsTheProgramAsNobody(t *testing.T) {
	all := stages(t)
	final := all[len(all)-1]
	if user := last(t, final, "USER"); !regexp.MustCompile(`^[1-9][0-9]*:[1-9][0-9]*$`).MatchString(user) {
		t.Errorf("USER %s is not a number other than root's", user)
	}
	program := words(t, last(t, final, "ENTRYPOINT"))
	if !slices.ContainsFunc(final, func(i instruction) bool {
		return i.name == "COPY" && strings.HasPrefix(i.value, "--from=build ") && strings.HasSuffix(i.value, " "+program[0])
	}) {
		t.Errorf("%s is not copied from the builder", program[0])
	}
	parses(t, words(t, last(t, final, "CMD")))
	_, check, _ := strings.Cut(last(t, final, "HEALTHCHECK"), "CMD ")
	health := words(t, check)
	if health[0] != program[0] {
		t.Errorf("the health check runs %s", health[0])
	}
	parses(t, health[1:])
	for _, pair := range strings.Fields(last(t, final, "ENV")) {
		name, _, _ := strings.Cut(pair, "=")
		isSetting(t, name)
	}
	for _, label := range []string{"title", "description", "source", "licenses", "version", "revision"} {
		if !strings.Contains(last(t, final, "LABEL"), "org.opencontainers.image."+label+"=") {
			t.Errorf("no label %s", label)
		}
	}
}

// TestDockerignoreIsGitignore: a tracked file that were left out of the build would
// mark its version as changed; an untracked one that is sent may be a secret.
func TestDockerignoreIsGitignore(t *testing.T) {
	lines := func(name string) []string {
		var all []string
		for _, line := range strings.Split(rootFile(t, name), "\n") {
			if line = strings.TrimPrefix(strings.Trim(line, "/"), "**/"); line != "" && !strings.HasPrefix(line, "#") {
				all = append(all, line)
			}
		}
		slices.Sort(all)
		return all
	}
	if diff := cmp.Diff(lines(".gitignore"), lines(".dockerignore")); diff != "" {
		t.Errorf("-gitignore +dockerignore:\n%s", diff)
	}
}
