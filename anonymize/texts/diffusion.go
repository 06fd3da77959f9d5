package texts

// Diffusion is what the hub says of a provider's wish to be named.
type Diffusion struct {
	NaturalPerson *bool  // personne_physique; nil if unknown
	Status        string // statut_diffusion: "O" open, "P" partial, "" unknown
}

// NameWithheld reports whether the name of a provider must not be published.
//
// Inputs: p, as the hub's list of organismes gives it. What is unknown counts
// as a natural person, and as one who opted out.
//
// Result: false for a known legal person and for whoever chose diffusion "O";
// true for all others.
func NameWithheld(p Diffusion) bool {
	legal := p.NaturalPerson != nil && !*p.NaturalPerson
	return !legal && p.Status != "O"
}
