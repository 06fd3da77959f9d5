package chart

import "math"

// greatest is the magnitude beyond which a figure is no figure.
const greatest = 1e15

// Value is a figure that is known, secret or absent. The zero Value is absent.
type Value struct {
	number float64
	state  state
}

type state int

const (
	absent state = iota
	secret
	known
)

// Known is a figure that may be shown. What is not finite, or of a magnitude beyond 1e15,
// is absent.
func Known(x float64) Value {
	if math.IsNaN(x) || math.Abs(x) > greatest {
		return Value{}
	}
	return Value{x, known}
}

// Secret is a figure that is hidden to protect persons or firms. It holds no number.
func Secret() Value { return Value{state: secret} }

// Absent is a figure that nobody has; it is not zero.
func Absent() Value { return Value{} }

func (v Value) known() bool { return v.state == known }

func (v Value) secret() bool { return v.state == secret }

// Point is a figure with its label.
type Point struct {
	Label string
	Value Value
}

// Series is a figure for each label of a chart, in their order. What it lacks is absent.
type Series struct {
	Name   string
	Values []Value
}

func (s Series) at(i int) Value {
	if i < len(s.Values) {
		return s.Values[i]
	}
	return Value{}
}

// extent is the least and the greatest of the known values; known is false if there is none.
func extent(values []Value) (low, high float64, known bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if v.known() {
			low, high, known = min(low, v.number), max(high, v.number), true
		}
	}
	if !known {
		return 0, 0, false
	}
	return low, high, true
}

// withZero is the extent of values and zero.
func withZero(values []Value) (low, high float64) {
	low, high, _ = extent(values)
	return min(low, 0), max(high, 0)
}

func values(points []Point) []Value {
	all := make([]Value, len(points))
	for i, p := range points {
		all[i] = p.Value
	}
	return all
}
