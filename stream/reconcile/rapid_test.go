package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// The resulting page depends only on which ops arrive, not on their order or on how often each
// op arrives.
func TestReconciler_ShowsTheSamePostsInWhateverOrderOpsArrive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ops := append([]stream.Op{streamtest.Created("E"), streamtest.Created("F")}, rapid.SliceOfN(rapid.Custom(anyOp), 0, 40).Draw(t, "ops")...)
		page := streamtest.NewPage(t)
		l := New(page.Emit, nil)
		for _, op := range ops {
			l.Emit(op)
		}
		want := shownPosts(ops)
		got := map[string]int{}
		for id, shown := range page.Shown {
			post := want.post(strings.TrimRight(id, "~"))
			if got[post]++; shown.Reposts != len(want.reposters[post]) {
				t.Fatalf("%s has %d reposts, want those of %v", id, shown.Reposts, want.reposters[post])
			}
		}
		for post, cards := range got {
			if cards != 1 || !want.shown[post] {
				t.Fatalf("post %s is on %d cards, want shown: %v\n%s", post, cards, want.shown[post], page)
			}
		}
		if len(got) != len(want.shown) {
			t.Fatalf("got %s\nwant %v", page, want.shown)
		}
		for _, id := range []string{"E", "F"} {
			if got := stream.PlainText(page.Shown[id].Text); got != want.newest[id].text {
				t.Fatalf("%s is shown as %q, want %q", id, got, want.newest[id].text)
			}
		}
	})
}

// anyOp returns an op on one of three posts, in one of three versions, or on one of two
// reposts of each version.
func anyOp(t *rapid.T) stream.Op {
	post := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "post")
	n := rapid.IntRange(0, 2).Draw(t, "version")
	id := fmt.Sprint(post, n)
	repost := fmt.Sprint("R", rapid.IntRange(1, 2).Draw(t, "repost"), id)
	switch rapid.IntRange(0, 8).Draw(t, "kind") {
	case 0, 1:
		return streamtest.Created(id)
	case 2:
		return streamtest.Edited(id, "edited")
	case 3:
		return streamtest.Destroyed(id)
	case 4:
		return streamtest.Destroyed(repost)
	case 5:
		return streamtest.Reposted(repost, id, "reader of "+repost)
	case 6, 7:
		return anyEdit(t)
	}
	var earlier []string
	for v := range n {
		earlier = append(earlier, fmt.Sprint(post, v))
	}
	return streamtest.Version(id, earlier...)
}

// anyEdit returns one of four edits of one of two posts, in one of the forms in which networks
// report edits.
func anyEdit(t *rapid.T) stream.Op {
	id := rapid.SampledFrom([]string{"E", "F"}).Draw(t, "edited post")
	n := rapid.IntRange(1, 4).Draw(t, "edit")
	op := streamtest.Edited(id, fmt.Sprint("edit ", n))
	op.Post.EditedAt = streamtest.Recorded.Add(time.Duration(n) * time.Second)
	switch rapid.IntRange(0, 2).Draw(t, "way") {
	case 0:
		op.Kind = stream.Create
	case 1:
		by := streamtest.Person("reader")
		op.Kind, op.ID, op.Post.RepostedBy = stream.Create, fmt.Sprint("R", id, n), &by
	}
	return op
}

// model is the expected result. It is computed from the set of ops, without regard to their
// order.
type model struct {
	same   map[string]string // by id: another id of the same post
	shown  map[string]bool   // by post (see the method post)
	newest map[string]newest // by id, of posts that keep their id when edited

	reposters map[string]map[string]bool // by post: the names of reposters whose reposts are not undone
}

type newest struct {
	edited time.Time
	text   string
}

// post returns the one id that stands for all versions of a post.
func (m *model) post(id string) string {
	for m.same[id] != "" {
		id = m.same[id]
	}
	return id
}

func (m *model) repost(post, by string) {
	if m.reposters[post] == nil {
		m.reposters[post] = map[string]bool{}
	}
	m.reposters[post][by] = true
}

