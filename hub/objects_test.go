package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/minio/minio-go/v7"

	"github.com/parvis-opendata/parvis/hub"
	"github.com/parvis-opendata/parvis/hub/hubtest"
	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
)

// readFrom reads an extract from any source, into a fresh database.
func readFrom(t *testing.T, src hub.Source, o hub.Options) (*hub.Report, error) {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{TimeZone: "Europe/Paris", Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	o.AsOf = hubtest.AsOf
	return hub.Read(t.Context(), db, src, o)
}

// faultyExtract is an extract of which some is good, some is faulty, some hidden and
// some not read.
func faultyExtract(t *testing.T) string {
	t.Helper()
	dir := hubtest.Extract(t, map[string][]hubtest.Record{
		"dossiers": {hubtest.Rec("dossiers"), hubtest.Rec("dossiers", "id_dossier=D2", "genre=3")},
		"sessions": {hubtest.Rec("sessions", "etat=ouverte")},
	})
	hubtest.WriteCSV(t, filepath.Join(dir, "actions", "part-2.csv"), "actions", []hubtest.Record{hubtest.Rec("actions", "version=2", "frais_ttc=12.00")})
	for name, text := range map[string]string{
		hub.SyntheticMarker: "{}", "LISEZMOI.txt": "x", "periodes_cep/a.csv": "x", "formations/notes.txt": "x", "formations/a.json": "{}",
		"formations/_SUCCESS": "", "formations/.part-2.csv": "x", "_old/formations/a.csv": "x", "formations/.hidden/a.csv": "x",
		"habilitations/broken.parquet": "PAR1 and then nothing", "habilitations/deep/er.csv": "x",
	} {
		hubtest.Write(t, filepath.Join(dir, filepath.FromSlash(name)), []byte(text))
	}
	return dir
}

// inDirectory and inS3 return a store that holds an extract.
func inDirectory(t *testing.T, extract string) objects.Store {
	t.Helper()
	s, err := objects.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	hubtest.Upload(t, s, extract)
	return s
}

func inS3(t *testing.T, extract string) objects.Store {
	t.Helper()
	o := s3test.Start(t).Bucket(t)
	o.Prefix = "extracts/today"
	s := s3test.Open(t, o)
	hubtest.Upload(t, s, extract)
	return s
}

func TestObjectsReadAsADirectoryDoes(t *testing.T) {
	extract := faultyExtract(t)
	dir, err := hub.OpenDir(extract)
	if err != nil {
		t.Fatal(err)
	}
	want := reportOf(t, dir)
	for name, store := range map[string]func(*testing.T, string) objects.Store{"directory": inDirectory, "S3": inS3} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, reportOf(t, hub.NewObjects(store(t, extract), "here"))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// reportOf writes the report of an extract out.
func reportOf(t *testing.T, src hub.Source) string {
	t.Helper()
	rep, err := readFrom(t, src, hub.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Refusals) != 3 || !rep.Synthetic {
		t.Errorf("refusals %v, synthetic %v", rep.Refusals, rep.Synthetic)
	}
	text, err := json.MarshalIndent(rep, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return rep.ExtractDate.String() + string(text)
}

// watched looks at the private directory whenever a file is brought there.
type watched struct {
	*hub.Objects
	t     *testing.T
	files int
}

func (w *watched) Local(ctx context.Context, f hub.File, dir string) (string, func(), error) {
	w.empty(dir)
	path, release, err := w.Objects.Local(ctx, f, dir)
	if err != nil {
		return path, release, err
	}
	w.files++
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): os.ModeDir | 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode() != want {
			w.t.Errorf("%s: %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
	if !strings.HasPrefix(path, dir+"/") {
		w.t.Errorf("%s is copied to %s", f.Name, path)
	}
	return path, release, err
}

func (w *watched) empty(dir string) {
	w.t.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		w.t.Errorf("the private directory holds %v, %v", entries, err)
	}
}

func TestOneFileAtATimeLiesOnDisk(t *testing.T) {
	src := &watched{Objects: hub.NewObjects(inDirectory(t, faultyExtract(t)), "here"), t: t}
	dir := t.TempDir()
	if _, err := readFrom(t, src, hub.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	src.empty(dir)
	if src.files != 11 {
		t.Errorf("%d files", src.files)
	}
}

// smallParquet is a good extract with three small Parquet files of one entity.
func smallParquet(t *testing.T) string {
	t.Helper()
	dir := hubtest.Extract(t, nil)
	db, err := engine.Open(t.Context(), engine.Options{TimeZone: "Europe/Paris"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	folder := filepath.Join(dir, "sessions")
	for _, name := range []string{"a", "b", "c"} {
		q := "COPY (SELECT * REPLACE ('S" + name + "' AS numero_session) FROM read_csv(" + engine.Literal(filepath.Join(folder, "part-1.csv")) +
			", all_varchar = true)) TO " + engine.Literal(filepath.Join(folder, name+".parquet"))
		if err := db.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestSmallParquetObjectsAreReadTogether(t *testing.T) {
	extract, server := smallParquet(t), s3test.Start(t)
	s := newSpoiled(t, server)
	hubtest.Upload(t, s.direct, extract)
	rep, err := readFrom(t, s.source, hub.Options{Dir: s.dir})
	if err != nil {
		t.Fatal(err)
	}
	if e, _ := rep.Entity("sessions"); e.Kept != 4 || len(e.Files) != 4 || len(rep.Refusals) > 0 {
		t.Errorf("%+v, %v", e, rep.Refusals)
	}
	asked, fails := 0, file(s3test.GetRequest, "sessions/b.parquet", s3test.Says(500, "InternalError"))
	s.proxy.Set(func(r *http.Request) s3test.Fault {
		f := fails(r)
		if f != nil {
			asked++
		}
		return f
	})
	_, err = readFrom(t, s.source, hub.Options{Dir: s.dir})
	if !errors.Is(err, objects.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
	if asked != 2 {
		t.Errorf("asked %d times, although the store is gone after 2", asked)
	}
	if left, err := os.ReadDir(s.dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestPatternInThePathOfThePrivateDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run [1]*")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	src := hub.NewObjects(inDirectory(t, hubtest.Extract(t, nil)), "here")
	if rep, err := readFrom(t, src, hub.Options{Dir: dir}); err != nil || len(rep.Refusals) > 0 {
		t.Errorf("%v, %v", rep, err)
	}
}

// spoiled is an extract in S3 behind a proxy.
type spoiled struct {
	proxy  *s3test.Proxy
	direct *objects.S3
	source *hub.Objects
	dir    string
}

func newSpoiled(t *testing.T, server *s3test.Server) *spoiled {
	t.Helper()
	o := server.Bucket(t)
	s := &spoiled{direct: s3test.Open(t, o), dir: t.TempDir()}
	hubtest.Upload(t, s.direct, hubtest.Extract(t, nil))
	s.proxy, o = s3test.StartProxy(t, o)
	o.Patience.Answer, o.Patience.Attempts = 2*time.Second, 2
	s.source = hub.NewObjects(s3test.Open(t, o), "s3://hub")
	return s
}

// file chooses a fault for the requests of a kind for one file.
func file(kind s3test.Request, name string, f s3test.Fault) func(r *http.Request) s3test.Fault {
	return func(r *http.Request) s3test.Fault {
		if s3test.KindOf(r) == kind && strings.HasSuffix(r.URL.Path, name) {
			return f
		}
		return nil
	}
}

func TestStoreThatCannotBeReadRefusesNothing(t *testing.T) {
	server := s3test.Start(t)
	const name = "formations/part-1.csv"
	for _, c := range []struct {
		name   string
		choose func(r *http.Request) s3test.Fault
		want   []string
	}{
		{"no list", file(s3test.ListRequest, "", s3test.Says(403, "AccessDenied")), []string{"list hub extract from s3://hub", "access denied", "check the key"}},
		{"no marker", file(s3test.HeadRequest, hub.SyntheticMarker, s3test.Says(500, "")), []string{"open hub extract from s3://hub", "the server failed"}},
		{"server fails", file(s3test.GetRequest, name, s3test.Says(500, "InternalError")), []string{"copy " + name + " from s3://hub", "the server failed"}},
		{"overload", file(s3test.GetRequest, name, s3test.Says(503, "SlowDown")), []string{"copy " + name, "overloaded"}},
		{"denied", file(s3test.GetRequest, name, s3test.Says(403, "AccessDenied")), []string{"copy " + name, "access denied"}},
		{"half a file", file(s3test.GetRequest, name, s3test.Cut(20)), []string{"copy " + name}},
		{"silence", file(s3test.GetRequest, name, s3test.Stall(20)), []string{"copy " + name}},
		{"broken connection", file(s3test.GetRequest, name, s3test.Reset), []string{"copy " + name}},
		{"lost afterwards", file(s3test.HeadRequest, name, s3test.Reset), []string{"copy " + name}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSpoiled(t, server)
			s.proxy.Set(c.choose)
			rep, err := readFrom(t, s.source, hub.Options{Dir: s.dir})
			var refused *hub.FileError
			if !errors.Is(err, objects.ErrUnavailable) || errors.As(err, &refused) {
				t.Fatalf("report %+v, error %v", rep, err)
			}
			for _, text := range append(c.want, "run again when it can be read") {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%v: lacks %q", err, text)
				}
			}
			if left, err := os.ReadDir(s.dir); err != nil || len(left) > 0 {
				t.Errorf("left: %v, %v", left, err)
			}
			if rep, err := readFrom(t, hub.NewObjects(s.direct, "here"), hub.Options{Dir: s.dir}); err != nil || len(rep.Refusals) > 0 {
				t.Errorf("afterwards: %+v, %v", rep, err)
			}
		})
	}
}

func TestBreaksOnTheWayDoNotShow(t *testing.T) {
	s := newSpoiled(t, s3test.Start(t))
	met := map[string]bool{}
	s.proxy.Set(func(r *http.Request) s3test.Fault {
		if s3test.KindOf(r) != s3test.GetRequest || met[r.URL.Path] {
			return nil
		}
		met[r.URL.Path] = true
		return []s3test.Fault{s3test.Cut(20), s3test.Reset, s3test.Says(503, "SlowDown")}[len(met)%3]
	})
	rep, err := readFrom(t, s.source, hub.Options{Dir: s.dir})
	if err != nil || len(rep.Refusals) > 0 {
		t.Fatalf("%+v, %v", rep, err)
	}
	if got := s.proxy.Count(s3test.GetRequest); got < 2*len(rep.Entities) {
		t.Errorf("%d requests", got)
	}
}

func TestObjectThatChangesMeanwhileIsRefused(t *testing.T) {
	server := s3test.Start(t)
	const name = "formations/part-1.csv"
	put := func(t *testing.T, s *spoiled) {
		if _, err := s.direct.Put(context.Background(), name, strings.NewReader("another"), -1); err != nil {
			t.Error(err)
		}
	}
	for what, spoil := range map[string]func(t *testing.T, s *spoiled) func(file string){
		"replaced before it is read": func(t *testing.T, s *spoiled) func(string) {
			return func(file string) {
				if file == name {
					put(t, s)
				}
			}
		},
		"replaced after it was read": func(t *testing.T, s *spoiled) func(string) {
			s.proxy.Set(file(s3test.GetRequest, name, func(p *s3test.Proxy, w http.ResponseWriter, r *http.Request) {
				put(t, s)
				s3test.Pass(p, w, r)
			}))
			return nil
		},
		"deleted": func(t *testing.T, s *spoiled) func(string) {
			return func(file string) {
				if file == name {
					if err := s.direct.Delete(t.Context(), name); err != nil {
						t.Error(err)
					}
				}
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			s := newSpoiled(t, server)
			progress := spoil(t, s)
			rep, err := readFrom(t, s.source, hub.Options{Dir: s.dir, Progress: func(file string, _, _ int) {
				if progress != nil {
					progress(file)
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			want := "read " + name + ": the file changed while it was read; run again when the extract is complete"
			if !slices.ContainsFunc(rep.Refusals, func(r hub.Refusal) bool { return r.Reason == want }) {
				t.Errorf("refusals: %v", rep.Refusals)
			}
		})
	}
}

// TestForeignKeysArePassedOverByNobody: a key that the store does not take for a
// name may hold records.
func TestForeignKeysArePassedOverByNobody(t *testing.T) {
	server := s3test.Start(t)
	o := server.Bucket(t)
	store := s3test.Open(t, o)
	hubtest.Upload(t, store, hubtest.Extract(t, nil))
	long := strings.Repeat(strings.Repeat("long", 50)+"/", 3)
	for _, key := range []string{"formations/" + long + "a.csv", "formations/a\tb.csv", "formations/.tmp-3.csv", "dossiers/"} {
		if _, err := server.Client.PutObject(t.Context(), o.Bucket, key, strings.NewReader(""), 0, minio.PutObjectOptions{DisableContentSha256: true}); err != nil {
			t.Fatal(err)
		}
	}
	rep, err := readFrom(t, hub.NewObjects(store, "here"), hub.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Refusals) != 2 || !strings.Contains(rep.Refusals[0].Reason, "a.csv: the file lies in a folder of its own") ||
		!strings.Contains(rep.Refusals[1].Reason, "b.csv: the file has a name with an empty part, a backslash or a control character") {
		t.Errorf("refusals: %v", rep.Refusals)
	}
}
