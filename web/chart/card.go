package chart

// Size of a card, in dots.
const (
	CardWidth  = 1200
	CardHeight = 630
)

// Card is the image that stands for a page where it is shared: 1200 by 630 dots.
type Card struct {
	Title string
	// Figure is what stands out, such as 12,3 M€, and Caption what it is; both may be empty.
	Figure, Caption string
	// Chart is drawn small beside them; nil for none.
	Chart Chart
	// Source is said at the foot.
	Source string
}

// PNG draws the card.
//
// Errors: the image cannot be encoded.
func (c Card) PNG() ([]byte, error) { return c.scene().png(1) }

func (c Card) scene() *scene {
	const pad, right = 64.0, 620.0
	s := &scene{w: CardWidth, h: CardHeight}
	s.rect(0, 0, s.w, s.h, sheetPaint)
	s.rect(0, 0, s.w, 92, deepPaint)
	s.rect(0, 92, s.w, 6, brassPaint)
	brand := s.text(pad, 58, "Parvis").strong()
	brand.size, brand.fill = 34, sheetPaint
	about := s.text(s.w-pad, 57, "Les données ouvertes de la formation professionnelle").end()
	about.size, about.fill = 22, sheetPaint
	wide := s.w - 2*pad
	if c.Chart != nil {
		wide = right - pad - 40
	}
	y := 160.0
	for _, l := range wrap(c.Title, 40, wide, 4, true) {
		m := s.text(pad, y+22, l).strong()
		m.size = 40
		y += 50
	}
	if c.Figure != "" {
		m := s.text(pad, y+88, cut(c.Figure, 84, wide, true)).strong()
		m.size, m.fill = 84, series(0)
		y += 104
	}
	for i, l := range wrap(c.Caption, 25, wide, 3, false) {
		m := s.text(pad, min(y+34+float64(i)*34, 572), l)
		m.size, m.fill = 25, quietPaint
	}
	if c.Chart != nil {
		c.chart(s, right, 128, s.w-pad/2-right, 442)
	}
	foot := s.text(pad, s.h-26, cut(c.Source, 20, s.w-2*pad, false))
	foot.size, foot.fill = 20, quietPaint
	return s
}

// chart draws it as large as a box allows, at the width at which that is largest.
func (c Card) chart(s *scene, x, y, w, h float64) {
	var best *scene
	scale := 0.0
	for _, at := range []int{320, 400, 500, 620} {
		drawn := body(c.Chart, at)
		if fit := min(w/drawn.w, h/drawn.h); fit > scale {
			best, scale = drawn, fit
		}
	}
	s.place(best, x+(w-best.w*scale)/2, y+(h-best.h*scale)/2, scale)
	s.h = CardHeight
}
