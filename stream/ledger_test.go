package stream

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// page is what a reader sees of what the ledger emits. It holds what every consumer
// relies on: of a card there is one create, then updates, then one destroy.
type page struct {
	t       interface{ Fatalf(string, ...any) }
	order   []string
	shown   map[string]*Post
	gone    map[string]bool
	updates int
}

func newPage(t interface{ Fatalf(string, ...any) }) *page {
	return &page{t: t, shown: map[string]*Post{}, gone: map[string]bool{}}
}

func (p *page) emit(op Op) error {
	_, known := p.shown[op.ID]
	switch {
	case op.Notice != nil:
		return nil
	case op.Kind != Create && op.Kind != Update && op.Kind != Destroy, op.Kind != Destroy && op.Post.ID != op.ID:
		p.t.Fatalf("emitted %s of %q", op.Kind, op.ID)
	case p.gone[op.ID], known == (op.Kind == Create):
		p.t.Fatalf("emitted %s of %s: shown %v, destroyed %v", op.Kind, op.ID, known, p.gone[op.ID])
	case op.Kind == Destroy:
		p.gone[op.ID] = true
		delete(p.shown, op.ID)
		return nil
	case op.Kind == Create:
		p.order = append(p.order, op.ID)
	default:
		p.updates++
	}
	p.shown[op.ID] = op.Post
	return nil
}

// String is the page in one line, the oldest card first.
func (p *page) String() string {
	var cards []string
	for _, id := range p.order {
		t := p.shown[id]
		if t == nil {
			continue
		}
		card := id + "=" + joined(t.Text)
		if t.RepostedBy != nil {
			card += " reposted by " + t.RepostedBy.Name
		}
		if t.Reposts > 1 {
			card += fmt.Sprintf(" and %d", t.Reposts-1)
		}
		if t.Quote != nil {
			card += " quotes "
			if q := t.Quote.Post; q != nil {
				card += joined(q.Text)
			}
		}
		cards = append(cards, card)
	}
	return strings.Join(cards, ", ")
}

func person(name string) Author { return Author{Key: "key:" + name, Handle: name, Name: name} }

func tweetOf(id, text string) *Post {
	return &Post{ID: id, Author: person("author-of-" + id), Text: []Segment{{Text: text}}, CreatedAt: recorded}
}

func created(id string) Op {
	return Op{Kind: Create, At: recorded, ID: id, Post: tweetOf(id, "text")}
}

func edited(id, text string) Op {
	return Op{Kind: Update, At: recorded, ID: id, Post: tweetOf(id, text)}
}

// version is an edit that has an id of its own.
func version(id string, earlier ...string) Op {
	return Op{Kind: Update, At: recorded, ID: id, Post: tweetOf(id, "version "+id), Earlier: earlier}
}

func reposted(id, inner, name string) Op {
	op, by := created(inner), person(name)
	op.ID, op.Post.RepostedBy = id, &by
	return op
}

// recordedWith is a post as a recording holds it: with its newest reposter and the count.
func recordedWith(id, name string, reposts int) Op {
	op, by := created(id), person(name)
	op.Post.RepostedBy, op.Post.Reposts = &by, reposts
	return op
}

func quoting(id, quoted string) Op {
	op := created(id)
	op.Post.Quote = &Quote{ID: quoted, Post: tweetOf(quoted, quoted+"'s words")}
	return op
}

func destroyed(id string) Op { return Op{Kind: Destroy, At: recorded, ID: id} }

func about(kind Kind, author Author) Op { return Op{Kind: kind, At: recorded, Author: &author} }

