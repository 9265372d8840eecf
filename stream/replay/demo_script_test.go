package replay

import (
	"flag"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nagare/stream"
	"nagare/stream/recording"
)

//go:generate go test -run ^TestDemo_EqualsTheRecordingGeneratedFromItsScript$ -update

var update = flag.Bool("update", false, "write demo.ndjson from demo.txt")

// The recording demo.ndjson is generated from demo.txt. The test generates it again and
// compares.
func TestDemo_EqualsTheRecordingGeneratedFromItsScript(t *testing.T) {
	script, err := os.ReadFile("demo.txt")
	if err != nil {
		t.Fatal(err)
	}
	made := newDemoScript(t).recording(string(script))
	if *update {
		if err := os.WriteFile("demo.ndjson", []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if made != demo {
		t.Error("demo.ndjson is out of date: go generate ./stream/replay/replay makes it of demo.txt")
	}
}

// demoScript generates a recording from demo.txt. The format is described at the beginning of
// demo.txt.
type demoScript struct {
	t       *testing.T
	at      time.Time     // time of the last op
	mean    time.Duration // average time between two posts
	count   int           // number of ids given so far
	told    int           // number of ops so far
	people  map[string]stream.Author
	posts   map[string]*stream.Post // by label: the newest version
	reposts map[string]string       // by label and handle: id of the repost
	out     strings.Builder
}

func newDemoScript(t *testing.T) *demoScript {
	return &demoScript{
		t: t, at: time.Date(2026, 10, 3, 9, 0, 0, 0, time.UTC), mean: 3 * time.Second,
		people: map[string]stream.Author{}, posts: map[string]*stream.Post{}, reposts: map[string]string{},
	}
}

func (s *demoScript) recording(script string) string {
	for block := range strings.SplitSeq(strings.TrimSpace(script), "\n\n") {
		head, body, _ := strings.Cut(strings.TrimSpace(block), "\n")
		if !strings.HasPrefix(head, "//") {
			s.block(head, strings.FieldsFunc(body, func(r rune) bool { return r == '\n' }))
		}
	}
	return s.out.String()
}

// block emits the op of one block of the script. The first line of a block can begin with the
// wait before it.
func (s *demoScript) block(head string, body []string) {
	words := strings.Fields(head)
	wait := time.Duration(-1)
	if strings.HasPrefix(words[0], "+") {
		wait, words = s.seconds(words[0][1:]), words[1:]
	}
	switch words[0] {
	case "person":
		for _, line := range append([]string{head}, body...) {
			s.person(strings.SplitN(line, " ", 4))
		}
	case "rhythm":
		s.mean = s.seconds(words[1])
	case "repost", "unrepost", "edit", "delete", "rename", "vote":
		s.pass(wait, s.mean/4)
		s.change(words, body)
	default:
		s.pass(wait, s.mean)
		s.post(words, body)
	}
}

// pass moves the clock forward by wait. If wait is negative, it moves by mean, varied by up to
// a third.
func (s *demoScript) pass(wait, mean time.Duration) {
	if wait < 0 {
		wait = mean * time.Duration(67+(s.told*37)%67) / 100
	}
	s.at = s.at.Add(wait.Round(time.Millisecond))
}

func (s *demoScript) seconds(text string) time.Duration {
	d, err := time.ParseDuration(text + "s")
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

// person defines an author. The words are "person", a handle, an avatar or "-", and a name.
func (s *demoScript) person(words []string) {
	handle, avatar, name := words[1], words[2], words[3]
	a := stream.Author{Key: "replay:" + handle, Handle: handle, Name: name, URL: "https://example.com/@" + handle, Emoji: emojiIn(name)}
	if avatar != "-" {
		a.Avatar = "/static/demo/avatar-" + avatar + ".svg"
	}
	s.people[handle] = a
}

func (s *demoScript) author(handle string) stream.Author {
	a, ok := s.people[handle]
	if !ok {
		s.t.Fatalf("nobody is called %q", handle)
	}
	return a
}

func (s *demoScript) labelled(label string) *stream.Post {
	p := s.posts[label]
	if p == nil {
		s.t.Fatalf("no post is labelled %q", label)
	}
	copied := *p
	return &copied
}

func (s *demoScript) nextID() string {
	s.count++
	return "replay:demo-" + strconv.Itoa(s.count)
}

// post emits a new post. The words are a handle, a language or "-", and optionally "=label",
// the label of the post, and ">label", the label of the post that it answers.
func (s *demoScript) post(words, body []string) {
	id := s.nextID()
	p := &stream.Post{ID: id, Source: "replay", CreatedAt: s.at.Add(-s.mean / 4), Author: s.author(words[0])}
	p.URL = p.Author.URL + "/" + strconv.Itoa(s.count)
	if words[1] != "-" {
		p.Lang = words[1]
	}
	for _, w := range words[2:] {
		if label, ok := strings.CutPrefix(w, "="); ok {
			s.posts[label] = p
		} else if label, ok := strings.CutPrefix(w, ">"); ok {
			answered := s.labelled(label)
			p.ReplyTo = &stream.Reply{Handle: answered.Author.Handle, URL: answered.URL}
		}
	}
	s.fill(p, body)
	s.emit(stream.Op{Kind: stream.Create, ID: id, Post: p})
}

// change emits an op on a post or an author that exists already.
func (s *demoScript) change(words, body []string) {
	switch what, label := words[0], words[1]; what {
	case "repost":
		p, by, id := s.labelled(label), s.author(words[2]), s.nextID()
		p.RepostedBy, s.reposts[label+by.Handle] = &by, id
		s.emit(stream.Op{Kind: stream.Create, ID: id, Post: p})
	case "unrepost":
		s.emit(stream.Op{Kind: stream.Destroy, ID: s.reposts[label+words[2]], Reason: stream.ByAuthor})
	case "delete":
		s.emit(stream.Op{Kind: stream.Destroy, ID: s.labelled(label).ID, Reason: stream.ByAuthor})
	case "edit":
		p := s.labelled(label)
		p.Text, p.EditedAt = nil, s.at
		s.fill(p, body)
		s.update(label, p)
	case "vote":
		p := s.labelled(label)
		p.Poll = s.voted(p.Poll, words[2:])
		s.update(label, p)
	case "rename":
		a := s.author(label)
		a.Name = strings.Join(words[2:], " ")
		a.Emoji = emojiIn(a.Name)
		s.people[label] = a
		s.emit(stream.Op{Kind: stream.AuthorUpdate, Author: &a})
	}
}

func (s *demoScript) update(label string, p *stream.Post) {
	s.posts[label] = p
	s.emit(stream.Op{Kind: stream.Update, ID: p.ID, Post: p})
}

// voted returns a poll with new numbers of votes, one for each answer. If the word "closed"
// follows them, the poll is closed.
func (s *demoScript) voted(before *stream.Poll, votes []string) *stream.Poll {
	after := *before
	after.Options = slices.Clone(before.Options)
	for i, text := range votes {
		if after.Closed = text == "closed"; after.Closed {
			return &after
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			s.t.Fatal(err)
		}
		after.Options[i].Votes = &n
	}
	return &after
}

func (s *demoScript) emit(op stream.Op) {
	op.At = s.at
	s.told++
	line, err := recording.Encode(op)
	if err != nil {
		s.t.Fatal(err)
	}
	s.out.Write(line)
}
