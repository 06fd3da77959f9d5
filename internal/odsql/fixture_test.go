package odsql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

// noon is the instant of now() in the tests, a Thursday.
var noon = time.Date(2021, 5, 6, 12, 34, 55, 450500000, time.UTC)

// fixture is a small table with all types, nulls and accents.
const fixture = `
CREATE TABLE formations (id VARCHAR, region VARCHAR, code VARCHAR, titre VARCHAR, contenu VARCHAR, n INTEGER, prix DECIMAL(14,2),
	jour DATE, mois VARCHAR, ouvert BOOLEAN, instant TIMESTAMP, tags VARCHAR[], lieu VARCHAR);
INSERT INTO formations VALUES
('a', 'Bretagne',  '01',    'Développeur web et web mobile', '<p>Écrire du code</p>', 1,    10.10,   '2023-12-31', '2023-12', true,  '2023-12-31 23:30:00', ['x', 'y'], 'A/B/C'),
('b', 'Bretagne',  '2A',    'Boulanger pâtissier',           'Le pain',               2,    20.20,   '2024-01-01', '2024-01', false, '2024-01-01 00:00:00', ['y'],      'A/B'),
('c', 'Normandie', '37674', 'Tableur Excel niveau 1',        'excel et calcul',       15,   1000.00, '2024-03-15', '2024-03', true,  '2024-03-15 08:02:00', NULL,       'A/D'),
('d', 'Normandie', '97',    'L''œuvre à l''atelier 100%',    NULL,                    20,   0.00,    '2024-03-31', '2024-03', NULL,  '2024-03-31 22:59:59', ['z'],      'E'),
('e', NULL,        '974',   'Permis B',                      'Conduire',              NULL, NULL,    NULL,         NULL,      NULL,  NULL,                  NULL,       NULL),
('f', 'Rhône',     NULL,    NULL,                            'web',                   -3,   5.55,    '2026-08-29', '2026-08', false, '2026-08-29 10:00:00', [],         'E/F');
`

func fixtureSchema() *odsql.Schema {
	return &odsql.Schema{
		Relation: "formations",
		Key:      []string{"id"},
		Fields: []odsql.Field{
			{Name: "id", Label: "id", Type: odsql.Text},
			{Name: "region", Label: "nom_region", Aliases: []string{"nom_region"}, Type: odsql.Text, Facet: true},
			{Name: "code", Label: "code_rncp", Aliases: []string{"code_rncp"}, Type: odsql.Text, Code: true, Facet: true},
			{Name: "titre", Label: "titre", Type: odsql.Text, FreeText: true},
			{Name: "contenu", Label: "contenu", Type: odsql.Text, FreeText: true},
			{Name: "n", Label: "n", Type: odsql.Int, Facet: true},
			{Name: "prix", Label: "prix", Type: odsql.Decimal, Facet: true},
			{Name: "jour", Label: "jour", Type: odsql.Date, Facet: true},
			{Name: "mois", Label: "mois", Type: odsql.Month, Facet: true},
			{Name: "ouvert", Label: "ouvert", Type: odsql.Bool, Facet: true},
			{Name: "instant", Label: "instant", Type: odsql.DateTime, Facet: true},
			{Name: "tags", Label: "tags", Type: odsql.Text, Multivalued: true, Facet: true},
			{Name: "lieu", Label: "lieu", Type: odsql.Text, Facet: true},
		},
		Elsewhere: map[string]string{"statut_dossier": "Ce champ est dans la table « formations_statut »."},
	}
}

// open makes the fixture's database.
func open(t testing.TB) *engine.DB {
	t.Helper()
	db, err := engine.Open(context.Background(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Exec(context.Background(), fixture); err != nil {
		t.Fatal(err)
	}
	return db
}

// compile compiles a request that is expected to be right.
func compile(t testing.TB, r odsql.Request) *odsql.Query {
	t.Helper()
	r.Now = noon
	q, err := odsql.Compile(fixtureSchema(), r, nil)
	if err != nil {
		t.Fatalf("%+v: %v", r, err)
	}
	return q
}

// run reads the rows of a statement as text: values separated by |, null as ∅.
func run(t testing.TB, db *engine.DB, s odsql.Statement, columns int) []string {
	t.Helper()
	var rows []string
	err := db.Each(context.Background(), s.SQL, func(scan func(...any) error) error {
		values := make([]any, columns)
		dest := make([]any, columns)
		for i := range values {
			dest[i] = &values[i]
		}
		if err := scan(dest...); err != nil {
			return err
		}
		cells := make([]string, columns)
		for i, v := range values {
			cells[i] = show(v)
		}
		rows = append(rows, strings.Join(cells, "|"))
		return nil
	}, s.Args...)
	if err != nil {
		t.Fatalf("%v\n%s\n%v", err, s.SQL, s.Args)
	}
	return rows
}

func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "∅"
	case time.Time:
		return strings.TrimSuffix(v.UTC().Format("2006-01-02 15:04:05.999999"), " 00:00:00")
	}
	return fmt.Sprint(v)
}

// ids are the ids of the rows that a condition keeps, in order.
func ids(t testing.TB, db *engine.DB, r odsql.Request) string {
	t.Helper()
	r.Select = "id"
	return strings.Join(run(t, db, compile(t, r).All(), 1), "")
}
