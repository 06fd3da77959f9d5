package openapi

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// ParameterError is a parameter that is not as documented.
type ParameterError struct {
	Parameter string
	// Detail says in French what is wrong, Fix what to do; both are sentences. Advice is
	// what the document has to say besides, or "".
	Detail, Fix, Advice string
	cause               error
}

// Error implements error, for the log: the value that was sent is not in it.
func (f *ParameterError) Error() string { return "parameter " + f.Parameter + " is not as documented" }

// Unwrap returns what the validation said.
func (f *ParameterError) Unwrap() error { return f.cause }

// fault says in French what an error of the validation means.
func (p parameter) fault(given []string, err error) *ParameterError {
	f := &ParameterError{Parameter: p.Name, Advice: p.advice, cause: err}
	wanted := expected(p.Schema.Value, p.Example)
	switch {
	case errors.Is(err, openapi3filter.ErrInvalidRequired):
		f.Detail = fmt.Sprintf("Le paramètre « %s » manque.", p.Name)
	case errors.Is(err, openapi3filter.ErrInvalidEmptyValue):
		f.Detail = fmt.Sprintf("Le paramètre « %s » n'a pas de valeur.", p.Name)
	default:
		f.Detail = fmt.Sprintf("Le paramètre « %s » vaut « %s » ; il faut %s.", p.Name, cut(strings.Join(given, ", "), 40), wanted)
	}
	f.Fix = fmt.Sprintf("Donnez à « %s » %s.", p.Name, wanted)
	return f
}

// expected says what the values of a schema are.
func expected(s *openapi3.Schema, example any) string {
	switch {
	case s.Type.Is(openapi3.TypeArray):
		var first any
		if list, ok := example.([]any); ok && len(list) > 0 {
			first = list[0]
		}
		one := expected(s.Items.Value, first)
		if s.MaxItems != nil {
			return fmt.Sprintf("au plus %d valeurs, chacune %s", *s.MaxItems, one)
		}
		return one
	case len(s.Enum) > 0:
		var words []string
		for _, word := range s.Enum {
			words = append(words, fmt.Sprint(word))
		}
		return "l'une des valeurs " + strings.Join(words, " ")
	case s.Type.Is(openapi3.TypeInteger):
		return "un nombre entier" + bounds(s)
	case s.Type.Is(openapi3.TypeNumber):
		return "un nombre" + bounds(s)
	case s.Type.Is(openapi3.TypeBoolean):
		return "true ou false"
	}
	return expectedText(s, example)
}

func expectedText(s *openapi3.Schema, example any) string {
	switch {
	case s.Pattern != "" && example != nil:
		return fmt.Sprintf("une valeur de la forme de « %v »", example)
	case s.MaxLength != nil:
		return fmt.Sprintf("un texte d'au plus %d caractères", *s.MaxLength)
	}
	return "un texte"
}

// bounds says from where to where a number may be.
func bounds(s *openapi3.Schema) string {
	number := func(x *float64) string { return strconv.FormatFloat(*x, 'f', -1, 64) }
	switch {
	case s.Min != nil && s.Max != nil:
		return " de " + number(s.Min) + " à " + number(s.Max)
	case s.Min != nil:
		return " d'au moins " + number(s.Min)
	case s.Max != nil:
		return " d'au plus " + number(s.Max)
	}
	return ""
}

// cut shortens a text that somebody sent, so that it can be shown.
func cut(text string, most int) string {
	text = strings.ToValidUTF8(text, "�")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
