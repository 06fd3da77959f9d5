package serving

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// dictionaries makes, for each text column of a table that is not folded row by row, the
// table of its distinct values beside their folded forms, and returns the tokens of all.
func (b *binder) dictionaries(ctx context.Context, s *odsql.Schema, table string) (odsql.Vocabulary, error) {
	if err := b.db.Exec(ctx, "CREATE SCHEMA "+engine.Ident(table)); err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.Type != odsql.Text || f.Multivalued {
			continue
		}
		if f.Folded != "" {
			all[f.Name] = b.tokens[f.Name].list()
			continue
		}
		f.Dictionary = engine.Ident(table) + "." + engine.Ident("dict_"+f.Name)
		tokens, err := b.dictionary(ctx, table, f)
		if err != nil {
			return nil, fmt.Errorf("dictionary of %s: %w", f.Name, err)
		}
		all[f.Name] = tokens
	}
	return odsql.NewVocabulary(all), nil
}

// dictionary makes the dictionary of one column, and returns its distinct tokens.
func (b *binder) dictionary(ctx context.Context, table string, f *odsql.Field) ([]string, error) {
	if err := b.db.Exec(ctx, "CREATE TABLE "+f.Dictionary+" (value VARCHAR, folded VARCHAR)"); err != nil {
		return nil, err
	}
	tokens, column := tokenSet{}, engine.Ident(f.Name)
	err := b.db.AppendTo(ctx, table, "dict_"+f.Name, func(add func(...driver.Value) error) error {
		return b.db.Texts(ctx, "SELECT DISTINCT "+column+" FROM "+engine.Ident(table)+" WHERE "+column+" IS NOT NULL", 1, func(row []engine.Text) error {
			folded := odsql.Fold(row[0].String)
			tokens.add(folded)
			return add(row[0].String, " "+folded+" ")
		})
	})
	return tokens.list(), err
}

// tokenSet collects distinct tokens.
type tokenSet map[string]struct{}

// add takes in the tokens of a folded text, which it does not keep.
func (s tokenSet) add(folded string) {
	for token := range strings.SplitSeq(folded, " ") {
		if _, ok := s[token]; !ok && token != "" {
			s[strings.Clone(token)] = struct{}{}
		}
	}
}

func (s tokenSet) list() []string {
	list := make([]string, 0, len(s))
	for token := range s {
		list = append(list, token)
	}
	return list
}
