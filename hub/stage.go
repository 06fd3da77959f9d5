package hub

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// FileError says why a whole file is refused.
type FileError struct{ File, Problem, Remedy string }

func (e *FileError) Error() string {
	return fmt.Sprintf("read %s: the file %s; %s", e.File, e.Problem, e.Remedy)
}

// fileShift places the number of a file above that of a row in a record's rid,
// so that rids of later files are greater.
const fileShift = 1 << 40

// maxRejects is the share of unreadable lines above which a file is taken not to
// be what its name says.
const maxRejects = 0.5

// jsonSample is how many records of a JSON-lines file are looked at for the
// columns that it has.
const jsonSample = 10000

// relation is a file as the engine sees it: a FROM clause with a column parvis_rang,
// the rank of the record in the file from 1, and the file's own columns.
type relation struct {
	from    string
	columns []engine.Column
	records int64 // -1: not known before the engine has read the file
	json    bool
}

// stageTable makes the empty table in which the records of an entity wait.
func (r *reader) stageTable(ctx context.Context, e Entity) error {
	cols := []string{"rid BIGINT", "broken BIGINT"}
	for _, c := range e.kept() {
		cols = append(cols, engine.Ident(c.name)+" "+c.sqlType)
	}
	return r.db.Exec(ctx, "CREATE TABLE stage."+e.Name+" ("+strings.Join(cols, ", ")+")")
}

// kept are the columns that the stage keeps: all but the nominative ones, then
// the derived.
func (e Entity) kept() []derived {
	var cols []derived
	for _, c := range e.Columns {
		if !c.Nominative {
			cols = append(cols, derived{c.Name, c.Kind.sqlType(), engine.Ident(c.Name)})
		}
	}
	return append(cols, e.Derived...)
}

// stageFile reads one file into the stage of its entity.
//
// Errors: a [*FileError] when the file is refused, another when the run cannot
// go on.
func (r *reader) stageFile(ctx context.Context, e Entity, no int, rep *FileReport) error {
	path, release, err := r.source.Local(ctx, rep.file)
	if err != nil {
		return &FileError{File: rep.Name, Problem: "cannot be opened", Remedy: "check its permissions and the connection to the hub"}
	}
	defer release()
	return r.db.Pin(ctx, func(db *engine.DB) error {
		rel, err := r.relation(ctx, db, e, path, rep)
		if err != nil {
			return err
		}
		before, err := db.Count(ctx, "SELECT count(*) FROM stage."+e.Name)
		if err != nil {
			return err
		}
		if err := r.insert(ctx, db, e, no, rel); err != nil {
			return r.refuse(rep, err)
		}
		after, err := db.Count(ctx, "SELECT count(*) FROM stage."+e.Name)
		if err != nil {
			return err
		}
		rejected, err := r.rejects(ctx, db, e, no, rel)
		if err != nil {
			return err
		}
		rep.Records = after - before + rejected
		if rel.records >= 0 && rel.records != rep.Records {
			return &FileError{File: rep.Name, Remedy: "export it according to RFC 4180",
				Problem: fmt.Sprintf("has %d records, of which the engine finds %d", rel.records, rep.Records)}
		}
		if float64(rejected) > maxRejects*float64(rep.Records) {
			return &FileError{File: rep.Name, Remedy: "check how it was exported",
				Problem: fmt.Sprintf("has %d unreadable records of %d", rejected, rep.Records)}
		}
		return r.unchanged(path, rep)
	})
}

// unchanged refuses a file that was written to while it was read.
func (r *reader) unchanged(path string, rep *FileReport) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() != rep.file.Size || !rep.file.Modified.IsZero() && !info.ModTime().Equal(rep.file.Modified) {
		return &FileError{File: rep.Name, Problem: "changed while it was read", Remedy: "run again when the extract is complete"}
	}
	return nil
}

// refuse turns a failure of the engine on one file into a [*FileError], and
// leaves failures of the machine alone.
func (r *reader) refuse(rep *FileReport, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, engine.ErrMemory) || errors.Is(err, engine.ErrQuery) || strings.Contains(err.Error(), "No space left") {
		return err
	}
	return &FileError{File: rep.Name, Problem: "is damaged or is not " + rep.file.format(), Remedy: askAgain}
}

