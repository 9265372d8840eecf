package hub_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nagare/hub"
)

// board is what a channel of posts should hold. Each event is of one post. A post has a word,
// which an update changes, and by which clients filter.
type board struct {
	w      *world
	ring   int
	events []happening // the first has the offset 1
	posts  []*boardPost
}

type happening struct {
	name string
	post int
}

type boardPost struct {
	words     []string // all that it has had, the newest last
	created   uint64   // offset
	destroyed bool
}

func (p *boardPost) word() string { return p.words[len(p.words)-1] }

func (b *board) head() uint64 { return uint64(len(b.events)) }

func (b *board) tail() uint64 { return uint64(max(0, len(b.events)-b.ring) + 1) }

// data is the data of the newest event of a post.
func (b *board) data(post int) string {
	p := b.posts[post]
	if p.destroyed {
		return fmt.Sprintf(`{"post":%d}`, post)
	}
	return fmt.Sprintf(`{"post":%d,"word":"%s"}`, post, p.word())
}

// publish publishes an event: the creation of a post or, if post is one that was not destroyed,
// an update of it or, if the word is "", its destruction.
func (b *board) publish(post int, word string) {
	name := "create"
	switch {
	case post >= len(b.posts) || b.posts[post].destroyed:
		post = len(b.posts)
		b.posts = append(b.posts, &boardPost{created: b.head() + 1, words: []string{"x" + word}})
	case word == "":
		name, b.posts[post].destroyed = "destroy", true
	default:
		name, b.posts[post].words = "update", append(b.posts[post].words, "x"+word)
	}
	b.events = append(b.events, happening{name, post})
	b.w.happenRaw(name, fmt.Sprint(post), b.data(post))
}

func (w *world) happenRaw(name, key, data string) {
	w.t.Helper()
	ev := hub.Event{Name: name, Key: key, Erase: name == "destroy", Data: []byte(data)}
	if _, err := w.Channel("streaming").Publish(w.t.Context(), ev); err != nil {
		w.t.Fatalf("publish: %v", err)
	}
}

// frames are what a client that comes now is sent after an offset.
func (b *board) frames(after uint64, filter string) (frames []string) {
	for i, ev := range b.events[after:] {
		p := b.posts[ev.post]
		switch {
		case p.destroyed:
			ev.name = "destroy"
		case ev.name == "create" && p.word() != filter:
			continue
		}
		frames = append(frames, wired(ev.name, b.data(ev.post), int(after)+i+1))
	}
	return frames
}

// boardViewer is a client that follows with a filter, and keeps its posts and its position when
// it reconnects.
type boardViewer struct {
	b      *board
	c      *client // nil while it is disconnected
	filter string
	on     bool
	begun  uint64 // the position from which it has all posts that match
	at     uint64
	posts  map[int]string // data
	said   int
}

func (v *boardViewer) disconnect() {
	if v.c != nil {
		v.c.leave()
	}
	v.c, v.on, v.said = nil, false, 0
}

// start forgets all posts, and begins at a position.
func (v *boardViewer) start(at uint64) { v.begun, v.at, v.posts = at, at, map[int]string{} }

// subscribe subscribes, from its position if it has one and keeps its filter.
func (v *boardViewer) subscribe(filter string) {
	more := ""
	if v.filter == filter {
		v.disconnect() // or events that are on their way would arrive twice
		more = fmt.Sprintf(`,"since":%d,"epoch":"EPOCH"`, v.at)
	}
	if v.said++; v.c == nil || v.said > 15 {
		v.disconnect()
		v.c = v.b.w.join()
	}
	v.c.with(filter, more)
	for {
		message := v.c.text()
		if plain(message) == token {
			break
		}
		v.take(message)
	}
	var got result
	if err := json.Unmarshal(v.c.event().Data, &got); err != nil {
		v.b.w.t.Fatalf("subscribe: %v", err)
	}
	recovered := v.at+1 >= v.b.tail() && v.filter == filter
	if got.Recovered != nil && *got.Recovered != recovered {
		v.b.w.t.Fatalf("at %d, of %d to %d: recovered: %t, %s", v.at, v.b.tail(), v.b.head(), *got.Recovered, got.Reason)
	}
	if got.Recovered == nil || !*got.Recovered {
		v.start(got.Offset)
	}
	v.filter, v.on, v.at = filter, true, got.Offset
}

