package problem

import (
	"math/big"
	"strconv"
	"strings"
)

const (
	// maxDecimals is the largest number of decimals of a figure.
	maxDecimals = 9
	// maxFigure is the largest size of a figure in units of its last decimal, 2⁵³.
	maxFigure = 1 << 53
)

// decimal is the number n·10^−places as it was written: 0 ≤ places ≤ 9, |n| ≤ 2⁵³.
type decimal struct {
	n      int64
	places uint8
}

var powers = [maxDecimals + 1]int64{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// parseDecimal reads a number written with digits, at most one sign before them and
// at most one decimal point among them. The problem is what is wrong with it and what
// to do, empty if nothing is.
func parseDecimal(text string) (d decimal, problem string) {
	s := strings.TrimSpace(text)
	if s == "" {
		return d, "no figure; write one, 0 if it is zero"
	}
	negative := s[0] == '-'
	if negative || s[0] == '+' {
		s = s[1:]
	}
	digits, point := 0, false
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '.' && !point:
			point = true
			continue
		case c < '0' || c > '9':
			return d, strconv.Quote(text) + " is no number; write digits with a decimal point, such as 1234.5"
		}
		if point {
			d.places++
		}
		digits++
		if d.n = d.n*10 + int64(c-'0'); d.n > maxFigure || d.places > maxDecimals {
			return d, strconv.Quote(text) + " has too many digits; round it to at most 9 decimals and 15 digits"
		}
	}
	if digits == 0 {
		return d, strconv.Quote(text) + " is no number; write digits with a decimal point, such as 1234.5"
	}
	if negative {
		d.n = -d.n
	}
	return d, ""
}

// whole returns the number without its decimals, if they are all zero.
func (d decimal) whole() (int64, bool) {
	unit := powers[d.places]
	return d.n / unit, d.n%unit == 0
}

// scale returns the number in units of 10^−places, if it fits. There must be no fewer
// places than the number has.
func (d decimal) scale(places uint8) (int64, bool) {
	factor := powers[places-d.places]
	if size(d.n) > maxFigure/factor {
		return 0, false
	}
	return d.n * factor, true
}

// String writes the number with all its decimals.
func (d decimal) String() string {
	return string(d.append(nil))
}

func (d decimal) append(b []byte) []byte {
	n := d.n
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	unit := powers[d.places]
	b = strconv.AppendInt(b, n/unit, 10)
	if d.places == 0 {
		return b
	}
	b = append(b, '.')
	for unit /= 10; unit > 0; unit /= 10 {
		b = append(b, byte('0'+n/unit%10))
	}
	return b
}

// size is a number without its sign.
func size(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// above reports whether one number is larger than another.
func (d decimal) above(e decimal) bool {
	i, j := d.n/powers[d.places], e.n/powers[e.places]
	if i != j {
		return i > j
	}
	return d.n%powers[d.places]*powers[maxDecimals-d.places] > e.n%powers[e.places]*powers[maxDecimals-e.places]
}

// equal reports whether two numbers are the same, however many decimals they have.
func (d decimal) equal(e decimal) bool { return !d.above(e) && !e.above(d) }

// sum is a sum of any size.
type sum struct{ big.Int }

func (s *sum) add(n int64) { s.Add(&s.Int, big.NewInt(n)) }

// text writes the sum in units of 10^−places.
func (s *sum) text(places uint8) string {
	return new(big.Rat).SetFrac(&s.Int, big.NewInt(powers[places])).FloatString(int(places))
}
