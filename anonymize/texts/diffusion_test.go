package texts

import "testing"

func TestNameWithheld(t *testing.T) {
	yes, no := true, false
	tests := []struct {
		name string
		p    Diffusion
		want bool
	}{
		{"legal person, open", Diffusion{&no, "O"}, false},
		{"legal person, partial", Diffusion{&no, "P"}, false},
		{"legal person, unknown status", Diffusion{&no, ""}, false},
		{"natural person, open", Diffusion{&yes, "O"}, false},
		{"natural person, partial", Diffusion{&yes, "P"}, true},
		{"natural person, unknown status", Diffusion{&yes, ""}, true},
		{"unknown person, open", Diffusion{nil, "O"}, false},
		{"unknown person, partial", Diffusion{nil, "P"}, true},
		{"nothing known", Diffusion{}, true},
		{"status of another kind", Diffusion{&yes, "o"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := NameWithheld(tt.p); got != tt.want {
				t.Errorf("NameWithheld = %v, want %v", got, tt.want)
			}
		})
	}
}
