package x

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// posts returns a handler that sends count posts on each connection. Each connection has higher
// ids than the one before.
func posts(count int) func(int, http.ResponseWriter, *http.Request) {
	return func(n int, w http.ResponseWriter, _ *http.Request) {
		for i := range count {
			send(w, lineOf(fmt.Sprint(n*1000+i)))
		}
	}
}

func TestX_DisconnectsWhenTheBudgetIsUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		f := &fakeX{stream: posts(30)}
		x := f.inBubble(t)
		x.Log = slog.New(slog.NewTextHandler(&log, nil))
		x.Budget, x.Recheck = 20, -1
		stream.Sleep(t.Context(), 22*time.Hour) // it is 22:00, two hours before the next day
		ops, err := run(t, x, 3*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(streamtest.OpsOf(stream.Create, ops)); got != 40 || len(f.opened) != 2 {
			t.Fatalf("showed %d posts of %d connections, want 20 a day and one connection each", got, len(f.opened))
		}
		midnight := time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC)
		if !f.opened[1].Equal(midnight) {
			t.Errorf("connected again at %v, want midnight", f.opened[1])
		}
		var states []string
		for _, op := range streamtest.OpsOf(stream.Status, ops) {
			states = append(states, string(op.Notice.State))
			if n := op.Notice; n.State == stream.Waiting && (n.Reason != "the budget is used up: 20 posts for the day" || n.Retry.Day() == 2 && !n.Retry.Equal(midnight)) {
				t.Errorf("said %+v", n)
			}
		}
		if got := strings.Join(states, " "); got != "connecting silent live waiting live waiting" {
			t.Errorf("went through %s", got)
		}
		gap := streamtest.OpsOf(stream.Gap, ops)
		if len(gap) != 1 || gap[0].Notice.Reason != "the budget is used up: 20 posts for the day" || gap[0].Notice.To.Sub(gap[0].Notice.From) != 2*time.Hour {
			t.Errorf("the gap is %+v", gap)
		}
		if got := strings.Count(log.String(), "four fifths of the day's budget are used"); got != 2 {
			t.Errorf("warned %d times in two days, want once a day:\n%s", got, log.String())
		}
	})
}

func TestX_TheBudgetSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		saved := new(streamtest.Texts)
		run := func(long time.Duration) (int, int) {
			f := &fakeX{stream: posts(12)}
			x := f.inBubble(t)
			x.Budget, x.Recheck, x.Store = 20, -1, saved
			ops, _ := run(t, x, long)
			return len(streamtest.OpsOf(stream.Create, ops)), len(f.opened)
		}
		for i, want := range [][2]int{{12, 1}, {8, 1}, {0, 0}} {
			if shown, opened := run(time.Minute); shown != want[0] || opened != want[1] {
				t.Errorf("run %d showed %d posts over %d connections, want %v", i+1, shown, opened, want)
			}
		}
		if shown, opened := run(24 * time.Hour); shown != 12 || opened != 1 {
			t.Errorf("the next day %d posts were shown over %d connections, want 12 over one", shown, opened)
		}
		if text := saved.Text(budgetName); text != "2000-01-02 12" {
			t.Errorf("saved %q", text)
		}
	})
}

func TestX_TheSavedCountIsNeverTooLowAfterACrash(t *testing.T) {
	saved := new(streamtest.Texts)
	x := &Source{Budget: 2000, Store: saved, Log: streamtest.Quiet}
	writes, last := 0, ""
	for used := 1; used <= 1000; used++ {
		if err := x.usage.spend(x, now); err != nil {
			t.Fatal(err)
		}
		text := saved.Text(budgetName)
		if text != last {
			writes, last = writes+1, text
		}
		if count, err := savedCount(text, "2026-11-23"); err != nil || count < used || count > used+10 {
			t.Fatalf("after %d posts %q is saved, %v", used, text, err)
		}
	}
	if writes > 100 {
		t.Errorf("wrote %d times for 1000 posts, want 100 or fewer", writes)
	}
}

func TestX_EndsIfItCannotReadItsBudget(t *testing.T) {
	for text, want := range map[string]string{
		"":           `budget: the store holds "", want a day and a count`,
		"2000-01-01": `budget: the store holds "2000-01-01", want a day and a count`, "2000-01-01 many": "budget: ", "2000-01-01 -5": "budget: ", "\x00": "budget: ",
		"unreadable": "budget: away",
	} {
		synctest.Test(t, func(t *testing.T) {
			saved := new(streamtest.Texts)
			saved.Put(budgetName, text)
			if text == "unreadable" {
				saved.Break(errors.New("away"))
			}
			f := &fakeX{stream: posts(1)}
			x := f.inBubble(t)
			x.Store = saved
			ops, err := run(t, x, time.Minute)
			if !stream.IsPermanent(err) || len(f.requests()) > 0 {
				t.Errorf("%q: asked X %d times, %v", text, len(f.requests()), err)
			}
			if s := streamtest.LastStatus(ops); s.State != stream.Stopped || !strings.HasPrefix(s.Reason, want) {
				t.Errorf("%q: %s, said %q", text, s.State, s.Reason)
			}
		})
	}
}

// unsaved is a store that can be read, but not written while it is full.
type unsaved struct {
	streamtest.Texts
	full atomic.Bool
}

func (u *unsaved) Put(name, text string) error {
	if u.full.Load() {
		return errors.New("full")
	}
	return u.Texts.Put(name, text)
}

func TestX_ReadsNoPostsWhoseCountItCannotSave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		saved := new(unsaved)
		saved.full.Store(true)
		f := &fakeX{stream: func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 1 {
				saved.full.Store(true)
			}
			posts(300)(n, w, r)
		}}
		x := f.inBubble(t)
		x.Budget, x.Recheck, x.Store = 1000, -1, saved
		ops, err := run(t, x, 90*time.Second)
		if err != nil || len(f.opened) > 0 || fmt.Sprint(waiting(ops)) != "[the count of the budget can't be saved the count of the budget can't be saved]" {
			t.Errorf("connected %d times, said %q, %v", len(f.opened), waiting(ops), err)
		}
		saved.full.Store(false)
		ops, err = run(t, x, 90*time.Second) // the store is full again after a count of five was saved
		if got := len(streamtest.OpsOf(stream.Create, ops)); err != nil || len(f.opened) != 1 || got != 5 {
			t.Errorf("%d posts of %d connections, %v, want five of one", got, len(f.opened), err)
		}
		saved.full.Store(false)
		ops, err = run(t, x, 30*time.Second)
		if got := len(streamtest.OpsOf(stream.Create, ops)); err != nil || got != 300 {
			t.Errorf("%d posts, %v, once it can be noted again", got, err)
		}
	})
}

func TestX_RefusesToStartWithoutABudget(t *testing.T) {
	f := &fakeX{}
	x := f.overTCP(t)
	x.Budget = 0
	if _, err := run(t, x, 10*time.Second); err != errNoBudget && !stream.IsPermanent(err) || len(f.requests()) > 0 {
		t.Errorf("got %v after %d requests", err, len(f.requests()))
	}
}

func TestX_AUsedUpBudgetHasAFaultOfItsOwn(t *testing.T) {
	if got := stream.FaultOf(fmt.Errorf("%w: 10 posts", errSpent)); got != stream.FaultSpent {
		t.Errorf("got %q, want %q", got, stream.FaultSpent)
	}
}
