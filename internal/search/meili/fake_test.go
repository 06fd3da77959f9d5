package meili_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/search/meili"
)

// fake is a server that keeps documents and keys as Meilisearch does, and searches
// nothing. Its faults are set before it is used.
type fake struct {
	mu      sync.Mutex
	log     []string // what was asked for, but tasks
	indexes map[string]map[string]json.RawMessage
	keys    map[string]map[string]any

	version string
	fault   func(r *http.Request) (status int, body string) // 0: none
	failed  func(task string) string                        // error of a task; "": none
	lost    int                                             // documents that are not kept
	tasks   []string                                        // errors by number
}

func newFake(t *testing.T) (*fake, *meili.Engine) {
	t.Helper()
	f := &fake{indexes: map[string]map[string]json.RawMessage{}, keys: map[string]map[string]any{}, version: "1.50.0"}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	e, err := meili.New(meili.Options{URL: s.URL, Key: "master", Prefix: "test", Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	meili.Hasten(e)
	return f, e
}

// ServeHTTP implements http.Handler.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.fault != nil {
		if status, body := f.fault(r); status != 0 {
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, body)
			return
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if path[0] != "tasks" {
		f.log = append(f.log, r.Method+" "+r.URL.Path)
	}
	status, body := f.answer(r, path)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// answer answers a request.
func (f *fake) answer(r *http.Request, path []string) (int, any) {
	switch {
	case path[0] == "version":
		return 200, map[string]string{"pkgVersion": f.version}
	case path[0] == "health":
		return 200, map[string]string{"status": "available"}
	case path[0] == "tasks":
		return f.task(path[1])
	case path[0] == "keys":
		return f.key(r, path)
	case path[0] == "multi-search":
		return f.search(r)
	case len(path) == 1 && r.Method == http.MethodGet:
		return 200, f.list()
	case len(path) == 1:
		var create struct{ UID string }
		_ = json.NewDecoder(r.Body).Decode(&create)
		if f.indexes[create.UID] != nil {
			return f.enqueue("index_already_exists")
		}
		f.indexes[create.UID] = map[string]json.RawMessage{}
		return f.enqueue("create")
	}
	return f.index(r, path)
}

func (f *fake) index(r *http.Request, path []string) (int, any) {
	index, ok := f.indexes[path[1]]
	switch {
	case !ok:
		return f.enqueue("index_not_found")
	case r.Method == http.MethodDelete:
		delete(f.indexes, path[1])
		return f.enqueue("delete")
	case path[2] == "settings":
		return f.enqueue("settings")
	case path[2] == "stats":
		return 200, map[string]int{"numberOfDocuments": len(index)}
	case r.Method == http.MethodGet:
		return 200, index[path[3]]
	}
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row struct{ ID int }
		_ = json.Unmarshal(lines.Bytes(), &row)
		if f.lost--; f.lost < 0 {
			index[fmt.Sprint(row.ID)] = slices.Clone(lines.Bytes())
		}
	}
	return f.enqueue("documents")
}

func (f *fake) list() any {
	var all []map[string]string
	for uid := range f.indexes {
		all = append(all, map[string]string{"uid": uid})
	}
	return map[string]any{"results": all, "total": len(all)}
}

// enqueue makes a task that fails if its name is that of an error or the test says so.
func (f *fake) enqueue(task string) (int, any) {
	failure := ""
	if strings.HasPrefix(task, "index_") {
		failure = task
	} else if f.failed != nil {
		failure = f.failed(task)
	}
	f.tasks = append(f.tasks, failure)
	return 202, map[string]any{"taskUid": len(f.tasks) - 1, "status": "enqueued"}
}

func (f *fake) task(number string) (int, any) {
	var n int
	_, _ = fmt.Sscan(number, &n)
	if f.tasks[n] == "" {
		return 200, map[string]any{"uid": n, "status": "succeeded"}
	}
	return 200, map[string]any{"uid": n, "status": "failed", "type": "documentAdditionOrUpdate", "error": map[string]string{"code": f.tasks[n], "message": "what is wrong"}}
}

// search gives the last document of the completions and counts that of the trainings.
func (f *fake) search(r *http.Request) (int, any) {
	var asked struct {
		Queries []struct{ IndexUID string }
	}
	_ = json.NewDecoder(r.Body).Decode(&asked)
	var results []map[string]any
	for _, q := range asked.Queries {
		index, ok := f.indexes[q.IndexUID]
		if !ok {
			return 400, map[string]string{"code": "index_not_found", "message": "Index `" + q.IndexUID + "` not found."}
		}
		hits := []json.RawMessage{}
		if last, ok := index["0"]; ok {
			hits = append(hits, last)
		}
		results = append(results, map[string]any{"hits": hits, "estimatedTotalHits": len(index)})
	}
	return 200, map[string]any{"results": results}
}

func (f *fake) key(r *http.Request, path []string) (int, any) {
	if r.Method == http.MethodPost {
		var k map[string]any
		_ = json.NewDecoder(r.Body).Decode(&k)
		uid := k["uid"].(string) //nolint:forcetypeassert // a test
		k["key"] = "derived of " + uid
		f.keys[uid] = k
		return 201, k
	}
	k, ok := f.keys[path[1]]
	if !ok {
		return 404, map[string]string{"code": "api_key_not_found", "message": "not found"}
	}
	if r.Method == http.MethodDelete {
		delete(f.keys, path[1])
		return 204, nil
	}
	return 200, k
}
