package chart

import (
	"fmt"
	"math"
	"os"
	"testing"
)

// sights turn linear colours into what readers see who lack one kind of cone.
//
// Source: Machado, Oliveira, Fernandes, A Physiologically-based Model for Simulation of Color
// Vision Deficiency, 2009, table of severity 1.0.
var sights = map[string][3][3]float64{
	"all cones":    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// TestSeriesAreToldApartByEveryone: colours of series differ by at least 15 in CIE L*a*b*,
// whatever cones a reader has.
func TestSeriesAreToldApartByEveryone(t *testing.T) {
	css, err := os.ReadFile("../static/parvis.css")
	if err != nil {
		t.Fatal(err)
	}
	bright, dark := schemes(string(css))
	for scheme, colours := range map[string]map[string]string{"light": bright, "dark": dark} {
		for sight, seen := range sights {
			for i := range kinds {
				for j := range i {
					a, b := lab(colours[string(series(i))], seen), lab(colours[string(series(j))], seen)
					if d := math.Sqrt(square(a[0]-b[0]) + square(a[1]-b[1]) + square(a[2]-b[2])); d < 15 {
						t.Errorf("%s, %s: %s and %s differ by %.1f", scheme, sight, series(i), series(j), d)
					}
				}
			}
		}
	}
}

func square(x float64) float64 { return x * x }

// lab is a colour in CIE L*a*b* as a sight has it.
func lab(c string, seen [3][3]float64) [3]float64 {
	var r, g, b uint8
	fmt.Sscanf(long(c), "#%02x%02x%02x", &r, &g, &b)
	pure := [3]float64{linear(r), linear(g), linear(b)}
	var v [3]float64
	for i, row := range seen {
		v[i] = min(max(row[0]*pure[0]+row[1]*pure[1]+row[2]*pure[2], 0), 1)
	}
	f := func(x float64) float64 {
		if x > 0.008856 {
			return math.Cbrt(x)
		}
		return 7.787*x + 16.0/116
	}
	x := f((0.4124*v[0] + 0.3576*v[1] + 0.1805*v[2]) / 0.9505)
	y := f(0.2126*v[0] + 0.7152*v[1] + 0.0722*v[2])
	z := f((0.0193*v[0] + 0.1192*v[1] + 0.9505*v[2]) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}
