package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"

	"github.com/parvis-opendata/parvis/anonymize"
)

// settings are what an operator sets, by environment or by flag. The tags are the
// one table of them: the command line, `parvis settings` and a test of the README
// read it.
type settings struct {
	Hub            string   `env:"PARVIS_HUB" help:"The hub's extract: a directory."`
	Store          string   `env:"PARVIS_STORE" default:"./parvis-data/store" help:"Where releases are kept: a directory."`
	Workdir        string   `env:"PARVIS_WORKDIR" default:"./parvis-data/work" help:"Private working directory of a publication, emptied at its start and end."`
	Listen         string   `env:"PARVIS_LISTEN" default:"127.0.0.1:8080" help:"Address and port to serve on."`
	BaseURL        string   `name:"base-url" env:"PARVIS_BASE_URL" help:"Public address, such as https://donnees.example.fr; by default that of the request."`
	TrustedProxies []string `env:"PARVIS_TRUSTED_PROXIES" help:"Proxies (addresses or networks) whose X-Forwarded-* headers are believed."`
	Timezone       string   `env:"PARVIS_TIMEZONE" default:"Europe/Paris" help:"Time zone of as-of dates and of the hub's timestamps."`
	Retention      string   `env:"PARVIS_RETENTION" default:"90d,monthly" help:"What releases prune keeps: every release so many days, then the first of each month."`
	Profile        string   `env:"PARVIS_PROFILE" default:"standard" help:"Rules of disclosure control: standard, strict, or a file."`
	MemoryLimit    string   `env:"PARVIS_MEMORY_LIMIT" default:"2GB" help:"Memory of the SQL engine; what does not fit is spilled to the working directory."`
	Threads        int      `env:"PARVIS_THREADS" default:"0" help:"Threads of the SQL engine; 0 means one per core."`
	Log            string   `env:"PARVIS_LOG" default:"text" enum:"text,json" help:"Form of the log: text or json."`

	ScheduleCatalogue string `env:"PARVIS_SCHEDULE_CATALOGUE" default:"15 4 * * *" help:"When work publishes the catalogue: minute, hour, day, month, day of the week."`
	ScheduleEngagees  string `env:"PARVIS_SCHEDULE_ENGAGEES" default:"30 4 2 * *" help:"When work publishes the engagements."`
	ScheduleUsagers   string `env:"PARVIS_SCHEDULE_USAGERS" default:"45 4 3 1,4,7,10 *" help:"When work publishes the users."`
	ScheduleVerify    string `env:"PARVIS_SCHEDULE_VERIFY" default:"15 5 * * *" help:"When work reads every kept object again."`
	SchedulePrune     string `env:"PARVIS_SCHEDULE_PRUNE" default:"45 5 * * 0" help:"When work applies the retention."`
}

var memoryLimit = regexp.MustCompile(`^[1-9][0-9]*(\.[0-9]+)? ?(MB|GB|TB|MiB|GiB|TiB)$`)

// check refuses values that the engine or the operator would stumble over later.
func (s *settings) check() error {
	if !memoryLimit.MatchString(s.MemoryLimit) {
		return fmt.Errorf("%w: read PARVIS_MEMORY_LIMIT: %q is no size such as 2GB", errUsage, s.MemoryLimit)
	}
	if s.Threads < 0 || s.Threads > 1024 {
		return fmt.Errorf("%w: read PARVIS_THREADS: %d is not in 0..1024", errUsage, s.Threads)
	}
	_, err := s.zone()
	return err
}

// apart refuses a hub or a working directory in the store, which the public is
// served from, and what must last in the working directory, which is emptied.
func (s *settings) apart() error {
	hub, store, work := setting{Name: "PARVIS_HUB", Value: s.Hub}, setting{Name: "PARVIS_STORE", Value: s.Store}, setting{Name: "PARVIS_WORKDIR", Value: s.Workdir}
	for _, pair := range [][2]setting{{hub, store}, {work, store}, {store, work}, {hub, work}} {
		inner, outer := pair[0], pair[1]
		if inner.Value == "" || outer.Value == "" {
			continue
		}
		in, errIn := filepath.Abs(inner.Value)
		out, errOut := filepath.Abs(outer.Value)
		if errIn != nil || errOut != nil {
			return errors.Join(errIn, errOut)
		}
		if rel, err := filepath.Rel(out, in); err == nil && filepath.IsLocal(rel) {
			return fmt.Errorf("%w: %s lies in %s; give each a directory of its own", errUsage, inner.Name, outer.Name)
		}
	}
	return nil
}

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

// zone returns the time zone of the settings.
func (s *settings) zone() (*time.Location, error) {
	zone, err := time.LoadLocation(s.Timezone)
	if err != nil || zone == time.Local {
		return nil, fmt.Errorf("%w: read PARVIS_TIMEZONE: %q is no time zone; give one such as Europe/Paris", errUsage, s.Timezone)
	}
	return zone, nil
}

// baseURL returns the public address without a final slash.
func (s *settings) baseURL() (string, error) {
	if s.BaseURL == "" {
		return "", nil
	}
	u, err := url.Parse(s.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%w: read PARVIS_BASE_URL: %q is no address such as https://donnees.example.fr", errUsage, s.BaseURL)
	}
	return strings.TrimSuffix(s.BaseURL, "/"), nil
}

// logger returns the logger of the settings.
func (s *settings) logger(w io.Writer) *slog.Logger {
	if s.Log == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// envResolver reads settings from the environment of the process, so that a test
// can give another than its own.
func envResolver(environ []string) kong.Resolver {
	values := map[string]string{}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		values[name] = value
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			if value, ok := values[name]; ok && value != "" {
				return value, nil
			}
		}
		return nil, nil
	})
}

// setting is one line of `parvis settings`.
type setting struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Default string `json:"default"`
	Help    string `json:"help"`
}

// table lists the settings with their values.
func (s *settings) table() []setting {
	var rows []setting
	v := reflect.ValueOf(*s)
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		value := fmt.Sprint(v.Field(i).Interface())
		if list, ok := v.Field(i).Interface().([]string); ok {
			value = strings.Join(list, ",")
		}
		rows = append(rows, setting{Name: tag.Get("env"), Value: value, Default: tag.Get("default"), Help: tag.Get("help")})
	}
	return rows
}

type settingsCommand struct {
	JSON bool `help:"Print JSON."`
}

// Run prints the settings.
func (c *settingsCommand) Run(p *process, s *settings) error {
	if c.JSON {
		return p.printJSON(s.table())
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for _, row := range s.table() {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", row.Name, row.Value, row.Help)
	}
	return w.Flush()
}

// printJSON writes a report for a machine.
func (p *process) printJSON(v any) error {
	e := json.NewEncoder(p.out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
