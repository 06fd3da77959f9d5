package odsql

import "strings"

// Quote writes a text as a string of the language, for clauses that are made from
// older interfaces.
func Quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(strings.ToValidUTF8(text, "�")) + `"`
}
