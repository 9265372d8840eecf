package x

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestX_TheQuotaIsTheBudgetOfTheDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		saved := new(streamtest.Texts)
		f := &fakeX{stream: posts(12)}
		x := f.inBubble(t)
		x.Budget, x.Price, x.Recheck, x.Store = 20, .005, -1, saved
		if got := x.Quota(); got != (stream.Quota{}) {
			t.Errorf("before the count is read it is %+v, want unknown", got)
		}
		run(t, x, time.Minute)
		midnight := time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC)
		want := stream.Quota{Unit: stream.QuotaPosts, Used: 12, Limit: 20, Reset: midnight, Price: .005}
		if got := x.Quota(); got != want || got.Left() != 8 || got.Spent() != .06 || got.Most() != .1 {
			t.Errorf("got %+v, want %+v", got, want)
		}

		restarted := (&fakeX{stream: posts(0)}).inBubble(t)
		restarted.Budget, restarted.Price, restarted.Recheck, restarted.Store = 20, .005, -1, saved
		run(t, restarted, time.Minute)
		if got := restarted.Quota(); got != want {
			t.Errorf("after a restart %+v, want %+v", got, want)
		}

		stream.Sleep(t.Context(), time.Until(midnight)) // no post comes on the new day
		want.Used, want.Reset = 0, midnight.Add(24*time.Hour)
		if got := restarted.Quota(); got != want {
			t.Errorf("after midnight %+v, want %+v", got, want)
		}
	})
}

// stuck is a store that takes no text until ctx ends.
type stuck struct {
	streamtest.Texts
	ctx context.Context
}

func (s *stuck) Put(string, string) error {
	<-s.ctx.Done()
	return s.ctx.Err()
}

// A page must not wait for a store that is out of reach.
func TestX_TheQuotaIsReadWhileTheStoreDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		x := &Source{Budget: 20, Store: &stuck{ctx: ctx}, Log: streamtest.Quiet}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			x.usage.spend(x, time.Now())
		}()
		synctest.Wait() // it saves a higher count now
		if got := x.Quota(); got.Used != 1 {
			t.Errorf("used %d, want 1", got.Used)
		}
		cancel()
		<-ended
	})
}

// checks accepts all settings.
type checks struct{ stream.Checks }

func (checks) Fault(string, string, ...any)    {}
func (checks) Token(_, s string) stream.Secret { return stream.Secret(s) }
func (checks) Count(_, s string) int           { n, _ := strconv.Atoi(s); return n }
func (checks) Number(_, s string, _, _ float64, _ string) float64 {
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

func TestX_APostCostsTheListPriceUnlessAnotherIsSet(t *testing.T) {
	for price, want := range map[string]float64{"": .05, "0.002": .02, "0": 0} {
		synctest.Test(t, func(t *testing.T) {
			saved := new(streamtest.Texts)
			saved.Put(budgetName, "2000-01-01 10") // all of the budget, so X is not asked
			conf := (&settings{XToken: token, XBudget: "10", XPrice: price, XRules: []string{"ferry"}}).Configure(checks{}, stream.Site{Durable: true})
			sources := conf.Build(stream.Runtime{Store: saved, Log: streamtest.Quiet})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			stream.Run(ctx, streamtest.Quiet, sources[0], streamtest.Ignore)
			if got := stream.Quotas(sources)["x"]; got.Spent() != want || got.Left() != 0 {
				t.Errorf("price %q: %d posts cost $%v, want $%v", price, got.Used, got.Spent(), want)
			}
		})
	}
}
