package joint

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/parvis-opendata/parvis/anonymize"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/datasets/datasetstest"
)

func TestZZ(t *testing.T) {
	dir := os.Getenv("ZZ_HUB")
	if dir == "" {
		t.Skip()
	}
	asOf, _ := time.Parse(time.DateOnly, "2027-01-01")
	raw := datasetstest.Read(t, dir, asOf, "2GB")
	prof, _ := anonymize.EmbeddedProfile("standard")
	for _, id := range []string{datasetstest.Users, datasetstest.Purchases} {
		raw.Champ(t, id, "2026-10-31")
		d := raw.Dataset(id)
		raw.Make(t, "brut_"+id, d.Tables[0].SQL)
		raw.Do(t, "CREATE OR REPLACE TABLE certifications_montrees AS SELECT '' AS periode, '' AS certification")
		raw.Summaries(t, id, d.Tables[0].Period.Unit)
		var tables []datasets.Table
		for _, x := range d.Tables {
			if x.Period.Unit == d.Tables[0].Period.Unit {
				tables = append(tables, x)
			}
		}
		js := &Tables{Dataset: d, Tables: tables, Raw: func(s string) string { return "brut_" + s }, Profile: prof}
		last, _ := time.Parse(time.DateOnly, "2026-10-31")
		var total time.Duration
		ps := d.Tables[0].Period.Closed(last)
		if os.Getenv("ZZ_N") != "" {
			ps = ps[len(ps)-3:]
		}
		for _, pd := range ps {
			t0 := time.Now()
			p, err := js.Read(t.Context(), raw.DB, pd)
			if err != nil {
				t.Fatal(err)
			}
			t1 := time.Now()
			dec, err := p.Protect()
			t2 := time.Now()
			total += t2.Sub(t0)
			sens, hid, sf, hf, nm, nf := 0, 0, int64(0), int64(0), 0, 0
			for _, r := range dec.Rows {
				if r.Sensitive {
					sens++
					sf += r.Files
				}
				if r.Hidden {
					hid++
					hf += r.Files
				} else {
					if r.NoMean {
						nm++
					}
					if r.NoFunders {
						nf++
					}
				}
			}
			fmt.Println(pd, len(p.rows), "read", t1.Sub(t0).Milliseconds(), "protect", t2.Sub(t1).Milliseconds(), "ms sens", sens, "hid", hid, "files", sf, hf, "means", nm, "funders", nf, "faults", len(dec.Faults), err, "widths", dec.Narrowest, dec.Median)
			for i, f := range dec.Faults {
				if i < 5 {
					fmt.Println("   ", f)
				}
			}
		}
		fmt.Println(id, "total", total)
	}
}
