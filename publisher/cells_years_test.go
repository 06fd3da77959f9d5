package publisher_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/publisher"
	"github.com/parvis-opendata/parvis/publisher/release"
)

// Years are published beside the months, each table when it is due.

// yearStory is a hub in which ten persons buy in Lyon and ten at a distance, each month of
// two years, each for as many euros as there were states; in one month three at a distance.
func yearStory(t *testing.T) *story {
	s := newStory(t)
	s.tell = func(state int) (files []sceneFile) {
		for _, year := range []int{2024, 2025} {
			for month := 1; month <= 12; month++ {
				day, amount := fmt.Sprintf("%d-%02d-15", year, month), fmt.Sprint(state)
				remote := "KLMNOPQRST"
				if year == 2025 && month == 6 {
					remote = "KLM"
				}
				files = append(files, buysOf("ABCDEFGHIJ", day, amount)...)
				for _, who := range remote {
					files = append(files, buy(who, day, amount, "modalite_presence=DISTANCE"))
				}
			}
		}
		return files
	}
	return s
}

// yearRows are the rows of a table of years as text: the year, the member, its figures.
func (s *story) yearRows(suffix, member string, figures ...string) (rows []string) {
	s.t.Helper()
	d, _ := datasets.Find(s.Datasets, s.dataset)
	table, _ := d.Table(engagees + suffix)
	_, all := s.tableRows(s.t, s.pointer(s.t).Release, table)
	for _, row := range all {
		text := row["annee_de_validation"] + " " + row[member] + ":"
		for _, f := range figures {
			text += " " + row[f]
		}
		if hasFigures(table, row) {
			rows = append(rows, text)
		}
	}
	return rows
}

// mustTell checks the years of the served release: from which state each table of years is.
func (s *story) mustTell(annual [2]int, statuses ...int) {
	s.t.Helper()
	var want []string
	for i, state := range statuses {
		files := []int{240, 233}[i]
		want = append(want, fmt.Sprintf("%d Réalisé totalement: %d %d.00", 2024+i, files, files*state))
	}
	if d := gocmp.Diff(want, s.yearRows("_statut", "statut_dossier", "nb_dossiers", "montant_engage")); d != "" {
		s.t.Errorf("statuses: -want +got\n%s", d)
	}
	got := s.yearRows("_annuel", "code_region_lieu_formation", "nb_dossiers", "nb_titulaires", "montant_engage")
	for _, row := range []string{
		fmt.Sprintf("2024 00: 120 10 %d.00", 120*annual[0]), fmt.Sprintf("2024 84: 120 10 %d.00", 120*annual[0]), fmt.Sprintf("2024 FR: 240 20 %d.00", 240*annual[0]),
		"2025 00:  10 ", // of one month the figure is secret
	} {
		if !slices.Contains(got, row) {
			s.t.Errorf("there is no %q in %q", row, got)
		}
	}
	lacking := 0 // and so is that of France, or that of the other région, by which it would follow
	for row, full := range map[string]string{"2025 84: ": fmt.Sprintf("120 10 %d.00", 120*annual[1]), "2025 FR: ": fmt.Sprintf("233 20 %d.00", 233*annual[1])} {
		switch {
		case slices.Contains(got, row+full):
		case slices.ContainsFunc(got, func(r string) bool { return strings.HasPrefix(r, row+" ") }):
			lacking++
		default:
			s.t.Errorf("there is no %q in %q", row, got)
		}
	}
	if lacking != 1 {
		s.t.Errorf("%d of the sums of 2025 lack a month: %q", lacking, got)
	}
}

// owns checks the periods of the tables of years in the manifest of the served release.
func (s *story) owns(annual, status []string) {
	s.t.Helper()
	m, err := s.archive.Manifest(s.t.Context(), s.dataset, s.pointer(s.t).Release)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, table := range m.Tables {
		want := map[string][]string{engagees + "_annuel": annual, engagees + "_statut": status}[table.ID]
		if !slices.Equal(table.Periods, want) {
			s.t.Errorf("%s has the periods %v of its own, want %v", table.ID, table.Periods, want)
		}
	}
}

func (s *story) next(day string) {
	s.t.Helper()
	s.turn(day)
	s.releases[fmt.Sprintf("R%d", s.state)] = s.publishedOn(s.t, day)
}

