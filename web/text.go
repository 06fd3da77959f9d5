package web

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
	"time"
)

// Spaces that do not break.
const (
	thin = "\u202f" // in numbers
	hard = "\u00a0" // before units
)

// number writes a whole number as in French: 18 538.
func number(n int) string {
	text := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + thin + text[i:]
	}
	return sign + text
}

// amount writes a number of at most two decimals: 1 490 or 990,50.
func amount(x float64) string {
	cents := int(math.Round(x * 100))
	if cents%100 == 0 {
		return number(cents / 100)
	}
	return fmt.Sprintf("%s,%02d", number(cents/100), cents%100)
}

// span writes what goes from least to most in a unit; empty if nothing is known.
func span(least, most *float64, unit string) string {
	switch {
	case least == nil && most == nil:
		return ""
	case least == nil || most == nil || *least == *most:
		one := least
		if one == nil {
			one = most
		}
		return amount(*one) + hard + unit
	}
	return "de " + amount(*least) + " à " + amount(*most) + hard + unit
}

var months = strings.Fields("janvier février mars avril mai juin juillet août septembre octobre novembre décembre")

// day writes a date: 1er février 2026.
func day(t time.Time) string {
	first := ""
	if t.Day() == 1 {
		first = "er"
	}
	return fmt.Sprintf("%d%s %s %d", t.Day(), first, months[t.Month()-1], t.Year())
}

// monthName writes a month: 2026-10 is octobre 2026.
func monthName(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	return months[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// quarterName writes a quarter: 2026-T3 is 3e trimestre 2026.
func quarterName(quarter string) string {
	year, n, ok := strings.Cut(quarter, "-T")
	if !ok {
		return quarter
	}
	ending := "e"
	if n == "1" {
		ending = "er"
	}
	return n + ending + " trimestre " + year
}

// short writes a number as a heading does: 18 538, and 1,24 million.
func short(x float64) string {
	switch {
	case math.Abs(x) >= 1e9:
		return decimals(x/1e9) + hard + "milliards"
	case math.Abs(x) >= 1e6:
		return decimals(x/1e6) + hard + "millions"
	}
	return number(int(math.Round(x)))
}

// decimals writes a number with at most one decimal.
func decimals(x float64) string {
	return strings.TrimSuffix(strings.Replace(strconv.FormatFloat(x, 'f', 1, 64), ".", ",", 1), ",0")
}

// moment writes a date and a time: 28 novembre 2026 à 04 h 15.
func moment(t time.Time) string {
	t = t.In(paris)
	return day(t) + " à " + fmt.Sprintf("%02d%sh%s%02d", t.Hour(), hard, hard, t.Minute())
}

// paris is the time that pages tell.
var paris = func() *time.Location {
	z, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return time.UTC
	}
	return z
}()

// date writes a date that is given as 2026-02-01.
func date(text string) string {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	return day(t)
}

// Date writes a date that is given as 2026-02-01: 1er février 2026.
func Date(text string) string { return date(text) }

// some writes a number of things: 1 formation, 12 formations.
func some(n int, one, several string) string {
	if n < 2 {
		return number(n) + hard + one
	}
	return number(n) + hard + several
}

// piece is a part of a text, which a search has marked or not.
type piece struct {
	Text   string
	Marked bool
}

// pieces cuts a text that an engine has marked with <em>. Whatever else it has of HTML is
// text.
func pieces(marked string) []piece {
	var all []piece
	add := func(text string, is bool) {
		if text != "" {
			all = append(all, piece{html.UnescapeString(text), is})
		}
	}
	for marked != "" {
		before, rest, found := strings.Cut(marked, "<em>")
		add(before, false)
		if !found {
			break
		}
		inside, after, _ := strings.Cut(rest, "</em>")
		add(inside, true)
		marked = after
	}
	return all
}
