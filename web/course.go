package web

import (
	"strconv"

	"github.com/parvis-opendata/parvis/web/ask"
)

// Most letters and places of a training that are told to machines that read pages.
const (
	longestDescription = 600
	mostInstances      = 20
)

// thing is one of schema.org.
type thing = map[string]any

// course says the training in the words of schema.org (Course, CourseInstance, Offer).
func (v *trainingView) course(t Training) thing {
	c := thing{
		"@context": "https://schema.org", "@type": "Course", "name": v.Title, "url": v.Canonical(), "inLanguage": "fr", "courseCode": v.Numero,
		"description": shortened(firstText(v.Texts, v.Summary()), longestDescription),
	}
	if v.Provider != "" {
		c["provider"] = thing{"@type": "Organization", "name": v.Provider, "identifier": t.Row.Text("siret")}
	}
	if v.Certification.Title != "" {
		c["educationalCredentialAwarded"] = thing{"@type": "EducationalOccupationalCredential", "name": v.Certification.Title}
	}
	sum := first(t.Answers["ensemble"])
	if least, most := known(sum, "prix_min"), known(sum, "prix_max"); least != nil && most != nil {
		c["offers"] = thing{"@type": "AggregateOffer", "priceCurrency": "EUR", "lowPrice": *least, "highPrice": *most, "category": "Paid"}
	}
	c["hasCourseInstance"] = v.instances(t)
	return c
}

// instances are where and how the training is given.
func (v *trainingView) instances(t Training) []thing {
	all := []thing{}
	one := func(mode string, place ask.Row) {
		i := thing{"@type": "CourseInstance", "courseMode": mode}
		if hours := known(first(t.Answers["durees"]), "heures_min"); hours != nil {
			i["courseWorkload"] = "PT" + strconv.Itoa(int(*hours)) + "H"
		}
		if place != nil {
			i["location"] = thing{"@type": "AdministrativeArea", "name": place.Text("nom_departement")}
		}
		all = append(all, i)
	}
	if v.Distance {
		one("Online", nil)
	}
	for _, p := range t.Answers["lieux"] {
		if p.Text("code_departement") != "" && len(all) < mostInstances {
			one("Onsite", p)
		}
	}
	return all
}

func firstText(all []section, otherwise string) string {
	if len(all) == 0 {
		return otherwise
	}
	return all[0].Text
}

// shortened cuts a text after so many letters.
func shortened(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most]) + "…"
}