// TestYearsAreDueAndCarriedOver: the year of purchases is due at once, that of statuses three
// months later; both are carried over, and freed when what held them is withdrawn.
func TestYearsAreDueAndCarriedOver(t *testing.T) {
	t.Parallel()
	s := yearStory(t)
	both := []string{"2024", "2025"}
	s.next("2026-01-02")
	s.owns(both, both[:1])
	s.mustTell([2]int{1, 1}, 1)
	s.turn("2026-03-31")
	s.mustBeIdle(t, s.releases["R1"], "2026-03-31") // not over yet
	s.next("2026-04-01")
	s.owns(both, both)
	s.mustTell([2]int{1, 1}, 1, 3)
	s.withdraw("R3")
	s.next("2026-04-02")
	s.owns(both, both)
	s.mustTell([2]int{1, 1}, 1, 4)
	s.withdraw("R1", "R4")
	s.next("2026-04-03")
	s.owns(both, both)
	s.mustTell([2]int{5, 5}, 5, 5)
}

// TestReleaseBeforeTheSummaries: the months of a release that had the detailed table alone
// are carried over without the others, and the years are computed.
func TestReleaseBeforeTheSummaries(t *testing.T) {
	t.Parallel()
	s := yearStory(t)
	s.next("2025-08-02")
	s.forgetSummaries(s.releases["R1"])
	was := s.csvLines(t, s.releases["R1"], engagees+".csv", ',')
	s.next("2026-04-02")
	id := s.releases["R2"]
	s.owns([]string{"2024", "2025"}, []string{"2024", "2025"})
	if is := s.csvLines(t, id, engagees+".csv", ','); gocmp.Diff(was, is[:len(was)]) != "" || len(is) <= len(was) {
		t.Errorf("the rows of the first release: -first +second\n%s", gocmp.Diff(was, is))
	}
	h := recompute(t, s.extract, calendarDay("2026-04-02"), statEntities...).recountTables(s.bench, refProfiles["standard"])
	h.judge(t, s.bench, id, func(_ datasets.Table, period string) bool { return len(period) == 4 || period > "2025-07" })
	d, _ := datasets.Find(s.Datasets, engagees)
	for k, table := range d.Tables[1:] {
		_, rows := s.tableRows(t, id, table)
		for _, row := range rows {
			if period := row[table.Period.Field]; len(period) > 4 && period <= "2025-07" {
				t.Fatalf("%s has a row of %s", table.ID, period)
			}
		}
		told := s.disclosed(t, id).Tables[k+1].Periods
		if slices.ContainsFunc(told, func(n publisher.PeriodCount) bool { return len(n.Period) > 4 && n.Period <= "2025-07" }) {
			t.Errorf("disclosure.json tells of periods that %s has not: %v", table.ID, told)
		}
	}
	if rows := s.yearRows("_annuel", "code_region_lieu_formation", "nb_dossiers", "montant_engage"); slices.ContainsFunc(rows, func(r string) bool { return !strings.HasSuffix(r, ":  ") }) || len(rows) == 0 {
		t.Errorf("sums of months that are not published: %q", rows)
	}
	s.mustBeIdle(t, id, "2026-04-02")
}

// forgetSummaries makes a release one that had the detailed table alone.
func (s *story) forgetSummaries(id string) {
	s.t.Helper()
	dir := filepath.Join(s.root, "store", "datasets", engagees, "releases", id)
	edit := func(name string, into any, change func()) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if change(); err == nil {
			text, err = json.Marshal(into)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	var d publisher.Disclosure
	edit("disclosure.json", &d, func() { d.Tables = d.Tables[:1] })
	var m release.Manifest
	edit("manifest.json", &m, func() {
		m.Tables = m.Tables[:1]
		m.Objects = slices.DeleteFunc(m.Objects, func(o release.Object) bool { return strings.HasPrefix(o.Name, engagees+"_") })
		i := slices.IndexFunc(m.Objects, func(o release.Object) bool { return o.Name == "disclosure.json" })
		text, err := os.ReadFile(filepath.Join(dir, "disclosure.json"))
		if err != nil {
			s.t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		m.Objects[i].SHA256, m.Objects[i].Bytes = hex.EncodeToString(sum[:]), int64(len(text))
	})
}
