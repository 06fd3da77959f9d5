package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/api/exchange"
	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/search/indexes"
	"github.com/parvis-opendata/parvis/internal/serving"
)

// ProbeTimeout bounds the look of /readyz at the dependencies: who asks must wait longer to be
// told which of them fail.
const ProbeTimeout = 2 * time.Second

// Words of the state of a service or of a dependency.
const (
	stateOK      = "ok"
	stateAbsent  = "absent" // a dataset of which no release is served: none yet, or none left
	stateFailing = "failing"
)

// aliveBody says that the process answers.
type aliveBody struct {
	Status  string `json:"status"`
	Version string `json:"version"`
}

// readyBody says whether the process can serve, and what is missing.
type readyBody struct {
	Status string      `json:"status"`
	Checks []checkBody `json:"checks"`
}

// checkBody is the state of one dependency.
type checkBody struct {
	Name    string `json:"name"`
	Status  string `json:"status"`
	Release string `json:"release,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// healthz answers that the process is alive, and looks at nothing.
func (s *Server) healthz(c *gin.Context) error {
	return writeState(c, http.StatusOK, aliveBody{Status: stateOK, Version: s.options.Version})
}

// readyz looks at the dependencies as they are now, not as remembered: the store,
// the served release of every dataset, the tables for
// queries, and the search. A dataset that has none, because nothing
// was published yet or the last release was withdrawn, does not keep the others from
// being served; some must be. Nor does a search that fails: it says so itself, and the
// rest goes on.
func (s *Server) readyz(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), ProbeTimeout)
	defer cancel()
	store := checkBody{Name: "store", Status: stateOK}
	body := readyBody{Status: stateOK}
	for _, d := range s.options.Datasets {
		check, err := s.checkDataset(ctx, d)
		if err != nil {
			s.options.Log.Warn("store is not ready", slog.String("request_id", requestID(c)), slog.Any("error", err))
			store.Status, store.Detail = stateFailing, "Le stockage ne peut pas être lu."
		}
		body.Checks = append(body.Checks, check)
	}
	body.Checks = append([]checkBody{store}, body.Checks...)
	if s.options.Library != nil {
		body.Checks = append(body.Checks, s.checkTables())
	}
	status := http.StatusOK
	if !ready(body.Checks) {
		status, body.Status = http.StatusServiceUnavailable, stateFailing
	}
	if s.options.Search != nil {
		body.Checks = append(body.Checks, s.checkSearch(ctx))
	}
	return writeState(c, status, body)
}

// ready reports whether nothing fails and a dataset is served.
func ready(checks []checkBody) bool {
	served := 0
	for _, check := range checks {
		switch {
		case check.Status == stateFailing:
			return false
		case check.Release != "":
			served++
		}
	}
	return served > 0
}

// checkDataset looks whether a dataset has a served release.
//
// Errors: the store cannot be read.
func (s *Server) checkDataset(ctx context.Context, d datasets.Dataset) (checkBody, error) {
	check := checkBody{Name: "dataset:" + d.ID, Status: stateFailing, Detail: "Aucune publication n'est en service."}
	pointer, _, err := s.library.archive.Current(ctx, d.ID)
	if isNotFound(err) || (err == nil && pointer.Release == "") {
		check.Status = stateAbsent
		return check, nil
	}
	if err != nil {
		check.Detail = "La publication en service ne peut pas être lue."
		return check, err
	}
	check.Release = pointer.Release
	if _, err := s.library.archive.Manifest(ctx, d.ID, pointer.Release); err != nil {
		check.Detail = "Le manifeste de la publication en service ne peut pas être lu."
		if isNotFound(err) {
			return check, nil
		}
		return check, err
	}
	check.Status, check.Detail = stateOK, ""
	return check, nil
}

// checkTables looks whether the tables of the served releases are loaded.
func (s *Server) checkTables() checkBody {
	if s.options.Library.Ready() {
		return checkBody{Name: "tables", Status: stateOK}
	}
	return checkBody{Name: "tables", Status: stateFailing, Detail: "Les tables des publications en service ne sont pas encore chargées."}
}

// checkSearch looks how a search goes.
func (s *Server) checkSearch(ctx context.Context) checkBody {
	check := checkBody{Name: "search", Status: stateOK}
	found := s.options.Search.State(ctx)
	switch {
	case errors.Is(found.Err, serving.ErrUnpublished):
		check.Status = stateAbsent
	case errors.Is(found.Err, indexes.ErrNotReady), errors.Is(found.Err, serving.ErrLoading):
		check.Status, check.Detail = stateFailing, "L'index de la recherche est en préparation."
	case found.Err != nil:
		check.Status, check.Detail = stateFailing, "La recherche ne répond pas."
	case found.Failure != nil:
		check.Detail = "L'index de la publication en service ne peut pas être fait en ce moment ; la précédente répond."
	case found.Behind:
		check.Detail = "La publication en service est en cours d'indexation ; la précédente répond."
	}
	check.Release = found.Release
	return check
}

func writeState(c *gin.Context, status int, v any) error {
	text, err := encode(v)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", exchange.NoStore)
	writeBody(c, status, text)
	return nil
}
