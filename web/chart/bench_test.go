package chart

import "testing"

func BenchmarkInline(b *testing.B) {
	for _, name := range []string{"bars", "departements"} {
		b.Run(name, func(b *testing.B) {
			c := examples()[name]
			for b.Loop() {
				Both(c, "a", Wide)
			}
		})
	}
}

func BenchmarkPNG(b *testing.B) {
	for _, name := range []string{"bars", "departements"} {
		b.Run(name, func(b *testing.B) {
			c := examples()[name]
			for b.Loop() {
				if _, err := PNG(c, File); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
