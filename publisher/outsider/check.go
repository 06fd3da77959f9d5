package outsider

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/parvis-opendata/parvis/datasets"
	"github.com/parvis-opendata/parvis/internal/engine"
)

// Options say how to attack.
type Options struct {
	// Periods are the labels of the periods to look at; all that the tables hold if nil.
	Periods []string
	// Known are figures that the reader has from elsewhere.
	Known []Figure
	// Threads is how many periods are attacked at a time; 0 means one per core.
	Threads int
}

// Check attacks finished tables.
//
// Inputs: the relation, an expression of SQL, that holds each table, by its id; tables
// that are not there are not published. Only public columns are read.
//
// Errors: [ErrCountsNobody] for a dataset that is not statistical; those of the engine.
//
// Notes: one period is in memory for each thread, and one that is being read.
func Check(ctx context.Context, db *engine.DB, dataset datasets.Dataset, tables map[string]string, o Options) (Report, error) {
	report := Report{Dataset: dataset.ID, Periods: []string{}, Findings: []Finding{}, Contradictions: []Contradiction{}}
	l, err := newLayout(dataset)
	if err != nil {
		return report, err
	}
	r := &reader{db: db, layout: l, relations: tables}
	if err := r.hold(ctx); err != nil {
		return report, err
	}
	known := byPeriod(l, o.Known)
	all := map[*table]*[32]tally{}
	err = inOrder(ctx, r.jobs(o.Periods), o.Threads, func(j job) (*system, error) {
		s, err := r.load(ctx, j.unit, j.period)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", j.period, err)
		}
		return s, nil
	}, func(s *system) *outcome {
		s.complete()
		s.place(known[s.period])
		s.equate()
		s.attack()
		return s.conclude()
	}, func(o *outcome) { report.add(o, all) })
	report.Tables = l.report(all)
	for period, figures := range known {
		if !slices.Contains(report.Periods, period) {
			report.KnownUnused += len(figures)
		}
	}
	return report, err
}

// job is a period to attack.
type job struct {
	unit   datasets.Unit
	period string
}

// jobs lists the periods wanted, by unit.
func (r *reader) jobs(wanted []string) []job {
	var all []job
	for _, unit := range []datasets.Unit{datasets.UnitMonth, datasets.UnitQuarter, datasets.UnitYear} {
		for _, period := range r.periods(unit) {
			if wanted == nil || slices.Contains(wanted, period) {
				all = append(all, job{unit, period})
			}
		}
	}
	return all
}

// inOrder reads jobs one after the other, attacks what was read by several threads, and
// hands the outcomes over in the order of the jobs.
func inOrder(ctx context.Context, jobs []job, threads int, read func(job) (*system, error), attack func(*system) *outcome, take func(*outcome)) error {
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	outcomes := make([]*outcome, len(jobs))
	free := make(chan struct{}, threads)
	var running sync.WaitGroup
	var failure error
	for i, j := range jobs {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
			failure = ctx.Err()
		}
		if failure != nil {
			break
		}
		s, err := read(j)
		if err != nil {
			failure = err
			break
		}
		running.Go(func() {
			outcomes[i] = attack(s)
			<-free
		})
	}
	running.Wait()
	if failure != nil {
		return failure
	}
	for _, o := range outcomes {
		take(o)
	}
	return nil
}
