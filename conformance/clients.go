package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// clientTime bounds one client.
const clientTime = 10 * time.Minute

// client is a program of somebody else, and the script that makes it read the service.
type client struct{ name, language, script string }

var clients = []client{
	{"public queries", "python", "queries.py"},
	{"@opendatasoft/api-client", "javascript", "api_client.mjs"},
	{"odsclient", "python", "check_odsclient.py"},
	{"portalkit", "python", "check_portalkit.py"},
	{"pandas", "python", "check_pandas.py"},
	{"polars", "python", "check_polars.py"},
	{"pyarrow", "python", "check_pyarrow.py"},
	{"duckdb", "python", "check_duckdb.py"},
	{"hyparquet", "javascript", "hyparquet.mjs"},
	{"R read.csv2", "r", "read_csv2.R"},
	{"schemathesis", "python", "check_schemathesis.py"},
}

// report is what came of one client.
type report struct {
	client, version string
	passed          int
	failures, skips []remark
}

// remark is a check with what was found.
type remark struct{ check, text string }

// line is what a script prints of a check: one JSON object a line. A script prints its
// version first.
type line struct {
	Version, Check, Failed, Skipped string
}

// run runs the script of a client against a service.
func (c client) run(ctx context.Context, s *service, i installer) report {
	r := report{client: c.name}
	with := i.language(ctx, c.language)
	if with.missing != nil {
		r.skips = append(r.skips, remark{"", with.missing.Error()})
		return r
	}
	ctx, cancel := context.WithTimeout(ctx, clientTime)
	defer cancel()
	script := exec.CommandContext(ctx, with.program, filepath.Join(i.scripts, c.language, c.script)) //nolint:gosec // the programs are those of this folder
	script.Env = append(append(os.Environ(), with.environment...), "PARVIS_URL="+s.url, "PARVIS_TRUTH="+s.truth)
	script.Dir = filepath.Dir(i.scripts)
	said := &tail{most: 2000}
	script.Stderr = said
	out, err := script.Output()
	r.read(out)
	if err != nil {
		r.failures = append(r.failures, remark{"the script", fmt.Sprintf("%v: %s", err, said)})
	} else if r.passed+len(r.failures)+len(r.skips) == 0 {
		r.failures = append(r.failures, remark{"the script", "it checked nothing"})
	}
	return r
}

// read adds what a script printed.
func (r *report) read(out []byte) {
	for text := range bytes.Lines(out) {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			r.failures = append(r.failures, remark{"the script", fmt.Sprintf("it printed %q", bytes.TrimSpace(text))})
			continue
		}
		switch {
		case l.Version != "":
			r.version = l.Version
		case l.Failed != "":
			r.failures = append(r.failures, remark{l.Check, l.Failed})
		case l.Skipped != "":
			r.skips = append(r.skips, remark{l.Check, l.Skipped})
		default:
			r.passed++
		}
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	most int
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-t.most):]
	return len(p), nil
}

func (t *tail) String() string { return string(bytes.TrimSpace(t.text)) }
