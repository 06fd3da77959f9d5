package chart

// key is an entry of a legend.
type key struct {
	label string
	fill  paint // a square, unless there is a line
	line  paint
	dash  []float64
	word  string // in place of a sign
}

const hiddenNote = "secret : chiffre masqué, il permettrait de connaître des personnes ou des entreprises"

const absentNote = "donnée non disponible"

// legend writes entries side by side, as many a line as fit, and returns where it ends.
func (s *scene) legend(x, y, w float64, keys []key) float64 {
	at, base := x, y+13
	for _, k := range keys {
		sign := 20.0
		if k.word != "" {
			sign = width(k.word, small, true) + 6
		}
		if k.line != noPaint {
			sign = 32
		}
		rows := wrap(k.label, small, w-sign, 3, false)
		wide := 0.0
		for _, r := range rows {
			wide = max(wide, width(r, small, false))
		}
		if at > x && at+sign+wide > x+w {
			at, base = x, base+20
		}
		s.sign(at, base, k)
		for i, r := range rows {
			s.text(at+sign, base+float64(i)*16, r).quietly().titled(k.label)
		}
		at += sign + wide + 18
		if len(rows) > 1 {
			base += float64(len(rows)-1) * 16
			at = x + w
		}
	}
	if len(keys) == 0 {
		return y
	}
	s.reach(base + 5)
	return base + 7
}

func (s *scene) sign(x, base float64, k key) {
	switch {
	case k.word != "":
		s.text(x, base, k.word).quietly().strong()
	case k.line != noPaint:
		s.line(k.line, 2.5, point{x, base - 4}, point{x + 26, base - 4}).dash = k.dash
	default:
		s.rect(x+.5, base-10.5, 13, 12, k.fill).outlined(edgePaint, 1)
	}
}

// missing are the entries of what is no figure, where colours stand for figures.
func missing(values []Value) (keys []key) {
	hidden, lacks := gaps(values)
	if lacks {
		keys = append(keys, key{label: absentNote, fill: sheetPaint})
	}
	if hidden {
		keys = append(keys, key{label: hiddenNote, fill: hatchPaint})
	}
	return keys
}

// gaps reports whether some value is secret, and whether some is absent.
func gaps(values []Value) (hidden, lacks bool) {
	for _, v := range values {
		hidden = hidden || v.secret()
		lacks = lacks || v.state == absent
	}
	return hidden, lacks
}

// notes explains, under a chart, what of it is no figure.
func (s *scene) notes(values []Value) {
	var keys []key
	hidden, lacks := gaps(values)
	if hidden {
		keys = append(keys, key{label: hiddenNote, fill: hatchPaint})
	}
	if lacks {
		keys = append(keys, key{label: absentNote, word: absentWord})
	}
	if len(keys) > 0 {
		s.legend(0, s.h+10, s.w, keys)
	}
}

// top writes the unit above a chart, if it does not stand behind each number, and returns
// where that ends.
func (f Figure) top(s *scene) float64 {
	if f.sign() || f.Unit == "" {
		return 4
	}
	s.text(0, 12, cut(f.Unit, small, s.w, false)).quietly().titled(f.Unit)
	s.reach(20)
	return 22
}

// empty says that there is nothing to draw.
func (f Figure) empty(s *scene, none bool) bool {
	if none {
		s.text(0, 34, cut("Aucune donnée à représenter.", medium, s.w, false))
		s.reach(50)
	}
	return none
}
