package web_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browser is the one Chromium of this package's tests, started by the first that
// wants it. Each tab has its own cookies and storage.
var browser struct {
	start sync.Once
	ctx   context.Context
	err   error
}

func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "4") // those that run side by side wait more than they work
	code := m.Run()
	endBrowser()
	os.Exit(code)
}

// startBrowser returns the context of the browser. Without one, and with -short, the
// test is skipped; where CI is set a missing browser is a failure.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	notShort(t, "needs a browser")
	path := findBrowser()
	if path == "" {
		missing(t, "no Chromium: set CHROME to its path")
	}
	browser.start.Do(func() { browser.ctx, browser.err = runBrowser(path) })
	if browser.err != nil {
		t.Fatalf("start %s: %v", path, browser.err)
	}
	return browser.ctx
}

// runBrowser runs it with a profile of its own, which goes when it ends.
func runBrowser(path string) (context.Context, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-sandbox", os.Geteuid() == 0), // root's Chromium refuses to start with one
	)
	// Nobody cancels these: endBrowser closes the browser, and all ends with it.
	allocator, _ := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocator)
	return ctx, chromedp.Do(ctx)
}

func endBrowser() {
	if browser.ctx == nil || browser.err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(browser.ctx, 10*time.Second)
	defer cancel()
	if err := chromedp.Cancel(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "end the browser:", err)
	}
	chromedp.FromContext(browser.ctx).Allocator.Wait()
}

// findBrowser is CHROME, or the first Chromium on the PATH.
func findBrowser() string {
	for _, name := range []string{os.Getenv("CHROME"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// notShort skips a test with -short, saying why it is slow.
func notShort(t *testing.T, why string) {
	t.Helper()
	if testing.Short() {
		t.Skip(why)
	}
}

// missing skips a test for which this machine lacks something, saying what. Where
// CI is set nothing may be missing.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}
