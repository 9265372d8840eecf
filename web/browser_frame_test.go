package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"nagare/web"
)

// newspaper is a page of another site, on another port, with posts in a frame.
func newspaper(t *testing.T) (url string, show func(html string)) {
	var content atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, content.Load())
	}))
	t.Cleanup(server.Close)
	return server.URL, func(html string) { content.Store("<!DOCTYPE html><title>News</title>" + html) }
}

// timelineOf is what the editor of a newspaper inserts into a page.
func timelineOf(s *site, path, data string) string {
	return fmt.Sprintf(`<a class="nagare-timeline" href="%s%s" %s>Posts</a><script async src="%[1]s/embed.js"></script>`, s.url, path, data)
}

// frame evaluates an expression in the frame of a page, as a script of the browser that the pages don't see.
func frame[T any](b *tab, script string) T {
	b.t.Helper()
	value, err := tryFrame[T](b, script)
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return value
}

func tryFrame[T any](b *tab, script string) (value T, err error) {
	tree := command(b, page.GetFrameTree, cdp.Empty{}).FrameTree
	if len(tree.ChildFrames) != 1 {
		return value, fmt.Errorf("%d frames", len(tree.ChildFrames))
	}
	result, err := chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) (runtime.EvaluateResult, error) {
		world, err := cdp.Call(ctx, t, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tree.ChildFrames[0].Frame.ID})
		if err != nil {
			return runtime.EvaluateResult{}, err
		}
		yes := true
		return cdp.Call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{
			Expression: script, ContextID: world.ExecutionContextID, ReturnByValue: &yes, AwaitPromise: &yes,
		})
	})
	if err == nil && result.ExceptionDetails != nil {
		err = errors.New(result.ExceptionDetails.Text)
	}
	if err != nil {
		return value, err
	}
	return value, json.Unmarshal(result.Result.Value, &value)
}

// waitFrame waits until a condition is true in the frame.
func (b *tab) waitFrame(condition string) {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if is, err := tryFrame[bool](b, condition); err == nil && is { // the frame can have just been loaded
			return
		}
	}
	b.t.Fatalf("waited for %s in the frame", condition)
}

func TestEmbed_WorksInAPageOfAnotherSite(t *testing.T) {
	t.Parallel()
	news, show := newspaper(t)
	s := newSite(t, 0, func(c *web.Config) { c.EmbedOrigins = web.Origins{news} })
	s.publish(8)
	show(timelineOf(s, "/by/reader1", `data-tweet-limit="3" data-theme="dark" data-border-color="#ff0000" data-chrome="nofooter"`))
	b := open(t, s, "/healthz")
	b.visit(news)
	b.wait(`document.querySelector("iframe")?.title === "Posts"`)
	b.waitFrame(`document.documentElement.dataset.state === "live"`)
	b.waitFrame(cardsOn + `.join() === "replay:1"`)
	b.wait(`parseInt(document.querySelector("iframe").style.height) < 400`) // as high as its content
	post := madeUp(10)
	s.emit(created(post))
	b.waitFrame(on("replay:10"))
	s.emit(destroyed(post))
	b.waitFrame("!" + on("replay:10"))
	if got := frame[string](b, `[getComputedStyle(document.body).colorScheme, document.querySelector(".embed__foot").checkVisibility(), document.querySelector("base").target].join()`); got != "dark,false,_blank" {
		t.Errorf("the look is %s", got)
	}
}

func TestEmbed_PausesWhileItIsOutOfView(t *testing.T) {
	t.Parallel()
	news, show := newspaper(t)
	s := newSite(t, 0, func(c *web.Config) { c.EmbedOrigins = web.Origins{news} })
	s.publish(2)
	show(timelineOf(s, "/", `data-height="500"`) + `<p style="height: 9000px">`)
	b := open(t, s, "/healthz")
	b.visit(news)
	b.wait(`document.querySelector("iframe")`)
	b.waitFrame(`document.documentElement.dataset.state === "live"`)
	b.run(`scrollTo(0, 9000)`)
	frame[bool](b, `new Promise(done => new IntersectionObserver(([{ isIntersecting }]) => isIntersecting || done(true)).observe(document.body))`)
	frame[bool](b, `new MutationObserver(() => (document.title = "changed")).observe(document.getElementById("feed"), { childList: true }), true`)
	s.publish(3)
	b.waitFrame(`Number(document.getElementById("feed").dataset.offset) >= 5`)
	frame[bool](b, `new Promise(done => setTimeout(() => done(true), 600))`) // longer than between two changes of the list
	if frame[string](b, `document.title`) == "changed" {
		t.Error("a frame out of view has changed")
	}
	b.run(`scrollTo(0, 0)`)
	b.waitFrame(on("replay:5"))
}

