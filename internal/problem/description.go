package problem

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
)

// description is problem.json.
type description struct {
	Tables            []tableEntry              `json:"tables"`
	Dimensions        map[string]dimensionEntry `json:"dimensions"`
	Value             string                    `json:"value"`
	Frequency         string                    `json:"frequency"`
	Largest           []string                  `json:"largest"`
	Sensitive         string                    `json:"sensitive"`
	Rules             rulesEntry                `json:"rules"`
	ProtectionPercent json.Number               `json:"protection_percent"`
	Whole             bool                      `json:"whole"`
	LowerBound        json.RawMessage           `json:"lower_bound"`
	Zeros             string                    `json:"zeros"`

	file       string
	rules      rules
	protection decimal
	noBound    bool
	bound      decimal
}

type tableEntry struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	Detail bool   `json:"detail"`
}

type dimensionEntry struct {
	Total       string   `json:"total"`
	Hierarchies []string `json:"hierarchies"`
}

type rulesEntry struct {
	MinFrequency     json.Number `json:"min_frequency"`
	DominancePercent json.Number `json:"dominance_percent"`
	PPercent         json.Number `json:"p_percent"`
	Remainder        bool        `json:"remainder"`
	// Alone is nil if the description does not say.
	Alone *bool `json:"alone"`
}

// rules are the rules of a description; zero switches one off.
type rules struct {
	minFrequency, dominancePercent, pPercent int64
}

// Limits of what a description may say. With them no product of a figure and a per
// cent leaves 64 bits.
const (
	maxTables      = 1000
	maxDimensions  = 20
	maxHierarchies = 50
	maxLargest     = 20
	maxPPercent    = 400
	maxProtection  = 100
	maxFrequency   = 1 << 31
	maxTableName   = 100
	statusColumn   = "status"
	zerosKnown     = "known"
	zerosSecret    = "secret"
	describedKeys  = "tables, dimensions, value, frequency, largest, sensitive, rules, protection_percent, whole, lower_bound, zeros"
	describedRules = "min_frequency, dominance_percent, p_percent, remainder, alone"
)

// describedNames are the keys of all objects of the description.
var describedNames = strings.Split(describedKeys+", "+describedRules+", name, file, detail, total, hierarchies", ", ")

// readDescription reads and checks problem.json.
func readDescription(fsys fs.FS, file string, f *faults) (*description, error) {
	data, err := readFile(fsys, file, f)
	if data == nil || err != nil {
		return nil, err
	}
	d := &description{file: file}
	if problem := checkKeys(data); problem != "" {
		d.faultf(f, "%s", problem)
		return nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(d); err != nil {
		f.addf(jsonFault(file, data, err))
		return nil, nil
	}
	if decoder.More() {
		d.faultf(f, "something follows the closing brace; keep one object")
		return nil, nil
	}
	d.checkTables(f)
	d.checkDimensions(f)
	d.checkColumns(f)
	d.checkRules(f)
	d.checkFigures(f)
	return d, nil
}

func (d *description) faultf(f *faults, format string, args ...any) {
	f.addf(place{file: d.file}, format, args...)
}

// jsonFault turns an error of the JSON reader into a fault.
func jsonFault(file string, data []byte, err error) (at place, format string, text string) {
	at = place{file: file}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	text = strings.TrimPrefix(err.Error(), "json: ")
	switch {
	case errors.As(err, &syntax):
		at.line = 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		text += "; correct the JSON there"
	case errors.As(err, &kind):
		at.line = 1 + bytes.Count(data[:min(int(kind.Offset), len(data))], []byte("\n"))
		text = fmt.Sprintf("%s must be a %s, not %s; correct it", kind.Field, kindName(kind.Type.String()), kind.Value)
	case strings.HasPrefix(text, "unknown field"):
		text = strings.Replace(text, "unknown field", "misplaced key", 1) + "; known: " + describedKeys + "; in rules: " + describedRules
	default:
		text += "; correct the JSON"
	}
	return at, "%s", text
}

// kindName is what a Go type is called in JSON.
func kindName(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "list"
	case strings.HasPrefix(goType, "map"), strings.Contains(goType, "Entry"), strings.Contains(goType, "description"):
		return "object"
	case goType == "bool":
		return "true or false"
	case goType == "json.Number":
		return "number"
	default:
		return goType
	}
}

