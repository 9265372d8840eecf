package reconcile

import (
	"slices"
	"testing"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// story is a list of ops that sources report, and the cards that the page shows afterwards.
type story struct {
	name string
	ops  []stream.Op
	want string
}

// postStories are about posts and their edits.
var postStories = []story{
	{"a post", []stream.Op{streamtest.Created("A")}, "A=text"},
	{"a post that is reported twice", []stream.Op{streamtest.Created("A"), streamtest.Created("A")}, "A=text"},
	{"an edit", []stream.Op{streamtest.Created("A"), streamtest.Edited("A", "new")}, "A=new"},
	{"a post that is reported again after its edit", []stream.Op{streamtest.Created("A"), streamtest.Edited("A", "new"), streamtest.Created("A")}, "A=new"},
	{"an edit of an unknown post", []stream.Op{streamtest.Edited("A", "new")}, ""},
	{"a delete", []stream.Op{streamtest.Created("A"), streamtest.Destroyed("A")}, ""},
	{"a delete that arrives before the post", []stream.Op{streamtest.Destroyed("A"), streamtest.Created("A"), streamtest.Edited("A", "new")}, ""},
	{"a post that is reported again after its delete", []stream.Op{streamtest.Created("A"), streamtest.Destroyed("A"), streamtest.Created("A"), streamtest.Edited("A", "x")}, ""},
	{"deleted twice", []stream.Op{streamtest.Created("A"), streamtest.Destroyed("A"), streamtest.Destroyed("A")}, ""},
	{"ops without ids", []stream.Op{streamtest.Created(""), streamtest.Destroyed(""), streamtest.Quoting("A", "")}, "A=text quotes 's words"},
	{"ops without posts", []stream.Op{{Kind: stream.Create, ID: "A"}, {Kind: stream.Update, ID: "A"}, {Kind: stream.AuthorGone}, {}}, ""},
	{"a version", []stream.Op{streamtest.Created("A"), streamtest.Version("B", "A")}, "A=version B"},
	{"two versions", []stream.Op{streamtest.Created("A"), streamtest.Version("B", "A"), streamtest.Version("C", "A", "B")}, "A=version C"},
	{"two versions in the wrong order", []stream.Op{streamtest.Created("A"), streamtest.Version("C", "A", "B"), streamtest.Version("B", "A")}, "A=version C"},
	{"a version of an unknown post", []stream.Op{streamtest.Version("B", "A"), streamtest.Created("A")}, "B=version B"},
	{"a version that is reported twice", []stream.Op{streamtest.Version("B", "A"), streamtest.Version("B", "A")}, "B=version B"},
	{"the first version deleted", []stream.Op{streamtest.Created("A"), streamtest.Version("B", "A"), streamtest.Destroyed("A")}, ""},
	{"the last version deleted", []stream.Op{streamtest.Created("A"), streamtest.Version("B", "A"), streamtest.Destroyed("B"), streamtest.Version("C", "A", "B")}, ""},
	{"a version that arrives after the delete", []stream.Op{streamtest.Destroyed("A"), streamtest.Version("B", "A"), streamtest.Created("B")}, ""},
	{"a delete of an id that later turns out to be a version", []stream.Op{streamtest.Created("A"), streamtest.Destroyed("B"), streamtest.Version("C", "A", "B")}, ""},
	{"two cards that turn out to be one", []stream.Op{streamtest.Created("A"), streamtest.Created("B"), streamtest.Version("C", "A", "B")}, "A=version C"},
	{"two cards that turn out to be one, one of them reposted", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "B", "Ann"), streamtest.Version("B", "A")},
		"A=version B reposted by Ann"},
	{"a delete of all versions at once", []stream.Op{streamtest.Created("A"), {Kind: stream.Destroy, ID: "B", Earlier: []string{"A"}}}, ""},
}

