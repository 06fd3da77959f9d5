package ask_test

import (
	"net/url"
	"testing"

	"github.com/parvis-opendata/parvis/web/ask"
)

func TestAddressesAreThoseOfTheAPI(t *testing.T) {
	q := ask.Question{Table: "t é", Select: "sum(x) as s", GroupBy: "a", OrderBy: "s desc", Where: []string{ask.Equals("a", `l'"été\`), "x > 1"}, Limit: -1}
	u, err := url.Parse(q.Records("../"))
	if err != nil {
		t.Fatal(err)
	}
	v := u.Query()
	if u.Path != "../api/explore/v2.1/catalog/datasets/t é/records" || v["where"][0] != `a = "l'\"été\\"` || v.Get("limit") != "-1" || v.Get("group_by") != "a" {
		t.Errorf("%s %v", u.Path, v)
	}
	if got := (ask.Question{Table: "t", Limit: 5}).Export("", "csv"); got != "api/explore/v2.1/catalog/datasets/t/exports/csv" {
		t.Error(got)
	}
}

func TestSecretIsNoNumber(t *testing.T) {
	rows, err := ask.Read([]byte(`[{"a":"x","n":12.50,"s":null}]`))
	if err != nil || len(rows) != 1 {
		t.Fatal(err, rows)
	}
	n, known := rows[0].Number("n")
	_, secret := rows[0].Number("s")
	_, absent := rows[0].Number("z")
	if n != 12.5 || !known || secret || absent || rows[0].Text("a") != "x" || rows[0].Text("s") != "" || rows[0].Text("n") != "12.50" {
		t.Errorf("%v", rows[0])
	}
	if _, err := ask.Read([]byte(`{}`)); err == nil {
		t.Error("an object is no answer")
	}
}
