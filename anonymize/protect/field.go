package protect

import "math/bits"

// modulus is the Mersenne prime 2⁶¹−1. Elimination works on whole numbers modulo it:
// exact, with no growth of the figures.
const modulus = 1<<61 - 1

func addMod(a, b uint64) uint64 {
	s := a + b
	if s >= modulus {
		s -= modulus
	}
	return s
}

func negMod(a uint64) uint64 {
	if a == 0 {
		return 0
	}
	return modulus - a
}

func mulMod(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	// 2⁶¹ ≡ 1: the product is hi·2⁶⁴ + lo = (hi·8 + lo÷2⁶¹)·2⁶¹ + lo mod 2⁶¹.
	s := (hi<<3 | lo>>61) + lo&modulus
	if s >= modulus {
		s -= modulus
	}
	return s
}

// inverseMod is a⁻¹ for a ≠ 0, by Fermat.
func inverseMod(a uint64) uint64 {
	result, power := uint64(1), a
	for e := uint64(modulus - 2); e > 0; e >>= 1 {
		if e&1 == 1 {
			result = mulMod(result, power)
		}
		power = mulMod(power, power)
	}
	return result
}

// inversesMod are a⁻¹ for each a, and 0 for 0, by one division (Montgomery, Speeding the
// Pollard and elliptic curve methods of factorization, 1987, section 10.3.1).
func inversesMod(list []uint64) []uint64 {
	inverses, product := make([]uint64, len(list)), uint64(1)
	for i, a := range list {
		inverses[i] = product
		if a != 0 {
			product = mulMod(product, a)
		}
	}
	rest := inverseMod(product)
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] == 0 {
			inverses[i] = 0
			continue
		}
		inverses[i], rest = mulMod(inverses[i], rest), mulMod(rest, list[i])
	}
	return inverses
}

// signedMod is the whole number of least absolute value in the class of a.
func signedMod(a uint64) int64 {
	if a > modulus/2 {
		return -int64(modulus - a)
	}
	return int64(a)
}

// random is a small pseudo-random sequence (splitmix64), the same on every machine.
type random struct{ state uint64 }

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// element is a random element of the field.
func (r *random) element() uint64 { return r.next() >> 3 % modulus }

// below is a random number in 0..n−1; n ≥ 1.
func (r *random) below(n int) int {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int(hi)
}
