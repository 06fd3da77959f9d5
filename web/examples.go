package web

import (
	"strings"

	"github.com/parvis-opendata/parvis/datasets"
)

// example is a piece of a program that reads the table in view.
type example struct{ ID, Language, What, Code string }

// examples are pieces that run as they are.
func (v datasetView) examples() []example {
	api := v.Base + "/api/explore/v2.1/catalog/datasets/" + v.View.Table.ID
	latest := v.Base + "/datasets/" + v.ID + "/releases/latest/" + v.View.Table.ID
	return []example{
		{"curl", "curl", "dix lignes en JSON, puis la table entière", "curl '" + api + "/records?limit=10'\n" +
			"curl --compressed -O '" + latest + ".csv'"},
		{"python", "Python", "avec pandas et pyarrow", "import pandas as pd\n\n" +
			"table = pd.read_parquet(\n    \"" + latest + ".parquet\"\n)\nprint(table.head())"},
		{"r", "R", "sans paquet", "adresse <- \"" + latest + ".csv\"\n" +
			"donnees <- read.csv(adresse, encoding = \"UTF-8\", na.strings = \"\"" + v.codes() + ")\nhead(donnees)"},
		{"javascript", "JavaScript", "dans un navigateur ou Node.js", "const adresse = \"" + api + "/records?limit=10\";\n" +
			"const reponse = await fetch(adresse);\nconst { total_count, results } = await reponse.json();\nconsole.log(total_count, results);"},
		{"sql", "SQL", "avec DuckDB, sans rien télécharger d'abord", "SELECT count(*)\nFROM read_parquet('" + latest + ".parquet');"},
	}
}

// codes tells R which columns are codes, whose zeros count.
func (v datasetView) codes() string {
	var names []string
	for _, f := range v.View.Table.Fields {
		if f.Type == datasets.TypeText && (strings.HasPrefix(f.Name, "code") || f.Name == "siret") {
			names = append(names, f.Name+` = "character"`)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ",\n  colClasses = c(" + strings.Join(names, ",\n    ") + ")"
}
