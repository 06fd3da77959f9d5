package explore

import "net/url"

// datasetAddress makes the addresses about a dataset.
type datasetAddress struct{ catalog, id string }

func (c *Call) catalog() string { return c.Base + "/api/explore/v2.1/catalog" }

func (c *Call) dataset(id string) datasetAddress { return datasetAddress{c.catalog(), id} }

func (d datasetAddress) self() string { return d.catalog + "/datasets/" + url.PathEscape(d.id) }

func (d datasetAddress) records() string { return d.self() + "/records" }

func (d datasetAddress) record(id string) string { return d.records() + "/" + url.PathEscape(id) }

func (d datasetAddress) exports(format string) string { return d.self() + "/exports/" + format }

// file is the address of an object of a release of a dataset; of the served one if
// the release is "latest".
func (c *Call) file(dataset, release, object string) string {
	return c.Base + "/datasets/" + url.PathEscape(dataset) + "/releases/" + url.PathEscape(release) + "/" + url.PathEscape(object)
}
