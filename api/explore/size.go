package explore

import "net/http"

// maxBody is the size of the largest answer, in bytes, that is made in memory. A page of
// rows with all their texts has a tenth of it.
const maxBody = 32 << 20

// bounded fails when an answer in the making has become too large.
func bounded(body []byte) error {
	if len(body) <= maxBody {
		return nil
	}
	return &Error{Status: http.StatusBadRequest, Code: "AnswerTooLarge", Kind: KindParameter,
		Message: "La réponse dépasse 32 Mio. Demandez moins de lignes (limit) ou moins de champs (select) à la fois ; l'export (exports/csv, exports/parquet) n'a pas cette limite."}
}
