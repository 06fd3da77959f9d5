package odsql

import (
	"strconv"
	"strings"
	"time"
)

// nowFunction checks now() and computes it: singular keys set a part of the time,
// plural ones add to it.
func (b *binder) nowFunction(n *node) (value, error) {
	b.instant = true
	t := b.now.In(b.zone)
	// Of a key that is repeated, the last one counts, where it stands.
	last := map[string]int{}
	for i, k := range n.kids {
		if k.op != opCompare || k.text != "=" || k.kids[0].op != opName || k.kids[1].op != opNumber {
			return value{}, b.unexpected(k.start, b.raw(k), "une clé et un nombre entier, par exemple now(months=-1)")
		}
		last[strings.ToLower(k.kids[0].text)] = i
	}
	for i, k := range n.kids {
		key := strings.ToLower(k.kids[0].text)
		if last[key] != i {
			continue
		}
		count, err := strconv.Atoi(k.kids[1].text)
		if err != nil || count > 1e6 || count < -1e6 {
			return value{}, b.wrong(k, "« %s » attend un nombre entier entre -1000000 et 1000000.", shorten(key))
		}
		moved, ok := move(t, key, count)
		if !ok {
			return value{}, b.wrong(k, "« %s » n'est pas une clé de now(), ou sa valeur est hors de ses bornes ; les clés sont year, month, day, hour, minute, second, microsecond, weekday, leurs pluriels et mondays … sundays.", shorten(b.raw(k)))
		}
		if t = moved; t.Year() < 1 || t.Year() > 9999 {
			return value{}, b.wrong(k, "la date sort des années 1 à 9999.")
		}
	}
	return value{typ: DateTime, sql: sqlf("CAST(? AS TIMESTAMP)", timestamp(t.UTC()))}, nil
}

// move applies one key of now() to a time.
func move(t time.Time, key string, n int) (time.Time, bool) {
	switch key {
	case "years":
		return months(t, 12*n), true
	case "months":
		return months(t, n), true
	case "days":
		return t.AddDate(0, 0, n), true
	case "hours":
		return t.Add(time.Duration(n) * time.Hour), true
	case "minutes":
		return t.Add(time.Duration(n) * time.Minute), true
	case "seconds":
		return t.Add(time.Duration(n) * time.Second), true
	case "microseconds":
		return t.Add(time.Duration(n) * time.Microsecond), true
	case "weekday":
		return t.AddDate(0, 0, until(t, n)), n >= 0 && n <= 6
	}
	for day, name := range []string{"mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays"} {
		if key == name {
			return nextDay(t, day, n), true
		}
	}
	return set(t, key, n)
}

// set gives one part of a time a value.
func set(t time.Time, key string, n int) (time.Time, bool) {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	nano := t.Nanosecond()
	ok := false
	switch key {
	case "year":
		ok, year = n >= 1 && n <= 9999, n
	case "month":
		ok, month = n >= 1 && n <= 12, time.Month(n)
	case "day":
		ok, day = n >= 1, n
	case "hour":
		ok, hour = n >= 0 && n <= 23, n
	case "minute":
		ok, minute = n >= 0 && n <= 59, n
	case "second":
		ok, second = n >= 0 && n <= 59, n
	case "microsecond":
		ok, nano = n >= 0 && n <= 999999, n*1000
	}
	return time.Date(year, month, min(day, daysIn(year, month)), hour, minute, second, nano, t.Location()), ok
}

// months adds months; the day is kept within the month.
func months(t time.Time, n int) time.Time {
	year, month, day := t.Date()
	first := time.Date(year, month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	hour, minute, second := t.Clock()
	return time.Date(first.Year(), first.Month(), min(day, daysIn(first.Year(), first.Month())), hour, minute, second, t.Nanosecond(), t.Location())
}

// daysIn is the number of days of a month.
func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// until is the number of days, 0 to 6, to the next day of the week; 0 is Monday.
func until(t time.Time, weekday int) int { return ((weekday-(int(t.Weekday())+6))%7 + 14) % 7 }

// nextDay returns the nth such day of the week after t, or before it when n is negative.
func nextDay(t time.Time, weekday, n int) time.Time {
	ahead := until(t, weekday)
	switch {
	case n > 0 && ahead == 0, n == 0:
		ahead = 0
	case n > 0:
		n--
	case ahead > 0:
		ahead -= 7
		n++
	}
	if n == 0 && ahead == 0 {
		return t
	}
	return t.AddDate(0, 0, ahead+7*n)
}
