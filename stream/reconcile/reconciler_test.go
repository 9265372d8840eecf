package reconcile

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestReconciler_ShowsAnAuthorsNewNameEverywhere(t *testing.T) {
	page := streamtest.NewPage(t)
	l := New(page.Emit, nil)
	for _, op := range []stream.Op{streamtest.Created("A"), streamtest.Quoting("Q", "A"), streamtest.Reposted("R", "B", "author-of-A"), streamtest.Created("C")} {
		l.Emit(op)
	}
	before := page.Shown["A"]
	now := streamtest.Person("author-of-A")
	now.Name, now.Avatar = "Emma", "https://example.com/face"
	l.Emit(streamtest.About(stream.AuthorUpdate, now))
	for where, got := range map[string]stream.Author{
		"post": page.Shown["A"].Author, "quote": page.Shown["Q"].Quote.Post.Author, "repost": *page.Shown["B"].RepostedBy,
	} {
		if got.Name != "Emma" || got.Avatar == "" {
			t.Errorf("%s: got %+v", where, got)
		}
	}
	if before.Author.Name == "Emma" {
		t.Error("what was emitted before has changed under its reader")
	}
	l.Emit(streamtest.About(stream.AuthorUpdate, now))
	if page.Updates != 3 {
		t.Errorf("%d updates, want one for each of the three cards, and none when nothing is new", page.Updates)
	}
}

func TestReconciler_PassesNoticesOfSourcesButNoOpsOnAuthors(t *testing.T) {
	var got []stream.Kind
	l := New(func(op stream.Op) error { got = append(got, op.Kind); return nil }, nil)
	for _, kind := range []stream.Kind{stream.Status, stream.Gap, stream.Lost} {
		l.Emit(stream.Op{Kind: kind, Notice: &stream.Notice{}})
	}
	for _, kind := range []stream.Kind{stream.AuthorGone, stream.AuthorBack, stream.AuthorUpdate} {
		l.Emit(streamtest.About(kind, streamtest.Person("Ann")))
	}
	if fmt.Sprint(got) != "[status gap lost]" {
		t.Errorf("got %v", got)
	}
}

func TestReconciler_DatesAnUpdateByTheOpThatCausedIt(t *testing.T) {
	var got []stream.Op
	l := New(func(op stream.Op) error { got = append(got, op); return nil }, nil)
	l.Emit(streamtest.Quoting("Q", "A"))
	gone := streamtest.Destroyed("A")
	gone.At = streamtest.Recorded.Add(time.Hour)
	if l.Emit(gone); len(got) != 2 || !got[1].At.Equal(gone.At) {
		t.Errorf("got %+v, want the update dated %v", got, gone.At)
	}
}

func TestReconciler_ReturnsTheErrorOfEmit(t *testing.T) {
	full := errors.New("log full")
	if err := New(func(stream.Op) error { return full }, nil).Emit(streamtest.Created("A")); err != full {
		t.Errorf("got %v, want %v", err, full)
	}
}

// shows is an archive that keeps no state, and has one card.
type shows string

func (s shows) Find(names ...string) []Saved {
	if slices.Contains(names, string(s)) {
		return []Saved{{ID: string(s), Names: []string{string(s)}}}
	}
	return nil
}

func (s shows) Newest(int) []Saved { return nil }
func (s shows) KeepsState() bool   { return false }

