package explore_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/api"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// BenchmarkAnswers asks a server over the store of the directory PARVIS_BENCH_STORE, such
// as that of a demo. Answers are not kept from one request to the next.
func BenchmarkAnswers(b *testing.B) {
	dir := os.Getenv("PARVIS_BENCH_STORE")
	if dir == "" {
		b.Skip("PARVIS_BENCH_STORE names no store")
	}
	store, err := objects.OpenDir(dir)
	check(b, err)
	defer func() { _ = store.Close() }()
	all, err := datasets.Load()
	check(b, err)
	library, err := serving.Open(b.Context(), serving.Options{Store: store, Datasets: all, Dir: b.TempDir(), MemoryLimit: "1GB", Threads: 2, Log: quiet, Now: time.Now})
	check(b, err)
	defer func() { _ = library.Close() }()
	for !library.Ready() {
		time.Sleep(50 * time.Millisecond)
	}
	server, err := api.New(api.Options{Store: store, Datasets: all, Version: "bench", Now: time.Now, Log: quiet, Library: library, Scratch: b.TempDir(), AnswerCache: -1})
	check(b, err)
	h := httptest.NewServer(server)
	defer h.Close()
	for name, address := range map[string]string{
		"page": records, "page of 100": records + "?limit=100", "filtered page": ask(records, "where=code_region='11'"), "groups": ask(records, "group_by=nom_region", "select=count(*),avg(frais_ttc_tot_mean)"),
		"facets": facets, "csv": exports + "/csv", "json": exports + "/json", "parquet": exports + "/parquet", "xlsx": exports + "/xlsx?use_labels=true", "stored csv": exports + "/csv?delimiter=,&with_bom=false",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				resp, err := h.Client().Get(h.URL + address)
				check(b, err)
				n, err := io.Copy(io.Discard, resp.Body)
				check(b, err)
				check(b, resp.Body.Close())
				if resp.StatusCode != http.StatusOK {
					b.Fatal(resp.Status)
				}
				b.SetBytes(n)
			}
		})
	}
}
