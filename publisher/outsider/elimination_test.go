package outsider

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestPrimeIsPrime(t *testing.T) {
	if !big.NewInt(prime).ProbablyPrime(40) {
		t.Error("it is not")
	}
}

// TestEliminationAgreesWithFractions solves random equations over the fractions too: an
// unknown is determined if the reduced equation that it leads has no other unknown.
func TestEliminationAgreesWithFractions(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		columns := rapid.IntRange(1, 12).Draw(rt, "columns")
		truth := rapid.SliceOfN(rapid.Int64Range(0, 50), columns, columns).Draw(rt, "truth")
		e := newEliminator(columns)
		var matrix [][]*big.Rat
		for range rapid.IntRange(0, 14).Draw(rt, "rows") {
			minus := int32(rapid.IntRange(-1, columns-1).Draw(rt, "minus"))
			row, sum, plus := make([]*big.Rat, columns+1), int64(0), []int32(nil)
			for c := range columns {
				row[c] = new(big.Rat)
				switch {
				case int32(c) == minus:
					row[c].SetInt64(-1)
					sum -= truth[c]
				case rapid.Bool().Draw(rt, "in"):
					row[c].SetInt64(1)
					sum += truth[c]
					plus = append(plus, int32(c))
				}
			}
			row[columns] = new(big.Rat).SetInt64(sum)
			matrix = append(matrix, row)
			e.add(plus, minus, []uint64{toMod(sum), toMod(3 * sum)})
		}
		values, determined := e.solve()
		if e.contradictory {
			rt.Fatal("equations with a solution are called contradictory")
		}
		want := fractions(matrix, columns)
		for c := range columns {
			if determined[c] != want[c] {
				rt.Errorf("unknown %d: determined %t, by fractions %t", c, determined[c], want[c])
			}
			if determined[c] && (fromMod(values[c][0]) != truth[c] || fromMod(values[c][1]) != 3*truth[c]) {
				rt.Errorf("unknown %d: %d, the truth is %d", c, fromMod(values[c][0]), truth[c])
			}
		}
	})
}

// fractions brings a matrix to its reduced form, and tells which unknowns it determines.
func fractions(m [][]*big.Rat, columns int) []bool {
	determined := make([]bool, columns)
	next := 0
	for c := 0; c < columns && next < len(m); c++ {
		lead := next
		for lead < len(m) && m[lead][c].Sign() == 0 {
			lead++
		}
		if lead == len(m) {
			continue
		}
		m[next], m[lead] = m[lead], m[next]
		scale := new(big.Rat).Inv(m[next][c])
		for j := range m[next] {
			m[next][j].Mul(m[next][j], scale)
		}
		for r := range m {
			if r != next && m[r][c].Sign() != 0 {
				factor := new(big.Rat).Set(m[r][c])
				for j := range m[r] {
					m[r][j].Sub(m[r][j], new(big.Rat).Mul(factor, m[next][j]))
				}
			}
		}
		next++
	}
	for _, row := range m[:next] {
		var only []int
		for c := range columns {
			if row[c].Sign() != 0 {
				only = append(only, c)
			}
		}
		if len(only) == 1 {
			determined[only[0]] = true
		}
	}
	return determined
}

func TestContradictoryEquations(t *testing.T) {
	e := newEliminator(2)
	e.add([]int32{0, 1}, none, []uint64{3})
	e.add([]int32{0}, none, []uint64{1})
	e.add([]int32{1}, none, []uint64{1})
	if e.solve(); !e.contradictory {
		t.Error("not noticed")
	}
}
