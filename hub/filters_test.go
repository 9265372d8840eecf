package hub_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
)

// words follows with so many filters, each from a connection of its own, and returns the last reply.
func (w *world) words(n int) (last *client) {
	w.t.Helper()
	for i := range n {
		last = w.join()
		last.with(fmt.Sprint("word", i), "")
		if i < n-1 {
			last.until(`"success":true`)
		}
	}
	return last
}

func TestFilters_ThereAreNoMoreAtOnceThanTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := overPipe(t, filtering(hub.Limits{Filters: 8}))
		w.Channel("streaming")
		c := w.words(9)
		c.expect(refused("too_many_filters"))
		c.with("word3", "")
		c.expect(token, subscribed(`"offset":0,"head":0,"filter":"word3"`))
		c.with("other", "")
		c.expect(refused("too_many_filters"))
		w.happen("create", "", "word3")
		c.expect(wired("create", `"word3"`, 1)) // it still follows with the filter that it had

		w.words(1).until(`"success":true`) // a filter in use has room for more clients
		other := w.join()
		other.with("other", "")
		other.expect(refused("too_many_filters"))
	})
}

func TestFilters_OneThatNobodyUsesMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := overPipe(t, filtering(hub.Limits{Filters: 8}))
		w.Channel("streaming")
		last := w.words(8)
		last.until(`"success":true`)
		c := w.join()
		c.with("other", "")
		c.expect(refused("too_many_filters"))
		for _, leave := range []func(){
			func() {
				last.send(`["websocket_rails.unsubscribe",{"id":8,"data":{"channel":"streaming"}}]`)
				last.until(`"success":true`)
			},
			func() { c.leave(); c = w.join() },
			func() { c.send(subscribe); c.until(`"success":true`) },
		} {
			leave()
			synctest.Wait()
			after(time.Second) // new filters are limited in number a second, too
			c.with(fmt.Sprint("new", time.Now().Unix()), "")
			c.until(`"success":true`)
		}
	})
}

func TestFilters_OneAddressIntroducesAnEighthAtMost(t *testing.T) {
	w := overTCP(t, filtering(hub.Limits{Filters: 16}))
	w.Channel("streaming")
	w.words(3).expect(refused("too_many_filters"))

	server := httptest.NewServer(http.HandlerFunc(w.Channel("streaming").ServeEvents))
	defer server.Close()
	for address, want := range map[string]int{"127.0.0.1": http.StatusTooManyRequests, "127.0.0.2": http.StatusOK} {
		res := visitorFrom(t, address, server.URL).get("/?q=new")
		if res.StatusCode != want {
			t.Errorf("from %s: %s, want %d", address, res.Status, want)
		}
		if seconds, _ := strconv.Atoi(res.Header.Get("Retry-After")); (seconds > 0) != (want != http.StatusOK) {
			t.Errorf("from %s: Retry-After %d", address, seconds)
		}
	}
}

// A filter that is new has to look at the events of a recovery. One address can't make the hub do
// so again and again.
func TestFilters_OneAddressIntroducesFewASecond(t *testing.T) {
	w := overTCP(t, filtering(hub.Limits{Filters: 64}))
	w.Channel("streaming")
	refusals := 0
	for n := range 20 {
		c := w.join()
		c.with(fmt.Sprint("new", n), "")
		if strings.Contains(c.text(), "too_many_filters") {
			refusals++
		}
		c.leave()
	}
	if refusals == 0 || refusals > 12 { // of 64 filters, an eighth as a burst, and one a second
		t.Errorf("%d of 20 refused, want 12, or less if the test takes seconds", refusals)
	}
}
