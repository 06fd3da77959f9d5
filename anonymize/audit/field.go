package audit

import "math/bits"

// field is the integers modulo the prime 2^bits − c. Elements are kept in 0..p−1.
type field struct {
	bits uint
	c    uint64
}

// first and second are the two primes of the audit. Tests check that they are prime.
var (
	first  = field{bits: 61, c: 31}
	second = field{bits: 62, c: 57}
)

// prime is p.
func (f field) prime() uint64 { return 1<<f.bits - f.c }

// add is a + b.
func (f field) add(a, b uint64) uint64 {
	s := a + b
	if p := f.prime(); s >= p {
		s -= p
	}
	return s
}

// negative is −a.
func (f field) negative(a uint64) uint64 {
	if a == 0 {
		return 0
	}
	return f.prime() - a
}

// reduce is hi·2⁶⁴ + lo modulo p, for hi·2⁶⁴ + lo < 2^(bits + 64).
func (f field) reduce(hi, lo uint64) uint64 {
	mask := uint64(1)<<f.bits - 1
	// 2^bits ≡ c: fold what is above twice.
	h, l := bits.Mul64(hi<<(64-f.bits)|lo>>f.bits, f.c)
	l, carry := bits.Add64(l, lo&mask, 0)
	h += carry
	r := (h<<(64-f.bits)|l>>f.bits)*f.c + l&mask
	for p := f.prime(); r >= p; {
		r -= p
	}
	return r
}

// mul is a·b.
func (f field) mul(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return f.reduce(hi, lo)
}

// inverse is 1/a for a ≠ 0.
func (f field) inverse(a uint64) uint64 {
	if a == 1 || a == f.prime()-1 {
		return a
	}
	r := uint64(1)
	for e := f.prime() - 2; e > 0; e >>= 1 {
		if e&1 == 1 {
			r = f.mul(r, a)
		}
		a = f.mul(a, a)
	}
	return r
}

// signed is the element of a sign.
func (f field) signed(s int8) uint64 {
	if s < 0 {
		return f.prime() - 1
	}
	return 1
}

// dice is splitmix64: the next numbers depend on the seed alone.
type dice uint64

// next is the next 64 bits.
func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// element is uniform on 0..p−1.
func (d *dice) element(f field) uint64 {
	for {
		if x := d.next() >> (64 - f.bits); x < f.prime() {
			return x
		}
	}
}
