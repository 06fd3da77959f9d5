package web

// Texts are the pages of text, by the last part of their address, with their titles. Their
// templates are in templates/pages/texts.
var Texts = map[string]string{
	"accessibilite":        "Déclaration d'accessibilité",
	"donnees-personnelles": "Données personnelles",
	"mentions-legales":     "Mentions légales",
}

// textView is the page as the template sees it.
type textView struct {
	Frame
	Title string
}

// Text renders a page of text, one of [Texts].
func (s *Site) Text(f Frame, name string) ([]byte, error) {
	return s.render("texts/"+name, textView{f, Texts[name]})
}
