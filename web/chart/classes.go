package chart

import (
	"math"
	"slices"
)

// limits parts values into at most [steps] classes of about as many values each, at round
// numbers. It returns the least values of all classes but the first, in order.
func limits(values []Value) []float64 {
	n := steps
	var known []float64
	for _, v := range values {
		if v.known() {
			known = append(known, v.number)
		}
	}
	slices.Sort(known)
	var out []float64
	// Where the least, such as zero, is that of many, it has a class of its own.
	if least := equal(known); least*n > len(known) && least < len(known) {
		known, out, n = known[least:], append(out, known[least]), n-1
	}
	for i := 1; i < n && len(known) > 0; i++ {
		limit := rounded(known[i*len(known)/n], known[len(known)-1]-known[0])
		last := known[0]
		if len(out) > 0 {
			last = out[len(out)-1]
		}
		if limit > last && limit <= known[len(known)-1] && populated(known, last, limit) {
			out = append(out, limit)
		}
	}
	return out
}

// equal is how many of a sorted list are as its first.
func equal(sorted []float64) int {
	for i, x := range sorted {
		if x != sorted[0] {
			return i
		}
	}
	return len(sorted)
}

// rounded is a number to two digits of the stretch in which it lies.
func rounded(x, stretch float64) float64 {
	if stretch <= 0 {
		return x
	}
	unit := math.Pow(10, math.Floor(math.Log10(min(stretch, max(math.Abs(x), stretch/1000))))-1)
	return math.Round(x/unit) * unit
}

// populated reports whether a sorted list has a number from low to below high.
func populated(sorted []float64, low, high float64) bool {
	i, _ := slices.BinarySearch(sorted, low)
	return i < len(sorted) && sorted[i] < high
}