// repostStories are about reposts.
var repostStories = []story{
	{"a repost", []stream.Op{streamtest.Reposted("R", "A", "Ann")}, "A=text reposted by Ann"},
	{"a repost that is reported twice", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("R", "A", "Ann")}, "A=text reposted by Ann"},
	{"a repost of a post that is shown", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann")}, "A=text reposted by Ann"},
	{"the post after its repost", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Created("A")}, "A=text reposted by Ann"},
	{"an edit of a reposted post", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann"), streamtest.Edited("A", "new")}, "A=new reposted by Ann"},
	{"a repost with an older version of the post", []stream.Op{streamtest.Created("A"), streamtest.Edited("A", "new"), streamtest.Reposted("R", "A", "Ann")}, "A=new reposted by Ann"},
	{"a second repost", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("S", "A", "Bob")}, "A=text reposted by Bob and 1"},
	{"two reposts by one person", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("S", "A", "Bob"), streamtest.Reposted("T", "A", "Ann")}, "A=text reposted by Ann and 1"},
	{"the newest of three reposts is undone", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("S", "A", "Bob"), streamtest.Reposted("T", "A", "Cem"), streamtest.Destroyed("T")},
		"A=text reposted by Bob and 1"},
	{"an older one of three reposts is undone", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("S", "A", "Bob"), streamtest.Reposted("T", "A", "Cem"), streamtest.Destroyed("R")},
		"A=text reposted by Cem and 1"},
	{"one of three reposters is removed", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("S", "A", "Bob"), streamtest.Reposted("T", "A", "Cem"), streamtest.About(stream.AuthorGone, streamtest.Person("Cem"))},
		"A=text reposted by Bob and 1"},
	{"a repost of a later version", []stream.Op{streamtest.Created("A"), repostedVersion("R", "B", "A")}, "A=text reposted by Ann"},
	{"a repost of a later version of a deleted post", []stream.Op{streamtest.Destroyed("A"), repostedVersion("R", "B", "A"), streamtest.Created("B")}, ""},
	{"a repost of a later version, which is then deleted", []stream.Op{streamtest.Created("A"), repostedVersion("R", "B", "A"), streamtest.Destroyed("B"), streamtest.Created("A")}, ""},
	{"a repost of a version that joins two cards", []stream.Op{streamtest.Created("A"), streamtest.Created("B"), repostedVersion("R", "C", "A", "B")}, "A=text reposted by Ann"},
	{"a repost does not move the card", []stream.Op{streamtest.Created("A"), streamtest.Created("B"), streamtest.Reposted("R", "A", "Ann")}, "A=text reposted by Ann, B=text"},
	{"a recorded post with its reposters", []stream.Op{streamtest.RecordedWith("A", "Ann", 3)}, "A=text reposted by Ann and 2"},
	{"a recorded post that is reposted live", []stream.Op{streamtest.RecordedWith("A", "Ann", 3), streamtest.Reposted("R", "A", "Bob")}, "A=text reposted by Bob and 3"},
	{"the first of two reposts is undone", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("S", "A", "Bob"), streamtest.Destroyed("R")}, "A=text reposted by Bob"},
	{"both of two reposts are undone", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("S", "A", "Bob"), streamtest.Destroyed("R"), streamtest.Destroyed("S")}, ""},
	{"the only repost of a post is undone", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann"), streamtest.Destroyed("R")}, "A=text"},
	{"a repost is undone after the post arrived by itself", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Created("A"), streamtest.Destroyed("R")}, "A=text"},
	{"an undone repost is reported again", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Destroyed("R"), streamtest.Reposted("R", "A", "Ann")}, ""},
	{"a repost arrives after it was undone", []stream.Op{streamtest.Destroyed("R"), streamtest.Reposted("R", "A", "Ann")}, ""},
	{"another person reposts after the last repost was undone", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Destroyed("R"), streamtest.Reposted("S", "A", "Bob")}, "A~=text reposted by Bob"},
	{"the post arrives by itself after two undone reposts", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Destroyed("R"), streamtest.Reposted("S", "A", "Bob"), streamtest.Destroyed("S"), streamtest.Created("A")}, "A~~=text"},
	{"a post that is shown again is deleted by the id of its card", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Destroyed("R"), streamtest.Created("A"), streamtest.Destroyed("A~"), streamtest.Created("A")}, ""},
	{"a post whose id is that of another post's card is deleted", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Destroyed("R"), streamtest.Created("A~"), streamtest.Created("A"), streamtest.Destroyed("A~")}, "A~~=text"},
	{"a deleted post is reposted again", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Destroyed("A"), streamtest.Reposted("S", "A", "Bob"), streamtest.Created("A")}, ""},
}

