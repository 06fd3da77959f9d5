package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"
)

// settings are what an operator sets, by environment or by flag; secrets by
// environment or by file (see [secret]). The tags are the one table of them: the
// command line, `parvis settings` and a test of the README read it.
type settings struct {
	Hub            string   `env:"PARVIS_HUB" help:"The hub's extract: a directory, or s3://bucket/prefix."`
	HubS3Endpoint  string   `name:"hub-s3-endpoint" env:"PARVIS_HUB_S3_ENDPOINT" help:"Server of an extract in s3://, such as https://s3.example.fr."`
	HubS3AccessKey secret   `kong:"-" env:"PARVIS_HUB_S3_ACCESS_KEY" help:"Access key for the extract. Secret: environment or file only."`
	HubS3SecretKey secret   `kong:"-" env:"PARVIS_HUB_S3_SECRET_KEY" help:"Secret key for the extract. Secret: environment or file only."`
	HubS3Region    string   `name:"hub-s3-region" env:"PARVIS_HUB_S3_REGION" help:"Region of the extract's bucket; by default that of the server."`
	Store          string   `env:"PARVIS_STORE" default:"./parvis-data/store" help:"Where releases are kept: a directory, or s3://bucket/prefix."`
	S3Endpoint     string   `name:"s3-endpoint" env:"PARVIS_S3_ENDPOINT" help:"Server of a store in s3://, such as https://s3.example.fr."`
	S3AccessKey    secret   `kong:"-" env:"PARVIS_S3_ACCESS_KEY" help:"Access key for the store. Secret: environment or file only."`
	S3SecretKey    secret   `kong:"-" env:"PARVIS_S3_SECRET_KEY" help:"Secret key for the store. Secret: environment or file only."`
	S3Region       string   `name:"s3-region" env:"PARVIS_S3_REGION" help:"Region of the store's bucket; by default that of the server."`
	Search         string   `env:"PARVIS_SEARCH" default:"embedded" help:"Search engine: embedded, or the address of a Meilisearch, such as http://127.0.0.1:7700."`
	MeiliKey       secret   `kong:"-" env:"PARVIS_MEILI_KEY" help:"Key of Meilisearch: to publish its master key, to serve the one that parvis search key prints. Secret: environment or file only."`
	Workdir        string   `env:"PARVIS_WORKDIR" default:"./parvis-data/work" help:"Private working directory of a publication, and of serve for the tables it loads; emptied at start and end."`
	Listen         string   `env:"PARVIS_LISTEN" default:"127.0.0.1:8080" help:"Address and port to serve on."`
	MetricsListen  string   `name:"metrics-listen" env:"PARVIS_METRICS_LISTEN" help:"Address and port where serve and work tell Prometheus what they do; off unless set. Not for the public."`
	TracesEndpoint string   `name:"otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" help:"Collector that serve and work tell traces by OTLP over HTTP, such as http://127.0.0.1:4318; off unless set. The other OTEL_… variables count too."`
	WebhookURL     string   `name:"webhook-url" env:"PARVIS_WEBHOOK_URL" help:"Address to which work sends signed alerts, such as https://alerts.example.fr/parvis; off unless set."`
	WebhookSecret  secret   `kong:"-" env:"PARVIS_WEBHOOK_SECRET" help:"Secret that signs the alerts, whsec_ and base64; several with spaces between. Secret: environment or file only."`
	BaseURL        string   `name:"base-url" env:"PARVIS_BASE_URL" help:"Public address, such as https://donnees.example.fr; by default that of the request."`
	TrustedProxies []string `env:"PARVIS_TRUSTED_PROXIES" help:"Proxies (addresses or networks) whose X-Forwarded-* headers are believed."`
	RateLimit      int      `name:"rate-limit" env:"PARVIS_RATE_LIMIT" default:"600" help:"Calls that one client may make per minute; 0 sets no limit."`
	QueryTime      int      `name:"query-time" env:"PARVIS_QUERY_TIME" default:"60" help:"Seconds of query time that one client may use per minute; 0 sets no limit."`
	Timezone       string   `env:"PARVIS_TIMEZONE" default:"Europe/Paris" help:"Time zone of as-of dates and of the hub's timestamps."`
	Retention      string   `env:"PARVIS_RETENTION" default:"90d,monthly" help:"What is kept of releases: each so many days, then the first of each month; for one dataset too, as in catalogue=30d,monthly;90d,monthly."`
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
	for name, value := range map[string]int{"PARVIS_RATE_LIMIT": s.RateLimit, "PARVIS_QUERY_TIME": s.QueryTime} {
		if value < 0 || value > 1_000_000 {
			return fmt.Errorf("%w: read %s: %d is not in 0..1000000", errUsage, name, value)
		}
	}
	if err := errors.Join(s.checkSearch(), s.checkWebhook()); err != nil {
		return err
	}
	if err := onDisk("PARVIS_WORKDIR", s.Workdir); err != nil {
		return err
	}
	_, err := s.zone()
	return err
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
	values := environment(environ)
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

// What an address may hold that is secret: before its host a password, and a query.
var (
	userInfo = regexp.MustCompile(`//.*@`)
	query    = regexp.MustCompile(`(://[^?]*)\?.*`)
)

// shown is a setting without what may be secret of it.
func shown(value string) string {
	return query.ReplaceAllString(userInfo.ReplaceAllString(value, "//(hidden)@"), "$1?(hidden)")
}

// table lists the settings with their values, secrets hidden.
func (s *settings) table() []setting {
	var rows []setting
	v := reflect.ValueOf(*s)
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		value := fmt.Sprint(v.Field(i).Interface())
		if list, ok := v.Field(i).Interface().([]string); ok {
			value = strings.Join(list, ",")
		}
		rows = append(rows, setting{Name: tag.Get("env"), Value: shown(value), Default: tag.Get("default"), Help: tag.Get("help")})
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
