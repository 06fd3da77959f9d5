package hub

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// checkColumns refuses a file that lacks a column of the contract or has one of
// a type that cannot carry it, and notes the columns that nothing reads.
//
// A file without header shows a record where the names should stand, so only
// names of the contract are ever repeated.
func (e Entity) checkColumns(rel relation, rep *FileReport) error {
	found := map[string]string{}
	var unknown []string
	for _, c := range rel.columns {
		name := strings.ToLower(c.Name)
		found[name] = c.Type
		if !e.has(name) {
			unknown = append(unknown, name)
		}
	}
	var missing []string
	for _, c := range e.Columns {
		sqlType, ok := found[c.Name]
		if !ok {
			missing = append(missing, c.Name)
			continue
		}
		if !c.Kind.accepts(sqlType) {
			return &FileError{File: rep.Name, Remedy: "export it as " + c.Kind.wanted(),
				Problem: fmt.Sprintf("has column %s of type %s", c.Name, typeClass(sqlType))}
		}
	}
	if len(missing) > 0 {
		return &FileError{File: rep.Name, Remedy: "export it with all columns of the contract" + hint(missing, unknown),
			Problem: fmt.Sprintf("lacks column %s; found %s", strings.Join(missing, ", "), e.describe(found, len(unknown)))}
	}
	rep.UnknownColumns = presentable(unknown)
	return nil
}

// has reports whether the contract has a column of the given name.
func (e Entity) has(name string) bool {
	return slices.ContainsFunc(e.Columns, func(c Column) bool { return c.Name == name })
}

var columnName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

// presentable returns the names that look like those of columns, in order, and
// how many others there are: a key of JSON may be anything.
func presentable(names []string) []string {
	var out []string
	for _, name := range names {
		if columnName.MatchString(name) {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	if n := len(names) - len(out); n > 0 {
		out = append(out, fmt.Sprintf("%d with other names", n))
	}
	return out
}

// typeClass returns the outer name of a type; the fields of a structure could be
// anything.
func typeClass(sqlType string) string {
	name, _, nested := strings.Cut(sqlType, "(")
	if strings.HasPrefix(sqlType, "DECIMAL") {
		return sqlType
	}
	if nested || strings.Contains(sqlType, "[") {
		return strings.TrimRight(strings.SplitN(name, "[", 2)[0], " ") + " with parts"
	}
	return sqlType
}

// describe says which columns of the contract a file has, and how many others.
func (e Entity) describe(found map[string]string, unknown int) string {
	var known []string
	for _, c := range e.Columns {
		if _, ok := found[c.Name]; ok {
			known = append(known, c.Name)
		}
	}
	text := strings.Join(known, ", ")
	if len(known) == 0 {
		text = "none of the contract"
	}
	if unknown > 0 {
		text += fmt.Sprintf(", and %d not of the contract", unknown)
	}
	return text
}

// hint names the column of the contract that an unknown one seems to be meant
// for: they differ only in blanks, hyphens or underscores.
func hint(missing, unknown []string) string {
	squash := strings.NewReplacer(" ", "", "-", "", "_", "").Replace
	for _, m := range missing {
		for _, u := range unknown {
			if squash(m) == squash(u) {
				return " (one column seems to be " + m + " spelt otherwise)"
			}
		}
	}
	return ""
}

// accepts reports whether a column of this kind may have the given type in a
// typed file.
func (k Kind) accepts(sqlType string) bool {
	number := strings.HasPrefix(sqlType, "DECIMAL") ||
		slices.Contains([]string{"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}, sqlType)
	float := sqlType == "DOUBLE" || sqlType == "FLOAT"
	day := sqlType == "DATE" || strings.HasPrefix(sqlType, "TIMESTAMP")
	if sqlType == "VARCHAR" || sqlType == `"NULL"` {
		return true
	}
	switch k {
	case Text, Integer:
		return number
	case Decimal:
		return number || float
	case Date, Timestamp:
		return day
	case Boolean:
		return number || sqlType == "BOOLEAN"
	default:
		return false
	}
}

func (k Kind) wanted() string {
	switch k {
	case Code:
		return "text, so that zeros are kept"
	case Text:
		return "text"
	case Integer:
		return "a whole number"
	case Decimal:
		return "a decimal number"
	case Boolean:
		return "a boolean"
	default:
		return "a date or a timestamp"
	}
}
