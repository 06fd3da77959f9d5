package web

import (
	"regexp"
	"strings"

	"github.com/parvis-opendata/parvis/web/ask"
)

// Code names a certification: by its number in the RNCP, in the Répertoire spécifique (RS)
// or in Certif Info (CI), which tells variants apart that share one of the others.
type Code struct{ Kind, Number string }

var codePattern = regexp.MustCompile(`^(RNCP|RS|CI)?([0-9]{1,9})$`)

// ReadCode reads a code such as RNCP37674, RS6151, CI103645 or 103645, in any case.
func ReadCode(text string) (c Code, ok bool) {
	parts := codePattern.FindStringSubmatch(strings.ToUpper(text))
	if parts == nil {
		return Code{}, false
	}
	if parts[1] == "" {
		parts[1] = "CI"
	}
	return Code{parts[1], parts[2]}, true
}

// String is the code as addresses have it.
func (c Code) String() string { return c.Kind + c.Number }

// searched is the code as the search knows it.
func (c Code) searched() string {
	if c.Kind == "CI" {
		return c.Number
	}
	return c.String()
}

// offered is the condition on rows of the catalogue.
func (c Code) offered() string {
	return ask.Equals(map[string]string{"RNCP": "code_rncp", "RS": "code_inventaire", "CI": "code_certifinfo"}[c.Kind], c.Number)
}

// bought is the condition on rows of the purchases.
func (c Code) bought() string {
	return ask.Equals(map[string]string{"RNCP": "code_rncp", "RS": "code_rs", "CI": "code_certifinfo"}[c.Kind], c.Number)
}
