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

// browser is the one Chromium that all tests of this package share. The first test that needs it
// starts it. Each tab has its own cookies and storage.
var browser struct {
	start sync.Once
	ctx   context.Context
	err   error
}

func TestMain(m *testing.M) {
	flag.Parse()
	// Browser tests spend most of their time waiting for the page, so several run at a time. Those that
	// measure a time aren't parallel: go test runs them first, each alone.
	// Fuzzing has its own processes, one for each processor.
	if flag.Lookup("test.fuzz").Value.String() == "" {
		flag.Set("test.parallel", "6")
	}
	code := m.Run()
	endBrowser()
	endProgram()
	os.Exit(code)
}

// startBrowser returns the context of the browser. If -short is set or no browser is installed, it
// skips the test. If no browser is installed where CI is set, it fails the test instead.
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

// runBrowser starts the browser with a new profile, which is deleted when the browser ends.
func runBrowser(path string) (context.Context, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-sandbox", os.Geteuid() == 0), // Chromium refuses to run as root with a sandbox
	)
	// These contexts need no cancel: they end when endBrowser closes the browser.
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

// findBrowser returns the path in the variable CHROME, or the first Chromium on the PATH. The
// headless shell is the same browser without a user interface, and takes less than half the time.
func findBrowser() string {
	for _, name := range []string{os.Getenv("CHROME"), "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// notShort skips the test if -short is set, and says why the test is slow.
func notShort(t *testing.T, why string) {
	t.Helper()
	if testing.Short() {
		t.Skip(why)
	}
}

// missing skips a test, because this machine lacks something that the test needs. Where CI is set,
// it fails the test instead.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}
