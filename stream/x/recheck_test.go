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
)

// goneX answers a lookup: every post is there, but those.
func gone(gone ...string) func([]string) string {
	return func(ids []string) string {
		var data, errors []string
		for _, id := range ids {
			if slices.Contains(gone, id) {
				errors = append(errors, fmt.Sprintf(`{"value":%q,"resource_type":"tweet","title":"Not Found Error","type":"https://api.x.com/2/problems/resource-not-found"}`, id))
			} else {
				data = append(data, fmt.Sprintf(`{"id":%q,"text":"a","author_id":"7"}`, id))
			}
		}
		return `{"data":[` + strings.Join(data, ",") + `],"errors":[` + strings.Join(errors, ",") + `]}`
	}
}

// xLookups are the ids of each request for posts.
func lookups(f *fakeServer) (out []string) {
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
	for _, op := range told(ops, stream.Destroy) {
		out = append(out, op.ID)
	}
	return out
}

func TestX_RechecksPostsAndTheirParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		repost := `{"data":{"id":"5","author_id":"8","text":"RT","referenced_tweets":[{"type":"retweeted","id":"4"}]},
			"includes":{"tweets":[{"id":"4","author_id":"7","text":"Inner","referenced_tweets":[{"type":"quoted","id":"3"}]},{"id":"3","author_id":"9","text":"Quoted"}]}}`
		f := &fakeServer{lookup: gone("1", "3"), stream: func(n int, w http.ResponseWriter, _ *http.Request) {
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
		if x.spent.used != 5 {
			t.Errorf("counted %d posts, want the three that came and two that came with them", x.spent.used)
		}
	})
}

func TestX_PaysForAPostOnceADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{lookup: gone(), stream: func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 1 {
				posts(5)(n, w, r)
			}
		}}
		x := f.inBubble(t)
		x.Recheck, x.Budget = time.Hour, 15
		stream.Sleep(t.Context(), 20*time.Hour+time.Minute)
		run(t, x, 150*time.Minute)
		if got := x.spent.used; got != 5 || len(lookups(f)) != 2 {
			t.Errorf("on the day they came, %d posts were counted and %d rounds made, want 5 and 2", got, len(lookups(f)))
		}
		run(t, x, 2*time.Hour+time.Minute)
		asked := lookups(f)
		if got := asked[len(asked)-1]; got != "1004,1003,1002" || x.spent.used != 3 {
			t.Errorf("the next day %s were looked up and %d counted, want the three newest: a fifth of the budget", got, x.spent.used)
		}
	})
}

func TestX_RemovesPostsBeforeTheyAreADayOld(t *testing.T) {
	for _, recheck := range []time.Duration{-1, 0, 40 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeServer{lookup: gone(), stream: func(n int, w http.ResponseWriter, r *http.Request) {
				if n == 1 {
					send(w, lineOf("1"))
				}
			}}
			x := f.inBubble(t)
			x.Recheck, x.Budget = recheck, 1 // so that it waits meanwhile
			ops, _ := run(t, x, 25*time.Hour)
			created, destroyed := told(ops, stream.Create), told(ops, stream.Destroy)
			if len(created) != 1 || len(destroyed) != 1 || destroyed[0].ID != "x:1" {
				t.Fatalf("created %+v, destroyed %+v", created, destroyed)
			}
			var states []string
			for _, op := range told(ops, stream.Status) {
				states = append(states, string(op.Notice.State))
			}
			if got := strings.Join(states, " "); got != "connecting live waiting live" {
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
		f := &fakeServer{stream: posts(3), lookup: func([]string) string {
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
		if marked := told(ops, stream.Withheld); len(marked) != 1 || marked[0].ID != "x:1003" || !slices.Equal(marked[0].Where, []string{"IN"}) {
			t.Errorf("marked: %+v", marked)
		}
		if gone := told(ops, stream.AuthorGone); len(gone) != 1 || gone[0].Author.Key != "x:9" {
			t.Errorf("authors gone: %+v", gone)
		}
	})
}

func TestX_AFailedLookUpDoesNotEndTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{stream: posts(3)} // without lookups: 404
		ops, err := run(t, f.inBubble(t), time.Hour)
		if err != nil || len(f.opened) != 1 || len(told(ops, stream.Destroy)) > 0 {
			t.Errorf("%d connections, %d posts destroyed, %v", len(f.opened), len(told(ops, stream.Destroy)), err)
		}
	})
}

func TestX_LooksUpAHundredAtATimeAndRemembersABoundedNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{lookup: gone()}
		x := f.inBubble(t)
		x.Budget = 100_000
		for i := range 2 * mostShown {
			x.showing.note(stream.Op{Kind: stream.Create, At: time.Now(), ID: keyOf(fmt.Sprint(i)), Post: &stream.Post{ID: keyOf(fmt.Sprint(i))}})
		}
		if n := len(x.showing.posts); n > mostShown || n < mostShown/2 {
			t.Errorf("keeps %d posts in mind, want at most %d", n, mostShown)
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
