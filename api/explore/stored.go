package explore

// storedObject returns the object of the release that holds just what an export asks
// for, if there is one: every row and column in the order of the key, in the form in
// which the publication wrote it. A client that asks in another way gets the same
// values in the form it wants.
func storedObject(q *prepared, o exportOptions) (name string, ok bool) {
	r := q.request
	if r.Select != "" || r.GroupBy != "" || r.OrderBy != "" || q.filtered() || o.limit >= 0 || o.offset > 0 || o.labels {
		return "", false
	}
	name = q.loan.ID()
	switch o.format.name {
	case "csv":
		if o.csv.delimiter != "," || o.csv.bom || o.csv.quoteAll {
			return "", false
		}
		name += ".csv"
	case "jsonl":
		if !o.compressed { // the publication keeps it in this form only
			return "", false
		}
		name += ".jsonl"
	case "parquet":
		if o.compression != "zstd" || o.compressed {
			return "", false
		}
		name += ".parquet"
	case "xlsx":
		if o.compressed {
			return "", false
		}
		name += ".xlsx"
	default:
		return "", false
	}
	if o.compressed {
		name += ".gz"
	}
	_, ok = q.loan.Manifest().Object(name)
	return name, ok
}
