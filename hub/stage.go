package hub

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
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

// maxUnreadable bounds the unreadable records of one file, which are listed one by
// one, and its blank lines.
const maxUnreadable = 100_000

// relation is a file as the engine sees it: a FROM clause with a column parvis_rang,
// the rank of the record in the file from 1, and the file's own columns.
type relation struct {
	from    string
	columns []engine.Column
	records int64   // -1: not known before the engine has read the file
	blanks  []int64 // CSV: ranks of the blank lines among all lines
	csv     bool
	json    bool
	ranked  bool // Parquet: the engine knows the rank of a record
}

// stageTable makes the empty table in which the records of an entity wait.
func (r *reader) stageTable(ctx context.Context, e Entity) error {
	cols := []string{"rid BIGINT", "broken BIGINT"}
	for _, c := range e.kept() {
		cols = append(cols, engine.Ident(c.name)+" "+c.sqlType)
	}
	return r.db.Exec(ctx, "CREATE TABLE stage."+e.Name+" ("+strings.Join(cols, ", ")+")")
}

// kept are the columns that the stage keeps: all but the nominative and the unused
// ones, then the derived.
func (e Entity) kept() []derived {
	var cols []derived
	for _, c := range e.Columns {
		if !c.Nominative && !c.Unused {
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
	path, release, err := r.source.Local(ctx, rep.file, r.dir)
	if err != nil {
		return err
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
		rejected, err := r.rejects(ctx, db, e, no, rep.Name, rel)
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
		return changed(rep.Name)
	}
	return nil
}

func changed(name string) *FileError {
	return &FileError{File: name, Problem: "changed while it was read", Remedy: "run again when the extract is complete"}
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
		rel, err = csvRelation(ctx, e, path, rep.file)
	case "jsonl":
		rel, err = jsonRelation(ctx, db, e, path, rep.file)
	default:
		rel, err = parquetRelation(ctx, db, e, path)
	}
	if err != nil {
		return rel, r.refuseUnlessFile(rep, err)
	}
	if rel.json && rel.records == 0 {
		return rel, nil // an increment without records
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

func csvRelation(ctx context.Context, e Entity, path string, f File) (relation, error) {
	env, err := scan(ctx, path, f)
	if err != nil {
		return relation{}, err
	}
	rel := relation{records: env.records, blanks: env.blanks, csv: true}
	var spec []string
	for i, name := range env.header {
		rel.columns = append(rel.columns, engine.Column{Name: name, Type: "VARCHAR"})
		if !e.has(name) {
			name = fmt.Sprintf("parvis_autre_%d", i) // not read, whatever it is called
		} else if slices.Contains(env.header[:i], name) {
			return rel, &FileError{File: f.Name, Problem: "has column " + name + " twice in its header", Remedy: "export each column once"}
		}
		spec = append(spec, engine.Literal(name)+": 'VARCHAR'")
	}
	compression := "none"
	if f.gzipped() {
		compression = "gzip"
	}
	rel.from = fmt.Sprintf(`(SELECT *, row_number() OVER () AS parvis_rang FROM read_csv(%s, auto_detect = false, header = true,
		delim = '%c', quote = '"', escape = '"', columns = {%s}, compression = '%s', hive_partitioning = false, parallel = false, strict_mode = true,
		null_padding = false, nullstr = '', max_line_size = 16777216, store_rejects = true,
		rejects_table = 'rejets', rejects_scan = 'rejets_lecture', rejects_limit = 0))`,
		engine.Literal(path), env.delim, strings.Join(spec, ", "), compression)
	return rel, nil
}

func jsonRelation(ctx context.Context, db *engine.DB, e Entity, path string, f File) (relation, error) {
	env, err := scan(ctx, path, f)
	if err != nil {
		return relation{}, err
	}
	rel := relation{records: env.records, json: true}
	lines := fmt.Sprintf("read_json_objects(%s, format = 'newline_delimited', ignore_errors = true, maximum_object_size = 67108864)", engine.Literal(path))
	if err := rel.keys(ctx, db, e, lines, f); err != nil {
		return rel, err
	}
	var fields []string
	for _, c := range e.Columns {
		fields = append(fields, `"`+c.Name+`": "VARCHAR"`)
	}
	rel.from = fmt.Sprintf(`(SELECT unnest(CASE WHEN json_type(json) = 'OBJECT' THEN json_transform(json, %s) END), json IS NULL OR json_type(json) <> 'OBJECT' AS parvis_illisible, parvis_rang
		FROM (SELECT json, row_number() OVER () AS parvis_rang FROM %s))`, engine.Literal("{"+strings.Join(fields, ", ")+"}"), lines)
	return rel, nil
}

// keys finds the keys that the objects of a file have, and the types of their
// values, in one pass.
//
// Errors: a [*FileError] when a code is a number, or when a key is a column of the
// contract in other letters, which the engine would not find.
func (rel *relation) keys(ctx context.Context, db *engine.DB, e Entity, lines string, f File) error {
	var names []string
	for _, c := range e.Columns {
		names = append(names, c.Name)
	}
	structure := fmt.Sprintf(`SELECT k, CASE WHEN k IN (%s) THEN json_extract_string(s, '$.' || k) END
		FROM (SELECT s, unnest(json_keys(s)) AS k FROM (SELECT json_group_structure(json) AS s FROM %s WHERE json_type(json) = 'OBJECT')) ORDER BY k`,
		engine.Literals(names), lines)
	return db.Texts(ctx, structure, 2, func(row []engine.Text) error {
		name, kind := row[0].String, row[1].String
		rel.columns = append(rel.columns, engine.Column{Name: name, Type: "VARCHAR"})
		for _, c := range e.Columns {
			switch {
			case c.Name == name && c.Kind == Code && isJSONNumber(kind):
				return &FileError{File: f.Name, Problem: "has column " + c.Name + " as a number", Remedy: "export it as " + c.Kind.wanted()}
			case c.Name != name && strings.EqualFold(c.Name, name):
				return &FileError{File: f.Name, Problem: "has column " + c.Name + " in other letters", Remedy: "write keys as the contract does"}
			}
		}
		return nil
	})
}

func isJSONNumber(kind string) bool {
	return slices.Contains([]string{"UBIGINT", "BIGINT", "DOUBLE", "HUGEINT", "UHUGEINT"}, kind)
}

func parquetRelation(ctx context.Context, db *engine.DB, e Entity, path string) (relation, error) {
	var rel relation
	var err error
	rel.columns, err = db.Columns(ctx, "SELECT * FROM read_parquet("+engine.Literal(path)+", hive_partitioning = false)")
	if err != nil {
		return rel, err
	}
	rank, option := "file_row_number + 1", ", file_row_number = true"
	rel.ranked = true
	for _, c := range rel.columns {
		if slices.Contains([]string{"file_row_number", "file_index", "filename"}, strings.ToLower(c.Name)) { // a column of the file itself
			rank, option, rel.ranked = "row_number() OVER ()", "", false
		}
	}
	rel.from = fmt.Sprintf("(SELECT %s AS parvis_rang FROM read_parquet(%s, hive_partitioning = false%s))",
		strings.Join(append(e.columnsIn(rel), rank), ", "), engine.Literal(path), option)
	rel.records, err = db.Count(ctx, "SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata("+engine.Literal(path)+")")
	return rel, err
}

// columnsIn returns the columns of the contract that a file has, quoted.
func (e Entity) columnsIn(rel relation) []string {
	var cols []string
	for _, c := range rel.columns {
		if e.has(strings.ToLower(c.Name)) {
			cols = append(cols, engine.Ident(c.Name))
		}
	}
	return cols
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
	working := []string{"*"}
	for _, c := range e.Working {
		working = append(working, r.expand(c.sql)+" AS "+engine.Ident(c.name))
	}
	where := ""
	if rel.json {
		where = "WHERE NOT parvis_illisible"
	}
	return db.Exec(ctx, fmt.Sprintf("INSERT INTO stage.%s SELECT %d + parvis_rang, %s, %s FROM (SELECT %s FROM (SELECT parvis_rang, %s FROM %s %s))",
		e.Name, int64(no)*fileShift, strings.Join(flags, " + "), strings.Join(kept, ", "), strings.Join(working, ", "), strings.Join(canon, ", "), rel.from, where))
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
	text := sqlType == "VARCHAR"
	if text {
		raw = "(" + trimmed(raw) + ")"
	}
	switch c.Kind {
	case Text:
		if text {
			return "nullif(regexp_replace(" + raw + ", '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]', '', 'g'), '')", "false"
		}
		return "CAST(" + raw + " AS VARCHAR)", "false"
	case Code:
		return "CAST(" + raw + " AS VARCHAR)", "false"
	default:
		value = c.Kind.parse(raw, sqlType)
		if text {
			value = fmt.Sprintf("CASE WHEN regexp_full_match(%s, '%s') THEN %s END", raw, c.Kind.form(), value)
		}
		return value, "(" + raw + " IS NOT NULL AND " + value + " IS NULL)"
	}
}

// trimmed is SQL for a text without blanks at its ends, null if nothing is left. A
// text that begins and ends with a visible ASCII character, as almost all do, is
// taken as it is: looking at two characters costs a quarter of a trim.
func trimmed(text string) string {
	return fmt.Sprintf("CASE WHEN %[1]s[1] BETWEEN '!' AND '~' AND %[1]s[-1] BETWEEN '!' AND '~' THEN %[1]s ELSE nullif(trim(%[1]s, %[2]s), '') END", text, blanks)
}

// blanks are what is dropped at the ends of a text: blank, tab, line ends and
// no-break spaces.
const blanks = "' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8239)"

// parse returns SQL that gives a value its type, or null. The day of an instant is
// that of the hub's time zone.
func (k Kind) parse(raw, sqlType string) string {
	switch k {
	case Date:
		day := "CAST(TRY_CAST(" + raw + " AS TIMESTAMPTZ) AS DATE)"
		if sqlType == "DATE" {
			day = raw
		}
		return fmt.Sprintf("CASE WHEN %[1]s BETWEEN DATE '1900-01-01' AND DATE '2199-12-31' THEN %[1]s END", day)
	case Timestamp:
		at := "TRY_CAST(" + raw + " AS TIMESTAMPTZ)"
		return fmt.Sprintf("CASE WHEN %[1]s BETWEEN TIMESTAMPTZ '1900-01-01' AND TIMESTAMPTZ '2199-12-31' THEN %[1]s END", at)
	default:
		return "TRY_CAST(" + raw + " AS " + k.sqlType() + ")"
	}
}

// form returns the pattern that the text of a value must have: the engine reads
// more than the contract allows (1e3, 1_000, epoch, yes).
func (k Kind) form() string {
	switch k {
	case Integer:
		return "[+-]?[0-9]{1,18}"
	case Decimal:
		return "[+-]?[0-9]{1,12}([.][0-9]*)?"
	case Boolean:
		return "(?i)true|false|0|1"
	case Date:
		return "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]{5,18}(Z|[+-][0-9:]{2,6})?)?"
	default:
		return "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]{5,18} ?(Z|UTC|[+-][0-9:]{2,6})?)?"
	}
}

// rejects counts the lines that the engine could not split, puts them into
// quarantine, and gives the records after them the rank that they have in the
// file: the engine numbers only the records that it could read.
func (r *reader) rejects(ctx context.Context, db *engine.DB, e Entity, no int, name string, rel relation) (int64, error) {
	ranks, err := unreadableRanks(ctx, db, rel)
	if err != nil || len(ranks) == 0 {
		return 0, err
	}
	if len(ranks) > maxUnreadable {
		return 0, &FileError{File: name, Remedy: "check how it was exported", Problem: fmt.Sprintf("has more than %d unreadable records", maxUnreadable)}
	}
	base := int64(no) * fileShift
	values := make([]string, len(ranks))
	for i, rank := range ranks {
		values[i] = fmt.Sprintf("(%d, %d)", rank, i+1)
	}
	err = db.Exec(ctx, "CREATE OR REPLACE TEMP TABLE illisibles AS SELECT * FROM (VALUES "+strings.Join(values, ", ")+") v(parvis_rang, n)")
	if err != nil {
		return 0, err
	}
	q := fmt.Sprintf("INSERT INTO stage.quarantaine SELECT '%s', %d + parvis_rang, 0, true FROM illisibles", e.Name, base)
	if err := db.Exec(ctx, q); err != nil || rel.json {
		return int64(len(ranks)), err
	}
	// A reject of rank g that is the n-th has g − n readable records before it.
	shift := fmt.Sprintf(`UPDATE stage.%[1]s SET rid = rid + d.n
		FROM (SELECT s.rid AS de, i.n FROM stage.%[1]s s ASOF JOIN (SELECT parvis_rang - n AS avant, max(n) AS n FROM illisibles GROUP BY ALL) i ON s.rid - %[2]d > i.avant WHERE s.rid > %[2]d) d
		WHERE rid = d.de`, e.Name, base)
	return int64(len(ranks)), db.Exec(ctx, shift)
}

// unreadableRanks returns the ranks in the file, from 1 and in order, of the
// records that the engine could not read. It counts blank lines, which are no
// records.
func unreadableRanks(ctx context.Context, db *engine.DB, rel relation) ([]int64, error) {
	var list string
	switch {
	case rel.json:
		list = fmt.Sprintf("SELECT parvis_rang FROM %s WHERE parvis_illisible ORDER BY 1 LIMIT %d", rel.from, maxUnreadable+1)
	case rel.csv:
		list = fmt.Sprintf("SELECT DISTINCT line - 1 FROM rejets ORDER BY 1 LIMIT %d", maxUnreadable+1)
	default:
		return nil, nil
	}
	var ranks []int64
	err := db.Each(ctx, list, func(scan func(...any) error) error {
		var rank int64
		if err := scan(&rank); err != nil {
			return err
		}
		before, _ := slices.BinarySearch(rel.blanks, rank)
		ranks = append(ranks, rank-int64(before))
		return nil
	})
	return ranks, err
}
