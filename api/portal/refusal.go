package portal

// RefusedError says in French why an address has no page: there is no such thing, or its
// parameters cannot be read.
type RefusedError struct {
	// Unknown says that there is no such thing; else a parameter is at fault.
	Unknown bool
	Detail  string
	// Remedy is what the reader can do.
	Remedy string
}

// Error implements error.
func (e *RefusedError) Error() string { return "no page: " + e.Detail }