// checkKeys says what is wrong with the keys of the description: one that an object has
// twice, or that is not spelt as it should be. The JSON reader minds neither. Broken JSON
// is left to it, and keys in the wrong place.
func checkKeys(data []byte) (problem string) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	type level struct {
		keys  map[string]bool // nil in a list
		free  bool            // keys are names of the user's
		value bool            // the next token is a value
	}
	var open []level
	last := ""
	for {
		token, err := decoder.Token()
		if err != nil {
			return ""
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			open = open[:len(open)-1]
			continue
		}
		if n := len(open); n > 0 && open[n-1].keys != nil {
			top := &open[n-1]
			if top.value = !top.value; top.value {
				last, _ = token.(string)
				switch {
				case top.keys[last]:
					return fmt.Sprintf("the key %q is there twice; keep one", last)
				case !top.free && !slices.Contains(describedNames, last):
					return fmt.Sprintf("unknown key %q; known: %s; in rules: %s", last, describedKeys, describedRules)
				}
				top.keys[last] = true
				continue
			}
		}
		switch token {
		case json.Delim('{'):
			open = append(open, level{keys: map[string]bool{}, free: len(open) == 1 && last == "dimensions"})
		case json.Delim('['):
			open = append(open, level{})
		}
	}
}

// checkTables refuses names and paths that would leave the folder or collide.
func (d *description) checkTables(f *faults) {
	if len(d.Tables) == 0 || len(d.Tables) > maxTables {
		d.faultf(f, "tables has %d entries; name 1 to %d tables", len(d.Tables), maxTables)
	}
	seen := map[string]bool{}
	for i := range d.Tables {
		t := &d.Tables[i]
		name := strings.ToLower(t.Name)
		switch {
		case !safeName(t.Name):
			d.faultf(f, "%q is no name of a table; use letters, digits, dots, - and _ only, and no dot first", t.Name)
		case seen[name]:
			d.faultf(f, "two tables are called %q; rename one", t.Name)
		}
		seen[name] = true
		t.File = d.path(t.File, f)
	}
}

// checkDimensions refuses dimensions without a total.
func (d *description) checkDimensions(f *faults) {
	if len(d.Dimensions) == 0 || len(d.Dimensions) > maxDimensions {
		d.faultf(f, "dimensions has %d entries; name 1 to %d dimensions", len(d.Dimensions), maxDimensions)
	}
	for _, name := range sortedKeys(d.Dimensions) {
		entry := d.Dimensions[name]
		if name == "" || entry.Total == "" {
			d.faultf(f, "the dimension %q lacks a name or the code of its total; write {\"NAME\": {\"total\": \"CODE\"}}", name)
		}
		if len(entry.Hierarchies) > maxHierarchies {
			d.faultf(f, "the dimension %q has %d hierarchies; name at most %d", name, len(entry.Hierarchies), maxHierarchies)
		}
		for i := range entry.Hierarchies {
			entry.Hierarchies[i] = d.path(entry.Hierarchies[i], f)
		}
	}
}

// checkColumns refuses columns without a name and names with two meanings.
func (d *description) checkColumns(f *faults) {
	if d.Value == "" {
		d.faultf(f, "value is missing; name the column of the figure that is published")
	}
	if d.Frequency == "" {
		d.faultf(f, "frequency is missing; name the column of the number of contributors (it may be that of value)")
	}
	if len(d.Largest) > maxLargest {
		d.faultf(f, "largest has %d columns; name at most %d", len(d.Largest), maxLargest)
	}
	use := map[string]string{statusColumn: "the status in the mask"}
	claim := func(name, what string) {
		if other, taken := use[name]; taken && name != "" {
			d.faultf(f, "the column %q is both %s and %s; give each its own column", name, other, what)
		}
		use[name] = what
	}
	for _, name := range sortedKeys(d.Dimensions) {
		claim(name, "a dimension")
	}
	claim(d.Value, "value")
	if d.Frequency != d.Value {
		claim(d.Frequency, "frequency")
	}
	for _, name := range d.Largest {
		if name == "" {
			d.faultf(f, "largest has an empty name; name the columns")
		}
		claim(name, "largest")
	}
	claim(d.Sensitive, "sensitive")
}

