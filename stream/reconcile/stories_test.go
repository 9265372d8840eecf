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
	{"told twice", []stream.Op{streamtest.Created("A"), streamtest.Created("A")}, "A=text"},
	{"an edit", []stream.Op{streamtest.Created("A"), streamtest.Edited("A", "new")}, "A=new"},
	{"told again after its edit", []stream.Op{streamtest.Created("A"), streamtest.Edited("A", "new"), streamtest.Created("A")}, "A=new"},
	{"an edit of an unknown post", []stream.Op{streamtest.Edited("A", "new")}, ""},
	{"a delete", []stream.Op{streamtest.Created("A"), streamtest.Destroyed("A")}, ""},
	{"a delete that comes first", []stream.Op{streamtest.Destroyed("A"), streamtest.Created("A"), streamtest.Edited("A", "new")}, ""},
	{"a delete, and told again", []stream.Op{streamtest.Created("A"), streamtest.Destroyed("A"), streamtest.Created("A"), streamtest.Edited("A", "x")}, ""},
	{"deleted twice", []stream.Op{streamtest.Created("A"), streamtest.Destroyed("A"), streamtest.Destroyed("A")}, ""},
	{"no id", []stream.Op{streamtest.Created(""), streamtest.Destroyed(""), streamtest.Quoting("A", "")}, "A=text quotes 's words"},
	{"no post", []stream.Op{{Kind: stream.Create, ID: "A"}, {Kind: stream.Update, ID: "A"}, {Kind: stream.AuthorGone}, {}}, ""},
	{"a version", []stream.Op{streamtest.Created("A"), streamtest.Version("B", "A")}, "A=version B"},
	{"two versions", []stream.Op{streamtest.Created("A"), streamtest.Version("B", "A"), streamtest.Version("C", "A", "B")}, "A=version C"},
	{"two versions in the wrong order", []stream.Op{streamtest.Created("A"), streamtest.Version("C", "A", "B"), streamtest.Version("B", "A")}, "A=version C"},
	{"a version of an unknown post", []stream.Op{streamtest.Version("B", "A"), streamtest.Created("A")}, "B=version B"},
	{"a version told twice", []stream.Op{streamtest.Version("B", "A"), streamtest.Version("B", "A")}, "B=version B"},
	{"the first version deleted", []stream.Op{streamtest.Created("A"), streamtest.Version("B", "A"), streamtest.Destroyed("A")}, ""},
	{"the last version deleted", []stream.Op{streamtest.Created("A"), streamtest.Version("B", "A"), streamtest.Destroyed("B"), streamtest.Version("C", "A", "B")}, ""},
	{"a version deleted before", []stream.Op{streamtest.Destroyed("A"), streamtest.Version("B", "A"), streamtest.Created("B")}, ""},
	{"deleted, and only then known which", []stream.Op{streamtest.Created("A"), streamtest.Destroyed("B"), streamtest.Version("C", "A", "B")}, ""},
	{"two cards that turn out to be one", []stream.Op{streamtest.Created("A"), streamtest.Created("B"), streamtest.Version("C", "A", "B")}, "A=version C"},
	{"one of them had been reposted", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "B", "Ann"), streamtest.Version("B", "A")},
		"A=version B reposted by Ann"},
	{"a delete of all versions at once", []stream.Op{streamtest.Created("A"), {Kind: stream.Destroy, ID: "B", Earlier: []string{"A"}}}, ""},
}

// repostStories are about reposts.
var repostStories = []story{
	{"a repost", []stream.Op{streamtest.Reposted("R", "A", "Ann")}, "A=text reposted by Ann"},
	{"a repost told twice", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("R", "A", "Ann")}, "A=text reposted by Ann"},
	{"a repost of what is shown", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann")}, "A=text reposted by Ann"},
	{"the post after its repost", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Created("A")}, "A=text reposted by Ann"},
	{"an edit of it", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann"), streamtest.Edited("A", "new")}, "A=new reposted by Ann"},
	{"an old copy of it", []stream.Op{streamtest.Created("A"), streamtest.Edited("A", "new"), streamtest.Reposted("R", "A", "Ann")}, "A=new reposted by Ann"},
	{"a second repost", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("S", "A", "Bob")}, "A=text reposted by Bob and 1"},
	{"two reposts by one person", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("S", "A", "Bob"), streamtest.Reposted("T", "A", "Ann")}, "A=text reposted by Ann and 1"},
	{"the newest of three taken back", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("S", "A", "Bob"), streamtest.Reposted("T", "A", "Cem"), streamtest.Destroyed("T")},
		"A=text reposted by Bob and 1"},
	{"an older of three taken back", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("S", "A", "Bob"), streamtest.Reposted("T", "A", "Cem"), streamtest.Destroyed("R")},
		"A=text reposted by Cem and 1"},
	{"one of three reposters is gone", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("S", "A", "Bob"), streamtest.Reposted("T", "A", "Cem"), streamtest.About(stream.AuthorGone, streamtest.Person("Cem"))},
		"A=text reposted by Bob and 1"},
	{"a repost does not move the card", []stream.Op{streamtest.Created("A"), streamtest.Created("B"), streamtest.Reposted("R", "A", "Ann")}, "A=text reposted by Ann, B=text"},
	{"a recorded post with its reposters", []stream.Op{streamtest.RecordedWith("A", "Ann", 3)}, "A=text reposted by Ann and 2"},
	{"recorded, then reposted live", []stream.Op{streamtest.RecordedWith("A", "Ann", 3), streamtest.Reposted("R", "A", "Bob")}, "A=text reposted by Bob and 3"},
	{"the first taken back", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("S", "A", "Bob"), streamtest.Destroyed("R")}, "A=text reposted by Bob"},
	{"both taken back", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Reposted("S", "A", "Bob"), streamtest.Destroyed("R"), streamtest.Destroyed("S")}, ""},
	{"taken back", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann"), streamtest.Destroyed("R")}, "A=text"},
	{"taken back, the post came", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Created("A"), streamtest.Destroyed("R")}, "A=text"},
	{"taken back, and told again", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Destroyed("R"), streamtest.Reposted("R", "A", "Ann")}, ""},
	{"taken back before it came", []stream.Op{streamtest.Destroyed("R"), streamtest.Reposted("R", "A", "Ann")}, ""},
	{"taken back, then another's", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Destroyed("R"), streamtest.Reposted("S", "A", "Bob")}, "A~=text reposted by Bob"},
	{"taken back twice, then alone", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Destroyed("R"), streamtest.Reposted("S", "A", "Bob"), streamtest.Destroyed("S"), streamtest.Created("A")}, "A~~=text"},
	{"the post deleted", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.Destroyed("A"), streamtest.Reposted("S", "A", "Bob"), streamtest.Created("A")}, ""},
}

