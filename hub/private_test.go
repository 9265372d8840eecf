package hub_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
)

// guarded is the options of a hub whose private channels may be followed with the cookie
// login=CHANNEL, as long as open is true.
func guarded(open *atomic.Bool) hub.Options {
	o := filtering(hub.Limits{})
	o.MayFollow = func(r *http.Request, channel string) bool {
		login, err := r.Cookie("login")
		return err == nil && login.Value == channel && open.Load()
	}
	return o
}

func always() *atomic.Bool {
	open := new(atomic.Bool)
	open.Store(true)
	return open
}

const private = `["websocket_rails.subscribe_private",{"id":7,"data":{"channel":"admin"}}]`

// followAdmin subscribes to the private channel admin.
func (c *client) followAdmin() {
	c.t.Helper()
	c.send(private)
	c.expect(strings.Replace(token, "streaming", "admin", 1),
		reply("websocket_rails.subscribe_private", "7", "null", `{"channel":"admin","epoch":"EPOCH","offset":0,"head":0}`, true))
}

func TestPrivate_AClientThatMayFollowIsSentTheEvents(t *testing.T) {
	everywhere(t, guarded(always()), func(t *testing.T, w *world) {
		w.Private("admin")
		if w.Private("admin") != w.Channel("admin") {
			t.Fatal("two channels have one name")
		}
		c := w.openAs("login=admin")
		c.expect(greeting)
		c.send(`["websocket_rails.subscribe",{"id":7,"data":{"channel":"admin"}}]`)
		c.expect(reply(sub, "7", "null", `{"error":"private","reason":"WHY","hint":"use subscribe_private instead."}`, false))
		c.followAdmin()
		w.Channel("admin").Trigger(t.Context(), "waiting", "a post")
		c.expect(`[["waiting",{"channel":"admin","data":"a post","offset":1,"epoch":"EPOCH"}]]`)
		c.send(`["websocket_rails.unsubscribe",{"id":7,"data":{"channel":"admin"}}]`)
		c.expect(reply(unsub, "7", "null", "{}", true))
		w.Channel("admin").Trigger(t.Context(), "waiting", "a post")
		c.answered()
	})
}

// Whatever a client asks about the private channel, it learns what it would learn about a channel
// that doesn't exist.
func TestPrivate_ForOthersTheChannelDoesNotExist(t *testing.T) {
	everywhere(t, guarded(always()), func(t *testing.T, w *world) {
		w.Private("admin").Trigger(t.Context(), "waiting", "a secret")
		w.Private("other")
		w.Channel("streaming")
		for _, cookie := range []string{"", "login=admins", "login=other", "login="} {
			for _, request := range []string{
				`["websocket_rails.subscribe",{"id":7,"data":{"channel":"CHANNEL"}}]`,
				`["websocket_rails.subscribe",{"id":7,"data":{"channel":"CHANNEL","last":9}}]`,
				`["websocket_rails.subscribe",{"id":7,"data":{"channel":"CHANNEL","since":1,"epoch":"a"}}]`,
				`["websocket_rails.subscribe",{"id":7,"data":{"channel":"CHANNEL","filter":"go"}}]`,
				`["websocket_rails.subscribe",{"id":7,"data":{"channel":"CHANNEL","filter":"two words"}}]`,
				`["websocket_rails.subscribe",{"id":7,"data":{"channel":"CHANNEL","last":"x"}}]`,
				`["websocket_rails.subscribe_private",{"id":7,"data":{"channel":"CHANNEL"}}]`,
				`["websocket_rails.subscribe_private",{"id":7,"data":{"channel":"CHANNEL","filter":"two words"}}]`,
				`["websocket_rails.unsubscribe",{"id":7,"data":{"channel":"CHANNEL"}}]`,
				`["waiting",{"id":7,"channel":"CHANNEL","data":1}]`,
				`["waiting",{"id":7,"data":{"channel":"CHANNEL"}}]`,
			} {
				ask := func(channel string) string {
					c := w.openAs(cookie)
					defer c.leave()
					c.expect(greeting)
					c.send(strings.ReplaceAll(request, "CHANNEL", channel))
					return strings.ReplaceAll(c.text(), `"`+channel+`"`, "CHANNEL")
				}
				if got, want := ask("admin"), ask("nosuch"); got != want {
					t.Errorf("cookie %q, %s:\ngot  %s\nwant %s", cookie, request, got, want)
				}
			}
		}
		c := w.openAs("login=other")
		c.expect(greeting)
		c.send(private)
		c.expect(reply("websocket_rails.subscribe_private", "7", "null", `{"error":"not_private","reason":"WHY","hint":"use subscribe instead."}`, false))
		w.Channel("admin").Trigger(t.Context(), "waiting", "a secret")
		c.answered()
	})
}

func TestPrivate_NobodyMayFollowWithoutMayFollow(t *testing.T) {
	w := overTCP(t, hub.Options{})
	w.Private("admin")
	c := w.openAs("login=admin")
	c.expect(greeting)
	c.send(private)
	c.until(`"not_private"`)
	c.send(`["websocket_rails.subscribe",{"id":7,"data":{"channel":"admin"}}]`)
	c.expect(fails(sub, "unknown_channel"))
}

