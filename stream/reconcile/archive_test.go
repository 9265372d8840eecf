package reconcile

import (
	"slices"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// archive keeps the newest op of each card, as a store does.
type archive struct {
	order []string
	cards map[string]Saved
}

func (a *archive) record(op stream.Op) {
	if op.Notice != nil {
		return
	}
	if a.cards == nil {
		a.cards = map[string]Saved{}
	}
	if _, known := a.cards[op.ID]; !known {
		a.order = append(a.order, op.ID)
	}
	a.cards[op.ID] = Saved{ID: op.ID, Names: op.Names, State: op.State, Destroyed: op.Kind == stream.Destroy}
}

func (a *archive) Find(names ...string) (found []Saved) {
	for _, id := range a.order {
		if s := a.cards[id]; slices.ContainsFunc(append(s.Names, s.ID), func(name string) bool { return slices.Contains(names, name) }) {
			found = append(found, s)
		}
	}
	return found
}

func (a *archive) Newest(n int) (newest []Saved) {
	for _, id := range slices.Backward(a.order) {
		if s := a.cards[id]; !s.Destroyed && len(newest) < n {
			newest = append(newest, s)
		}
	}
	slices.Reverse(newest)
	return newest
}

func (a *archive) KeepsState() bool { return true }

// forgotten are the stories that depend on something that no card shows, and that a restart
// therefore forgets: the deletion of an unknown post, and the removal of an author.
var forgotten = []string{
	"a delete that arrives before the post", "a version that arrives after the delete", "a delete of an id that later turns out to be a version",
	"a repost arrives after it was undone", "the author of the quoted post was removed before the quote", "a removed author posts", "a removed person reposts",
	"a repost of a later version of a deleted post",
}

// A restart after each op changes nothing: neither if the new reconciler loads the newest cards,
// nor if it has to look up each.
func TestArchive_ARestartChangesNoStory(t *testing.T) {
	for _, s := range slices.Concat(postStories, repostStories, goneStories) {
		if slices.Contains(forgotten, s.name) {
			continue
		}
		for _, full := range []int{1, fullPosts} {
			t.Run(s.name, func(t *testing.T) {
				page, kept := streamtest.NewPage(t), new(archive)
				for _, op := range s.ops {
					r := New(func(op stream.Op) error { kept.record(op); return page.Emit(op) }, kept)
					r.limits.full = full
					r.Emit(op)
				}
				if got := page.String(); got != s.want {
					t.Errorf("got  %s\nwant %s", got, s.want)
				}
			})
		}
	}
}

// The author has more posts than the reconciler keeps in full.
func TestArchive_AWithheldAuthorIsMarkedInPostsFromBeforeARestart(t *testing.T) {
	page, kept := streamtest.NewPage(t), new(archive)
	restart := func() *Reconciler {
		r := New(func(op stream.Op) error { kept.record(op); return page.Emit(op) }, kept)
		r.limits.full = 1
		return r
	}
	r := restart()
	for _, id := range []string{"A", "B"} {
		op := streamtest.Created(id)
		op.Post.Author = streamtest.Person("Ann")
		r.Emit(op)
	}
	op := streamtest.About(stream.Withheld, streamtest.Person("Ann"))
	op.Where = []string{"DE"}
	restart().Emit(op)
	for _, id := range []string{"A", "B"} {
		if got := page.Shown[id].WithheldIn; !slices.Equal(got, []string{"DE"}) {
			t.Errorf("%s is withheld in %v", id, got)
		}
	}
}

// The op also names the post at which the moderator has chosen the author. The author has more posts than the
// reconciler keeps in full.
func TestArchive_ADecisionAboutAnAuthorReachesPostsFromBeforeARestart(t *testing.T) {
	h := newHouse(t)
	emit := func(op stream.Op) {
		r := h.reconciler(nil)
		r.limits.full = 1
		r.Emit(op)
	}
	for _, id := range []string{"A", "B", "C"} {
		emit(posted(id))
	}
	for _, s := range []struct {
		kind         stream.Kind
		public, desk int // number of posts
	}{{stream.Hide, 0, 3}, {stream.Restore, 3, 0}} {
		op := onAnn(s.kind)
		op.ID = "A"
		emit(op)
		if len(h.public.Shown) != s.public || len(h.desk.Shown) != s.desk {
			t.Errorf("after a %s: %s, want %d posts and %d", s.kind, h, s.public, s.desk)
		}
	}
}

// Each version of a post has an id of its own. Posts from before a restart quote different versions.
func TestArchive_TheDeletionOfOneVersionReachesTheQuotesOfTheOthers(t *testing.T) {
	for _, deleted := range []string{"A1", "A2"} {
		page, kept := streamtest.NewPage(t), new(archive)
		for _, op := range []stream.Op{
			streamtest.Created("A1"), streamtest.Quoting("B", "A1"), streamtest.Version("A2", "A1"), streamtest.Quoting("C", "A2"),
			streamtest.Created("D"), streamtest.Destroyed(deleted),
		} {
			r := New(func(op stream.Op) error { kept.record(op); return page.Emit(op) }, kept)
			r.limits.full = 1
			r.Emit(op)
		}
		for _, id := range []string{"B", "C"} {
			if q := page.Shown[id].Quote; q == nil || q.Post != nil {
				t.Errorf("after the deletion of %s, %s quotes %v", deleted, id, q)
			}
		}
	}
}
