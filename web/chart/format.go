package chart

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Spaces that do not break.
const (
	thin = "\u202f" // in numbers
	hard = "\u00a0" // before units
)

// What stands for a figure that is not there.
const (
	secretWord = "secret"
	absentWord = "n.d."
)

var monthNames = []string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."}

// Month labels a month: janv. 2026. The number is 1 to 12, others are turned into that.
func Month(year, month int) string {
	m := ((month-1)%12 + 12) % 12
	return monthNames[m] + " " + strconv.Itoa(year)
}

// Quarter labels a quarter: T3 2025.
func Quarter(year, quarter int) string {
	return "T" + strconv.Itoa(quarter) + " " + strconv.Itoa(year)
}

// Whole writes a whole number: 12 345.
func Whole(n int) string { return decimal(float64(n), 0) }

// decimal writes a number as in French, with that many decimals: 12 345,6.
func decimal(x float64, decimals int) string {
	text := strconv.FormatFloat(math.Abs(x), 'f', min(max(decimals, 0), 6), 64)
	whole, part, broken := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + thin + whole[i:]
	}
	if broken {
		whole += "," + part
	}
	if x < 0 && strings.Trim(text, "0.") != "" {
		return "−" + whole
	}
	return whole
}

// sign reports whether the unit stands behind each number.
func (f Figure) sign() bool { return f.Unit != "" && utf8.RuneCountInString(f.Unit) <= 3 }

func (f Figure) unit(number string) string {
	if f.sign() {
		return number + hard + f.Unit
	}
	return number
}

// exact writes a value as the table has it.
func (f Figure) exact(v Value) string {
	switch v.state {
	case secret:
		return secretWord
	case known:
		return f.unit(decimal(v.number, f.Decimals))
	default:
		return absentWord
	}
}

// brief writes a value as it stands beside a mark: 9,5, 48 213, 4,56 M€.
func (f Figure) brief(v Value) string {
	switch {
	case !v.known() || math.Abs(v.number) < 999.5:
		return f.exact(v)
	case math.Abs(v.number) < 99_999.5:
		return f.unit(decimal(v.number, 0))
	}
	return f.scaled(v.number, magnitude(v.number), -1)
}

// thousand is a power of ten that has a letter.
type thousand struct {
	size   float64
	letter string
}

// magnitude is that in which a number has one to three digits before the comma.
func magnitude(x float64) thousand {
	for _, t := range []thousand{{1e9, "Md"}, {1e6, "M"}, {1e3, "k"}} {
		if math.Abs(x) >= t.size*0.99995 {
			return t
		}
	}
	return thousand{1, ""}
}

// scaled writes a number in thousands and so on; decimals below zero stand for three digits.
func (f Figure) scaled(x float64, t thousand, decimals int) string {
	x /= t.size
	text := decimal(x, decimals)
	if decimals < 0 {
		text = digits3(x)
	}
	switch {
	case t.letter == "":
		return f.unit(text)
	case f.Unit == "€":
		return text + hard + t.letter + f.Unit
	}
	return f.unit(text + hard + t.letter)
}

// digits3 writes a number below 1 000 with three digits, fewer if the last are zero.
func digits3(x float64) string {
	decimals := 2
	switch {
	case math.Abs(x) >= 99.95:
		return decimal(x, 0)
	case math.Abs(x) >= 9.995:
		decimals = 1
	}
	return strings.TrimSuffix(strings.TrimRight(decimal(x, decimals), "0"), ",")
}

// tick writes a number of an axis, whose greatest and step are given.
func (f Figure) tick(x, greatest, step float64) string {
	t := thousand{1, ""}
	if x != 0 && greatest >= 9999.5 {
		t = magnitude(greatest)
	}
	decimals := 0
	for d := step / t.size; decimals < 6 && math.Abs(d-math.Round(d)) > 1e-9*math.Abs(d); d *= 10 {
		decimals++
	}
	if x == 0 {
		decimals = 0
	}
	return f.scaled(x, t, decimals)
}
