package api

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/api/explore"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// rowsPattern is the address of the rows of a table.
const rowsPattern = "/api/v1/tables/:table/rows"

// rowsRoutes are the addresses under /api/v1 that query tables.
func (s *Server) rowsRoutes() []route {
	if s.explore == nil {
		return nil
	}
	return []route{{rowsPattern, s.rows, explore.RowsParameters}}
}

// rows answers with a page of the rows of a table.
func (s *Server) rows(c *gin.Context) error {
	err := s.explore.Rows(s.call(c))
	var gone *serving.GoneError
	if errors.As(err, &gone) {
		return s.beginAgain(c, s.tellGone(c, gone))
	}
	if f := explore.ErrorOf(err); f != nil {
		return s.queryProblem(c, f)
	}
	return err
}

// beginAgain adds to what became of a release what the reader of its pages can do.
func (s *Server) beginAgain(c *gin.Context, err error) error {
	var p *problem
	if !errors.As(err, &p) {
		return err
	}
	others, path := p.fixes, c.Request.URL.EscapedPath()
	p.fixes = func(l links) []string {
		fixes := []string{"Reprenez depuis la première page, sans « cursor » ni « release » : " + l.base + path}
		if others != nil {
			fixes = append(fixes, others(l)...)
		}
		return fixes
	}
	return p
}

// queryKinds are the kinds of problem by those of the query API.
var queryKinds = map[explore.Kind]error{
	"":                       errQuery,
	explore.KindParameter:    errParameter,
	explore.KindCursor:       errParameter,
	explore.KindTable:        errUnknownTable,
	explore.KindRelease:      errUnknownRelease,
	explore.KindUnpublished:  errUnpublished,
	explore.KindGone:         errPruned,
	explore.KindCoding:       errEncoding,
	explore.KindPrecondition: errPrecondition,
	explore.KindUnavailable:  errUnavailable,
	explore.KindTimeout:      errTimeout,
	explore.KindTooMany:      errTooMany,
	explore.KindBusy:         errBusy,
}

// queryProblem says what a query API says of an error, in the form of /api/v1.
func (s *Server) queryProblem(c *gin.Context, f *explore.Error) error {
	p := &problem{kind: queryKinds[f.Kind], detail: f.Message, cause: f, retryAfter: f.RetryAfter}
	if f.Clause != "" {
		p.where = &place{Clause: f.Clause, Position: f.Position, Found: f.Found, Expected: f.Expected}
	}
	table, path := parameter(c, "table"), c.Request.URL.EscapedPath()
	p.fixes = func(l links) []string { return rowsFixes(f, l, table, path) }
	if f.Kind == explore.KindTable {
		p.detail = fmt.Sprintf("Il n'y a pas de table « %s » dans la publication demandée.", shorten(table))
	}
	if f.Kind == explore.KindTimeout {
		p.detail = "La requête a pris plus de temps que permis."
	}
	return p
}

// rowsFixes says what the caller can do about an error of a page of rows.
func rowsFixes(f *explore.Error, l links, table, path string) []string {
	all := "Pour toutes les lignes d'un coup, prenez l'export : " + l.export(table)
	if table == "" {
		all = "Les données entières sont dans les fichiers des publications : " + l.base + "/api/v1/datasets"
	}
	switch f.Kind {
	case explore.KindTable:
		return []string{"Choisissez parmi les tables des jeux de données : " + l.base + "/api/v1/datasets"}
	case explore.KindGone, explore.KindCursor:
		return []string{"Reprenez depuis la première page, sans « cursor » ni « release » : " + l.base + path}
	case explore.KindRelease, explore.KindUnpublished:
		return []string{"Retirez « release » pour lire la publication en service.", "Les publications sont dans l'historique de chaque jeu de données : " + l.base + "/api/v1/datasets"}
	case explore.KindTimeout:
		return []string{"Restreignez la requête (where), ou triez par la clé de la table (sans order_by).", all}
	case explore.KindTooMany, explore.KindBusy:
		return []string{fmt.Sprintf("Attendez %d s (Retry-After), puis redemandez la même chose.", f.RetryAfter), all}
	case explore.KindUnavailable:
		return []string{"Réessayez dans quelques secondes (Retry-After).", all}
	case "":
		return []string{fmt.Sprintf("Corrigez la clause « %s ».", f.Clause), "Les champs de la table sont décrits avec son jeu de données : " + l.base + "/api/v1/datasets"}
	case explore.KindParameter, explore.KindCoding, explore.KindPrecondition:
	}
	return []string{"Corrigez la requête comme dit ci-dessus."}
}

// rows is the address of the rows of a table.
func (l links) rows(table string) string {
	return l.base + "/api/v1/tables/" + url.PathEscape(table) + "/rows"
}

// export is the address of the export of a table.
func (l links) export(table string) string {
	return l.base + "/api/explore/v2.1/catalog/datasets/" + url.PathEscape(table) + "/exports/parquet"
}
