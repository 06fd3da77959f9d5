package odsql

// Vocabulary knows the distinct tokens of the text columns of a table.
type Vocabulary interface {
	// Match returns the tokens of a column that a term stands for: those within
	// distance edits of it; with prefix, those with a beginning within distance edits
	// of it. The term is folded. The result is sorted. ok is false if the column is not known.
	Match(column, term string, distance int, prefix bool) (tokens []string, ok bool)
}

// NewVocabulary makes a vocabulary from the distinct tokens of each column, as
// [Fold] cuts them, in any order.
func NewVocabulary(tokens map[string][]string) Vocabulary { return nil }
