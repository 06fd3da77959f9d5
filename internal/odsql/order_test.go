package odsql_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/internal/engine"
	"github.com/parvis-opendata/parvis/internal/odsql"
)

func TestOrderIsTotalWithNullsLast(t *testing.T) {
	db := open(t)
	for by, want := range map[string]string{
		"":                             "abcdef",
		"id desc":                      "fedcba",
		"-id":                          "fedcba",
		"n":                            "fabcde",
		"n desc":                       "dcbafe",
		"-n":                           "dcbafe",
		"region, n desc":               "badcfe",
		"region desc, prix asc":        "fdcabe",
		"ouvert, -prix":                "bfcade",
		"length(code) desc, code":      "ceabdf",
		"year(jour), month(jour), -id": "abdcfe",
		"n*-1":                         "dcbafe",
		"-n asc":                       "dcbafe",
		"-n + prix":                    "dfabce",
		"nom_region, id":               "abcdfe",
		"lieu desc":                    "fdcabe",
	} {
		if got := ids(t, db, odsql.Request{OrderBy: by}); got != want {
			t.Errorf("order by %s: %s, want %s", by, got, want)
		}
	}
}

func TestRandomOrderFollowsItsSeed(t *testing.T) {
	db := open(t)
	one, again := ids(t, db, odsql.Request{OrderBy: "random(1)"}), ids(t, db, odsql.Request{OrderBy: "random(1)"})
	if one != again {
		t.Errorf("one seed gave %s and %s", one, again)
	}
	orders := map[string]bool{}
	for seed := range 10 {
		orders[ids(t, db, odsql.Request{OrderBy: "random(" + strconv.Itoa(seed) + ")"})] = true
	}
	if len(orders) < 5 {
		t.Errorf("ten seeds gave %d orders", len(orders))
	}
	grouped := odsql.Request{GroupBy: "region", OrderBy: "random(3)"}
	if diff := cmp.Diff(answer(t, grouped), answer(t, grouped)); diff != "" {
		t.Error(diff)
	}
}

func TestPagesAreSlicesOfTheWhole(t *testing.T) {
	db := open(t)
	q := compile(t, odsql.Request{Select: "id", OrderBy: "region desc"})
	whole := run(t, db, q.All(), 1)
	var paged []string
	for offset := 0; offset < 6; offset += 2 {
		paged = append(paged, run(t, db, q.Page(2, offset), 1)...)
	}
	if diff := cmp.Diff(whole, paged); diff != "" {
		t.Error(diff)
	}
	if got := run(t, db, q.Page(0, 0), 1); got != nil {
		t.Errorf("a page of nothing has %v", got)
	}
}

