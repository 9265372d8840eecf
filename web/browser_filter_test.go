package web_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"nagare/hub"
	"nagare/stream"
)

// say publishes a post with a text, and returns it.
func (s *site) say(text string) *stream.Post {
	s.t.Helper()
	post := madeUp(int(s.posts.Add(1)))
	post.Text = said(text)
	s.emit(created(post))
	return post
}

// sayMany publishes n posts with the same text.
func (s *site) sayMany(n int, text string) {
	s.t.Helper()
	for range n {
		s.say(text)
	}
}

// matching is the address of the page of the posts that match a query.
func matching(query string) string { return "/?q=" + url.QueryEscape(query) }

// texts are the texts of the posts in the list, newest first.
const texts = `[...document.querySelectorAll("#feed > .tweet .tweet__text")].map(text => text.innerText.trim())`

func (b *tab) wantTexts(when string, want ...string) {
	b.t.Helper()
	if got := eval[[]string](b, texts); !cmp.Equal(got, want) {
		b.t.Errorf("%s the page shows %q, want %q", when, got, want)
	}
}

func (b *tab) waitText(text string) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`%s.includes(%q)`, texts, text))
}

func TestFilter_APageShowsOnlyPostsThatMatch(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.say("An old heron.")
	s.say("An old duck.")
	b := openLive(t, s, matching("heron"))
	b.wantTexts("at first", "An old heron.")
	s.say("A new duck.")
	heron := s.say("A new heron.")
	edited := s.say("A heron that will be a duck.")
	s.say("Another duck.")
	b.waitText("A heron that will be a duck.")
	b.wantTexts("after new posts", "A heron that will be a duck.", "A new heron.", "An old heron.")

	edited.Text = said("Quack.")
	s.emit(updated(edited))
	b.waitText("Quack.") // an edit moves no post out of an open page
	s.emit(destroyed(heron))
	b.wait(`document.querySelector(".grave")`)
	b.wantTexts("after a deletion", "Quack.", "An old heron.")
	b.visit(s.url + matching("heron"))
	b.waitState("live")
	b.wantTexts("after a reload", "An old heron.")
}

func TestFilter_WidthKanaAndCaseDoNotMatter(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	for query, text := range map[string]string{"ｔｗｅｅｔ": "A Tweet.", "TWEET": "ａ　ｔｗｅｅｔ", "カナ": "ｶﾅ", "ｶﾅ": "かな", "はな": "ハナ"} {
		b := openLive(t, s, matching(query))
		s.say("Something else.")
		s.say(text)
		b.waitText(text)
		b.wantTexts("live", eval[[]string](open(t, s, matching(query)), texts)...)
	}
}

// After a cut, the page continues from the last event that the server has looked at for it.
func TestFilter_ACutConnectionLosesNoPost(t *testing.T) {
	t.Parallel()
	s := newSite(t, 2000)
	s.say("Heron 0")
	b := openLive(t, s, matching("heron"))
	back := s.lose()
	b.waitState("reconnecting")
	s.say("Heron 1")
	s.sayMany(1200, "A duck.")
	s.say("Heron 2")
	s.sayMany(20, "A duck.")
	back()
	b.click("now")
	b.waitState("live")
	b.waitText("Heron 2")
	b.wantTexts("after the cut", "Heron 2", "Heron 1", "Heron 0")
	b.wantGaps(0)
	s.say("Heron 3")
	b.waitText("Heron 3")
}

// With event streams and polls instead of a WebSocket, too, the server leaves out posts.
func TestFilter_WorksBehindProxiesThatBlockWebSockets(t *testing.T) {
	t.Parallel()
	for name, paths := range map[string][]string{
		"event stream": {"/websocket"},
		"polls":        {"/websocket", "/streaming/events"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 0)
			s.say("Heron 0")
			for _, path := range paths {
				s.behindProxy(path, http.StatusForbidden)
			}
			b := open(t, s, matching("heron"), hasten(2_000, 50))
			b.waitStatus("Live (slow)")
			s.sayMany(5, "A duck.")
			s.say("Heron 1")
			s.sayMany(5, "A duck.")
			s.say("Heron 2")
			b.waitText("Heron 2")
			b.wantTexts("live", "Heron 2", "Heron 1", "Heron 0")
			b.wantGaps(0)
		})
	}
}

func TestFilter_ThePageIsLiveAtOnceEvenIfTheLastPostsDoNotMatch(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.say("Heron 0")
	s.onArrival(func() {
		s.onArrival(func() {})
		s.sayMany(20, "A duck.") // between the page and its connection
	})
	b := open(t, s, matching("heron"))
	b.waitState("live")
	if took := eval[float64](b, `seen.when.live - performance.timeOrigin`); took > 4000 {
		t.Errorf("the page took %.0f ms to be live", took)
	}
}

func TestFilter_SaysThatTheServerHasTooManyDifferentFilters(t *testing.T) {
	t.Parallel()
	s := newSiteWith(t, hub.Options{Limits: hub.Limits{Filters: 1}})
	s.say("A heron.")
	first := openLive(t, s, matching("heron"))
	b := open(t, s, matching("duck"))
	b.waitStatus("Too many different filters at present. Trying again later.")
	s.say("Another heron.")
	first.waitText("Another heron.")
}

