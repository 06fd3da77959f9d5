package anonymize

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/parvis-opendata/parvis/anonymize/tabular"
)

// shares draws the contributions to a cell, in cents.
func shares(t *rapid.T, name string, most int64) Shares {
	first := rapid.Int64Range(0, most).Draw(t, name+" first")
	second := rapid.Int64Range(0, first).Draw(t, name+" second")
	return Shares{First: first, Second: second, Total: first + second + rapid.Int64Range(0, 2*first).Draw(t, name+" rest")}
}

func TestCountLevel(t *testing.T) {
	for _, c := range []struct {
		name           string
		persons, count int64
		want           tabular.Level
	}{
		{"one file", 1, 1, tabular.Level{Down: 1, Up: 10, Either: true}},
		{"ten files", 10, 10, tabular.Level{Down: 10, Up: 1, Either: true}},
		{"few persons with as many files as the threshold", 10, 11, tabular.Level{}},
		{"as many persons as the threshold", 11, 11, tabular.Level{}},
	} {
		if got := profile(t, "strict").CountLevel(c.persons, c.count); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		if got := profile(t, "standard").CountLevel(c.persons, c.count); got != (tabular.Level{}) {
			t.Errorf("%s: %+v by a profile that asks for no interval", c.name, got)
		}
	}
}

func TestAmountLevel(t *testing.T) {
	p := Profile{Levels: true, Amounts: AmountsRule{PPercent: 15, DominancePercent: 85}}
	// The Handbook's example: contributions of 300, 20 and 10; 300 is 85 % of 352.94.
	handbook := Shares{Total: 330, First: 300, Second: 20}
	c := Cell{Persons: 3, Shares: [2]Shares{handbook, handbook}}
	if got, want := p.AmountLevel(c), (tabular.Level{Down: 35, Up: 35}); got != want {
		t.Errorf("15 %% of 300 less 10: %+v, want %+v", got, want)
	}
	p.Amounts.PPercent = 0
	if got, want := p.AmountLevel(c), (tabular.Level{Down: 23, Up: 23}); got != want {
		t.Errorf("dominance: %+v, want %+v", got, want)
	}
	if got := p.AmountLevel(Cell{Persons: 3}); got != (tabular.Level{}) {
		t.Errorf("no amount: %+v", got)
	}
	p = Profile{Amounts: AmountsRule{PPercent: 15}}
	if got := p.AmountLevel(c); got != (tabular.Level{}) {
		t.Errorf("%+v by a profile that asks for none", got)
	}
	p = Profile{Levels: true, Amounts: AmountsRule{DominancePercent: 10}}
	alone := Shares{Total: 100, First: 100}
	if got, want := p.AmountLevel(Cell{Persons: 1, Shares: [2]Shares{alone, alone}}), (tabular.Level{Down: 100, Up: 900}); got != want {
		t.Errorf("an amount cannot fall below zero: %+v, want %+v", got, want)
	}
}

// TestAmountLevelIsTheLeastThatProtects: with an upper bound at the level, the second
// contributor's estimate of the first is off by p %, and the largest contribution is no
// more than k % of the bound; a cent less, and one of them fails. A level is above zero
// for cells that a rule of concentration makes sensitive, and only for them.
func TestAmountLevelIsTheLeastThatProtects(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Profile{Levels: true, Amounts: AmountsRule{PPercent: rapid.IntRange(0, 100).Draw(t, "p"), DominancePercent: rapid.IntRange(0, 100).Draw(t, "k")}}
		s := shares(t, "persons", 1_000_000_00)
		c := Cell{Persons: 50, Shares: [2]Shares{s, s}}
		protected := func(bound int64) bool {
			far := 100*(bound-s.Second-s.First) >= int64(p.Amounts.PPercent)*s.First
			small := int64(p.Amounts.DominancePercent)*bound >= 100*s.First || p.Amounts.DominancePercent == 0
			return far && small
		}
		l := p.AmountLevel(c)
		if !protected(s.Total+l.Up) || l.Up > 0 && protected(s.Total+l.Up-1) {
			t.Fatalf("level %+v of %+v is not the least that protects", l, s)
		}
		if (l.Up > 0) != p.Sensitive(c) || (l.Down > 0) != (l.Up > 0) || l.Down > s.Total {
			t.Fatalf("level %+v of %+v, sensitive %v", l, s, p.Sensitive(c))
		}
	})
}

// TestAmountLevelIsTheLargest: of the ways of counting persons, and of providers.
func TestAmountLevelIsTheLargest(t *testing.T) {
	strict := profile(t, "strict")
	rapid.Check(t, func(t *rapid.T) {
		a, b, o := shares(t, "number", 1e9), shares(t, "identity", 1e9), shares(t, "providers", 1e9)
		got := strict.AmountLevel(Cell{Shares: [2]Shares{a, b}, Provided: o}).Up
		want := max(strict.Amounts.level(a), strict.Amounts.level(b), strict.Organisations.level(o))
		if got != want {
			t.Fatalf("level %d, want %d", got, want)
		}
	})
}
