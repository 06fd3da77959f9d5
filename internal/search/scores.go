package search

// Scores are what a word that is found counts for, by field: title, certification,
// provider, domain; 0 where it does not count. They fall the worse a word is found, so
// that all of a better way come before those of a worse one, whatever the field.
type Scores [4]float64

// Ways in which a word is found.
var (
	AsIs    = Scores{100, 92, 84, 60}
	ByStem  = Scores{96, 88, 80, 58}
	BySense = Scores{90, 82, 0, 54} // by a synonym
	Begun   = Scores{70, 64, 58, 40}
	// Named is how a place or the distance is found by its words.
	Named = Scores{30, 30, 30, 30}
)

// Scores of what is not a word.
const (
	CodeScore   = 1000
	PlaceScore  = 30
	AroundScore = 15 // in the same région
	// DistanceScore is above what a title that speaks of a distance has ([Named]).
	DistanceScore = 60
)
