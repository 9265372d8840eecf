package web_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nagare/stream"
)

// audience is the program with two moderators and all that shows or reads posts, at the same time.
type audience struct {
	*program
	aiko, ben           *tab
	page, wall, overlay *tab
	news                *tab // a page of another site, with posts in a frame
	reader              feedReader
	source              string // path of the recording that is the source
}

// TestModeration_EveryDecisionReachesEverybody tells the story of an evening, with the real program in the
// middle of which it is restarted.
func TestModeration_EveryDecisionReachesEverybody(t *testing.T) {
	dir := t.TempDir()
	a := newAudience(t, dir)
	step := func(name string, does func(*testing.T)) {
		if !t.Run(name, func(t *testing.T) { a.tellTo(t); does(t) }) {
			t.FailNow()
		}
		a.tellTo(t)
	}
	step("posts of a source are shown at once", func(*testing.T) { a.wantEverywhere("cherry words") })
	step("then, posts wait for approval", func(t *testing.T) {
		logIn(t, a.site, "Aiko").send("mode", url.Values{"value": {"before"}}, nil)
		a.publish("apple")
		for _, desk := range []*tab{a.aiko, a.ben} {
			desk.wait(inList("waiting", "apple words"))
		}
		a.wantNowhere("apple words")
	})
	step("approved", func(*testing.T) {
		a.decide(a.aiko, "approve", "waiting", "apple words")
		a.wantEverywhere("apple words")
	})
	step("hidden", func(*testing.T) {
		a.wantGone("apple words", func() { a.decide(a.ben, "hide", "shown", "apple words") })
		a.aiko.wait(inList("hidden", "apple words"))
	})
	step("undone", func(*testing.T) { a.ben.press("u"); a.wantEverywhere("apple words") })
	step("an author is blocked", func(*testing.T) {
		a.wantGone("cherry words", func() { a.decide(a.aiko, "block", "shown", "first cherry words") })
		a.ben.wait(inList("hidden", "first cherry words") + " && " + inList("hidden", "second cherry words"))
	})
	step("a post is pinned", func(*testing.T) { a.decide(a.ben, "pin", "shown", "apple words"); a.wantPinned("apple words") })
	step("the screens are frozen", func(*testing.T) {
		a.aiko.press("f")
		a.wantScreens(`document.getElementById("feed").dataset.show === "freeze"`)
		a.publish("banana")
		a.ben.wait(inList("waiting", "banana words"))
		a.decide(a.ben, "approve", "waiting", "banana words")
		a.page.wait(has("banana words"))
		a.wantScreens("!" + has("banana words"))
	})
	step("the program is restarted, and everything is as it was", func(t *testing.T) { a.survives(t) })
	step("the screens are blank", func(*testing.T) { a.ben.press("x"); a.wantScreens(cardsOn + `.length === 0`) })
	step("the screens show posts again", func(*testing.T) { a.ben.press("x"); a.wantEverywhere("banana words") })
	step("a hidden post that its author deletes is nowhere", func(t *testing.T) { a.deletes(t, dir) })
}

func newAudience(t *testing.T, dir string) *audience {
	t.Helper()
	origin, show := newspaper(t)
	source := recordingOf(t, byKei(1, "first cherry words"), byKei(2, "second cherry words"))
	a := &audience{source: source, program: startProgram(t, nil, "SOURCE=replay:"+source, "STORE="+filepath.Join(dir, "nagare.db"),
		"ADMIN_TOKEN="+adminToken, "INGEST_TOKEN="+publishToken, "EMBED_ORIGINS="+origin)}
	show(timelineOf(a.site, "/", ""))
	a.page = openLive(t, a.site, "/")
	a.wall = openLive(t, a.site, "/wall?every=1&columns=2", window(1920, 1080))
	a.overlay = openLive(t, a.site, "/overlay?every=1&fade=3600", window(1280, 720))
	a.news = open(t, a.site, "/healthz")
	a.news.visit(origin)
	a.news.waitFrame(`document.documentElement.dataset.state === "live"`)
	a.aiko, a.ben = openDesk(t, a.site, "Aiko"), openDesk(t, a.site, "Ben")
	return a
}

// byKei returns a recorded post. All of them are due at the same time.
func byKei(number int, words string) stream.Op {
	post := byAuthor(number, "kei", words)
	post.CreatedAt = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	return created(post)
}

// survives restarts the program, and expects that nothing has changed. The source repeats its posts, and has one
// more by the author who is blocked.
func (a *audience) survives(t *testing.T) {
	appendTo(t, a.source, byKei(3, "third cherry words"))
	a.restart()
	for _, b := range []*tab{a.page, a.wall, a.overlay, a.aiko, a.ben} {
		b.waitState("live")
	}
	a.news.waitFrame(`document.documentElement.dataset.state === "live"`)
	check := func() {
		a.wantScreens(`document.getElementById("feed").dataset.show === "freeze" && !` + has("banana words"))
		a.wantPinned("apple words")
		a.page.wait(has("banana words"))
	}
	check()
	a.wall.reload()
	a.overlay.reload()
	check()
	a.aiko.wait(inList("hidden", "third cherry words") + ` && document.querySelectorAll("#hidden .item:not([inert])").length === 3`)
	a.wantNowhere("cherry words")
	a.publish("damson")
	a.ben.wait(inList("waiting", "damson words"))
	if log := logIn(t, a.site, "Cleo").body("/admin/audit.ndjson"); strings.Count(log, "\n") != 8 || !strings.Contains(log, `"do":"block"`) {
		t.Errorf("the audit is:\n%s", log)
	}
}

// deletes hides a post, whose author then deletes it, and stops the program.
func (a *audience) deletes(t *testing.T, dir string) {
	a.wantGone("banana words", func() { a.decide(a.aiko, "hide", "shown", "banana words") })
	a.ben.wait(inList("hidden", "banana words"))
	a.authorized(http.MethodDelete, "/streaming/post:banana", "")
	for _, desk := range []*tab{a.aiko, a.ben} {
		desk.wait("!" + has("banana words"))
	}
	a.end(syscall.SIGTERM)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all += string(text)
	}
	for words, want := range map[string]bool{"banana words": false, "apple words": true, "cherry words": true} { // moderators can show hidden posts again
		if strings.Contains(all, words) != want {
			t.Errorf("%q is in the files of the store: %v, want %v", words, !want, want)
		}
	}
}
