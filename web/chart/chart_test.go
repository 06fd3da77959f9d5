package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func about(title, unit string, decimals int) Figure {
	return Figure{Title: title, Description: "Ce que montre la figure « " + title + " ».", Unit: unit, Decimals: decimals, Source: "Parvis, données d'essai"}
}

// figures are the values given; below zero, a secret.
func figures(numbers ...float64) []Value {
	out := make([]Value, len(numbers))
	for i, x := range numbers {
		out[i] = Known(x)
		if x < 0 {
			out[i] = Secret()
		}
	}
	return out
}

// examples are one chart of each kind, with secrets and what is absent.
func examples() map[string]Chart {
	ranking := []Point{
		{"Permis de conduire de catégorie B", Known(48213)},
		{"Titre professionnel Secrétaire assistant médico-social", Known(31250)},
		{"CACES R489 — Chariots de manutention automoteurs à conducteur porté (catégories 1A, 1B, 2, 3, 4, 5 et 6)", Known(27431)},
		{"Créer et développer une entreprise artisanale", Secret()},
		{"Bilan de compétences", Known(310)},
		{"Conduite de travaux", Known(0)},
		{"Diplôme d'accès aux études universitaires", Absent()},
	}
	var months []string
	var first, second []Value
	for i := range 24 {
		months = append(months, Month(2024+i/12, i%12+1))
		x, y := Known(120000+40000*math.Sin(float64(i)/3)), Known(60000+2500*float64(i))
		switch i {
		case 9, 10:
			x = Secret()
		case 4:
			y = Absent()
		}
		first, second = append(first, x), append(second, y)
	}
	var quarters []Point
	for i, v := range []Value{Known(1.2e6), Known(1.45e6), Known(972959), Secret(), Absent(), Known(1.4e6)} {
		quarters = append(quarters, Point{Quarter(2024+i/4, i%4+1), v})
	}
	var areas []Area
	for i, o := range france().outlines {
		v := Known(float64(200 + i*i))
		if i%17 == 3 {
			v = Secret()
		}
		areas = append(areas, Area{Code: o.code, Value: v})
	}
	areas = append(areas, Area{Code: "971", Value: Known(512)}, Area{Code: "976", Value: Secret()}, Area{Code: "987", Value: Known(12)}, Area{Code: "99X", Value: Absent()})
	parts := []Series{
		{"Titulaire", figures(12e6, 22e6, 14e6)}, {"CPF", figures(45e6, 60e6, 31e6)},
		{"Entreprise", figures(2e6, -1, 9e6)}, {"France Travail", figures(21e6, 14e6, 6e6)},
	}
	ages := []string{"Moins de 26 ans", "26 à 34 ans", "35 ans et plus"}
	return map[string]Chart{
		"bars":         Bars{about("Les certifications les plus suivies", "entrées en formation", 0), "Certification", ranking},
		"columns":      Columns{about("Dépenses par trimestre", "€", 0), "Trimestre", quarters},
		"lines":        Lines{about("Entrées par domaine", "entrées en formation", 0), "Mois", months, []Series{{"Transport", first}, {"Langues", second}}},
		"line":         Lines{about("Prix moyen", "€", 2), "Mois", months, []Series{{"Prix", second}}},
		"stacked":      Stacked{Figure: about("Qui paie", "€", 0), Label: "Âge", Labels: ages, Parts: parts},
		"shares":       Stacked{Figure: about("Qui paie, en parts", "€", 0), Label: "Âge", Labels: ages, Parts: parts, Share: true},
		"upright":      Stacked{Figure: about("Qui paie, par âge", "€", 0), Label: "Âge", Labels: ages, Parts: parts, Upright: true},
		"pyramid":      Pyramid{about("Femmes et hommes, par âge", "entrées en formation", 0), "Âge", ages, Series{"Femmes", figures(32150, 48210, 12080)}, Series{"Hommes", figures(28400, -1)}},
		"departements": Departements{about("Entrées par département", "entrées en formation", 0), areas},
		"spread": Spread{about("Prix des formations", "€", 0), "Certification", []Range{
			{"Permis de conduire de catégorie B", Known(790), Known(1190), Known(1450), Known(1790), Known(2400)},
			{"Créer une entreprise", Known(100), Secret(), Known(150), Known(200), Known(300)},
			{"Rare", Absent(), Absent(), Absent(), Absent(), Absent()},
		}},
		"matrix": Matrix{about("Entrées par domaine et région", "entrées en formation", 0), "Région", []string{"Bretagne", "Provence-Alpes-Côte d'Azur"},
			[]Series{{"Transport, logistique", figures(12000, 3000)}, {"Langues", figures(8000, -1)}, {"Bâtiment", figures(300)}}},
	}
}

// golden compares with a file of testdata, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (with -update it is written anew, if this is meant):\n%s", name, diff)
	}
}

func TestFigures(t *testing.T) {
	for name, c := range examples() {
		golden(t, name+".svg", SVG(c, File))
		golden(t, name+"-inline.svg", []byte(Both(c, name, Wide)))
		check(t, c, 240, Narrow, Wide, 1440)
	}
}

