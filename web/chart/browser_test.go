package chart

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/parvis-opendata/parvis/web/webtest"
)

// texts finds, in the figures that are shown, text that is outside, small or on other text.
const texts = `[...document.querySelectorAll("svg")].filter(s => s.checkVisibility()).flatMap(s => {
	const frame = s.getBoundingClientRect(), scale = frame.width / s.viewBox.baseVal.width;
	const all = [...s.querySelectorAll("text")].map(e => ({text: e.lastChild ? e.lastChild.data : "", size: parseFloat(getComputedStyle(e).fontSize) * scale, box: e.getBoundingClientRect()}));
	const bad = all.filter(t => t.box.left < frame.left - 1 || t.box.right > frame.right + 1 || t.box.top < frame.top - 1 || t.box.bottom > frame.bottom + 1).map(t => "outside: " + t.text);
	bad.push(...all.filter(t => t.size < 11.9).map(t => "small: " + t.text + " " + t.size));
	all.forEach((a, i) => all.slice(i + 1).forEach(b => {
		const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
		const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
		if (wide > 1 && high > 4 * scale) bad.push("on each other: " + a.text + " and " + b.text);
	}));
	return bad.map(b => s.querySelector("title").textContent + ", " + b);
})`

// crowded are charts with as much as pages may have.
func crowded() map[string]Chart {
	name := strings.Fields("Transports Langues Informatique Santé Bâtiment Commerce Agriculture Sécurité")
	var lines, columns []Series
	var months, regions []string
	var points []Point
	for i := range 60 {
		months = append(months, Month(2021+i/12, i%12+1))
		points = append(points, Point{months[i], Known(float64(1000 + i*i))})
	}
	for n, s := range name {
		var v, w []Value
		for i := range months {
			v = append(v, Known(float64(2000+n*10+i)))
		}
		for i := range 18 {
			w = append(w, Known(float64(i*n*n*917)))
		}
		lines = append(lines, Series{s + ", et ce qui s'y rattache de près", v})
		columns = append(columns, Series{s, w})
	}
	for i := range 18 {
		regions = append(regions, fmt.Sprintf("Provence-Alpes-Côte d'Azur %d", i))
	}
	var years []string
	for i := range 12 {
		years = append(years, fmt.Sprint(2015+i))
	}
	f := about("Figure chargée", "entrées en formation", 0)
	return map[string]Chart{
		"crowded-lines":   Lines{f, "Mois", months, lines[:kinds]},
		"crowded-legend":  Lines{f, "Mois", months, lines},
		"crowded-columns": Columns{f, "Mois", points},
		"crowded-matrix":  Matrix{f, "Région", regions, columns},
		"crowded-stack":   Stacked{Figure: f, Label: "Région", Labels: regions, Parts: columns[:kinds]},
		"crowded-upright": Stacked{Figure: f, Label: "Année", Labels: years, Parts: columns[:kinds], Upright: true},
		"crowded-shares":  Stacked{Figure: f, Label: "Année", Labels: years, Parts: columns[:kinds], Upright: true, Share: true},
	}
}

// TestFiguresInABrowser: as readers see them, under the policy of pages.
func TestFiguresInABrowser(t *testing.T) {
	b := webtest.Open(t)
	charts := crowded()
	maps.Copy(charts, examples())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/parvis.css":
			http.ServeFile(w, r, "../static/parvis.css")
			return
		case "/favicon.ico":
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><html lang="fr"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Figures</title><link rel="stylesheet" href="parvis.css"><main class="inner">`)
		names := make([]string, 0, len(charts))
		for name := range charts {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			fmt.Fprintf(w, `<figure class="figure">%s</figure>`, Both(charts[name], name, Wide))
		}
	}))
	t.Cleanup(server.Close)
	b.Follow(chromedp.Navigate(server.URL))
	for _, width := range []int64{360, 768, 1440} {
		b.Size(width, 900)
		if bad := webtest.Value[[]string](b, texts); len(bad) > 0 {
			t.Errorf("%d wide:\n%s", width, strings.Join(bad, "\n"))
		}
		if shown := webtest.Value[int](b, `[...document.querySelectorAll("svg")].filter(s => s.checkVisibility()).length`); shown != len(charts) {
			t.Errorf("%d wide: %d figures are shown, want %d", width, shown, len(charts))
		}
		if beyond := webtest.Value[int](b, "document.documentElement.scrollWidth - innerWidth"); beyond > 0 {
			t.Errorf("%d wide: the page is %d wider", width, beyond)
		}
	}
	fill := `getComputedStyle(document.querySelector(".chart-wide .f-c1")).fill`
	b.Media("", "light")
	bright := webtest.Value[string](b, fill)
	b.Media("", "dark")
	if dark := webtest.Value[string](b, fill); dark == bright {
		t.Errorf("marks are %s in both schemes", dark)
	}
	b.Media("print", "light")
	if shown := webtest.Value[int](b, `[...document.querySelectorAll(".chart-wide")].filter(s => s.checkVisibility()).length`); shown != len(charts) {
		t.Errorf("%d figures are printed, want %d", shown, len(charts))
	}
	if c := b.Complaints(); len(c) > 0 {
		t.Errorf("the browser complains: %s", strings.Join(c, "\n"))
	}
}