func TestReconciler_AsksWhetherAnUnknownPostIsShown(t *testing.T) {
	for name, test := range map[string]struct {
		op   stream.Op
		want string
	}{
		"a new report":                       {streamtest.Created("A"), ""},
		"an edit":                            {streamtest.Edited("A", "new"), "update A "},
		"a delete":                           {streamtest.Destroyed("A"), "destroy A "},
		"a repost":                           {streamtest.Reposted("R", "A", "Ann"), "update A "},
		"an edit of a post that isn't shown": {streamtest.Edited("B", "new"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			l := New(func(op stream.Op) error { got += string(op.Kind) + " " + op.ID + " "; return nil },
				shows("A"))
			if l.Emit(test.op); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestReconciler_RemembersABoundedNumberOfPosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		l := New(func(op stream.Op) error { told++; return nil }, nil)
		l.limits = limits{full: 10, known: 100, most: 300, time: time.Minute}
		isNew := func(id int) bool {
			before := told
			l.Emit(streamtest.Created(fmt.Sprint(id)))
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
		if known := len(l.byID); known != 100 || len(l.byPart) != 100 || l.full.Len() != 10 || l.stubs.Len() != 90 {
			t.Errorf("after a minute %d posts, %d authors, %d whole, %d bare", known, len(l.byPart), l.full.Len(), l.stubs.Len())
		}
	})
}

func TestReconciler_DestroysPostsThatAreKnownOnlyByTheirID(t *testing.T) {
	page := streamtest.NewPage(t)
	l := New(page.Emit, nil)
	l.limits.full = 2
	l.Emit(streamtest.Created("A"))
	l.Emit(streamtest.Reposted("R", "B", "Ann"))
	l.Emit(streamtest.Reposted("S", "C", "Bob"))
	for i := range 5 {
		l.Emit(streamtest.Created(fmt.Sprint(i)))
	}
	l.Emit(streamtest.About(stream.AuthorUpdate, streamtest.Person("author-of-A")))
	l.Emit(streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A")))
	l.Emit(streamtest.About(stream.AuthorGone, streamtest.Person("Ann")))
	l.Emit(streamtest.Destroyed("S"))
	if got, want := page.String(), "0=text, 1=text, 2=text, 3=text, 4=text"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestReconciler_CountsAllRepostsAndRemembersTheNewest(t *testing.T) {
	page := streamtest.NewPage(t)
	l := New(page.Emit, nil)
	for i := range 1_000 {
		l.Emit(streamtest.Reposted(fmt.Sprint("R", i), "A", fmt.Sprint("reader ", i)))
		if told := page.Shown["A"].Reposts; i+1-told >= fewReposts || i < fewReposts && told != i+1 {
			t.Fatalf("the card counts %d of %d reposts", told, i+1)
		}
	}
	if most := fewReposts + 1_000/fewReposts; len(l.byRepost) != mostReposts || page.Updates > most {
		t.Errorf("%d reposts are remembered, %d updates emitted, want %d and at most %d", len(l.byRepost), page.Updates, mostReposts, most)
	}
	for i := 999; i > 1_000-mostReposts; i-- {
		l.Emit(streamtest.Destroyed(fmt.Sprint("R", i)))
		if got, want := page.String(), fmt.Sprintf("A=text reposted by reader %d and %d", i-1, i-1); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	l.Emit(streamtest.Destroyed(fmt.Sprint("R", 1_000-mostReposts)))
	if got := page.String(); got != "" || len(l.byRepost)+len(l.byID)+len(l.byPart) != 0 {
		t.Errorf("got %q, and %d reposts, %d names, %d parts in the reconciler", got, len(l.byRepost), len(l.byID), len(l.byPart))
	}
}

func TestReconciler_EmitsThePostsOfEachSourceInTheirOrder(t *testing.T) {
	last := map[string]int{}
	l := New(func(op stream.Op) error {
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
				l.Emit(streamtest.Created(fmt.Sprint(source, n+1)))
			}
		})
	}
	sources.Wait()
	if len(last) != 4 || last["d"] != 500 {
		t.Errorf("got %v, want 500 posts of each of four sources", last)
	}
}

func TestReconciler_AnOlderEditNeverReplacesANewerOne(t *testing.T) {
	page := streamtest.NewPage(t)
	l := New(page.Emit, nil)
	l.limits.full = 1
	edit := func(n int, op stream.Op) stream.Op {
		op.Post.Text[0].Text, op.Post.EditedAt = fmt.Sprint("edit ", n), streamtest.Recorded.Add(time.Duration(n)*time.Second)
		return op
	}
	for _, op := range []stream.Op{
		streamtest.Created("A"), edit(2, streamtest.Edited("A", "")), streamtest.Created("B"), // now only the id of A is kept
		edit(1, streamtest.Edited("A", "")), edit(1, streamtest.Reposted("R", "A", "Ann")), edit(1, streamtest.Created("A")),
	} {
		l.Emit(op)
	}
	if got := page.String(); got != "A=edit 2, B=text" {
		t.Errorf("the page is %q", got)
	}
	l.Emit(edit(3, streamtest.Reposted("S", "A", "Ben")))
	if got := page.String(); got != "A=edit 3 reposted by Ben and 1, B=text" {
		t.Errorf("the page is %q", got)
	}
}