// relation prepares a file for the engine and checks its columns.
func (r *reader) relation(ctx context.Context, db *engine.DB, e Entity, path string, rep *FileReport) (relation, error) {
	var rel relation
	var err error
	switch rep.file.format() {
	case "csv":
		rel, err = csvRelation(ctx, path, rep.file)
	case "jsonl":
		rel, err = jsonRelation(ctx, db, path, rep.file)
	default:
		rel, err = parquetRelation(ctx, db, path)
	}
	if err != nil {
		return rel, r.refuseUnlessFile(rep, err)
	}
	return rel, e.checkColumns(rel, rep)
}

func (r *reader) refuseUnlessFile(rep *FileReport, err error) error {
	var fe *FileError
	if errors.As(err, &fe) {
		return err
	}
	return r.refuse(rep, err)
}

func csvRelation(ctx context.Context, path string, f File) (relation, error) {
	env, err := scan(ctx, path, f)
	if err != nil {
		return relation{}, err
	}
	rel := relation{records: env.records}
	seen := map[string]bool{}
	var spec []string
	for _, name := range env.header {
		if seen[name] {
			return rel, &FileError{File: f.Name, Problem: "has a column twice in its header", Remedy: "export each column once"}
		}
		seen[name] = true
		rel.columns = append(rel.columns, engine.Column{Name: name, Type: "VARCHAR"})
		spec = append(spec, engine.Literal(name)+": 'VARCHAR'")
	}
	compression := "none"
	if f.gzipped() {
		compression = "gzip"
	}
	rel.from = fmt.Sprintf(`(SELECT *, row_number() OVER () AS parvis_rang FROM read_csv(%s, auto_detect = false, header = true,
		delim = '%c', quote = '"', escape = '"', columns = {%s}, compression = '%s', parallel = false, strict_mode = true,
		null_padding = false, nullstr = '', max_line_size = 16777216, store_rejects = true,
		rejects_table = 'rejets', rejects_scan = 'rejets_lecture', rejects_limit = 0))`,
		engine.Literal(path), env.delim, strings.Join(spec, ", "), compression)
	return rel, nil
}

func jsonRelation(ctx context.Context, db *engine.DB, path string, f File) (relation, error) {
	env, err := scan(ctx, path, f)
	if err != nil {
		return relation{}, err
	}
	rel := relation{records: env.records, json: true}
	lines := fmt.Sprintf("read_json_objects(%s, format = 'newline_delimited', ignore_errors = true, maximum_object_size = 67108864)", engine.Literal(path))
	keys := fmt.Sprintf(`SELECT DISTINCT unnest(json_keys(json)) AS k FROM (SELECT json FROM %s LIMIT %d)
		WHERE json_type(json) = 'OBJECT' ORDER BY k`, lines, jsonSample)
	err = db.Texts(ctx, keys, 1, func(row []engine.Text) error {
		rel.columns = append(rel.columns, engine.Column{Name: row[0].String, Type: "VARCHAR"})
		return nil
	})
	if err != nil {
		return rel, err
	}
	var fields []string
	for _, c := range rel.columns {
		name := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(c.Name)
		fields = append(fields, `"`+name+`": "VARCHAR"`)
	}
	rel.from = fmt.Sprintf(`(SELECT unnest(CASE WHEN json_type(json) = 'OBJECT' THEN json_transform(json, %s) END), json IS NULL OR json_type(json) <> 'OBJECT' AS parvis_illisible, parvis_rang
		FROM (SELECT json, row_number() OVER () AS parvis_rang FROM %s))`, engine.Literal("{"+strings.Join(fields, ", ")+"}"), lines)
	return rel, nil
}

func parquetRelation(ctx context.Context, db *engine.DB, path string) (relation, error) {
	rel := relation{records: -1, from: fmt.Sprintf("(SELECT *, file_row_number + 1 AS parvis_rang FROM read_parquet(%s, file_row_number = true))", engine.Literal(path))}
	cols, err := db.Columns(ctx, "SELECT * FROM read_parquet("+engine.Literal(path)+")")
	if err != nil {
		return rel, err
	}
	rel.columns = cols
	rel.records, err = db.Count(ctx, "SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata("+engine.Literal(path)+")")
	return rel, err
}