// goneStories are about quotes and about removed authors.
var goneStories = []story{
	{"a quote", []stream.Op{streamtest.Quoting("Q", "A")}, "Q=text quotes A's words"},
	{"the quoted post is deleted", []stream.Op{streamtest.Created("A"), streamtest.Quoting("Q", "A"), streamtest.Destroyed("A")}, "Q=text quotes "},
	{"the quoted post was deleted before the quote", []stream.Op{streamtest.Destroyed("A"), streamtest.Quoting("Q", "A"), streamtest.Edited("Q", "x")}, "Q=x"},
	{"a later version of the quoted post is deleted", []stream.Op{streamtest.Version("B", "A"), streamtest.Quoting("Q", "A"), streamtest.Destroyed("B")}, "Q=text quotes "},
	{"a quoted post that was never shown is deleted", []stream.Op{streamtest.Quoting("Q", "A"), streamtest.Destroyed("A")}, "Q=text quotes "},
	{"the quoted post is edited", []stream.Op{streamtest.Created("A"), streamtest.Quoting("Q", "A"), streamtest.Edited("A", "new")}, "A=new, Q=text quotes new"},
	{"a quoted post that was never shown is edited", []stream.Op{streamtest.Quoting("Q", "A"), streamtest.Edited("A", "new")}, "Q=text quotes new"},
	{"the quoted post gets another version", []stream.Op{streamtest.Quoting("Q", "A"), streamtest.Version("B", "A")}, "Q=text quotes version B, B=version B"},
	{"a quoted post with another version is deleted", []stream.Op{streamtest.Quoting("Q", "A"), streamtest.Version("B", "A"), streamtest.Destroyed("A")}, "Q=text quotes "},
	{"a repost brings a newer version of the quoted post", []stream.Op{streamtest.Quoting("Q", "A"), later(streamtest.Reposted("R", "A", "Ann"))}, "Q=text quotes text, A=text reposted by Ann"},
	{"a quoted post that is shown again is edited", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Destroyed("R"), later(streamtest.Created("A")), streamtest.Quoting("Q", "A"), streamtest.Edited("A", "new")}, "A~=new, Q=text quotes new"},
	{"one of two posts that quote each other is edited", []stream.Op{streamtest.Quoting("A", "Q"), streamtest.Quoting("Q", "A"), streamtest.Edited("A", "new")}, "A=new, Q=text quotes new"},
	{"the author of the quoted post is removed", []stream.Op{streamtest.Quoting("Q", "A"), streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A"))}, "Q=text quotes "},
	{"the author of the quoted post was removed before the quote", []stream.Op{streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A")), streamtest.Quoting("Q", "A")}, "Q=text quotes "},
	{"an author is removed", []stream.Op{streamtest.Created("A"), streamtest.Created("B"), streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A"))}, "B=text"},
	{"a removed author posts", []stream.Op{streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A")), streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann")}, ""},
	{"an author who has returned posts", []stream.Op{streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A")), streamtest.About(stream.AuthorBack, streamtest.Person("author-of-A")), streamtest.Created("A")}, "A=text"},
	{"a post from before the removal is reported after the return", []stream.Op{streamtest.Created("A"), streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A")), streamtest.About(stream.AuthorBack, streamtest.Person("author-of-A")), streamtest.Created("A")}, ""},
	{"a reposter is removed", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann"), streamtest.About(stream.AuthorGone, streamtest.Person("Ann"))}, "A=text"},
	{"the only reposter of a post is removed", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.About(stream.AuthorGone, streamtest.Person("Ann"))}, ""},
	{"a removed person reposts", []stream.Op{streamtest.About(stream.AuthorGone, streamtest.Person("Ann")), streamtest.Reposted("R", "A", "Ann")}, ""},
	{"an author has another name", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "author-of-A"), streamtest.About(stream.AuthorUpdate, stream.Author{Key: "key:author-of-A", Name: "Emma"})}, "A=text reposted by Emma"},
	{"a reposter of an older post has another name", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Created("B"), streamtest.About(stream.AuthorUpdate, stream.Author{Key: "key:Ann", Name: "Emma"})}, "A=text reposted by Emma, B=text"},
	{"a repost brings a newer version of a post that an older post quotes", []stream.Op{streamtest.Quoting("Q", "A"), streamtest.Created("B"), streamtest.Created("A"), later(streamtest.Reposted("R", "A", "Ann"))}, "Q=text quotes text, B=text, A=text reposted by Ann"},
	{"an author without a key", []stream.Op{streamtest.Created("A"), streamtest.About(stream.AuthorGone, stream.Author{})}, "A=text"},
}

// repostedVersion is a repost of a post with that id, whose earlier versions have the ids earlier.
func repostedVersion(id, inner string, earlier ...string) stream.Op {
	op := later(streamtest.Reposted(id, inner, "Ann"))
	op.Earlier = earlier
	return op
}

// later returns op, with its post marked as edited an hour after it was recorded.
func later(op stream.Op) stream.Op {
	op.Post.EditedAt = streamtest.Recorded.Add(time.Hour)
	return op
}

func TestReconciler_EachStoryEndsWithItsCards(t *testing.T) {
	for _, one := range slices.Concat(postStories, repostStories, goneStories) {
		t.Run(one.name, func(t *testing.T) {
			page := streamtest.NewPage(t)
			l := New(page.Emit, nil)
			for _, op := range one.ops {
				if err := l.Emit(op); err != nil {
					t.Fatal(err)
				}
			}
			if got := page.String(); got != one.want {
				t.Errorf("got  %s\nwant %s", got, one.want)
			}
		})
	}
}
