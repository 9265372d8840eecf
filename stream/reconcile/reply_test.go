package reconcile

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// replying returns a post with that id, which replies to a person.
func replying(id string, to stream.Author) stream.Op {
	op := streamtest.Created(id)
	op.Post.ReplyTo = &stream.Reply{Key: to.Key, Handle: to.Handle, URL: "https://example.com/" + to.Handle + "/1"}
	return op
}

// A card names the author of the post that its post answers. That name changes and disappears
// with the author, also in a quoted post.
func TestReconciler_AReplyNamesItsParentsAuthorAsOtherCardsDo(t *testing.T) {
	ann := streamtest.Person("ann")
	renamed := stream.Author{Key: ann.Key, Handle: "anna", URL: "https://example.com/anna"}
	quotes := streamtest.Quoting("Q", "A")
	quotes.Post.Quote.Post = replying("A", ann).Post
	edit := replying("A", ann)
	edit.Kind, edit.Post.Text[0].Text = stream.Update, "new"
	for name, test := range map[string]struct {
		ops  []stream.Op
		want stream.Reply
	}{
		"renamed":                          {[]stream.Op{replying("A", ann), streamtest.About(stream.AuthorUpdate, renamed)}, stream.Reply{Key: ann.Key, Handle: "anna", URL: renamed.URL}},
		"renamed, in a quote":              {[]stream.Op{quotes, streamtest.About(stream.AuthorUpdate, renamed)}, stream.Reply{Key: ann.Key, Handle: "anna", URL: renamed.URL}},
		"removed":                          {[]stream.Op{replying("A", ann), streamtest.About(stream.AuthorGone, ann)}, stream.Reply{}},
		"removed, in a quote":              {[]stream.Op{quotes, streamtest.About(stream.AuthorGone, ann)}, stream.Reply{}},
		"removed before":                   {[]stream.Op{streamtest.About(stream.AuthorGone, ann), replying("A", ann)}, stream.Reply{}},
		"removed before, in a quote":       {[]stream.Op{streamtest.About(stream.AuthorGone, ann), quotes}, stream.Reply{}},
		"removed, then the post is edited": {[]stream.Op{replying("A", ann), streamtest.About(stream.AuthorGone, ann), edit}, stream.Reply{}},
		"another author is removed":        {[]stream.Op{replying("A", ann), streamtest.About(stream.AuthorGone, streamtest.Person("bob"))}, *replying("A", ann).Post.ReplyTo},
	} {
		t.Run(name, func(t *testing.T) {
			page := streamtest.NewPage(t)
			l := New(page.Emit, nil)
			for _, op := range test.ops {
				l.Emit(op)
			}
			shown := page.Shown["A"]
			if q := page.Shown["Q"]; q != nil {
				shown = q.Quoted()
			}
			if diff := cmp.Diff(&test.want, shown.ReplyTo); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The op that ends a card names every version of its post.
func TestReconciler_ADestroyNamesAllVersions(t *testing.T) {
	var last stream.Op
	l := New(func(op stream.Op) error { last = op; return nil }, nil)
	for _, op := range []stream.Op{streamtest.Created("A"), streamtest.Version("B", "A"), streamtest.Version("C", "A", "B"), streamtest.Destroyed("C")} {
		l.Emit(op)
	}
	if diff := cmp.Diff([]string{"B", "C"}, last.Earlier); last.Kind != stream.Destroy || last.ID != "A" || diff != "" {
		t.Errorf("got %s of %s: %s", last.Kind, last.ID, diff)
	}
}