// checkRules refuses rules that have no meaning or lack their columns.
func (d *description) checkRules(f *faults) {
	r := &d.rules
	for _, rule := range []struct {
		name, what string
		text       json.Number
		most       int64
		into       *int64
	}{
		{"min_frequency", "the smallest number of contributors that may be shown", d.Rules.MinFrequency, maxFrequency, &r.minFrequency},
		{"dominance_percent", "a whole per cent", d.Rules.DominancePercent, 100, &r.dominancePercent},
		{"p_percent", "a whole per cent", d.Rules.PPercent, maxPPercent, &r.pPercent},
	} {
		if rule.text == "" {
			continue
		}
		number, problem := parseDecimal(rule.text.String())
		n, whole := number.whole()
		if problem != "" || !whole || n < 0 || n > rule.most {
			d.faultf(f, "%s %s is no whole number in 0..%d; write %s, 0 for no such rule", rule.name, rule.text, rule.most, rule.what)
			continue
		}
		*rule.into = n
	}
	if r.dominancePercent > 0 && len(d.Largest) < 1 {
		d.faultf(f, "dominance_percent needs the largest contribution; name its column in largest")
	}
	if r.pPercent > 0 && len(d.Largest) < 2 {
		d.faultf(f, "p_percent needs the two largest contributions; name their columns in largest")
	}
}

// checkFigures reads the numbers of the description.
func (d *description) checkFigures(f *faults) {
	var problem string
	if d.ProtectionPercent != "" {
		d.protection, problem = parseDecimal(d.ProtectionPercent.String())
		if problem != "" || d.protection.n < 0 || d.protection.places > 3 || d.protection.n > maxProtection*powers[d.protection.places] {
			d.faultf(f, "protection_percent %s is not in 0..%d with at most 3 decimals; write a per cent of the value, 0 for not determined", d.ProtectionPercent, maxProtection)
			d.protection = decimal{}
		}
	}
	switch bound := string(bytes.TrimSpace(d.LowerBound)); bound {
	case "":
	case "null":
		d.noBound = true
	default:
		if d.bound, problem = parseDecimal(bound); problem != "" {
			d.faultf(f, "lower_bound: %s; write null for no bound", problem)
		}
	}
	if w, ok := d.bound.whole(); d.Whole && ok {
		d.bound = decimal{n: w}
	} else if d.Whole {
		d.faultf(f, "lower_bound %s is a fraction, the figures are whole; round it down", d.bound)
	}
	switch {
	case d.Zeros == "":
		d.Zeros = zerosKnown
	case d.Zeros != zerosKnown && d.Zeros != zerosSecret:
		d.faultf(f, "zeros %q is unknown; write %q or %q", d.Zeros, zerosKnown, zerosSecret)
	case d.Zeros == zerosSecret && d.bound.n > 0:
		d.faultf(f, "lower_bound %s is above zero, and zeros are secret; lower it to 0, or write \"zeros\": \"known\"", d.bound)
	}
}

// path returns a path of the description from the root of the file system.
func (d *description) path(name string, f *faults) string {
	clean := path.Clean(strings.ReplaceAll(name, `\`, "/"))
	if name == "" || strings.Contains(name, `\`) || !fs.ValidPath(clean) || clean == "." {
		d.faultf(f, "%q is no file below the folder of %s; write a path such as tables/sales.csv, without ..", name, path.Base(d.file))
		return clean
	}
	return path.Join(path.Dir(d.file), clean)
}

// safeName reports whether a name of a table can be that of a file anywhere.
func safeName(name string) bool {
	for i, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' && (r != '.' || i == 0) {
			return false
		}
	}
	return name != "" && len(name) <= maxTableName
}
