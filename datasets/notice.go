package datasets

// Notice is what is said wherever data are shown or described, in French; empty for data
// that are not invented.
func Notice(synthetic bool) string {
	if synthetic {
		return "Données fictives : elles sont tirées au hasard pour la démonstration et les essais, et ne décrivent personne ni aucun organisme."
	}
	return ""
}