// insert copies the records of a file into the stage.
func (r *reader) insert(ctx context.Context, db *engine.DB, e Entity, no int, rel relation) error {
	rules, _ := e.ruleset()
	types := map[string]string{}
	for _, c := range rel.columns {
		types[strings.ToLower(c.Name)] = c.Type
	}
	var canon, flags []string
	for _, c := range e.Columns {
		value, malformed := canonical(c, types[c.Name])
		canon = append(canon, value+" AS "+engine.Ident(c.Name))
		if c.Kind.typed() {
			canon = append(canon, malformed+" AS "+engine.Ident(malformedFlag(c)))
		}
	}
	for bit, rule := range rules {
		if !rule.Reference {
			flags = append(flags, fmt.Sprintf("(CASE WHEN %s THEN %d ELSE 0 END)", r.expand(rule.Broken), int64(1)<<bit))
		}
	}
	var kept []string
	for _, c := range e.kept() {
		kept = append(kept, r.expand(c.sql))
	}
	where := ""
	if rel.json {
		where = "WHERE NOT parvis_illisible"
	}
	return db.Exec(ctx, fmt.Sprintf("INSERT INTO stage.%s SELECT %d + parvis_rang, %s, %s FROM (SELECT parvis_rang, %s FROM %s %s)",
		e.Name, int64(no)*fileShift, strings.Join(flags, " + "), strings.Join(kept, ", "), strings.Join(canon, ", "), rel.from, where))
}

// expand puts the values of the run into the SQL of a rule or a derived column.
func (r *reader) expand(sql string) string {
	return strings.NewReplacer("$asof", "DATE '"+r.asOf.Format("2006-01-02")+"'", "$graine", strconv.FormatUint(r.seed, 10)).Replace(sql)
}

func malformedFlag(c Column) string { return "mal_forme_" + c.Name }

// canonical returns SQL for the value of a column in the type of its kind, and
// for whether it is there but not of that kind. sqlType is the column's type in
// the file.
func canonical(c Column, sqlType string) (value, malformed string) {
	raw := engine.Ident(c.Name)
	if sqlType == "VARCHAR" {
		raw = "nullif(trim(" + raw + "), '')"
	}
	switch c.Kind {
	case Text, Code:
		return "CAST(" + raw + " AS VARCHAR)", "false"
	case Date:
		value = "coalesce(TRY_CAST(" + raw + " AS DATE), CAST(TRY_CAST(" + raw + " AS TIMESTAMP) AS DATE))"
	case Timestamp:
		value = "TRY_CAST(" + raw + " AS TIMESTAMP)"
		if sqlType == "VARCHAR" {
			value = "CAST(TRY_CAST(" + raw + " AS TIMESTAMPTZ) AS TIMESTAMP)"
		}
	default:
		value = "TRY_CAST(" + raw + " AS " + c.Kind.sqlType() + ")"
	}
	return value, "(" + raw + " IS NOT NULL AND " + value + " IS NULL)"
}

// rejects counts the lines that the engine could not split, puts them into
// quarantine, and gives the records after them the rank that they have in the
// file: the engine numbers only the records that it could read.
func (r *reader) rejects(ctx context.Context, db *engine.DB, e Entity, no int, rel relation) (int64, error) {
	var list string
	switch {
	case rel.json:
		list = "SELECT parvis_rang FROM " + rel.from + " WHERE parvis_illisible"
	case strings.Contains(rel.from, "store_rejects"):
		list = "SELECT DISTINCT line - 1 AS parvis_rang FROM rejets"
	default:
		return 0, nil
	}
	err := db.Exec(ctx, "CREATE OR REPLACE TEMP TABLE illisibles AS SELECT parvis_rang, row_number() OVER (ORDER BY parvis_rang) AS n FROM ("+list+")")
	if err != nil {
		return 0, err
	}
	rejected, err := db.Count(ctx, "SELECT count(*) FROM illisibles")
	if err != nil || rejected == 0 {
		return 0, err
	}
	base := int64(no) * fileShift
	q := fmt.Sprintf("INSERT INTO stage.quarantaine SELECT '%s', %d + parvis_rang, 0, true FROM illisibles", e.Name, base)
	if err := db.Exec(ctx, q); err != nil || rel.json {
		return rejected, err
	}
	// A reject of rank g that is the n-th has g − n readable records before it.
	shift := fmt.Sprintf(`UPDATE stage.%[1]s SET rid = rid + d.n
		FROM (SELECT s.rid AS de, i.n FROM stage.%[1]s s ASOF JOIN (SELECT parvis_rang - n AS avant, max(n) AS n FROM illisibles GROUP BY ALL) i ON s.rid - %[2]d > i.avant WHERE s.rid > %[2]d) d
		WHERE rid = d.de`, e.Name, base)
	return rejected, db.Exec(ctx, shift)
}
