package odsql

import "strings"

// Names of days, from Monday, and of months, by language. Arabic has English ones.
var (
	daysLong = names(map[string]string{
		"fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
		"en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
		"de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
		"es": "lunes martes miércoles jueves viernes sábado domingo",
		"it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
		"nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
		"pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
		"ca": "dilluns dimarts dimecres dijous divendres dissabte diumenge",
		"sv": "måndag tisdag onsdag torsdag fredag lördag söndag",
		"eu": "astelehena asteartea asteazkena osteguna ostirala larunbata igandea",
	})
	daysShort = names(map[string]string{
		"fr": "lun. mar. mer. jeu. ven. sam. dim.",
		"en": "Mon Tue Wed Thu Fri Sat Sun",
		"de": "Mo Di Mi Do Fr Sa So",
		"es": "lun mar mié jue vie sáb dom",
		"it": "lun mar mer gio ven sab dom",
		"nl": "ma di wo do vr za zo",
		"pt": "seg. ter. qua. qui. sex. sáb. dom.",
		"ca": "dl. dt. dc. dj. dv. ds. dg.",
		"sv": "mån tis ons tors fre lör sön",
		"eu": "al. ar. az. og. or. lr. ig.",
	})
	monthsLong = names(map[string]string{
		"fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		"en": "January February March April May June July August September October November December",
		"de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
		"es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		"it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
		"nl": "januari februari maart april mei juni juli augustus september oktober november december",
		"pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
		"ca": "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
		"sv": "januari februari mars april maj juni juli augusti september oktober november december",
		"eu": "urtarrila otsaila martxoa apirila maiatza ekaina uztaila abuztua iraila urria azaroa abendua",
	})
)

func names(byLanguage map[string]string) map[string][]string {
	m := make(map[string][]string, len(byLanguage))
	for language, all := range byLanguage {
		m[language] = strings.Fields(all)
	}
	return m
}
