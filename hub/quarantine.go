package hub

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// QuarantineDays is how long the list of faulty records of a run is kept.
const QuarantineDays = 30

// quarantineName is the time in the name of a run's folder.
const quarantineName = "20060102T150405Z"

// WriteQuarantine writes the faulty records of the entities of a report to
// dir/{time}-{label}/quarantaine.csv: entity, file, row and rules broken, never a
// value. The row is the rank of the record in its file, from 1, the header not
// counted. It returns the path of the file; "" if no record is faulty. Folders
// older than [QuarantineDays] are removed.
func WriteQuarantine(ctx context.Context, db *engine.DB, rep *Report, dir, label string, now time.Time) (path string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("write quarantine: %w", err)
	}
	if err := pruneQuarantine(dir, now); err != nil {
		return "", err
	}
	n, err := db.Count(ctx, "SELECT count(*) FROM stage.quarantaine WHERE "+rep.covers())
	if err != nil || n == 0 {
		return "", err
	}
	folder := filepath.Join(dir, now.UTC().Format(quarantineName)+"-"+label)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("write quarantine: %w", err)
	}
	path = filepath.Join(folder, "quarantaine.csv")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fmt.Errorf("write quarantine: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := csv.NewWriter(file)
	if err := w.Write([]string{"entite", "fichier", "ligne", "regles"}); err != nil {
		return "", fmt.Errorf("write quarantine: %w", err)
	}
	if err := copyQuarantine(ctx, db, rep, w); err != nil {
		return "", err
	}
	w.Flush()
	return path, w.Error()
}

// covers is SQL that is true for the entities of the report.
func (r *Report) covers() string {
	names := []string{""}
	for _, e := range r.Entities {
		names = append(names, e.Entity)
	}
	return "entite IN (" + engine.Literals(names) + ")"
}

func copyQuarantine(ctx context.Context, db *engine.DB, rep *Report, w *csv.Writer) error {
	names := map[string][]Rule{}
	for _, e := range Entities() {
		names[e.Name], _ = e.ruleset()
	}
	q := fmt.Sprintf("SELECT entite, rid // %[1]d, rid %% %[1]d, broken, illisible FROM stage.quarantaine WHERE %[2]s ORDER BY entite, rid", int64(fileShift), rep.covers())
	return db.Each(ctx, q, func(scan func(...any) error) error {
		var entity string
		var file, row, broken int64
		var unread bool
		if err := scan(&entity, &file, &row, &broken, &unread); err != nil {
			return err
		}
		e, _ := rep.Entity(entity)
		var ids []string
		if unread {
			ids = append(ids, unreadable.ID)
		}
		for bit, rule := range names[entity] {
			if broken&(1<<bit) != 0 {
				ids = append(ids, rule.ID)
			}
		}
		return w.Write([]string{entity, e.Files[file].Name, strconv.FormatInt(row, 10), strings.Join(ids, " ")})
	})
}

func pruneQuarantine(dir string, now time.Time) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("prune quarantine: %w", err)
	}
	for _, e := range entries {
		stamp, _, _ := strings.Cut(e.Name(), "-")
		at, err := time.Parse(quarantineName, stamp)
		if err != nil || now.Sub(at) < QuarantineDays*24*time.Hour {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return fmt.Errorf("prune quarantine: %w", err)
		}
	}
	return nil
}