func TestCard(t *testing.T) {
	for _, c := range []Card{
		{Title: "CAP Accompagnant éducatif petite enfance", Figure: "18 538", Caption: "entrées en formation en 2025", Source: "Parvis", Chart: examples()["columns"]},
		{Title: strings.Repeat("Un titre qui n'en finit pas ", 20), Figure: strings.Repeat("9", 90), Caption: strings.Repeat("longue légende ", 90), Source: strings.Repeat("source ", 90), Chart: examples()["bars"]},
		{},
	} {
		within(t, c.scene())
		image, err := c.PNG()
		if err != nil {
			t.Fatal(err)
		}
		config, err := png.DecodeConfig(bytes.NewReader(image))
		if err != nil || config.Width != CardWidth || config.Height != CardHeight {
			t.Errorf("card is %d by %d: %v", config.Width, config.Height, err)
		}
	}
}

func TestPNGIsTheSameEachTimeAndTwiceAsLarge(t *testing.T) {
	for name, c := range examples() {
		one, err := PNG(c, 500)
		if err != nil {
			t.Fatal(err)
		}
		two, err := PNG(c, 500)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(one, two) {
			t.Errorf("%s: two images differ", name)
		}
		config, err := png.DecodeConfig(bytes.NewReader(one))
		if err != nil || config.Width != 1000 {
			t.Errorf("%s: %d wide, want 1000: %v", name, config.Width, err)
		}
	}
}

// TestPNGHasInk: what the scene has is on the image, in its colours.
func TestPNGHasInk(t *testing.T) {
	s := &scene{w: 60, h: 40}
	s.rect(2, 2, 10, 10, "c1")
	s.dot(point{30, 8}, 5, "c5")
	s.line("c3", 4, point{2, 20}, point{58, 20})
	s.text(2, 38, "█É").size = 12
	img := s.image(2)
	for _, want := range []struct {
		x, y  int
		paint paint
	}{{14, 14, "c1"}, {60, 16, "c5"}, {60, 40, "c3"}, {100, 4, sheetPaint}} {
		if got := img.RGBAAt(want.x, want.y); got != colour(want.paint) {
			t.Errorf("at %d, %d is %v, want %v", want.x, want.y, got, colour(want.paint))
		}
	}
	dark := 0
	for y := 56; y < 80; y++ {
		for x := range 60 {
			if img.RGBAAt(x, y).R < 90 {
				dark++
			}
		}
	}
	if dark < 30 {
		t.Errorf("text has %d dark dots", dark)
	}
}

// TestPalette: all colours are read, and have the contrast that a reader needs.
func TestPalette(t *testing.T) {
	for p := range light {
		colour(p)
	}
	css, err := os.ReadFile("../static/parvis.css")
	if err != nil {
		t.Fatal(err)
	}
	bright, dark := schemes(string(css))
	for p, want := range light {
		if p != hatchPaint && long(bright[string(p)]) != want {
			t.Errorf("--%s is %s in the stylesheet, %s in files", p, bright[string(p)], want)
		}
	}
	for name, scheme := range map[string]map[string]string{"light": bright, "dark": dark} {
		atLeast := func(a, b string, want float64) {
			t.Helper()
			if got := contrast(long(scheme[a]), long(scheme[b])); got < want {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %g", name, a, b, got, want)
			}
		}
		for i := range kinds {
			atLeast(string(series(i)), "sheet", 3)
			atLeast(string(series(i).on()), string(series(i)), 4.5)
		}
		for i := range steps {
			p := step(i, steps)
			atLeast(string(p.on()), string(p), 4.5)
		}
		atLeast("edge", "sheet", 3)
		atLeast("ink", "sheet", 4.5)
		atLeast("quiet", "sheet", 4.5)
	}
	for i := range steps - 1 {
		if luminance(light[step(i, steps)]) <= luminance(light[step(i+1, steps)]) {
			t.Errorf("step %d is not darker than the one before", i+1)
		}
	}
}

// TestClassesAreInTheStylesheet: what pages are painted with is there.
func TestClassesAreInTheStylesheet(t *testing.T) {
	css, err := os.ReadFile("../static/parvis.css")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range examples() {
		for _, part := range strings.Split(string(Both(c, name, Wide)), `class="`)[1:] {
			classes, _, _ := strings.Cut(part, `"`)
			for _, class := range strings.Fields(classes) {
				if !strings.Contains(string(css), "."+class+" ") {
					t.Errorf("%s has class %s, which the stylesheet lacks", name, class)
				}
			}
		}
	}
}