// take processes one event.
func (v *boardViewer) take(message string) {
	ev, err := parse(message)
	if err != nil || ev.Offset <= v.at {
		v.b.w.t.Fatalf("at %d: got %s, %v", v.at, message, err)
	}
	var data struct{ Post int }
	if err := json.Unmarshal(ev.Data, &data); err != nil {
		v.b.w.t.Fatalf("%s: %v", message, err)
	}
	_, has := v.posts[data.Post]
	switch ev.name {
	case "stream.gap":
		v.start(ev.Offset)
	case "create":
		if has || !strings.Contains(string(ev.Data), `"`+v.filter+`"`) {
			v.b.w.t.Fatalf("a client with the filter %s and, %t, the post is sent %s", v.filter, has, message)
		}
		v.posts[data.Post] = string(ev.Data)
	case "update":
		if has {
			v.posts[data.Post] = string(ev.Data)
		}
	case "destroy":
		delete(v.posts, data.Post)
	default:
		v.b.w.t.Fatalf("got %s", message)
	}
	v.at = ev.Offset
}

// coming reports whether something will arrive for sure: an event that is no create.
func (v *boardViewer) coming() bool {
	return v.on && v.at < v.b.head() && slices.ContainsFunc(v.b.events[v.at:], func(ev happening) bool { return ev.name != "create" })
}

func (v *boardViewer) readSome(n int) {
	for ; n > 0 && v.coming(); n-- {
		v.take(v.c.text())
	}
}

// cut ends the connection after so many bytes.
func (v *boardViewer) cut(bytes int) {
	if v.coming() {
		v.c.conn.SetReadDeadline(time.Now().Add(v.c.patience))
		v.c.r.Read(make([]byte, bytes))
	}
	v.disconnect()
}

// check reads everything and compares the posts. A post that did not match at all times can be
// there or not: that depends on which of its states the client was sent.
func (v *boardViewer) check() {
	v.subscribe(v.filter)
	v.b.publish(len(v.b.posts), "a")
	v.b.publish(len(v.b.posts)-1, "")
	for v.at < v.b.head() {
		v.take(v.c.text())
	}
	v.c.answered()
	for i, p := range v.b.posts {
		matches := func(word string) bool { return word == v.filter }
		data, has := v.posts[i]
		must := p.created > v.begun && !p.destroyed && !slices.ContainsFunc(p.words, func(w string) bool { return !matches(w) })
		may := p.created > v.begun && !p.destroyed && slices.ContainsFunc(p.words, matches)
		if must && !has || has && !may || has && data != v.b.data(i) {
			v.b.w.t.Fatalf("with the filter %s since %d: post %d, %+v: has it %t, %s", v.filter, v.begun, i, *p, has, data)
		}
	}
	v.disconnect()
}

func (b *board) actions(viewers []*boardViewer) map[string]func(*rapid.T) {
	viewer, word, filter := rapid.SampledFrom(viewers), rapid.SampledFrom([]string{"", "a", "a", "b", "c"}), rapid.SampledFrom([]string{"xa", "xb"})
	publish := func(t *rapid.T, most int) {
		for range rapid.IntRange(1, most).Draw(t, "events") {
			back := rapid.IntRange(0, 8).Draw(t, "posts ago")
			b.publish(max(0, len(b.posts)-back), word.Draw(t, "word"))
		}
	}
	return map[string]func(*rapid.T){
		"publish": func(t *rapid.T) { publish(t, 5) },
		"overrun": func(t *rapid.T) { publish(t, b.ring*3/2+1) },
		"read":    func(t *rapid.T) { viewer.Draw(t, "viewer").readSome(rapid.IntRange(1, 40).Draw(t, "events")) },
		"resume": func(t *rapid.T) {
			v := viewer.Draw(t, "viewer")
			v.subscribe(v.filter)
		},
		"filter":     func(t *rapid.T) { viewer.Draw(t, "viewer").subscribe(filter.Draw(t, "filter")) },
		"disconnect": func(t *rapid.T) { viewer.Draw(t, "viewer").disconnect() },
		"cut":        func(t *rapid.T) { viewer.Draw(t, "viewer").cut(rapid.IntRange(1, 60).Draw(t, "bytes")) },
	}
}

func TestFilterModel_AClientHasExactlyThePostsThatMatchOrIsToldOfAHole(t *testing.T) {
	for _, network := range networks {
		t.Run(network.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				ring := rapid.SampledFrom([]int{2, 7, 60}).Draw(t, "ring")
				o := hub.Options{Ring: ring, Filter: byWord(new(atomic.Int64))}
				b := &board{w: network.start(t, o), ring: ring}
				b.w.Channel("streaming")
				viewers := []*boardViewer{{b: b}, {b: b}, {b: b}}
				for i, v := range viewers {
					v.subscribe([]string{"xa", "xa", "xb"}[i])
				}
				t.Repeat(b.actions(viewers))
				for _, v := range viewers {
					v.check()
				}
				fresh := b.w.join()
				fresh.with("xa", fmt.Sprintf(`,"since":%d,"epoch":"EPOCH"`, b.tail()-1))
				fresh.until(`"recovered":true`)
				fresh.expect(b.frames(b.tail()-1, "xa")...)
				fresh.answered()
			})
		})
	}
}
