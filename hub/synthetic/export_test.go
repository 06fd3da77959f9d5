package synthetic

// WithLots returns the options with lots so small that a test has several.
func (o Options) WithLots(files, trainings int) Options {
	o.lotSize, o.offerSize = files, trainings
	return o
}