// TestThemesAreTheSchemes: what a page that embeds a figure may ask for is what readers see.
func TestThemesAreTheSchemes(t *testing.T) {
	css, err := os.ReadFile("../static/parvis.css")
	if err != nil {
		t.Fatal(err)
	}
	themes, err := os.ReadFile("../static/themes.css")
	if err != nil {
		t.Fatal(err)
	}
	bright, dark := schemes(string(css))
	one, other, _ := strings.Cut(string(themes), "[data-theme=sombre]")
	for _, c := range []struct {
		text   string
		scheme map[string]string
	}{{one, bright}, {other, dark}} {
		got, _ := schemes(c.text)
		for name, value := range c.scheme {
			if !strings.Contains(value, "sans") && !strings.Contains(value, "serif") && got[name] != value {
				t.Errorf("--%s is %q in themes.css, %q in parvis.css", name, got[name], value)
			}
		}
	}
}

// schemes reads the custom properties of the stylesheet, light and dark.
func schemes(css string) (bright, dark map[string]string) {
	bright, dark = map[string]string{}, map[string]string{}
	into := bright
	for _, line := range strings.Split(css, "\n") {
		switch {
		case strings.HasPrefix(line, "@media (prefers-color-scheme: dark)"):
			into = dark
		case strings.HasPrefix(line, "@media print"), line == "}":
			into = bright
		}
		if strings.Contains(line, "@media print") || strings.HasPrefix(line, "  :root { --ground") {
			continue
		}
		for _, part := range strings.Split(strings.TrimSpace(line), ";") {
			if name, value, ok := strings.Cut(strings.TrimSpace(part), ":"); ok && strings.HasPrefix(name, "--") {
				into[strings.TrimPrefix(name, "--")] = strings.TrimSpace(value)
			}
		}
	}
	for name, value := range bright {
		if dark[name] == "" {
			dark[name] = value
		}
	}
	return bright, dark
}

// long writes #fff as #ffffff.
func long(c string) string {
	if len(c) == 4 {
		return "#" + c[1:2] + c[1:2] + c[2:3] + c[2:3] + c[3:] + c[3:]
	}
	return c
}

// luminance is the relative one of WCAG 2.
func luminance(c string) float64 {
	var r, g, b uint8
	fmt.Sscanf(c, "#%02x%02x%02x", &r, &g, &b)
	return .2126*linear(r) + .7152*linear(g) + .0722*linear(b)
}

// linear is the light of a part of a colour.
func linear(v uint8) float64 {
	x := float64(v) / 255
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+.055)/1.055, 2.4)
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

// check holds a chart to what the package promises, at some widths.
func check(t testing.TB, c Chart, widths ...int) {
	t.Helper()
	for _, w := range widths {
		within(t, body(c, w))
		within(t, framed(c, w))
		wellFormed(t, string(Inline(c, "a", w)))
		wellFormed(t, string(SVG(c, w)))
	}
	wellFormed(t, "<div>"+string(Both(c, "a", Wide))+"</div>")
	table := c.Table()
	for _, row := range table.Rows {
		if len(row) != len(table.Header) {
			t.Errorf("a row has %d cells, the header %d", len(row), len(table.Header))
		}
	}
}

// within fails if a mark is outside the scene, or nowhere, or its text is too small.
func within(t testing.TB, s *scene) {
	t.Helper()
	for _, m := range s.marks {
		low, high := m.bounds()
		if !(low.x >= -.51 && low.y >= -.51 && high.x <= s.w+.51 && high.y <= s.h+.51) {
			t.Errorf("%v %q (%q) is at %.1f to %.1f, outside %g by %g", names[m.shape], m.text, m.title, low, high, s.w, s.h)
		}
		if m.shape == words && m.size < 12 {
			t.Errorf("text %q is %g high", m.text, m.size)
		}
	}
}

// wellFormed fails if a text is not XML, has ids twice, a style, a script or no number.
func wellFormed(t testing.TB, text string) {
	t.Helper()
	ids := map[string]bool{}
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v: %.300s", err, text)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !slices.Contains(strings.Fields("div svg title desc defs pattern path circle text"), element.Name.Local) {
			t.Errorf("element %s", element.Name.Local)
		}
		for _, a := range element.Attr {
			switch {
			case a.Name.Local == "id" && ids[a.Value]:
				t.Errorf("id %s is there twice", a.Value)
			case a.Name.Local == "id":
				ids[a.Value] = true
			case a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf"):
				t.Errorf("attribute %s=%q", a.Name.Local, a.Value)
			}
		}
	}
	for _, part := range strings.Split(text, `aria-labelledby="`)[1:] {
		label, _, _ := strings.Cut(part, `"`)
		for _, id := range strings.Fields(label) {
			if !ids[id] {
				t.Errorf("no id %s", id)
			}
		}
	}
}

// TestManyZerosHaveAClass: a map of few départements with a figure tells them from the others.
func TestManyZerosHaveAClass(t *testing.T) {
	var values []Value
	for i := range 100 {
		values = append(values, Known(float64(max(0, i-90))))
	}
	got := limits(values)
	if len(got) < 3 || got[0] != 1 || !slices.IsSorted(got) {
		t.Errorf("%v", got)
	}
	if got := limits([]Value{Known(0), Known(0), Known(0)}); len(got) != 0 {
		t.Errorf("classes of one number: %v", got)
	}
}