func shownPosts(ops []stream.Op) *model {
	m := &model{same: map[string]string{}, shown: map[string]bool{}, newest: map[string]newest{}, reposters: map[string]map[string]bool{}}
	destroyed := map[string]bool{}
	for _, op := range ops {
		destroyed[op.ID] = destroyed[op.ID] || op.Kind == stream.Destroy
		for _, id := range op.Earlier {
			if a, b := m.post(id), m.post(op.ID); a != b {
				m.same[a] = b
			}
		}
	}
	for _, op := range ops {
		if t := op.Post; t != nil && !t.EditedAt.Before(m.newest[t.ID].edited) {
			m.newest[t.ID] = newest{t.EditedAt, stream.PlainText(t.Text)}
		}
		isRepost := op.Post != nil && op.ID != op.Post.ID
		if isRepost && !destroyed[op.ID] {
			m.repost(m.post(op.Post.ID), op.Post.RepostedBy.Name)
		}
		if op.Kind == stream.Create && !(isRepost && destroyed[op.ID]) || len(op.Earlier) > 0 {
			m.shown[m.post(op.Post.ID)] = true
		}
	}
	for id, gone := range destroyed {
		if gone {
			delete(m.shown, m.post(id))
		}
	}
	return m
}

// After a post or an author was reported as removed, their content is neither emitted in a
// post, a repost or a quote, nor left on the page.
func TestReconciler_NeverShowsADeletedPost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dead, gone := map[string]bool{}, map[string]bool{}
		look := func(shown *stream.Post) {
			for ; shown != nil; shown = shown.Quoted() {
				by := shown.RepostedBy
				if dead[strings.TrimRight(shown.ID, "~")] || gone[shown.Author.Key] || by != nil && gone[by.Key] {
					t.Fatalf("shown: %+v", shown)
				}
			}
		}
		page := streamtest.NewPage(t)
		l := New(func(op stream.Op) error {
			look(op.Post)
			return page.Emit(op)
		}, nil)
		for _, op := range rapid.SliceOfN(rapid.Custom(anyAuthorsOp), 0, 60).Draw(t, "ops") {
			switch {
			case op.Kind == stream.Destroy:
				dead[op.ID] = true
			case op.Author != nil:
				gone[op.Author.Key] = op.Kind == stream.AuthorGone || gone[op.Author.Key] && op.Kind != stream.AuthorBack
			}
			l.Emit(op)
			for _, shown := range page.Shown {
				look(shown)
			}
		}
		checkIndexes(t, l)
	})
}

// anyAuthorsOp returns an op on one of three authors. The authors post, repost and quote each
// other.
func anyAuthorsOp(t *rapid.T) stream.Op {
	ids := rapid.SampledFrom([]string{"A", "B", "C", "D"})
	id, other := ids.Draw(t, "id"), ids.Draw(t, "other")
	who := func(id string) stream.Author {
		return streamtest.Person("author " + strings.Map(func(r rune) rune { return r%3 + '0' }, id))
	}
	author := who(id)
	kind := rapid.SampledFrom([]stream.Kind{stream.Create, stream.Create, stream.Update, "repost", "repost", stream.Destroy, stream.AuthorGone, stream.AuthorBack, stream.AuthorUpdate}).Draw(t, "kind")
	switch kind {
	case stream.Destroy:
		return streamtest.Destroyed(rapid.SampledFrom([]string{id, id + other}).Draw(t, "which"))
	case stream.AuthorGone, stream.AuthorBack, stream.AuthorUpdate:
		author.Name = other
		return streamtest.About(kind, author)
	}
	op := streamtest.Quoting(id, other)
	op.Post.Author, op.Post.Quote.Post.Author = author, who(other)
	if op.Kind = kind; kind == "repost" {
		by := who(other)
		op.Kind, op.ID, op.Post.RepostedBy = stream.Create, id+other, &by
	}
	return op
}

// checkIndexes verifies that the indexes of the reconciler agree with each other. An entry in
// only one of them would be kept for ever.
func checkIndexes(t *rapid.T, l *Reconciler) {
	cards := map[*card]bool{}
	for id, c := range l.byID {
		if cards[c] = true; !slices.Contains(c.ids(), id) || c.element == nil {
			t.Fatalf("%s is no name of %+v", id, c)
		}
	}
	links, reposts := 0, 0
	for c := range cards {
		for _, key := range c.parts() {
			if links++; !slices.Contains(l.byPart[key], c) {
				t.Fatalf("%s doesn't lead to %+v", key, c)
			}
		}
		for _, r := range c.reposts {
			if reposts++; l.byRepost[r.id] != c {
				t.Fatalf("%s doesn't lead to %+v", r.id, c)
			}
		}
	}
	for _, linked := range l.byPart {
		links -= len(linked)
	}
	if links != 0 || len(l.byRepost) != reposts || l.full.Len()+l.stubs.Len() != len(cards) {
		t.Fatalf("%d links too few, %d reposts for %d, %d places for %d cards", links, len(l.byRepost), reposts, l.full.Len()+l.stubs.Len(), len(cards))
	}
}
