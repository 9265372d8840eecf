package x

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// lookupWithout returns an answer to lookups: all posts exist, except the deleted ones.
func lookupWithout(deleted ...string) func([]string) string {
	return func(ids []string) string {
		var data, errors []string
		for _, id := range ids {
			if slices.Contains(deleted, id) {
				errors = append(errors, fmt.Sprintf(`{"value":%q,"resource_type":"tweet","title":"Not Found Error","type":"https://api.x.com/2/problems/resource-not-found"}`, id))
			} else {
				data = append(data, fmt.Sprintf(`{"id":%q,"text":"a","author_id":"7"}`, id))
			}
		}
		return `{"data":[` + strings.Join(data, ",") + `],"errors":[` + strings.Join(errors, ",") + `]}`
	}
}

// lookups returns the ids of each request for posts.
func lookups(f *fakeX) (out []string) {
	for _, asked := range f.requests() {
		if _, query, ok := strings.Cut(asked, lookupPath+"?"); ok && !strings.Contains(asked, "/search/") {
			_, ids, _ := strings.Cut(query, "ids=")
			ids, _, _ = strings.Cut(ids, "&")
			out = append(out, strings.ReplaceAll(ids, "%2C", ","))
		}
	}
	return out
}

func destroyed(ops []stream.Op) (out []string) {
	for _, op := range streamtest.OpsOf(stream.Destroy, ops) {
		out = append(out, op.ID)
	}
	return out
}

func TestX_RechecksPostsAndThoseTheyQuoteOrRepost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		repost := `{"data":{"id":"5","author_id":"8","text":"RT","referenced_tweets":[{"type":"retweeted","id":"4"}]},
			"includes":{"tweets":[{"id":"4","author_id":"7","text":"Inner","referenced_tweets":[{"type":"quoted","id":"3"}]},{"id":"3","author_id":"9","text":"Quoted"}]}}`
		f := &fakeX{lookup: lookupWithout("1", "3"), stream: func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				send(w, lineOf("1"), lineOf("2"), strings.ReplaceAll(repost, "\n", " "))
			}
		}}
		x := f.inBubble(t)
		ops, _ := run(t, x, 40*time.Minute)
		if got := fmt.Sprint(lookups(f)); got != "[5,4,3,2,1 5,4,2]" {
			t.Errorf("asked for %s", got)
		}
		if got := destroyed(ops); !slices.Equal(got, []string{"x:3", "x:1"}) {
			t.Errorf("destroyed %v", got)
		}
		if x.usage.used != 5 {
			t.Errorf("counted %d posts, want the three that came and two that came with them", x.usage.used)
		}
	})
}

func TestX_CountsALookedUpPostOnceADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeX{lookup: lookupWithout(), stream: func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 1 {
				posts(5)(n, w, r)
			}
		}}
		x := f.inBubble(t)
		x.Recheck, x.Budget = time.Hour, 15
		stream.Sleep(t.Context(), 20*time.Hour+time.Minute)
		run(t, x, 150*time.Minute)
		if got := x.usage.used; got != 5 || len(lookups(f)) != 2 {
			t.Errorf("on the day they came, %d posts were counted and %d rounds made, want 5 and 2", got, len(lookups(f)))
		}
		run(t, x, 2*time.Hour+time.Minute)
		asked := lookups(f)
		if got := asked[len(asked)-1]; got != "1004,1003,1002" || x.usage.used != 3 {
			t.Errorf("the next day %s were looked up and %d counted, want the three newest: a fifth of the budget", got, x.usage.used)
		}
	})
}

