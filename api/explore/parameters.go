package explore

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/internal/odsql"
)

// Parameters by endpoint. Those in dynamic names (refine.x of version 1) are known
// by their beginning, which ends with a dot.
var (
	recordsParameters = []string{
		"select", "where", "group_by", "order_by", "limit", "offset", "refine", "exclude", "lang", "timezone",
		"include_links", "include_app_metas", "release",
	}
	catalogParameters = recordsParameters
	datasetParameters = []string{"select", "lang", "timezone", "include_links", "include_app_metas", "release"}
	recordParameters  = []string{"select", "lang", "timezone", "include_links", "include_app_metas", "release"}
	facetParameters   = []string{"where", "refine", "exclude", "facet", "lang", "timezone", "release"}
	exportParameters  = []string{
		"select", "where", "order_by", "group_by", "limit", "refine", "exclude", "lang", "timezone", "use_labels", "compressed", "epsg",
		"delimiter", "list_separator", "quote_all", "with_bom", "parquet_compression", "release",
	}
	catalogExportParameters = append([]string{"offset"}, exportParameters...)
	searchParameters        = []string{
		"dataset", "q", "lang", "rows", "start", "sort", "facet", "refine.", "exclude.", "disjunctive.", "fields", "timezone", "format", "release",
		"geofilter.distance", "geofilter.polygon",
	}
	analyzeParameters = []string{
		"dataset", "q", "lang", "x", "y.", "sort", "maxpoints", "refine.", "exclude.", "disjunctive.", "timezone", "release",
		"geofilter.distance", "geofilter.polygon",
	}
	downloadParameters = []string{
		"dataset", "q", "lang", "rows", "start", "sort", "refine.", "exclude.", "disjunctive.", "fields", "timezone", "format", "release",
		"use_labels_for_header", "csv_separator", "with_bom", "geofilter.distance", "geofilter.polygon",
	}
)

// known reports whether a name is among the parameters of an endpoint.
func known(parameters []string, name string) bool {
	return slices.ContainsFunc(parameters, func(p string) bool {
		return p == name || strings.HasSuffix(p, ".") && strings.HasPrefix(name, p)
	})
}

// params are the parameters of a request.
type params struct{ values url.Values }

// readParams reads the query of an address. A semicolon is a character like others:
// clients write delimiter=; as it is.
//
// Errors: what does not decode.
func readParams(r *http.Request) (params, error) {
	p := params{url.Values{}}
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err == nil {
			value, err = url.QueryUnescape(value)
		}
		if err != nil {
			return p, parameterError("La partie de l'adresse qui suit « ? » n'est pas bien formée : codez les caractères spéciaux (%25 pour un signe pour cent).")
		}
		p.values.Add(name, value)
	}
	return p, nil
}

// announceIgnored says in a header which parameters nothing was made of.
func (p params) announceIgnored(w http.ResponseWriter, parameters []string) {
	var names []string
	for name := range p.values {
		if !known(parameters, name) {
			names = append(names, url.QueryEscape(cut(name, 64)))
		}
	}
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	w.Header().Set("X-Ignored-Parameters", strings.Join(names[:min(len(names), 20)], ", "))
}

// text returns the first value of a parameter, without blanks at its ends.
func (p params) text(name string) string { return strings.TrimSpace(p.values.Get(name)) }

// all returns the values of a parameter that are not empty.
func (p params) all(name string) []string {
	return slices.DeleteFunc(slices.Clone(p.values[name]), func(v string) bool { return strings.TrimSpace(v) == "" })
}

// whole reads a whole number from least to most.
func (p params) whole(name string, absent, least, most int, hint string) (int, error) {
	text := p.text(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, parameterError(fmt.Sprintf("Le paramètre « %s » vaut « %s » ; il faut un nombre entier tel que %d ≤ %s ≤ %d.%s", name, cut(text, 40), least, name, most, hint))
	}
	return n, nil
}

// flag reads a boolean.
func (p params) flag(name string, absent bool) (bool, error) {
	switch strings.ToLower(p.text(name)) {
	case "":
		return absent, nil
	case "true", "1", "yes", "on":
		return true, nil
	case "false", "0", "no", "off":
		return false, nil
	}
	return false, parameterError(fmt.Sprintf("Le paramètre « %s » vaut « %s » ; il faut true ou false.", name, cut(p.text(name), 40)))
}

// flags reads several booleans that are false when absent.
func (p params) flags(into map[string]*bool) error {
	for name, value := range into {
		var err error
		if *value, err = p.flag(name, false); err != nil {
			return err
		}
	}
	return nil
}

// choice reads one of some values; the first one stands for an absent one.
func (p params) choice(name string, values ...string) (string, error) {
	text := p.values.Get(name)
	if text == "" {
		return values[0], nil
	}
	if !slices.Contains(values, text) {
		return "", parameterError(fmt.Sprintf("Le paramètre « %s » vaut « %s » ; les valeurs admises sont %s.", name, cut(text, 40), strings.Join(values, " ")))
	}
	return text, nil
}

// locale reads lang and timezone.
func (p params) locale() (lang string, zone *time.Location, err error) {
	lang, err = p.choice("lang", odsql.Languages...)
	if err != nil {
		return "", nil, err
	}
	name := p.text("timezone")
	if name == "" {
		return lang, time.UTC, nil
	}
	zone, err = time.LoadLocation(name)
	if err != nil || name == "Local" {
		return "", nil, parameterError(fmt.Sprintf("Le paramètre « timezone » vaut « %s », qui n'est pas un fuseau horaire connu (exemple : Europe/Paris).", cut(name, 40)))
	}
	return lang, zone, nil
}

// request reads the clauses of a query.
func (a *API) request(p params) (odsql.Request, error) {
	lang, zone, err := p.locale()
	return odsql.Request{
		Select: p.text("select"), GroupBy: p.text("group_by"), OrderBy: p.text("order_by"), Where: p.all("where"),
		Refine: p.all("refine"), Exclude: p.all("exclude"), Lang: lang, Zone: zone, Now: a.now(),
	}, err
}

// cut shortens a text that somebody sent, so that it can be shown.
func cut(text string, most int) string {
	text = strings.ToValidUTF8(text, "�")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
