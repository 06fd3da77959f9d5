package search

import (
	"context"
	"fmt"
	"iter"
	"strings"
)

// Table is the table that is searched.
const Table = "moncompteformation_catalogueformation"

// Rows are the rows of a query, read one by one; those of internal/engine are.
type Rows interface {
	Next() bool
	Null(column int) bool
	String(column int) string
	Int(column int) int64
	Float(column int) float64
	Err() error
	Close() error
}

// texts are the columns of text that are read, in order; columns of numbers follow them.
var texts = strings.Fields(`numero_formation intitule_formation siret nom_of type_referentiel code_rncp code_inventaire
	code_certifinfo intitule_certification libelle_niveau_sortie_formation libelle_code_formacode_principal habilitation
	code_departement nom_departement code_region nom_region
	code_formacode_1 code_formacode_2 code_formacode_3 code_formacode_4 code_formacode_5
	code_rome_1 code_rome_2 code_rome_3 code_rome_4 code_rome_5
	code_nsf_1 code_nsf_2 code_nsf_3 libelle_nsf_1 libelle_nsf_2 libelle_nsf_3`)

var (
	counts   = strings.Fields("nb_action nb_session_active nb_session_a_distance")
	decimals = strings.Fields("nombre_heures_total_min nombre_heures_total_max frais_ttc_tot_min frais_ttc_tot_max")
)

// Select returns the query that reads the catalogue from a table: the rows of a training
// one after the other.
func Select(table string) string {
	var columns []string
	columns = append(columns, texts...)
	for _, c := range counts {
		columns = append(columns, "CAST("+c+" AS BIGINT) AS "+c)
	}
	for _, c := range decimals {
		columns = append(columns, "CAST("+c+" AS DOUBLE) AS "+c)
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + table + " ORDER BY numero_formation, code_departement NULLS LAST, code_region NULLS LAST"
}

// Documents reads the trainings of the rows of [Select]. Query runs it.
//
// Errors: those of the query, last.
func Documents[R Rows](ctx context.Context, query func(ctx context.Context, sql string, args ...any) (R, error), table string) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		rows, err := query(ctx, Select(table))
		if err != nil {
			yield(Document{}, fmt.Errorf("read the catalogue: %w", err))
			return
		}
		more := group(rows, yield)
		err = rows.Err()
		if closed := rows.Close(); err == nil {
			err = closed
		}
		if err != nil && more {
			yield(Document{}, fmt.Errorf("read the catalogue: %w", err))
		}
	}
}

// group yields a document for the rows of each training; false when yield wants no more.
func group(rows Rows, yield func(Document, error) bool) bool {
	var current *Document
	for rows.Next() {
		d := read(rows)
		switch {
		case current == nil:
			current = &d
		case current.Numero == d.Numero:
			current.add(&d)
		default:
			if !yield(*current, nil) {
				return false
			}
			current = &d
		}
	}
	if current == nil || rows.Err() != nil {
		return true
	}
	return yield(*current, nil)
}

// read reads one row.
func read(rows Rows) Document {
	t := make([]string, len(texts))
	for i := range t {
		if !rows.Null(i) {
			t[i] = rows.String(i)
		}
	}
	for _, i := range []int{5, 6, 7} {
		if t[i] == "-1" { // the code of no code
			t[i] = ""
		}
	}
	n := len(texts)
	d := Document{
		Numero: t[0], Title: t[1], Siret: t[2], Provider: t[3], Register: t[4], RNCP: t[5], RS: t[6],
		Certifinfo: t[7], Certification: t[8], Level: t[9], Formacode: t[10], Accreditation: t[11],
		Formacodes: compact(t[16:21]), Romes: compact(t[21:26]), NSF: compact(t[26:29]), Domains: compact(t[29:32]),
		Actions: rows.Int(n), Sessions: rows.Int(n + 1), DistanceSessions: rows.Int(n + 2),
		HoursMin: hours(rows, n+3), HoursMax: hours(rows, n+4), PriceMin: number(rows, n+5), PriceMax: number(rows, n+6),
		Places: []Place{},
	}
	if t[12] != "" {
		d.Places = append(d.Places, Place{Departement: t[12], DepartementName: t[13], Region: t[14], RegionName: t[15]})
	}
	return d
}

func number(rows Rows, column int) *float64 {
	if rows.Null(column) {
		return nil
	}
	v := rows.Float(column)
	return &v
}

// hours reads a duration, of which 0 means that it is not given.
func hours(rows Rows, column int) *float64 {
	v := number(rows, column)
	if v != nil && *v == 0 {
		return nil
	}
	return v
}

// add joins another place of the same training.
func (d *Document) add(o *Document) {
	d.Places = append(d.Places, o.Places...)
	d.Actions += o.Actions
	d.Sessions += o.Sessions
	d.DistanceSessions += o.DistanceSessions
	d.HoursMin, d.PriceMin = least(d.HoursMin, o.HoursMin), least(d.PriceMin, o.PriceMin)
	d.HoursMax, d.PriceMax = most(d.HoursMax, o.HoursMax), most(d.PriceMax, o.PriceMax)
}

func least(a, b *float64) *float64 {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}

func most(a, b *float64) *float64 {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}
