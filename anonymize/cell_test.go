package anonymize

import (
	"testing"

	"pgregory.net/rapid"
)

func profile(t testing.TB, name string) Profile {
	t.Helper()
	p, err := EmbeddedProfile(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// even returns the shares of n contributors who bring the same amount.
func even(n, cents int64) Shares {
	return Shares{Total: n * cents, First: cents, Second: min(n-1, 1) * cents}
}

func TestSensitive(t *testing.T) {
	for _, c := range []struct {
		name             string
		persons          int64
		shares           Shares
		standard, strict bool
	}{
		{"one person", 1, even(1, 100), true, true},
		{"four persons", 4, even(4, 100), true, true},
		{"five persons", 5, even(5, 100), false, true},
		{"ten persons", 10, even(10, 100), false, true},
		{"eleven persons", 11, even(11, 100), false, false},
		{"the rest is 10 % of the largest", 11, Shares{Total: 1_000_00 + 500_00 + 100_00, First: 1_000_00, Second: 500_00}, false, true},
		{"the rest is a cent short of 10 %", 11, Shares{Total: 1_000_00 + 500_00 + 99_99, First: 1_000_00, Second: 500_00}, true, true},
		{"the rest is 15 % of the largest", 11, Shares{Total: 1_000_00 + 500_00 + 150_00, First: 1_000_00, Second: 500_00}, false, false},
		{"the rest is a cent short of 15 %", 11, Shares{Total: 1_000_00 + 500_00 + 149_99, First: 1_000_00, Second: 500_00}, false, true},
		{"nobody brings anything", 11, Shares{}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, want := range map[string]bool{"standard": c.standard, "strict": c.strict} {
				p := profile(t, name)
				safe := even(max(c.persons, 20), 100)
				for _, shares := range [][2]Shares{{c.shares, safe}, {safe, c.shares}, {c.shares, c.shares}} {
					if got := p.Sensitive(Cell{Persons: c.persons, Shares: shares}); got != want {
						t.Errorf("%s: sensitive %v, want %v", name, got, want)
					}
				}
			}
		})
	}
}

// TestOrganisations: rule P2 is in force in strict alone.
func TestOrganisations(t *testing.T) {
	for _, c := range []struct {
		name          string
		organisations int64
		provided      Shares
		strict        bool
	}{
		{"not counted", 0, Shares{}, false},
		{"one provider", 1, even(1, 100), true},
		{"two providers", 2, even(2, 100), true},
		{"three providers", 3, even(3, 100), false},
		{"the largest has 85 %", 3, Shares{Total: 100_00, First: 85_00, Second: 5_00}, false},
		{"the largest has a cent more than 85 %", 3, Shares{Total: 100_00, First: 85_01, Second: 5_00}, true},
		{"the rest is 10 % of the largest", 3, Shares{Total: 50_00 + 45_00 + 5_00, First: 50_00, Second: 45_00}, false},
		{"the rest is a cent short of 10 %", 3, Shares{Total: 50_00 + 45_00 + 4_99, First: 50_00, Second: 45_00}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			safe := even(20, 100)
			cell := Cell{Persons: 20, Shares: [2]Shares{safe, safe}, Organisations: c.organisations, Provided: c.provided}
			for name, want := range map[string]bool{"standard": false, "strict": c.strict} {
				if got := profile(t, name).Sensitive(cell); got != want {
					t.Errorf("%s: sensitive %v, want %v", name, got, want)
				}
			}
		})
	}
}

func TestDominance(t *testing.T) {
	p := Profile{Name: "own", Version: 1, Persons: PersonsRule{Threshold: 3}, Amounts: AmountsRule{DominancePercent: 85}}
	for first, want := range map[int64]bool{84: false, 85: false, 86: true} {
		s := Shares{Total: 100, First: first, Second: 5}
		if got := p.Sensitive(Cell{Persons: 9, Shares: [2]Shares{s, s}}); got != want {
			t.Errorf("largest %d %%: sensitive %v, want %v", first, got, want)
		}
	}
}

func TestHidesMean(t *testing.T) {
	p := profile(t, "standard")
	for persons, want := range map[int64]bool{0: false, 1: true, 4: true, 5: false, 50: false} {
		if got := p.HidesMean(persons); got != want {
			t.Errorf("%d persons: hidden %v, want %v", persons, got, want)
		}
	}
}

// TestStrictIsStricter: whatever standard hides, strict hides.
func TestStrictIsStricter(t *testing.T) {
	standard, strict := profile(t, "standard"), profile(t, "strict")
	rapid.Check(t, func(t *rapid.T) {
		shares := rapid.Custom(func(t *rapid.T) Shares {
			first := rapid.Int64Range(0, 9e15).Draw(t, "first")
			second := rapid.Int64Range(0, first).Draw(t, "second")
			return Shares{First: first, Second: second, Total: first + second + rapid.Int64Range(0, 7e16).Draw(t, "rest")}
		})
		c := Cell{Persons: rapid.Int64Range(1, 30).Draw(t, "persons"), Shares: [2]Shares{shares.Draw(t, "a"), shares.Draw(t, "b")}}
		if standard.Sensitive(c) && !strict.Sensitive(c) {
			t.Fatalf("standard hides %+v, strict does not", c)
		}
		// Exact arithmetic in floating point of the same rule, away from its edge.
		for _, s := range c.Shares {
			rest, edge := float64(s.Total-s.First-s.Second), 0.10*float64(s.First)
			if diff := rest - edge; diff < -1 && !standard.Sensitive(c) || diff > 1 && c.Persons >= 5 && standard.Amounts.concentrated(s) {
				t.Fatalf("p%% test of %+v is wrong", s)
			}
		}
	})
}
