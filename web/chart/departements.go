package chart

import "math"

// Departements maps a figure of each département by classes of about as many départements.
type Departements struct {
	Figure
	Areas []Area
}

// Area is a figure of a département.
type Area struct {
	// Code is the official one: 01, 2A, 971. One that is not on the map is drawn beside it.
	Code  string
	Value Value
	// Name is that of what is no département.
	Name string
}

// name is the official one of an area, else the one given, else its code.
func (a Area) name() string {
	if name := france().names[a.Code]; name != "" {
		return name
	}
	if a.Name != "" {
		return a.Name
	}
	return a.Code
}

// Table is the twin of the map.
func (d Departements) Table() Table {
	t := d.table("Code", "Département", d.heading())
	for _, a := range d.Areas {
		t.Rows = append(t.Rows, []string{a.Code, a.name(), d.exact(a.Value)})
	}
	return t
}

func (d Departements) values() []Value {
	all := make([]Value, len(d.Areas))
	for i, a := range d.Areas {
		all[i] = a.Value
	}
	return all
}

// shades is how values become colours.
type shades struct {
	limits []float64 // the least values of all classes but the first
}

func (d Departements) draw(s *scene) {
	y := d.top(s)
	c := shades{limits(d.values())}
	mapWidth := s.w
	if s.w >= 600 {
		mapWidth = math.Round(s.w * .64)
	}
	scale := mapWidth / outlineWidth
	d.europe(s, c, y, scale)
	bottom := y + outlineHeight*scale
	s.reach(bottom)
	if mapWidth < s.w {
		x := mapWidth + 20
		d.beside(s, c, x, y+outlineHeight*scale*.1, s.w-x)
	} else {
		d.beside(s, c, 0, bottom+6, s.w)
	}
	d.remarks(s)
	for _, l := range wrap(mapSource, small, s.w, 2, false) {
		s.text(0, s.h+16, l).quietly()
		s.reach(s.h + 17)
	}
}

func (d Departements) remarks(s *scene) {
	if hidden, _ := gaps(d.values()); hidden {
		s.legend(0, s.h+4, s.w, []key{{label: hiddenNote, fill: hatchPaint}})
	}
}

// near are départements that are too small on the map and stand enlarged beside it.
var near = []string{"75", "92", "93", "94"}

func (d Departements) europe(s *scene, c shades, y, scale float64) {
	by := map[string]Value{}
	for _, a := range d.Areas {
		by[a.Code] = a.Value
	}
	inset := map[string][][]point{}
	for _, o := range france().outlines {
		d.shape(s, c, o.code, by[o.code], laid(o.rings, point{}, point{0, y}, scale))
		inset[o.code] = o.rings
	}
	low, high := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, code := range near {
		l, h := (&mark{rings: inset[code]}).bounds()
		low, high = point{min(low.x, l.x), min(low.y, l.y)}, point{max(high.x, h.x), max(high.y, h.y)}
	}
	size := 100 * scale / (high.x - low.x)
	at := point{1, y + 24}
	for _, code := range near {
		d.shape(s, c, code, by[code], laid(inset[code], low, at, size))
	}
	s.text(0, y+14, "Autour de Paris").quietly()
}

func (d Departements) shape(s *scene, c shades, code string, v Value, rings [][]point) {
	if len(rings) > 0 {
		s.area(c.paint(v), rings...).outlined(edgePaint, .6).titled(Area{Code: code}.name() + " (" + code + ") : " + d.exact(v))
	}
}

func (c shades) paint(v Value) paint {
	switch {
	case v.secret():
		return hatchPaint
	case !v.known():
		return sheetPaint
	}
	n := 0
	for n < len(c.limits) && v.number >= c.limits[n] {
		n++
	}
	return step(n, len(c.limits)+1)
}

// keys explain the classes.
func (c shades) keys(f Figure, values []Value) []key {
	low, high, known := extent(values)
	if !known {
		return nil
	}
	say := func(x float64) string { return f.exact(Known(x)) }
	if len(c.limits) == 0 {
		if say(low) == say(high) {
			return []key{{label: say(low), fill: step(0, 1)}}
		}
		return []key{{label: "de " + say(low) + " à " + say(high), fill: step(0, 1)}}
	}
	n := len(c.limits)
	keys := []key{{label: "moins de " + say(c.limits[0]), fill: step(0, n+1)}}
	for i := 1; i < n; i++ {
		keys = append(keys, key{label: "de " + say(c.limits[i-1]) + " à moins de " + say(c.limits[i]), fill: step(i, n+1)})
	}
	return append(keys, key{label: say(c.limits[n-1]) + " et plus", fill: step(n, n+1)})
}

// beside writes the legend and the départements that are not on the map.
func (d Departements) beside(s *scene, c shades, x, y, w float64) {
	for _, k := range c.keys(d.Figure, d.values()) {
		y = s.legend(x, y, w, []key{k}) + 1
	}
	outside, lacks := d.outside()
	if lacks {
		y = s.legend(x, y, w, []key{{label: absentNote, fill: sheetPaint}})
	}
	y += 10
	wide := 0.0
	for _, a := range outside {
		wide = min(max(wide, width(a.name(), small, false)+44), w)
	}
	at := x
	for _, a := range outside {
		if at > x && at+wide > x+w {
			at, y = x, y+32
		}
		name := a.name()
		title := name + " (" + a.Code + ") : " + d.exact(a.Value)
		p := c.paint(a.Value)
		s.rect(at+.5, y+.5, 34, 25, p).outlined(edgePaint, 1).titled(title)
		d.code(s, at+17.5, y+17.5, a, p)
		s.text(at+42, y+17.5, cut(name, small, wide-42, false)).titled(title).size = small
		s.reach(y + 30)
		at += wide + 16
	}
}

// outside are the areas that are not on the map; lacks reports that some département has
// no figure, and no secret.
func (d Departements) outside() (areas []Area, lacks bool) {
	drawn := map[string]bool{}
	for _, o := range france().outlines {
		drawn[o.code] = true
	}
	given := 0
	for _, a := range d.Areas {
		lacks = lacks || a.Value.state == absent
		if drawn[a.Code] {
			given++
		} else {
			areas = append(areas, a)
		}
	}
	return areas, lacks || given < len(drawn)
}

// code writes that of a département on its square.
func (d Departements) code(s *scene, x, y float64, a Area, p paint) {
	text := cut(a.Code, small, 33, true)
	switch p {
	case hatchPaint:
		s.rect(x-13, y-11, 26, 14, sheetPaint)
	case sheetPaint:
	default:
		s.text(x, y, text).middle().quietly().fill = p.on()
		return
	}
	s.text(x, y, text).middle().size = small
}