// The page counts on from the server's numbers. That needs the offsets of the events only.
func TestFilter_CountsThePostsThatMatch(t *testing.T) {
	t.Parallel()
	s := newSiteWith(t, hub.Options{Limits: hub.Limits{Ping: 300 * time.Millisecond}})
	s.sayMany(3, "A heron.")
	s.sayMany(5, "A duck.")
	b := openLive(t, s, matching("heron"))
	count := func(want string) {
		t.Helper()
		b.wait(fmt.Sprintf(`document.getElementById("count").innerText === %q`, want))
	}
	count("3 of the last 8 posts match")
	s.sayMany(2, "A duck.")
	count("3 of the last 10 posts match")
	duck := s.say("A duck.")
	s.say("A heron.")
	count("4 of the last 12 posts match")
	s.emit(updated(duck))
	s.sayMany(1, "A duck.")
	s.say("A heron.")
	count("5 of the last 14 posts match")
	s.emit(destroyed(madeUp(1)))
	count("4 of the last 13 posts match")
	if got := eval[string](open(t, s, matching("heron")), `document.getElementById("count").innerText`); got != "4 of the last 13 posts match" {
		t.Errorf("a new page says %q", got)
	}
}

func TestFilter_BackAndReloadReturnToThePostsAndThePlace(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*site, *tab){
		"reload": func(_ *site, b *tab) { b.do(chromedp.Reload()) },
		"back": func(s *site, b *tab) {
			b.visit(s.url + matching("duck"))
			b.waitState("live")
			b.run(`void setTimeout(() => history.back())`) // so that the answer is not lost
			b.waitDocument(`location.search === "?q=heron"`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, 0)
			for n := range 60 {
				s.say(fmt.Sprintf("Heron %d", n))
				s.say("A duck.")
			}
			b := openLive(t, s, matching("heron"))
			const top = `[...document.querySelectorAll("#feed > .tweet")].find(card => card.innerText.includes("Heron 40")).getBoundingClientRect().top`
			b.run(`scrollBy(0, ` + top + ` - 200)`)
			b.settle()
			before := eval[float64](b, top)
			leave(s, b)
			s.say("Heron 60")
			s.say("A duck.")
			b.waitState("reading")
			b.wait(`document.getElementById("pill").dataset.count === "1"`)
			if got := eval[float64](b, top); math.Abs(got-before) > 1 {
				t.Errorf("the post being read is at %.0f px, want %.0f", got, before)
			}
			b.click("pill")
			b.waitText("Heron 60")
			b.wantGaps(0)
		})
	}
}

func TestFilter_OlderPostsMatchToo(t *testing.T) {
	t.Parallel()
	s := newSite(t, 100) // most of the posts are only in the store
	for n := range 70 {
		s.say(fmt.Sprintf("Heron %d", n))
		s.sayMany(4, "A duck.")
	}
	b := openLive(t, s, matching("heron"))
	b.waitCards(30)
	b.click("older")
	b.waitCards(60)
	if eval[bool](b, `document.getElementById("end").checkVisibility()`) {
		t.Error("the page says that it is at the end, which it isn't")
	}
	b.click("older")
	b.waitCards(70)
	if !eval[bool](b, `document.getElementById("end").checkVisibility() && !document.getElementById("older").checkVisibility()`) {
		t.Error("the page doesn't say that there are no older posts")
	}
	if got := eval[[]string](b, texts); slices.ContainsFunc(got, func(text string) bool { return !strings.HasPrefix(text, "Heron") }) {
		t.Errorf("the page shows %q", got)
	}
}

// What an open page has received is what the server finds.
func TestFilter_TheLivePageShowsWhatTheServerFinds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("heron Heron ＨＥＲＯＮ duck カナ ｶﾅ かな river’s river's İstanbul istanbul kœln 川下り 川")
	s := newSite(t, 0)
	queries := []string{"heron", "カナ", "-heron duck", `"heron duck"`, "river's", "istanbul", "川", "from:reader3", "lang:en -duck"}
	tabs := map[string]*tab{}
	for _, query := range queries {
		tabs[query] = openLive(t, s, matching(query))
	}
	for range 25 {
		random.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		s.say(strings.Join(words[:1+random.IntN(3)], " "))
	}
	s.say("heron duck カナ river's istanbul 川")
	for query, b := range tabs {
		b.wait(`Number(document.getElementById("pill").dataset.count) === 0 && document.querySelectorAll(".run, #feed > .tweet").length > 0`)
		want := eval[[]string](open(t, s, matching(query)), ids)
		b.wait(fmt.Sprintf(`(document.querySelectorAll(".run__open").forEach(run => run.click()), document.activeElement.blur(), %s.length >= %d)`, ids, len(want)))
		if got := eval[[]string](b, ids); !cmp.Equal(got, want) {
			t.Errorf("%s: the live page shows %v, the server finds %v", query, got, want)
		}
	}
}

const ids = `[...document.querySelectorAll("#feed > .tweet")].map(card => card.dataset.post)`
