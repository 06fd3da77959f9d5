// Package serving holds the served releases in tables of the SQL engine: it
// downloads them from object storage, loads them, follows the pointers of the
// datasets, and hands out tables to whoever answers a query.
//
// It owns which release is loaded and for how long. What a query says is the
// business of odsql and of the callers; it writes nothing but its private directory.
//
// Invariant: a [Table] is of one release from Acquire to Release, whatever is
// published, served again or withdrawn meanwhile; and no release is served whose
// objects are not what its manifest says.
package serving
