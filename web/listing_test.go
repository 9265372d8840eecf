package web

import (
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nagare/hub"
)

func TestListing_PagesReachAsFarBackAsTheStore(t *testing.T) {
	f := newFixtureWith(t, hub.Options{Ring: 20}, everythingOpen)
	f.emit(creates(1, 95)...)
	var got [][]int
	for path := "/streaming.json?limit=40&html=1"; path != ""; path = f.listed(path).Older {
		got = append(got, f.numbers(path))
		for _, p := range f.listed(path).Posts {
			if !strings.Contains(p.HTML, p.Text) {
				t.Fatalf("%s: the html of %s is %q", path, p.ID, p.HTML)
			}
		}
	}
	if want := [][]int{countdown(95, 56), countdown(55, 16), countdown(15, 1)}; !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v", got)
	}
	if answer := f.listed("/streaming.json"); len(answer.Posts) != 30 || answer.Posts[0].HTML != "" || !answer.Complete || answer.Position != f.timeline.channel.Tip() {
		t.Errorf("without parameters: %d posts, %+v", len(answer.Posts), answer.Position)
	}
}

// A poller asks each time with the position of the last answer. In between, more posts come than
// the log holds, and than one answer has.
func TestListing_APollerMissesNoPost(t *testing.T) {
	f := newFixtureWith(t, hub.Options{Ring: 20}, everythingOpen)
	f.emit(creates(1, 5)...)
	position, got, sent := f.listed("/streaming.json").Position, []int{}, 5
	for _, batch := range []int{0, 1, 3, 7, 45, 90, 2} {
		f.emit(creates(sent+1, sent+batch)...)
		for sent += batch; ; {
			answer := f.listed("/streaming.json?limit=7&after=" + position.String())
			if !answer.Complete || answer.Older != "" {
				t.Fatalf("after %v: complete is %v, older is %q", position, answer.Complete, answer.Older)
			}
			numbers := f.numbers("/streaming.json?limit=7&after=" + position.String())
			slices.Reverse(numbers)
			got, position = append(got, numbers...), answer.Position
			if len(numbers) == 0 {
				break
			}
		}
	}
	want := countdown(sent, 6)
	slices.Reverse(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestListing_APollerIsToldIfPostsAreMissing(t *testing.T) {
	f := newFixtureWith(t, hub.Options{Ring: 20}, everythingOpen)
	f.emit(creates(1, mostMissed+50)...)
	tip := f.timeline.channel.Tip()
	for _, position := range []string{"otherlog:7", tip.Epoch + ":10"} {
		answer := f.listed("/streaming.json?after=" + position)
		if answer.Complete || len(answer.Posts) != 30 || answer.Position != tip {
			t.Errorf("after %s: complete is %v, %d posts up to %v", position, answer.Complete, len(answer.Posts), answer.Position)
		}
	}
	if answer := f.listed("/streaming.json?after=" + hub.Position{Epoch: tip.Epoch, Offset: tip.Offset + 9}.String()); !answer.Complete || len(answer.Posts) != 0 || answer.Position.Offset != tip.Offset+9 {
		t.Errorf("after a position of a process that is ahead: %+v", answer)
	}
}

func TestListing_AtATimeEndsWithThePostsBeforeIt(t *testing.T) {
	f := newFixture(t, everythingOpen)
	f.emit(creates(1, 5)...)
	for at, want := range map[time.Duration][]int{-time.Hour: nil, time.Hour: countdown(5, 1)} {
		path := "/streaming.json?at=" + url.QueryEscape(time.Now().Add(at).Format(time.RFC3339))
		if got := f.numbers(path); !slices.Equal(got, want) || !f.listed(path).Complete {
			t.Errorf("%v from now: got %v, want %v", at, got, want)
		}
	}
}

func TestListing_IsIncompleteWhileTheStoreIsAway(t *testing.T) {
	var away atomic.Bool
	f := newFixtureWith(t, hub.Options{Ring: 20}, everythingOpen, func(c *Config) { c.Timeline.history = breaking{c.Timeline.history, &away} })
	f.emit(creates(1, 60)...)
	position := hub.Position{Epoch: f.timeline.channel.Tip().Epoch, Offset: 5}
	for _, path := range []string{"/streaming.json?limit=50", "/streaming.json?limit=50&after=" + position.String()} {
		for _, isAway := range []bool{true, false} {
			away.Store(isAway)
			want := 50
			if isAway {
				want = 20 // those in the log
			}
			if answer := f.listed(path); answer.Complete == isAway || len(answer.Posts) != want {
				t.Errorf("%s, away is %v: complete is %v, with %d posts", path, isAway, answer.Complete, len(answer.Posts))
			}
		}
	}
}
