package odsql

// Quote writes a text as a string of the language, for clauses that are made from
// older interfaces.
func Quote(text string) string { return "" }