// goneStories are about quotes and about removed authors.
var goneStories = []story{
	{"a quote", []stream.Op{streamtest.Quoting("Q", "A")}, "Q=text quotes A's words"},
	{"what it quotes is deleted", []stream.Op{streamtest.Created("A"), streamtest.Quoting("Q", "A"), streamtest.Destroyed("A")}, "Q=text quotes "},
	{"was deleted before", []stream.Op{streamtest.Destroyed("A"), streamtest.Quoting("Q", "A"), streamtest.Edited("Q", "x")}, "Q=x"},
	{"was deleted in a later version", []stream.Op{streamtest.Version("B", "A"), streamtest.Quoting("Q", "A"), streamtest.Destroyed("B")}, "Q=text quotes "},
	{"was never shown", []stream.Op{streamtest.Quoting("Q", "A"), streamtest.Destroyed("A")}, "Q=text quotes "},
	{"what it quotes is edited", []stream.Op{streamtest.Created("A"), streamtest.Quoting("Q", "A"), streamtest.Edited("A", "new")}, "A=new, Q=text quotes new"},
	{"what it quotes is edited, and was never shown", []stream.Op{streamtest.Quoting("Q", "A"), streamtest.Edited("A", "new")}, "Q=text quotes new"},
	{"what it quotes has another version", []stream.Op{streamtest.Quoting("Q", "A"), streamtest.Version("B", "A")}, "Q=text quotes version B, B=version B"},
	{"that version is deleted", []stream.Op{streamtest.Quoting("Q", "A"), streamtest.Version("B", "A"), streamtest.Destroyed("A")}, "Q=text quotes "},
	{"what it quotes arrives in a newer version", []stream.Op{streamtest.Quoting("Q", "A"), later(streamtest.Reposted("R", "A", "Ann"))}, "Q=text quotes text, A=text reposted by Ann"},
	{"two posts quote each other, one is edited", []stream.Op{streamtest.Quoting("A", "Q"), streamtest.Quoting("Q", "A"), streamtest.Edited("A", "new")}, "A=new, Q=text quotes new"},
	{"the author of the quote is gone", []stream.Op{streamtest.Quoting("Q", "A"), streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A"))}, "Q=text quotes "},
	{"the author of it was gone before", []stream.Op{streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A")), streamtest.Quoting("Q", "A")}, "Q=text quotes "},
	{"an author is gone", []stream.Op{streamtest.Created("A"), streamtest.Created("B"), streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A"))}, "B=text"},
	{"then he posts", []stream.Op{streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A")), streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann")}, ""},
	{"he is back", []stream.Op{streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A")), streamtest.About(stream.AuthorBack, streamtest.Person("author-of-A")), streamtest.Created("A")}, "A=text"},
	{"what he wrote isn't", []stream.Op{streamtest.Created("A"), streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A")), streamtest.About(stream.AuthorBack, streamtest.Person("author-of-A")), streamtest.Created("A")}, ""},
	{"a reposter is gone", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "Ann"), streamtest.About(stream.AuthorGone, streamtest.Person("Ann"))}, "A=text"},
	{"who alone had brought it", []stream.Op{streamtest.Reposted("R", "A", "Ann"), streamtest.About(stream.AuthorGone, streamtest.Person("Ann"))}, ""},
	{"he reposts something", []stream.Op{streamtest.About(stream.AuthorGone, streamtest.Person("Ann")), streamtest.Reposted("R", "A", "Ann")}, ""},
	{"an author has another name", []stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "author-of-A"), streamtest.About(stream.AuthorUpdate, stream.Author{Key: "key:author-of-A", Name: "Emma"})}, "A=text reposted by Emma"},
	{"an author without a key", []stream.Op{streamtest.Created("A"), streamtest.About(stream.AuthorGone, stream.Author{})}, "A=text"},
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
