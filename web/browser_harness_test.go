package web_test

import (
	"context"
	_ "embed"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for what must happen before it gives up.
const patience = 20 * time.Second

//go:embed testdata/watch.js
var watchScript string

// tab is a page in the browser. When its test ends, no document that it has shown may
// have reported a breach of the content security policy, an error of the script, or a
// dialog.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// setting prepares a tab before it opens a page.
type setting func(*tab)

// open opens a page of the site in a tab of its own, with its own cookies.
func open(t *testing.T, s *site, path string, settings ...setting) *tab {
	t.Helper()
	ctx, _ := chromedp.NewContext(startBrowser(t), chromedp.WithNewBrowserContext())
	b := &tab{t: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("new tab: %v", err)
	}
	t.Cleanup(b.close)
	command(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	width(1280)(b)
	preload(watchScript)(b)
	for _, set := range settings {
		set(b)
	}
	b.visit(s.url + path)
	return b
}

// openLive is open, and waits until posts would come in.
func openLive(t *testing.T, s *site, path string, settings ...setting) *tab {
	t.Helper()
	b := open(t, s, path, settings...)
	b.wait(`document.documentElement.dataset.state === "live"`)
	return b
}

func (b *tab) close() {
	defer chromedp.Cancel(b.ctx)
	if b.ctx.Err() != nil {
		return
	}
	b.wantNoReports()
}

// wantNoReports looks at what the document has reported so far.
func (b *tab) wantNoReports() {
	b.t.Helper()
	for _, kind := range []string{"csp", "errors", "dialogs"} {
		for _, report := range eval[[]string](b, "globalThis.seen?."+kind+" ?? []") {
			b.t.Errorf("%s: %s", kind, report)
		}
	}
}

// wantReport wants the script to have reported such an error, and lets it be.
func (b *tab) wantReport(kind string) {
	b.t.Helper()
	b.wait(`seen.errors.some(error => error.includes("` + kind + `"))`)
	b.run(`void (seen.errors.length = 0)`)
}

func (b *tab) visit(url string) {
	b.t.Helper()
	b.wantNoReports() // they go with the document
	b.do(chromedp.Navigate(url))
}

// do runs actions of chromedp.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// run evaluates script for what it does.
func (b *tab) run(script string) {
	b.t.Helper()
	eval[chromedp.Void](b, script)
}

// wait waits until the condition, an expression, holds.
func (b *tab) wait(condition string) {
	b.t.Helper()
	script := `new Promise(done => { const look = () => (` + condition + `) ? done(true) : setTimeout(look, 5); look() })`
	if _, err := try[bool](b, script, chromedp.EvalAwaitPromise); err != nil {
		b.t.Fatalf("waited for %s: %v\nthe page says: %s", condition, err, b.summary())
	}
}

// waitDocument waits until another document is there for which the condition holds.
func (b *tab) waitDocument(condition string) {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if there, err := try[bool](b, condition); err == nil && there {
			return
		}
	}
	b.t.Fatalf("waited for a document with %s\nthe page says: %s", condition, b.summary())
}

// settle waits until some frames have been painted, so that what the page does
// before and after painting has been done.
func (b *tab) settle() {
	b.t.Helper()
	eval[bool](b, `new Promise(done => { let n = 6; const frame = () => n-- ? requestAnimationFrame(frame) : done(true); frame() })`, chromedp.EvalAwaitPromise)
}

// summary is what a person would look at first when a test fails.
func (b *tab) summary() string {
	s, _ := try[string](b, `[document.documentElement.dataset.state, document.getElementById("status")?.textContent,
		JSON.stringify(document.getElementById("feed")?.dataset), "scrollY " + scrollY,
		document.querySelectorAll("article").length + " articles", JSON.stringify({...seen, rows: seen.rows.length})].join("; ")`)
	return s
}

// eval evaluates an expression to a value.
func eval[T any](b *tab, script string, options ...chromedp.EvaluateOption) T {
	b.t.Helper()
	v, err := try[T](b, script, options...)
	if err != nil {
		b.t.Fatalf("evaluate %.200s: %v", script, err)
	}
	return v
}

func try[T any](b *tab, script string, options ...chromedp.EvaluateOption) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](script, options...))
}

// command sends a command of the DevTools protocol.
func command[P, R any](b *tab, c cdp.Command[P, R], params P) R {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	r, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) (R, error) {
		return cdp.Call(ctx, t, c, params)
	})
	if err != nil {
		b.t.Fatalf("%s: %v", c.Method, err)
	}
	return r
}

// Settings

// width is that of the window, in CSS pixels.
func width(px int64) setting {
	return func(b *tab) { b.do(chromedp.EmulateViewport(px, 900)) }
}

// preload runs a script in each page before the page's own.
func preload(script string) setting {
	return func(b *tab) {
		command(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	}
}

// media lets a media query such as prefers-color-scheme see a value.
func media(feature, value string) setting {
	return func(b *tab) {
		features := []*emulation.MediaFeature{{Name: feature, Value: value}}
		command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
	}
}

func withoutScript(b *tab) {
	command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// What tests ask for again and again

func (b *tab) click(id string) { b.t.Helper(); b.run(`document.getElementById("` + id + `").click()`) }

func (b *tab) waitState(state string) {
	b.t.Helper()
	b.wait(`document.documentElement.dataset.state === "` + state + `"`)
}

func (b *tab) waitNot(state string) {
	b.t.Helper()
	b.wait(`document.documentElement.dataset.state !== "` + state + `"`)
}

// waitPosition waits until the page has dealt with all events up to the offset.
func (b *tab) waitPosition(offset int) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`Number(document.getElementById("feed").dataset.offset) >= %d`, offset))
}

// waitShown waits until the newest row is that of the post with the number.
func (b *tab) waitShown(n int) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`document.querySelector("#feed > article")?.dataset.seq === "%d"`, n))
}

func (b *tab) text(id string) string {
	b.t.Helper()
	return eval[string](b, `document.getElementById("`+id+`").textContent`)
}