func TestEmbed_IsRefusedFromOtherPages(t *testing.T) {
	t.Parallel()
	friend, _ := newspaper(t)
	news, show := newspaper(t)
	s := newSite(t, 0, func(c *web.Config) { c.EmbedOrigins = web.Origins{friend} })
	var connections atomic.Int64
	s.onArrival(func() { connections.Add(1) })
	show(`<script>
		const frame = document.createElement("iframe")
		frame.onload = () => (globalThis.loaded = true)
		frame.src = "` + s.url + `/embed"
		addEventListener("DOMContentLoaded", () => document.body.append(frame))
	</script><p>News`)
	b := open(t, s, "/healthz")
	b.visit(news)
	b.wait(`globalThis.loaded`)
	if got := frame[string](b, `document.URL`); strings.HasPrefix(got, s.url) || connections.Load() > 0 {
		t.Errorf("the frame has %s, and %d connections", got, connections.Load())
	}
}

func TestEmbed_OnlyItMayBeInAFrame(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0, func(c *web.Config) { c.EmbedOrigins = web.Origins{"https://news.example", "https://b.example"} })
	for path, want := range map[string]string{
		"/": "'none'", "/wall": "'none'", "/overlay": "'none'", "/embed": "https://news.example https://b.example",
		"/embed/tag/go": "https://news.example https://b.example", "/nowhere": "'none'",
	} {
		header := s.get(path, nil).Header
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors "+want+";") {
			t.Errorf("%s: %s", path, policy)
		}
		if got, want := header.Get("Cross-Origin-Resource-Policy") == "cross-origin", strings.HasPrefix(path, "/embed"); got != want {
			t.Errorf("%s: other origins may load it: %v", path, got)
		}
	}
	if got := newSite(t, 0).get("/embed", nil).Header.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'none'") {
		t.Errorf("without any origin: %s", got)
	}
	if got := s.get("/embed.js", nil).Header; got.Get("Cross-Origin-Resource-Policy") != "cross-origin" || got.Get("Cache-Control") != "public, max-age=3600" {
		t.Errorf("the script has %v", got)
	}
	if n := s.zipped("/embed.js"); n > 4<<10 {
		t.Errorf("the script has %d bytes", n)
	}
}

func TestEmbed_Screenshots(t *testing.T) {
	notShort(t, "runs Chromium")
	for _, theme := range []string{"light", "dark"} {
		t.Run(theme, func(t *testing.T) {
			t.Parallel()
			news, show := newspaper(t)
			s := newSite(t, 0, func(c *web.Config) { c.EmbedOrigins = web.Origins{news} })
			s.demo()
			colours := map[string]string{"light": "#fff; color: #222", "dark": "#222; color: #ddd"}[theme]
			show(`<body style="font: 18px/1.6 Georgia, serif; max-width: 640px; margin: 3rem auto; background: ` + colours + `"><h1>The last ferry</h1><p>All evening, the town waited at the jetty.</p>` +
				timelineOf(s, "/", `data-tweet-limit="5" data-theme="`+theme+`"`))
			b := open(t, s, "/healthz", window(1280, 1400))
			b.visit(news)
			b.wait(`document.querySelector("iframe")`)
			b.waitFrame(`document.documentElement.dataset.state === "live"`)
			b.wait(`parseInt(document.querySelector("iframe").style.height) !== 600`)
			b.settle()
			b.shoot("embed-" + theme)
		})
	}
}