func TestLedger_ShowsAnAuthorsNewNameWhereverHeIs(t *testing.T) {
	page := newPage(t)
	l := NewLedger(page.emit, nil)
	for _, op := range []Op{created("A"), quoting("Q", "A"), reposted("R", "B", "author-of-A"), created("C")} {
		l.Emit(op)
	}
	before := page.shown["A"]
	now := person("author-of-A")
	now.Name, now.Avatar = "Emma", "https://example.com/face"
	l.Emit(about(AuthorUpdate, now))
	for where, got := range map[string]Author{
		"post": page.shown["A"].Author, "quote": page.shown["Q"].Quote.Post.Author, "repost": *page.shown["B"].RepostedBy,
	} {
		if got.Name != "Emma" || got.Avatar == "" {
			t.Errorf("%s: got %+v", where, got)
		}
	}
	if before.Author.Name == "Emma" {
		t.Error("what was emitted before has changed under its reader")
	}
	l.Emit(about(AuthorUpdate, now))
	if page.updates != 3 {
		t.Errorf("%d updates, want one for each of the three cards, and none when nothing is new", page.updates)
	}
}

func TestLedger_PassesNewsOfTheFeedAndNothingElseOfAuthors(t *testing.T) {
	var got []Kind
	l := NewLedger(func(op Op) error { got = append(got, op.Kind); return nil }, nil)
	for _, kind := range []Kind{Status, Gap, Lost} {
		l.Emit(Op{Kind: kind, Notice: &Notice{}})
	}
	for _, kind := range []Kind{AuthorGone, AuthorBack, AuthorUpdate} {
		l.Emit(about(kind, person("Ann")))
	}
	if fmt.Sprint(got) != "[status gap lost]" {
		t.Errorf("got %v", got)
	}
}

func TestLedger_EmitsTheTimeOfWhatHappened(t *testing.T) {
	var got []Op
	l := NewLedger(func(op Op) error { got = append(got, op); return nil }, nil)
	l.Emit(quoting("Q", "A"))
	gone := destroyed("A")
	gone.At = recorded.Add(time.Hour)
	if l.Emit(gone); len(got) != 2 || !got[1].At.Equal(gone.At) {
		t.Errorf("got %+v, want the update dated %v", got, gone.At)
	}
}

func TestLedger_ReturnsTheErrorOfEmit(t *testing.T) {
	full := errors.New("log full")
	if err := NewLedger(func(Op) error { return full }, nil).Emit(created("A")); err != full {
		t.Errorf("got %v, want %v", err, full)
	}
}

