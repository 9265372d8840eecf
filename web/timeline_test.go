package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"nagare/hub"
	"nagare/stream"
	"nagare/templates"
)

func TestTimeline_PageAndSocketCarryTheSameCard(t *testing.T) {
	f := newFixture(t)
	f.emit(create(post(1, `quotes " and <tags> & more`)))
	ev, data := f.newest()
	page := f.get("/").Body.String()
	if want := templates.Placed(data.HTML, ev.Position.Offset); !strings.Contains(page, want) {
		t.Errorf("the page lacks the card of the event:\n%s\npage:\n%s", want, page)
	}
}

func TestTimeline_ThePayloadHasPlainTextAndTheFieldNamesOf2013(t *testing.T) {
	f := newFixture(t)
	tweet := post(7, "one <b> & two")
	tweet.Author.Avatar = "https://example.org/a.png"
	tweet.CreatedAt = time.Date(2026, 5, 1, 12, 0, 0, 0, time.FixedZone("", 9*3600))
	tweet.Lang, tweet.URL = "ja", "https://example.org/7"
	tweet.Media = []stream.Media{{Kind: "image", Preview: "https://example.org/p.png", Alt: "a river"}}
	f.emit(create(tweet))

	ev, data := f.newest()
	if ev.Name != "create" || ev.Key != "replay:7" || data.HTML == "" {
		t.Errorf("got event %s of %s with html %q", ev.Name, ev.Key, data.HTML)
	}
	var got map[string]any
	if err := json.Unmarshal(ev.Data, &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "html")
	want := map[string]any{
		"id": "replay:7", "text": "one <b> & two", "screen_name": "mio", "icon_url": "https://example.org/a.png",
		"name": "Mio", "url": "https://example.org/7", "created_at": "2026-05-01T03:00:00Z", "lang": "ja",
		"media": []any{map[string]any{"kind": "image", "preview": "https://example.org/p.png", "alt": "a river"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTimeline_DeletedTextIsInNoPageOrEvent(t *testing.T) {
	f := newFixture(t)
	f.emit(create(post(1, "first-secret")), update(post(1, "second-secret")), create(post(2, "stays")), destroy(1))
	events, _ := f.timeline.channel.Recent(everything)
	for _, ev := range events {
		if strings.Contains(string(ev.Data), "secret") {
			t.Errorf("event %s still contains %s", ev.Position, ev.Data)
		}
	}
	if page := f.get("/").Body.String(); strings.Contains(page, "secret") || !strings.Contains(page, "stays") {
		t.Error("want a page of the other post alone")
	}
}

func TestTimeline_ADestroyEventHasAReason(t *testing.T) {
	f := newFixture(t)
	why := destroy(1)
	why.Reason = stream.ByAuthor
	f.emit(append(creates(1, 2), why, destroy(2))...)
	events, _ := f.timeline.channel.Recent(everything)
	var got []string
	for _, ev := range events[len(events)-2:] {
		got = append(got, ev.Name+" "+string(ev.Data))
	}
	want := []string{`destroy {"id":"replay:1","reason":"author"}`, `destroy {"id":"replay:2","reason":"unavailable"}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTimeline_ShortensAPostThatIsTooLarge(t *testing.T) {
	many := make([]stream.Segment, 400)
	for i := range many {
		many[i] = stream.Segment{Kind: stream.Link, Text: "x", Href: "https://example.org/" + strings.Repeat("a", 500)}
	}
	escaped := post(1, strings.Repeat("<&>", 20_000))
	links := post(1, "")
	links.Text = many
	breaks := post(1, "")
	breaks.Text = slices.Repeat([]stream.Segment{{Text: "x"}, {Kind: stream.Break}}, 20_000) // the x in each line, because a run of blank lines is shortened before
	pictures := post(1, strings.Repeat("river ", 2000))
	pictures.Media = slices.Repeat([]stream.Media{{
		Kind: "image", Preview: "https://example.org/" + strings.Repeat("p", 2000), URL: "https://example.org/" + strings.Repeat("u", 2000),
	}}, 4)
	album := post(1, strings.Repeat("river ", 2000))
	album.Media = slices.Repeat([]stream.Media{{Kind: "image", Preview: "https://example.org/" + strings.Repeat("p", 2000)}}, 12)
	named := full(strings.Repeat("川", 9000))
	named.ID = "replay:1"
	for name, tweet := range map[string]*stream.Post{
		"long": post(1, strings.Repeat("river ", 20_000)), "escaped": escaped, "links": links, "breaks": breaks, "pictures": pictures, "album": album, "everything": named,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.emit(create(tweet))
			_, data := f.newest()
			if partly := strings.Contains(data.HTML, "tweet__partly"); partly != slices.Contains([]string{"album", "pictures", "everything"}, name) {
				t.Errorf("the card says that a part is missing: %v", partly)
			}
			if !data.Truncated || !strings.HasSuffix(data.Text, "…") {
				t.Errorf("got truncated %v and text ending %q", data.Truncated, data.Text[max(0, len(data.Text)-20):])
			}
		})
	}
}

func TestTimeline_ShortensAPostThatIsTooLargeEvenWithoutItsText(t *testing.T) {
	long := func(name, filler string) string {
		base := "https://example.org/" + name + "?"
		return base + strings.Repeat(filler, 2020-len(base))
	}
	pictures := post(1, "four pictures")
	for i := range 4 {
		address := long(fmt.Sprint(i), "a")
		pictures.Media = append(pictures.Media, stream.Media{Kind: "image", Preview: address, URL: address})
	}
	breaks := post(1, "many breaks")
	for range 20_000 {
		breaks.Text = append(breaks.Text, stream.Segment{Kind: stream.Break}, stream.Segment{Text: "x"})
	}
	addresses := post(1, "long addresses")
	addresses.URL = long("post", "&")
	addresses.Author = stream.Author{Handle: "mio", Avatar: long("avatar", "&"), URL: long("author", "&")}
	addresses.RepostedBy, addresses.ReplyTo = &addresses.Author, &stream.Reply{Handle: "mio", URL: addresses.URL}
	quotes := full(strings.Repeat(`"`, 9000))
	quotes.ID = strings.Repeat(`"`, longestLine)
	quotes.Text = append([]stream.Segment{{Text: "four quotes"}}, quotes.Text...)
	for want, tweet := range map[string]*stream.Post{
		"four pictures": pictures, "many breaks": breaks, "long addresses": addresses, "four quotes": quotes,
	} {
		f := newFixture(t)
		f.emit(create(tweet))
		if _, data := f.newest(); !data.Truncated || !strings.HasPrefix(data.Text, want) || data.ScreenName == "" {
			t.Errorf("%s: got %+v", want, data)
		}
	}
}

func TestTimeline_SkipsInvalidOps(t *testing.T) {
	f := newFixture(t)
	f.emit(stream.Op{Kind: stream.Create, ID: "replay:1"}, stream.Op{Kind: "unknown", ID: "replay:2", Post: post(2, "x")}, create(post(3, "fine")))
	if _, data := f.newest(); data.Text != "fine" {
		t.Errorf("got %q, want the post after the odd ones", data.Text)
	}
	if got := f.timeline.Posts(); got != 1 {
		t.Errorf("counted %d posts, want 1", got)
	}
}

func TestTimeline_CountsThePostsThatExistAndThoseCreated(t *testing.T) {
	f := newFixture(t)
	f.emit(append(creates(1, 5), destroy(2), update(post(3, "again")))...)
	if kept, posts := f.timeline.Kept(), f.timeline.Posts(); kept != 4 || posts != 5 {
		t.Errorf("kept %d of %d, want 4 of 5", kept, posts)
	}
}

// The test compares latest with a simple model on random histories. The model is a list of ids and a
// map of their newest texts.
func TestLatest_AgreesWithASimpleModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var events []hub.Event
		var order []string
		text, gone := map[string]string{}, map[string]bool{}
		for i := range rapid.IntRange(0, 60).Draw(t, "events") {
			key := fmt.Sprint(rapid.IntRange(1, 8).Draw(t, "post"))
			name := rapid.SampledFrom([]string{"create", "update", "destroy"}).Draw(t, "name")
			events = append(events, hub.Event{Name: name, Key: key, Data: fmt.Append(nil, i), Position: hub.Position{Offset: uint64(i + 1)}})
			_, known := text[key]
			switch {
			case name == "destroy":
				gone[key] = true
			case known || name == "create":
				if !known {
					order = append(order, key)
				}
				text[key] = fmt.Sprint(i)
			}
		}
		var want []string
		for _, key := range order {
			if !gone[key] {
				want = append(want, key+"="+text[key])
			}
		}
		var got []string
		for _, e := range latest(events) {
			got = append(got, e.key+"="+string(e.data))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestTimeline_EmitFailsAfterItsContextHasEnded(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.timeline.Emit(ctx, create(post(1, "late"))); !errors.Is(err, ctx.Err()) {
		t.Errorf("got %v, want the context's end", err)
	}
}

// An edit replaces the data of the create event in the log, so the edit must also say that the post
// is late.
func TestTimeline_AnEditOfALatePostIsMarkedLateToo(t *testing.T) {
	f := newFixture(t)
	late := post(1, "missed")
	late.Late = true
	for _, test := range []struct {
		op   stream.Op
		want bool
	}{{create(late), true}, {update(late), true}, {create(post(2, "news")), false}} {
		f.emit(test.op)
		if ev, data := f.newest(); data.Late != test.want || strings.Contains(string(ev.Data), `"late"`) != test.want {
			t.Errorf("%s of %s: got %s", ev.Name, ev.Key, ev.Data)
		}
	}
}
