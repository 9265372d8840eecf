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

// patience is how long a test waits for an event before it fails.
const patience = time.Minute

//go:embed testdata/watch.js
var watchScript string

// tab is a page in the browser. At the end of its test, tab checks that no document in it has
// reported a violation of the content security policy, an error of the script, or a dialog.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// setting changes a tab before the tab opens a page.
type setting func(*tab)

// open opens a page of the site in a new tab, which has its own cookies.
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

// openLive opens a page, and waits until the page receives posts live. A page of the past then says "Reading".
func openLive(t *testing.T, s *site, path string, settings ...setting) *tab {
	t.Helper()
	b := open(t, s, path, settings...)
	b.wait(`(({ state, mode }) => state === (mode === "older" ? "reading" : "live"))(document.documentElement.dataset)`)
	return b
}

func (b *tab) close() {
	defer chromedp.Cancel(b.ctx)
	if b.ctx.Err() != nil {
		return
	}
	b.wantNoReports()
}

// wantNoReports fails the test if the document has reported anything so far.
func (b *tab) wantNoReports() {
	b.t.Helper()
	for _, kind := range []string{"csp", "errors", "dialogs"} {
		for _, report := range eval[[]string](b, "globalThis.seen?."+kind+" ?? []") {
			b.t.Errorf("%s: %s", kind, report)
		}
	}
}

// wantReport expects that the script has reported an error of that kind, and removes the report.
func (b *tab) wantReport(kind string) {
	b.t.Helper()
	b.wait(`seen.errors.some(error => error.includes("` + kind + `"))`)
	b.run(`void (seen.errors.length = 0)`)
}

func (b *tab) visit(url string) {
	b.t.Helper()
	b.wantNoReports() // the next document has none of the reports
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

// run evaluates a script and ignores its value.
func (b *tab) run(script string) {
	b.t.Helper()
	eval[chromedp.Void](b, script)
}

// wait waits until the condition, an expression, is true.
func (b *tab) wait(condition string) {
	b.t.Helper()
	script := `new Promise(done => { const look = () => (` + condition + `) ? done(true) : setTimeout(look, 5); look() })`
	if _, err := try[bool](b, script, chromedp.EvalAwaitPromise); err != nil {
		b.t.Fatalf("waited for %s: %v\nthe page says: %s", condition, err, b.summary())
	}
}

// waitDocument waits until the tab has another document, in which the condition is true.
func (b *tab) waitDocument(condition string) {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if there, err := try[bool](b, condition); err == nil && there {
			return
		}
	}
	b.t.Fatalf("waited for a document with %s\nthe page says: %s", condition, b.summary())
}

// settle waits until some frames have been painted, so that the page has done all that it does
// before and after painting.
func (b *tab) settle() {
	b.t.Helper()
	eval[bool](b, `new Promise(done => { let n = 6; const frame = () => n-- ? requestAnimationFrame(frame) : done(true); frame() })`, chromedp.EvalAwaitPromise)
}

// summary describes the page for the message of a test that fails.
func (b *tab) summary() string {
	s, _ := try[string](b, `[document.documentElement.dataset.state, document.getElementById("status")?.textContent,
		JSON.stringify(document.getElementById("feed")?.dataset), "scrollY " + scrollY,
		document.querySelectorAll("article").length + " articles", JSON.stringify({...seen, rows: seen.rows.length})].join("; ")`)
	return s
}

// eval evaluates an expression and returns its value.
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

// command sends a command of the DevTools protocol and returns its result.
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

// width sets the width of the window, in CSS pixels.
func width(px int64) setting {
	return func(b *tab) { b.do(chromedp.EmulateViewport(px, 900)) }
}

// preload runs a script in each document before the document's own scripts.
func preload(script string) setting {
	return func(b *tab) {
		command(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	}
}

// media sets the value of a media feature such as prefers-color-scheme.
func media(feature, value string) setting {
	return func(b *tab) {
		features := []*emulation.MediaFeature{{Name: feature, Value: value}}
		command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
	}
}

func withoutScript(b *tab) {
	command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// Conditions that many tests wait for

func (b *tab) click(id string) { b.t.Helper(); b.run(`document.getElementById("` + id + `").click()`) }

func (b *tab) waitState(state string) {
	b.t.Helper()
	b.wait(`document.documentElement.dataset.state === "` + state + `"`)
}

func (b *tab) waitNot(state string) {
	b.t.Helper()
	b.wait(`document.documentElement.dataset.state !== "` + state + `"`)
}

// waitPosition waits until the page has handled all events up to the offset.
func (b *tab) waitPosition(offset int) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`Number(document.getElementById("feed").dataset.offset) >= %d`, offset))
}

// waitShown waits until the newest row is the card of post n.
func (b *tab) waitShown(n int) {
	b.t.Helper()
	b.wait(fmt.Sprintf(`document.querySelector("#feed > article")?.dataset.seq === "%d"`, n))
}

func (b *tab) text(id string) string {
	b.t.Helper()
	return eval[string](b, `document.getElementById("`+id+`").textContent`)
}
