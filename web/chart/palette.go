package chart

import "strconv"

// paint is what a mark is painted with. In pages it is a class that the stylesheet colours;
// in files, the colour below.
type paint string

const (
	noPaint    paint = ""
	inkPaint   paint = "ink"   // text, by the colour of the page
	quietPaint paint = "quiet" // text beside the data
	gridPaint  paint = "grid"  // lines behind the data
	edgePaint  paint = "edge"  // axes and outlines
	sheetPaint paint = "sheet" // what is behind all
	deepPaint  paint = "deep"  // the band of a card, which is no part of pages
	brassPaint paint = "brass"
	hatchPaint paint = "hatch" // what is secret
)

// kinds is how many colours tell series apart, steps how many tell more from less.
const (
	kinds = 6
	steps = 5
)

// Light colours, for files. Those of pages, light and dark, are in web/static/parvis.css.
var light = map[paint]string{
	inkPaint: "#1c2421", quietPaint: "#59625d", gridPaint: "#e4ddcf", edgePaint: "#8b8474",
	sheetPaint: "#fffdf8", deepPaint: "#12403f", brassPaint: "#e8b04a", hatchPaint: "#59625d",
	"c1": "#0d5c5a", "c2": "#c08414", "c3": "#74447f", "c4": "#5495c5", "c5": "#a8412c", "c6": "#868f8b",
	"on-c1": "#ffffff", "on-c2": "#1c2421", "on-c3": "#ffffff", "on-c4": "#1c2421", "on-c5": "#ffffff", "on-c6": "#1c2421",
	"m1": "#d2e5d9", "m2": "#9dc8b7", "m3": "#5fa294", "m4": "#26776f", "m5": "#0b4342",
	"on-m1": "#1c2421", "on-m2": "#1c2421", "on-m3": "#1c2421", "on-m4": "#ffffff", "on-m5": "#ffffff",
}

// dashes tell lines apart where colour does not.
var dashes = [kinds][]float64{nil, {7, 3}, {2, 3}, {10, 3, 2, 3}, {4, 2}, {12, 4}}

// series is the colour of the nth of several.
func series(n int) paint { return paint("c" + strconv.Itoa(n%kinds+1)) }

// step is the colour of the nth of so many classes, spread over all steps.
func step(n, of int) paint {
	if of < 2 {
		return "m3"
	}
	return paint("m" + strconv.Itoa(1+(n*(steps-1)+(of-1)/2)/(of-1)))
}

// on is what text on a colour is painted with.
func (p paint) on() paint { return "on-" + p }

// dash is that of the nth of several lines; where colours come again, with another.
func dash(n int) []float64 { return append([]float64(nil), dashes[(n+n/kinds)%kinds]...) }
