package openapi

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// Operation is what is documented of a path.
type Operation struct {
	parameters []parameter
}

// parameter is a parameter of the query of an address.
type parameter struct {
	*openapi3.Parameter
	// open stands for all the parameters whose name begins like it, up to a dot; "" for
	// a parameter of that name alone.
	open string
	// advice is said to whoever gives a wrong value.
	advice string
}

func newOperation(item *openapi3.PathItem) *Operation {
	o := &Operation{}
	for _, ref := range slices.Concat(item.Parameters, item.Get.Parameters) {
		if ref.Value.In == openapi3.ParameterInQuery {
			p := parameter{Parameter: ref.Value}
			p.open, _ = ref.Value.Extensions["x-prefix"].(string)
			p.advice, _ = ref.Value.Extensions["x-advice"].(string)
			o.parameters = append(o.parameters, p)
		}
	}
	return o
}

// Parameters are the names of the parameters of the query. One that stands for all
// names with a beginning is that beginning, which ends with a dot.
func (o *Operation) Parameters() []string {
	var names []string
	for _, p := range o.parameters {
		name := p.Name
		if p.open != "" {
			name = p.open
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Several reports whether a parameter may be given several times.
func (o *Operation) Several(name string) bool {
	return o != nil && slices.ContainsFunc(o.parameters, func(p parameter) bool {
		return p.Name == name && p.Schema.Value.Type.Is(openapi3.TypeArray)
	})
}

// options keep the validation from changing the request. Nothing here needs a key.
var options = &openapi3filter.Options{SkipSettingDefaults: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}

// Check compares the parameters of a request with the document. Others than the
// documented ones are none of its business.
//
// Errors: [*ParameterError].
func (o *Operation) Check(values url.Values) error {
	in := &openapi3filter.RequestValidationInput{QueryParams: values, Options: options}
	for _, p := range o.parameters {
		given, ok := values[p.Name]
		if p.open != "" || !ok && !p.Required {
			continue
		}
		if err := openapi3filter.ValidateParameter(context.Background(), in, p.Parameter); err != nil {
			return p.fault(given, err)
		}
	}
	return nil
}

// CheckLenient is Check as old clients need it: a parameter without a value is absent,
// blanks around a value do not count, of a value given twice the first is taken, and
// there are more words for true and false.
func (o *Operation) CheckLenient(values url.Values) error {
	plain := make(url.Values, len(values))
	for _, p := range o.parameters {
		if given, ok := values[p.Name]; ok {
			if given = p.plain(given); len(given) > 0 {
				plain[p.Name] = given
			}
		}
	}
	return o.Check(plain)
}

// plain returns the values that count.
func (p parameter) plain(given []string) []string {
	schema := p.Schema.Value
	if !schema.Type.Is(openapi3.TypeArray) {
		given = given[:1]
	}
	var out []string
	for _, value := range given {
		if value = strings.TrimSpace(value); value == "" {
			continue
		}
		if schema.Type.Is(openapi3.TypeBoolean) {
			value = truth(value)
		}
		out = append(out, value)
	}
	return out
}

// truth spells true and false as the document does.
func truth(word string) string {
	switch lower := strings.ToLower(word); lower {
	case "true", "1", "yes", "on":
		return "true"
	case "false", "0", "no", "off":
		return "false"
	}
	return word
}
