package serving

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// rows makes the table of some rows in a file, in their order: that of the key.
func (b *binder) rows(ctx context.Context, s *odsql.Schema, path string) error {
	from := parquet(path)
	if len(b.tokens) > 0 {
		if err := b.stage(ctx, s, path); err != nil {
			return fmt.Errorf("stage: %w", err)
		}
		from = stagedRows(s)
	}
	columns := make([]string, 0, 2*len(s.Fields))
	for _, f := range s.Fields {
		columns = append(columns, engine.Ident(f.Name))
	}
	for _, f := range s.Fields {
		if f.Folded != "" {
			columns = append(columns, engine.Ident(foldName(s, f))+"("+engine.Ident(f.Name)+").texte AS "+engine.Ident(f.Folded))
		}
	}
	query := "SELECT " + strings.Join(columns, ", ") + " FROM " + from
	err := b.create(ctx, s, path, query)
	if err == nil {
		err = b.db.Exec(ctx, "INSERT INTO "+s.Relation+" "+query)
	}
	if err == nil && len(b.tokens) > 0 {
		if err = b.db.Exec(ctx, "DETACH stage"); err == nil {
			err = os.Remove(b.stageFile()) // the next table has its own
		}
	}
	return err
}

// create makes the empty table of the rows of a query on a file.
func (b *binder) create(ctx context.Context, s *odsql.Schema, path, query string) error {
	columns, err := b.db.Columns(ctx, query)
	if err != nil {
		return err
	}
	varied, err := b.varied(ctx, s, path)
	if err != nil {
		return err
	}
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = engine.Ident(c.Name) + " " + c.Type
		if varied[c.Name] {
			all[i] += " USING COMPRESSION uncompressed"
		}
	}
	return b.db.Exec(ctx, "CREATE TABLE "+s.Relation+" ("+strings.Join(all, ", ")+")")
}

// fewRows is how many rows a value has on average in a column of texts that are nearly all
// different.
const fewRows = 5

// varied are the columns of texts that are nearly all different. They are not compressed: to
// show one text, the engine would expand those of two thousand rows.
func (b *binder) varied(ctx context.Context, s *odsql.Schema, path string) (map[string]bool, error) {
	all := map[string]bool{}
	var names, counts []string
	for _, f := range s.Fields {
		switch {
		case f.Folded != "":
			all[f.Name], all[f.Folded] = true, true
		case f.Type == odsql.Text && !f.Multivalued:
			names = append(names, f.Name)
			counts = append(counts, fmt.Sprintf("approx_count_distinct(%s) * %d > count(*)", engine.Ident(f.Name), fewRows))
		}
	}
	if len(names) == 0 {
		return all, nil
	}
	return all, b.db.Each(ctx, "SELECT ["+strings.Join(counts, ", ")+"] FROM "+parquet(path), func(scan func(...any) error) error {
		var is any
		if err := scan(&is); err != nil {
			return err
		}
		list, _ := is.([]any)
		for i, v := range list {
			all[names[i]] = v == true
		}
		return nil
	})
}

// stage copies each long text, and the other columns together, into a table of its own in
// a database beside. A file of Parquet is written in pages of up to 100 MB: read
// together, those of all long texts would need a gigabyte.
func (b *binder) stage(ctx context.Context, s *odsql.Schema, path string) error {
	var others []string
	statements := []string{
		"ATTACH " + engine.Literal(b.stageFile()) + " AS stage (ROW_GROUP_SIZE 10240)",
		"SET GLOBAL force_compression = 'uncompressed'", // read once
	}
	for i, f := range s.Fields {
		if f.Folded == "" {
			others = append(others, engine.Ident(f.Name))
			continue
		}
		statements = append(statements, "CREATE TABLE "+stagedText(i)+" AS SELECT "+engine.Ident(f.Name)+" FROM "+parquet(path))
	}
	statements = append(statements,
		"CREATE TABLE stage.others AS SELECT "+strings.Join(others, ", ")+" FROM "+parquet(path),
		"SET GLOBAL force_compression = 'auto'")
	for _, q := range statements {
		if err := b.db.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func (b *binder) stageFile() string { return filepath.Join(b.dir, "stage.duckdb") }

func stagedText(field int) string { return fmt.Sprintf("stage.text%d", field) }

// stagedRows puts the staged columns of each row side by side again.
func stagedRows(s *odsql.Schema) string {
	tables := []string{"stage.others"}
	for i, f := range s.Fields {
		if f.Folded != "" {
			tables = append(tables, stagedText(i))
		}
	}
	return strings.Join(tables, " POSITIONAL JOIN ")
}

// registerFold makes the function that folds a column and collects its tokens.
func (b *binder) registerFold(ctx context.Context, s *odsql.Schema, f odsql.Field) error {
	var mu sync.Mutex
	tokens := tokenSet{}
	b.tokens[f.Name] = tokens
	return b.db.Register(ctx, foldName(s, f), 1, nil, func(args []string) (string, []int32) {
		folded := odsql.Fold(args[0])
		mu.Lock()
		defer mu.Unlock()
		tokens.add(folded)
		return " " + folded + " ", nil
	})
}

func foldName(s *odsql.Schema, f odsql.Field) string { return "fold " + s.Relation + " " + f.Name }
