package outsider

import "math/bits"

// prime is 2⁶¹ − 31. Equations are solved modulo it; a figure that its equations
// determine over the whole numbers is determined modulo it too, and the reverse fails
// only if it divides a determinant of the equations.
const prime = 1<<61 - 31

func addMod(a, b uint64) uint64 {
	if a += b; a >= prime {
		a -= prime
	}
	return a
}

func negMod(a uint64) uint64 {
	if a == 0 {
		return 0
	}
	return prime - a
}

func mulMod(a, b uint64) uint64 {
	switch a {
	case 1:
		return b
	case prime - 1:
		return negMod(b)
	}
	hi, lo := bits.Mul64(a, b)
	return bits.Rem64(hi, lo, prime)
}

// inverse returns 1/a, for a ≠ 0.
func inverse(a uint64) uint64 {
	if a == 1 || a == prime-1 {
		return a
	}
	out := uint64(1)
	for e := uint64(prime - 2); e > 0; e >>= 1 {
		if e&1 == 1 {
			out = mulMod(out, a)
		}
		a = mulMod(a, a)
	}
	return out
}

// toMod returns a whole number modulo the prime.
func toMod(v int64) uint64 {
	if v < 0 {
		return negMod(uint64(-v) % prime)
	}
	return uint64(v) % prime
}

// fromMod returns the whole number of least size with the given remainder.
func fromMod(a uint64) int64 {
	if a > prime/2 {
		return -int64(prime - a)
	}
	return int64(a)
}