func TestLedger_AsksWhatElseIsShown(t *testing.T) {
	for name, test := range map[string]struct {
		op   Op
		want string
	}{
		"told again":  {created("A"), ""},
		"edited":      {edited("A", "new"), "update A "},
		"deleted":     {destroyed("A"), "destroy A "},
		"reposted":    {reposted("R", "A", "Ann"), "update A "},
		"not of ours": {edited("B", "new"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			l := NewLedger(func(op Op) error { got += string(op.Kind) + " " + op.ID + " "; return nil },
				func(id string) bool { return id == "A" })
			if l.Emit(test.op); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestLedger_KnowsSoManyPostsAndEachForSoLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		l := NewLedger(func(op Op) error { told++; return nil }, nil)
		l.limits = ledgerLimits{whole: 10, known: 100, most: 300, time: time.Minute}
		isNew := func(id int) bool {
			before := told
			l.Emit(created(fmt.Sprint(id)))
			return told > before
		}
		for id := range 300 {
			isNew(id)
		}
		for id := range 300 {
			if isNew(id) {
				t.Fatalf("post %d of 300 is forgotten within a minute", id)
			}
		}
		if isNew(300); !isNew(0) {
			t.Error("the first of 301 posts is remembered")
		}
		time.Sleep(time.Minute)
		isNew(301)
		if known := len(l.names); known != 100 || len(l.parts) != 100 || l.whole.Len() != 10 || l.bare.Len() != 90 {
			t.Errorf("after a minute %d posts, %d authors, %d whole, %d bare", known, len(l.parts), l.whole.Len(), l.bare.Len())
		}
	})
}

func TestLedger_StillDestroysWhatItHoldsOnlyAsAnID(t *testing.T) {
	page := newPage(t)
	l := NewLedger(page.emit, nil)
	l.limits.whole = 2
	l.Emit(created("A"))
	l.Emit(reposted("R", "B", "Ann"))
	l.Emit(reposted("S", "C", "Bob"))
	for i := range 5 {
		l.Emit(created(fmt.Sprint(i)))
	}
	l.Emit(about(AuthorUpdate, person("author-of-A")))
	l.Emit(about(AuthorGone, person("author-of-A")))
	l.Emit(about(AuthorGone, person("Ann")))
	l.Emit(destroyed("S"))
	if got, want := page.String(), "0=text, 1=text, 2=text, 3=text, 4=text"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLedger_CountsAllRepostsAndRemembersTheNewest(t *testing.T) {
	page := newPage(t)
	l := NewLedger(page.emit, nil)
	for i := range 1_000 {
		l.Emit(reposted(fmt.Sprint("R", i), "A", fmt.Sprint("reader ", i)))
		if told := page.shown["A"].Reposts; i+1-told >= fewReposts || i < fewReposts && told != i+1 {
			t.Fatalf("the card counts %d of %d reposts", told, i+1)
		}
	}
	if most := fewReposts + 1_000/fewReposts; len(l.reposts) != mostReposts || page.updates > most {
		t.Errorf("%d reposts are remembered, %d updates emitted, want %d and at most %d", len(l.reposts), page.updates, mostReposts, most)
	}
	for i := 999; i > 1_000-mostReposts; i-- {
		l.Emit(destroyed(fmt.Sprint("R", i)))
		if got, want := page.String(), fmt.Sprintf("A=text reposted by reader %d and %d", i-1, i-1); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	l.Emit(destroyed(fmt.Sprint("R", 1_000-mostReposts)))
	if got := page.String(); got != "" || len(l.reposts)+len(l.names)+len(l.parts) != 0 {
		t.Errorf("got %q, and %d reposts, %d names, %d parts in the ledger", got, len(l.reposts), len(l.names), len(l.parts))
	}
}

func TestLedger_KeepsTheOrderOfEachSource(t *testing.T) {
	last := map[string]int{}
	l := NewLedger(func(op Op) error {
		var source string
		var n int
		if _, err := fmt.Sscanf(op.ID, "%1s%d", &source, &n); err != nil || n != last[source]+1 {
			t.Errorf("%s after %d, %v", op.ID, last[source], err)
		}
		last[source] = n
		return nil
	}, nil)
	var sources sync.WaitGroup
	for _, source := range []string{"a", "b", "c", "d"} {
		sources.Go(func() {
			for n := range 500 {
				l.Emit(created(fmt.Sprint(source, n+1)))
			}
		})
	}
	sources.Wait()
	if len(last) != 4 || last["d"] != 500 {
		t.Errorf("got %v, want 500 posts of each of four sources", last)
	}
}

func TestLedger_NoEditIsUndoneByAnOlderOneHoweverOldTheCard(t *testing.T) {
	page := newPage(t)
	l := NewLedger(page.emit, nil)
	l.limits.whole = 1
	edit := func(n int, op Op) Op {
		op.Post.Text[0].Text, op.Post.EditedAt = fmt.Sprint("edit ", n), recorded.Add(time.Duration(n)*time.Second)
		return op
	}
	for _, op := range []Op{
		created("A"), edit(2, edited("A", "")), created("B"), // now A is known by its id only
		edit(1, edited("A", "")), edit(1, reposted("R", "A", "Ann")), edit(1, created("A")),
	} {
		l.Emit(op)
	}
	if got := page.String(); got != "A=edit 2, B=text" {
		t.Errorf("the page is %q", got)
	}
	l.Emit(edit(3, reposted("S", "A", "Ben")))
	if got := page.String(); got != "A=edit 3 reposted by Ben and 1, B=text" {
		t.Errorf("the page is %q", got)
	}
}
