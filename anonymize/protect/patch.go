package protect

import (
	"cmp"
	"slices"
)

// patcher sees to it that no equation by itself gives a secret away, by hiding cheap
// partners: an equation with one unknown, or whose unknowns are at their bounds, or
// rest on too few contributors, or leave one secret to a lone contributor.
type patcher struct {
	*system
	hidden  []bool
	unknown [][]int32 // by equation: its hidden variables, the total among them
	price   []float64 // what it costs to hide a variable; grows for those that did not help
	queue   []int32
	queued  []bool
	members []int32 // scratch
	spent   float64 // for what is hidden
	log     []change
	logging bool
}

// change is a variable hidden or shown, or the witness that a need has lost.
type change struct {
	variable int32 // −1: of a need
	need     int32
	witness  []int32
}

func newPatcher(s *system) *patcher {
	p := &patcher{
		system: s, hidden: slices.Clone(s.hidden), unknown: make([][]int32, len(s.equations)),
		price: slices.Clone(s.cost), queued: make([]bool, len(s.equations)),
	}
	for v, h := range p.hidden {
		if h {
			p.enter(int32(v))
		}
	}
	return p
}

// enter makes a variable an unknown of its equations.
func (p *patcher) enter(v int32) {
	for _, i := range p.of[v] {
		p.unknown[i] = append(p.unknown[i], v)
		p.push(i)
	}
}

func (p *patcher) push(i int32) {
	if !p.queued[i] {
		p.queued[i], p.queue = true, append(p.queue, i)
	}
}

// hide hides a variable; show publishes it again.
func (p *patcher) hide(v int32) {
	if !p.hidden[v] {
		p.hidden[v] = true
		p.spent += p.cost[v]
		p.note(change{variable: v})
		p.enter(v)
	}
}

func (p *patcher) note(c change) {
	if p.logging {
		p.log = append(p.log, c)
	}
}

func (p *patcher) show(v int32) {
	p.hidden[v] = false
	p.spent -= p.cost[v]
	p.note(change{variable: v})
	for _, i := range p.of[v] {
		u := p.unknown[i]
		k := slices.Index(u, v)
		p.unknown[i] = slices.Delete(u, k, k+1)
		p.push(i)
	}
}

// patch goes on until no equation lacks anything, or nothing helps.
func (p *patcher) patch() {
	for len(p.queue) > 0 {
		i := p.queue[len(p.queue)-1]
		p.queue = p.queue[:len(p.queue)-1]
		p.queued[i] = false
		for p.lacks(i, none) {
			v := p.partner(i)
			if v < 0 {
				break
			}
			p.hide(v)
		}
	}
}

// none is no variable.
const none = int32(-1)

// lacks reports whether an equation gives something away, once one more variable, if
// any, is hidden.
func (p *patcher) lacks(i, more int32) bool {
	e := &p.equations[i]
	p.members = append(p.members[:0], p.unknown[i]...)
	if more >= 0 {
		p.members = append(p.members, more)
	}
	switch {
	case len(p.members) == 0:
		return false
	case len(p.members) == 1 || p.lonely(p.members):
		return true
	case p.hidden[e.total] || more == e.total:
		return false
	}
	return p.problem.Remainder && !p.safe(p.members) || p.pinned(p.members, p.members)
}

// lonely reports whether one of few variables is left to the only contributor to the
// others.
func (p *patcher) lonely(variables []int32) bool {
	const few = 3
	if len(variables) > few {
		return false
	}
	for _, v := range variables {
		for _, h := range p.alone(v) {
			left, secret := 0, false
			for _, w := range variables {
				if !slices.Contains(p.alone(w), h) {
					left, secret = left+1, p.private[w]
				}
			}
			if left == 1 && secret {
				return true
			}
		}
	}
	return false
}

// partner is the cheapest variable to hide in an equation. One whose other equations
// have unknowns already is cheaper, since it needs no partner there.
func (p *patcher) partner(i int32) int32 {
	const opening, tried = 1.5, 12
	type offer struct {
		variable int32
		cost     float64
	}
	var offers []offer
	consider := func(v int32) {
		if p.hidden[v] {
			return
		}
		cost := p.price[v]
		for _, j := range p.of[v] {
			if j != i && len(p.unknown[j]) == 0 {
				cost += opening
			}
		}
		offers = append(offers, offer{v, cost})
	}
	consider(p.equations[i].total)
	for _, v := range p.equations[i].members {
		consider(v)
	}
	if len(offers) == 0 {
		return none
	}
	slices.SortFunc(offers, func(a, b offer) int { return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.variable, b.variable)) })
	for _, o := range offers[:min(len(offers), tried)] {
		if !p.lacks(i, o.variable) {
			return o.variable
		}
	}
	return offers[0].variable
}