func TestPrivate_AStreamNeedsThePermission(t *testing.T) {
	h := hub.New(guarded(always()))
	ch := h.Private("admin")
	mux := http.NewServeMux()
	mux.HandleFunc("/events", ch.ServeEvents)
	mux.HandleFunc("/lines", ch.ServeLines)
	for _, path := range []string{"/events", "/lines", "/lines?wait=1", "/events?last=999", "/lines?q=two+words", "/events?channel=admin"} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
			for _, cookie := range []string{"", "login=other"} {
				r := httptest.NewRequest(method, path, nil)
				r.Header.Set("Cookie", cookie)
				w := httptest.NewRecorder()
				if mux.ServeHTTP(w, r); w.Code != http.StatusNotFound || w.Body.String() != "no such channel\n" {
					t.Errorf("%s %s with the cookie %q: %d %s, want it not found", method, path, cookie, w.Code, w.Body)
				}
			}
		}
	}
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/log", nil)
	r.Header.Set("Cookie", "login=admin") // caches would share what this client may see
	if _, ok := ch.NewReader(w, r, "", true); ok || w.Code != http.StatusNotFound {
		t.Errorf("a Reader: %d, want it not found", w.Code)
	}
	streamBubble(t, guarded(always()), func(t *testing.T, w *streamWorld) {
		w.Private("streaming")
		if s := w.ask(t, "/lines?last=9"); s.status != http.StatusNotFound {
			t.Errorf("status %d, want 404", s.status)
		}
		s := w.askAs(t, "/lines?last=9", "login=streaming")
		s.line()
		w.publish(1)
		if got := plain(s.line()); got != `{"event":"create","channel":"streaming","data":1,"offset":1,"epoch":"EPOCH"}`+"\n" {
			t.Errorf("got %s", got)
		}
	})
}

// A login that ends takes effect within a second, also for a connection that follows no private channel.
func TestPrivate_AClientThatMayNotFollowAnyMoreIsClosed(t *testing.T) {
	open := always()
	synctest.Test(t, func(t *testing.T) {
		open.Store(true)
		w := overPipe(t, guarded(open))
		w.Private("admin")
		w.Channel("streaming")
		c, viewer := w.openAs("login=admin"), w.openAs("login=admin")
		c.expect(greeting)
		c.followAdmin()
		viewer.expect(greeting)
		viewer.send(subscribe)
		viewer.until(`"success":true`)
		const untilThen = 50*time.Second + 500*time.Millisecond // no heartbeat is due at that moment
		var viewing sync.WaitGroup
		viewing.Go(func() {
			viewer.pass(untilThen)
			viewer.expectClose(1008)
		})
		c.pass(untilThen)
		open.Store(false)
		begun := time.Now()
		c.expectClose(1008)
		viewing.Wait()
		if took := time.Since(begun); took > time.Second {
			t.Errorf("closed after %v, want a second at most", took)
		}
	})
	streamBubble(t, guarded(open), func(t *testing.T, w *streamWorld) {
		open.Store(true)
		w.Private("streaming")
		s := w.askAs(t, "/events", "login=streaming")
		time.AfterFunc(time.Minute, func() { open.Store(false) })
		if took := s.lasts(); took < time.Minute || took > time.Minute+time.Second {
			t.Errorf("a stream ends after %v, want 60 s and another one at most", took)
		}
	})
}

// At an event, all visitors and the moderators can have one address.
func TestPrivate_AClientThatMayFollowIsAdmittedHoweverManyOthersThereAre(t *testing.T) {
	for refused, limits := range map[int]hub.Limits{
		http.StatusTooManyRequests:    {PerClient: 2, Private: 3},
		http.StatusServiceUnavailable: {Connections: 2, Private: 3},
	} {
		o := guarded(always())
		o.Limits = limits
		w := overTCP(t, o)
		w.Private("admin")
		w.join()
		w.join()
		w.expectRefusal(t, refused)
		moderators := make([]*client, 3)
		for i := range moderators {
			moderators[i] = w.openAs("login=admin")
			moderators[i].expect(greeting)
			moderators[i].followAdmin()
		}
		if res, _ := w.request(t, "Cookie: login=admin\r\n"); res.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("one more than the limit: %s", res.Status)
		}
		w.expectRefusal(t, refused)
		moderators[0].leave()
		w.expectConnections(t, 4)
		w.expectRefusal(t, refused) // the place was not one of the others
		w.openAs("login=admin").expect(greeting)
	}
}

// Also the streams of a public channel, by which the pages of moderators follow behind a proxy that refuses
// WebSockets.
func TestPrivate_TheStreamsOfAClientThatMayFollowAreCountedApart(t *testing.T) {
	o := guarded(always())
	o.Limits = hub.Limits{Connections: 1}
	streamBubble(t, o, func(t *testing.T, w *streamWorld) {
		w.Private("admin")
		w.ask(t, "/events").line()
		if s := w.ask(t, "/events"); s.status != http.StatusServiceUnavailable {
			t.Errorf("status %d, want 503", s.status)
		}
		for range 2 {
			if s := w.askAs(t, "/events", "login=admin"); s.status != http.StatusOK {
				t.Errorf("status %d, want 200", s.status)
			}
		}
	})
}

func TestPrivate_MayFollowIsAskedWithTheRequestThatConnected(t *testing.T) {
	var asked, wrong atomic.Int64
	o := filtering(hub.Limits{})
	o.MayFollow = func(r *http.Request, channel string) bool {
		asked.Add(1)
		if r.URL.Path != "/websocket" || r.Host != "example.org" || r.Header.Get("Cookie") != "login=x" || r.Context().Err() != nil {
			wrong.Add(1)
		}
		return channel == "admin"
	}
	w := overTCP(t, o)
	w.Private("admin")
	c := w.openAs("login=x")
	c.expect(greeting)
	c.followAdmin()
	if asked.Load() < 2 || wrong.Load() > 0 {
		t.Errorf("asked %d times, %d of them with another request", asked.Load(), wrong.Load())
	}
}
