package odsql

// RecordID is the SQL of the id of a record: the first 40 hexadecimal digits of the SHA-256
// of the row's key.
func (s *Schema) RecordID() string { return "" }
