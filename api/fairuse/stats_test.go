package fairuse_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parvis-opendata/parvis/api/fairuse"
)

// TestStats lets one query run, one wait for its turn and one for too long, and refuses what
// is too much.
func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := fairuse.New(fairuse.Options{Calls: 1, Slots: 1, Queue: 1, Wait: 5 * time.Second, Exports: 1})
		call, err := u.Call(anna, 1)
		if err != nil {
			t.Fatal(err)
		}
		call.Done()
		_, err = u.Call(anna, 1)
		refused(t, err, fairuse.TooManyCalls)

		page := enter(t, u, anna, fairuse.Page)
		waiting := make(chan *fairuse.Turn)
		go func() { waiting <- enter(t, u, bruno, fairuse.Aggregate) }()
		synctest.Wait()
		_, err = u.Enter(as(t, anna), fairuse.Page)
		refused(t, err, fairuse.QueueFull)
		time.Sleep(2 * time.Second)
		want := fairuse.Stats{
			RefusedCalls: map[string]int64{"too_many_calls": 1, "too_many_at_once": 0},
			Queries: []fairuse.QueryStats{
				{Lane: "page", Running: 1, Begun: 1, Refused: reasons("queue_full", 1)},
				{Lane: "aggregate", Waiting: 1, Refused: reasons("", 0)},
				{Lane: "export", Refused: reasons("", 0)},
			},
		}
		if diff := cmp.Diff(want, u.Stats()); diff != "" {
			t.Error(diff)
		}
		page.Pause()
		aggregate := <-waiting
		_, err = u.Enter(as(t, bruno), fairuse.Page)
		refused(t, err, fairuse.WaitedTooLong)
		aggregate.Leave()
		page.Leave()
		want.Queries[0].Running, want.Queries[0].Used, want.Queries[0].Refused = 0, 2*time.Second, map[string]int64{
			"queue_full": 1, "waited_too_long": 1, "too_many_at_once": 0, "too_much_query_time": 0,
		}
		want.Queries[1].Waiting, want.Queries[1].Begun, want.Queries[1].Waited, want.Queries[1].Used = 0, 1, 2*time.Second, 5*time.Second
		if diff := cmp.Diff(want, u.Stats()); diff != "" {
			t.Error(diff)
		}
	})
}

// reasons are the counts of all reasons why queries are refused, 0 but for one.
func reasons(but string, n int64) map[string]int64 {
	all := map[string]int64{"queue_full": 0, "waited_too_long": 0, "too_many_at_once": 0, "too_much_query_time": 0}
	if but != "" {
		all[but] = n
	}
	return all
}