// TestSortedTablesAreReadAsTheyLie compares the answers over a table that lies in the order
// of its key with those that are sorted.
func TestSortedTablesAreReadAsTheyLie(t *testing.T) {
	db := open(t)
	err := db.Exec(t.Context(), `SET GLOBAL preserve_insertion_order = true; SET GLOBAL threads = 4;
		CREATE TABLE sorted AS SELECT * REPLACE (printf('%07d', i) AS id, CAST(i % 50 AS INTEGER) AS n) FROM range(150000) r(i), formations WHERE id = 'a' ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	s := fixtureSchema()
	s.Relation = "sorted"
	lying := *s
	lying.Sorted = true
	for _, r := range []odsql.Request{
		{Select: "id"}, {Select: "id", Where: []string{"n < 7", `titre LIKE "web"`}}, {Select: "id, n", Where: []string{"n = 3"}, OrderBy: "n desc"},
		{Select: "count(*)"}, {GroupBy: "n", Select: "count(*)"},
	} {
		sorted, err := odsql.Compile(s, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		asItLies, err := odsql.Compile(&lying, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		width := len(sorted.Columns)
		if !slices.Equal(run(t, db, sorted.All(), width), run(t, db, asItLies.All(), width)) {
			t.Errorf("%+v: rows are in another order", r)
		}
		for _, offset := range []int{0, 9000, 122_870, 149_980, 150_000, 1 << 40} {
			if !slices.Equal(run(t, db, sorted.Page(50, offset), width), run(t, db, asItLies.Page(50, offset), width)) {
				t.Errorf("%+v: another page at %d", r, offset)
			}
		}
		if plain := r.OrderBy == "" && r.GroupBy == "" && width < 3; plain && strings.Contains(asItLies.All().SQL, "ORDER BY") {
			t.Errorf("%+v is sorted: %s", r, asItLies.All().SQL)
		}
	}
}

// TestCursorsGoThroughAllRows reads queries page by page, and compares with the whole.
func TestCursorsGoThroughAllRows(t *testing.T) {
	db := open(t)
	for _, r := range []odsql.Request{
		{},
		{OrderBy: "n"},
		{OrderBy: "n desc"},
		{OrderBy: "region desc, prix"},
		{OrderBy: "prix*1.5, ouvert desc"},
		{OrderBy: "ouvert"},
		{OrderBy: "jour desc"},
		{OrderBy: "mois, instant desc"},
		{OrderBy: "random(7)"},
		{OrderBy: "n/3 desc"},
		{Select: "id, n", Where: []string{"n > 0"}, OrderBy: "-n"},
		{GroupBy: "region"},
		{GroupBy: "region, ouvert", Select: "count(*) as nb, sum(prix)", OrderBy: "nb desc, sum(prix) desc"},
		{GroupBy: "range(n, 10) as r, range(jour, 1 month)", Select: "count(*)", OrderBy: "r desc"},
		{Select: "count(*)"},
	} {
		q := compile(t, r)
		width := len(q.Columns)
		whole := run(t, db, q.All(), width)
		for _, limit := range []int{1, 2, 5} {
			if diff := cmp.Diff(whole, paged(t, db, q, limit)); diff != "" {
				t.Errorf("%+v by %d: %s", r, limit, diff)
			}
		}
	}
}

// paged reads a query page by page.
func paged(t testing.TB, db *engine.DB, q *odsql.Query, limit int) []string {
	t.Helper()
	var all []string
	cursor := ""
	for range 20 {
		s, err := q.After(cursor, limit)
		if err != nil {
			t.Fatal(err)
		}
		rows := run(t, db, s, len(q.Columns)+1)
		for _, row := range rows {
			at := strings.LastIndex(row, "|[")
			all = append(all, row[:at])
			cursor = q.Cursor(row[at+1:])
		}
		if len(rows) < limit || q.Aggregated {
			break
		}
	}
	return all
}

func TestCursorsOfOtherQueriesAndDamagedOnesAreRefused(t *testing.T) {
	q := compile(t, odsql.Request{OrderBy: "n"})
	good := q.Cursor(`["1","a"]`)
	if _, err := q.After(good, 1); err != nil {
		t.Fatal(err)
	}
	other := compile(t, odsql.Request{OrderBy: "n desc"})
	for name, cursor := range map[string]string{
		"another query":  other.Cursor(`["1","a"]`),
		"damaged":        good[:len(good)-2] + "zz",
		"no base64":      "%%%",
		"short":          "AAAA",
		"too few values": q.Cursor(`["1"]`),
		"no JSON":        q.Cursor(`nonsense`),
	} {
		if _, err := q.After(cursor, 1); code(err) != odsql.CodeParameter {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRecordIsFoundByItsID(t *testing.T) {
	db := open(t)
	q := compile(t, odsql.Request{Select: "id"}).WithRecordID()
	rows := run(t, db, q.All(), 2)
	for _, row := range rows {
		id, record, _ := strings.Cut(row, "|")
		if len(record) != 40 {
			t.Errorf("record id %s", record)
		}
		if got := ids(t, db, odsql.Request{Record: record}); got != id {
			t.Errorf("record of %s: %s", id, got)
		}
	}
	// The first 40 digits of sha256("a" + U+001F).
	if want := "a|" + firstRecord; rows[0] != want {
		t.Errorf("got %s, want %s", rows[0], want)
	}
	if q := compile(t, odsql.Request{GroupBy: "region"}); len(q.WithRecordID().Columns) != 1 {
		t.Error("a group has a record id")
	}
}

// TestAmongTakesAnyTexts: values are no clause, however they are written and however many.
func TestAmongTakesAnyTexts(t *testing.T) {
	db := open(t)
	among := func(values ...string) odsql.Request {
		return odsql.Request{Among: &odsql.Among{Field: "id", Values: values}}
	}
	var many []string
	for i := range 1500 {
		many = append(many, fmt.Sprintf("x%d", i))
	}
	for want, values := range map[string][]string{"": {}, "a": {"a", `" or 1=1 --`, "'); DROP TABLE t"}, "ab": append(many, "b", "a", "a")} {
		if got := ids(t, db, among(values...)); got != want {
			t.Errorf("%.3q: %s", values, got)
		}
	}
	if compile(t, among("a")).Canonical() == compile(t, among("b")).Canonical() {
		t.Error("two lists have one key")
	}
}

const firstRecord = "69fc94c033d1f48cef62e24c0833e6baac18b628"