func TestX_RemovesPostsBeforeTheyAreADayOld(t *testing.T) {
	for _, recheck := range []time.Duration{-1, 0, 40 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeX{lookup: lookupWithout(), stream: func(n int, w http.ResponseWriter, r *http.Request) {
				if n == 1 {
					send(w, lineOf("1"))
				}
			}}
			x := f.inBubble(t)
			x.Recheck, x.Budget = recheck, 1 // one post uses up the budget, so the source waits
			ops, _ := run(t, x, 25*time.Hour)
			created, destroyed := streamtest.OpsOf(stream.Create, ops), streamtest.OpsOf(stream.Destroy, ops)
			if len(created) != 1 || len(destroyed) != 1 || destroyed[0].ID != "x:1" {
				t.Fatalf("created %+v, destroyed %+v", created, destroyed)
			}
			var states []string
			for _, op := range streamtest.OpsOf(stream.Status, ops) {
				states = append(states, string(op.Notice.State))
			}
			if got := strings.Join(states, " "); got != "connecting silent live waiting live" {
				t.Errorf("went through %s", got)
			}
			if age := destroyed[0].At.Sub(created[0].At); age > longestStay || age < longestStay/2 {
				t.Errorf("rechecking every %v, taken away after %v", recheck, age)
			}
			if n := len(lookups(f)); recheck < 0 && n > 0 {
				t.Errorf("looked %d times, want never", n)
			}
		})
	}
}

func TestX_HidesPostsThatALookUpReportsAsHidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeX{stream: posts(3), lookup: func([]string) string {
			return `{"data":[{"id":"1000","author_id":"7"},{"id":"1003","withheld":{"country_codes":["IN"]}},{"id":"1001","author_id":"8","withheld":{"country_codes":["DE"]}},{"id":"1002","author_id":"9"}],
				"includes":{"users":[{"id":"7","protected":true},{"id":"9","withheld":{"country_codes":["DE"]}}]},
				"errors":[{"value":"1002","type":"https://api.x.com/2/problems/internal-error"}]}`
		}}
		x := f.inBubble(t)
		x.Country = "DE"
		ops, _ := run(t, x, 16*time.Minute)
		if got := destroyed(ops); !slices.Equal(got, []string{"x:1000", "x:1001"}) {
			t.Errorf("destroyed %v", got)
		}
		if marked := streamtest.OpsOf(stream.Withheld, ops); len(marked) != 1 || marked[0].ID != "x:1003" || !slices.Equal(marked[0].Where, []string{"IN"}) {
			t.Errorf("marked: %+v", marked)
		}
		if gone := streamtest.OpsOf(stream.AuthorGone, ops); len(gone) != 1 || gone[0].Author.Key != "x:9" {
			t.Errorf("authors gone: %+v", gone)
		}
	})
}

func TestX_AFailedLookUpDoesNotEndTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeX{stream: posts(3)} // lookups are answered with 404
		ops, err := run(t, f.inBubble(t), time.Hour)
		if err != nil || len(f.opened) != 1 || len(streamtest.OpsOf(stream.Destroy, ops)) > 0 {
			t.Errorf("%d connections, %d posts destroyed, %v", len(f.opened), len(streamtest.OpsOf(stream.Destroy, ops)), err)
		}
	})
}

func TestX_LooksUpAHundredPostsAtATimeAndRemembersSixThousand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeX{lookup: lookupWithout()}
		x := f.inBubble(t)
		x.Budget = 100_000
		for i := range 2 * mostShown {
			x.shown.record(stream.Op{Kind: stream.Create, At: time.Now(), ID: keyOf(fmt.Sprint(i)), Post: &stream.Post{ID: keyOf(fmt.Sprint(i))}})
		}
		if n := len(x.shown.posts); n > mostShown || n < mostShown/2 {
			t.Errorf("keeps %d posts, want at most %d", n, mostShown)
		}
		run(t, x, 16*time.Minute)
		for _, ids := range lookups(f) {
			if n := strings.Count(ids, ",") + 1; n > lookupSize {
				t.Errorf("asked for %d at once", n)
			}
		}
		if n := len(lookups(f)); n < mostShown/2/lookupSize {
			t.Errorf("asked %d times", n)
		}
	})
}
