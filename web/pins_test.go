package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nagare/hub"
	"nagare/static"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/networks"
)

// pin publishes which posts are pinned.
func (f *fixture) pin(ids ...string) {
	f.t.Helper()
	data, err := json.Marshal(screenState{Pins: ids})
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := f.timeline.channel.Publish(f.t.Context(), hub.Event{Name: screenEvent, Data: data}); err != nil {
		f.t.Fatal(err)
	}
}

// pinnedOn returns the part of a page with the pinned posts, and the numbers of these.
func pinnedOn(page string) (section string, numbers []int) {
	_, section, _ = strings.Cut(page, `<section class="pins"`)
	section, _, _ = strings.Cut(section, `</section>`)
	return section, shownOn(section)
}

// pinnedFixture is a site with posts of which some are pinned, from the time when it had moderators.
func pinnedFixture(t *testing.T, posts int, pins ...string) *fixture {
	f := newFixture(t)
	f.emit(creates(1, posts)...)
	f.pin(pins...)
	return f
}

func TestPins_AreOnThePageOfTheNewestPostsAlone(t *testing.T) {
	f := pinnedFixture(t, 40, "replay:2", "replay:39", "replay:7", "replay:8")
	page := f.get("/").Body.String()
	section, got := pinnedOn(page)
	if want := []int{2, 39, 7}; !slices.Equal(got, want) {
		t.Errorf("pinned are %v, want the three newest pins %v", got, want)
	}
	if !strings.Contains(section, ">Pinned</h2>") || !strings.Contains(page, static.URL("pins.min.js")) {
		t.Errorf("the section has no title, or the page no script for it:\n%s", section)
	}
	if list := page[strings.Index(page, `id="feed"`):]; !slices.Contains(shownOn(list), 39) {
		t.Error("a pinned post is not at its place in the list")
	}
	if japanese, _ := pinnedOn(f.get("/", "Accept-Language", "ja").Body.String()); !strings.Contains(japanese, ">固定</h2>") {
		t.Errorf("in Japanese the section is %.300s", japanese)
	}
	older := fmt.Sprint("/?before=", hub.Position{Epoch: f.timeline.channel.Tip().Epoch, Offset: 5})
	for _, path := range []string{"/?q=words", "/by/mio", "/source/replay", older, "/post/replay:2"} {
		if r := f.get(path); r.Code != http.StatusOK || strings.Contains(r.Body.String(), `id="pins"`) {
			t.Errorf("%s: status %d, and whether it has pins: %v", path, r.Code, strings.Contains(r.Body.String(), `id="pins"`))
		}
	}
}

func TestPins_TheCopyOfAPostHasIDsOfItsOwn(t *testing.T) {
	f := pinnedFixture(t, 3, "replay:3")
	page := f.get("/").Body.String()
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if ids[m[1]] {
			t.Errorf("the id %s is there twice", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(` aria-labelledby="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		for _, id := range strings.Fields(m[1]) {
			if !ids[id] {
				t.Errorf("nothing has the id %s", id)
			}
		}
	}
}

func TestPins_FollowEditsAndDeletions(t *testing.T) {
	f := pinnedFixture(t, 40, "replay:2", "replay:1")
	f.emit(update(post(2, "words-2. better words")), destroy(1))
	if section, got := pinnedOn(f.get("/").Body.String()); !slices.Equal(got, []int{2}) || !strings.Contains(section, "better words") {
		t.Errorf("pinned are %v:\n%s", got, section)
	}
	f.emit(destroy(2))
	if body := f.get("/").Body.String(); strings.Contains(body, "better words") {
		t.Error("a deleted post is on the page")
	}
	f.pin()
	if strings.Contains(f.get("/").Body.String(), `id="pins"`) {
		t.Error("without moderators and pins, the page has a place for them")
	}
}

func TestPins_APostThatSearchEnginesMustNotListKeepsThePageOutOfThem(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Index = true })
	private := post(1, "words")
	private.Author.NoIndex = true
	f.emit(append([]stream.Op{create(private)}, creates(2, 40)...)...)
	if got := f.get("/").Header().Get(robotsTag); got != "" {
		t.Fatalf("before: %s %q", robotsTag, got)
	}
	f.pin("replay:1")
	if got := f.get("/").Header().Get(robotsTag); got != "noindex" {
		t.Errorf("with the post pinned: %s %q, want noindex", robotsTag, got)
	}
}

// awayHistory is a history that can't be read while away is set.
type awayHistory struct {
	*store.Memory
	away *bool
}

func (h awayHistory) Find(ctx context.Context, channel string, names ...string) ([]store.Record, error) {
	if *h.away {
		return nil, errors.New("away")
	}
	return h.Memory.Find(ctx, channel, names...)
}

func TestPins_WhileTheyCantBeLookedUpThePageIsShownWithoutThemAndNotKept(t *testing.T) {
	away := true
	f := newFixture(t, func(c *Config) {
		c.Timeline = NewTimeline(c.Hub, "streaming", awayHistory{new(store.Memory), &away}, networks.All, c.Log)
	})
	f.emit(creates(1, 40)...)
	f.pin("replay:30")
	if r := f.get("/"); r.Code != http.StatusOK || strings.Contains(r.Body.String(), `id="pins"`) {
		t.Errorf("status %d, want the page without a place for pins", r.Code)
	}
	away = false
	if _, got := pinnedOn(f.get("/").Body.String()); !slices.Equal(got, []int{30}) {
		t.Errorf("pinned are %v, want 30", got)
	}
}
