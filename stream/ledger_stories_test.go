package stream

import (
	"slices"
	"testing"
)

// ledgerStory is what sources tell, and what a page shows in the end.
type ledgerStory struct {
	name string
	ops  []Op
	want string
}

// postStories are about posts and their edits.
var postStories = []ledgerStory{
	{"a post", []Op{created("A")}, "A=text"},
	{"told twice", []Op{created("A"), created("A")}, "A=text"},
	{"an edit", []Op{created("A"), edited("A", "new")}, "A=new"},
	{"told again after its edit", []Op{created("A"), edited("A", "new"), created("A")}, "A=new"},
	{"an edit of an unknown post", []Op{edited("A", "new")}, ""},
	{"a delete", []Op{created("A"), destroyed("A")}, ""},
	{"a delete that comes first", []Op{destroyed("A"), created("A"), edited("A", "new")}, ""},
	{"a delete, and told again", []Op{created("A"), destroyed("A"), created("A"), edited("A", "x")}, ""},
	{"deleted twice", []Op{created("A"), destroyed("A"), destroyed("A")}, ""},
	{"no id", []Op{created(""), destroyed(""), quoting("A", "")}, "A=text quotes 's words"},
	{"no tweet", []Op{{Kind: Create, ID: "A"}, {Kind: Update, ID: "A"}, {Kind: AuthorGone}, {}}, ""},
	{"a version", []Op{created("A"), version("B", "A")}, "A=version B"},
	{"two versions", []Op{created("A"), version("B", "A"), version("C", "A", "B")}, "A=version C"},
	{"two versions in the wrong order", []Op{created("A"), version("C", "A", "B"), version("B", "A")}, "A=version C"},
	{"a version of an unknown post", []Op{version("B", "A"), created("A")}, "B=version B"},
	{"a version told twice", []Op{version("B", "A"), version("B", "A")}, "B=version B"},
	{"the first version deleted", []Op{created("A"), version("B", "A"), destroyed("A")}, ""},
	{"the last version deleted", []Op{created("A"), version("B", "A"), destroyed("B"), version("C", "A", "B")}, ""},
	{"a version deleted before", []Op{destroyed("A"), version("B", "A"), created("B")}, ""},
	{"deleted, and only then known which", []Op{created("A"), destroyed("B"), version("C", "A", "B")}, ""},
	{"two cards that turn out to be one", []Op{created("A"), created("B"), version("C", "A", "B")}, "A=version C"},
	{"one of them had been reposted", []Op{created("A"), reposted("R", "B", "Ann"), version("B", "A")},
		"A=version B reposted by Ann"},
	{"a delete of all versions at once", []Op{created("A"), {Kind: Destroy, ID: "B", Earlier: []string{"A"}}}, ""},
}

// repostStories are about who brings a post.
var repostStories = []ledgerStory{
	{"a repost", []Op{reposted("R", "A", "Ann")}, "A=text reposted by Ann"},
	{"a repost told twice", []Op{reposted("R", "A", "Ann"), reposted("R", "A", "Ann")}, "A=text reposted by Ann"},
	{"a repost of what is shown", []Op{created("A"), reposted("R", "A", "Ann")}, "A=text reposted by Ann"},
	{"the post after its repost", []Op{reposted("R", "A", "Ann"), created("A")}, "A=text reposted by Ann"},
	{"an edit of it", []Op{created("A"), reposted("R", "A", "Ann"), edited("A", "new")}, "A=new reposted by Ann"},
	{"an old copy of it", []Op{created("A"), edited("A", "new"), reposted("R", "A", "Ann")}, "A=new reposted by Ann"},
	{"a second repost", []Op{reposted("R", "A", "Ann"), reposted("S", "A", "Bob")}, "A=text reposted by Bob and 1"},
	{"two reposts by one person", []Op{reposted("R", "A", "Ann"), reposted("S", "A", "Bob"), reposted("T", "A", "Ann")}, "A=text reposted by Ann and 1"},
	{"the newest of three taken back", []Op{created("A"), reposted("R", "A", "Ann"), reposted("S", "A", "Bob"), reposted("T", "A", "Cem"), destroyed("T")},
		"A=text reposted by Bob and 1"},
	{"an older of three taken back", []Op{created("A"), reposted("R", "A", "Ann"), reposted("S", "A", "Bob"), reposted("T", "A", "Cem"), destroyed("R")},
		"A=text reposted by Cem and 1"},
	{"one of three reposters is gone", []Op{created("A"), reposted("R", "A", "Ann"), reposted("S", "A", "Bob"), reposted("T", "A", "Cem"), about(AuthorGone, person("Cem"))},
		"A=text reposted by Bob and 1"},
	{"a repost does not move the card", []Op{created("A"), created("B"), reposted("R", "A", "Ann")}, "A=text reposted by Ann, B=text"},
	{"a recorded post with its reposters", []Op{recordedWith("A", "Ann", 3)}, "A=text reposted by Ann and 2"},
	{"recorded, then reposted live", []Op{recordedWith("A", "Ann", 3), reposted("R", "A", "Bob")}, "A=text reposted by Bob and 3"},
	{"the first taken back", []Op{reposted("R", "A", "Ann"), reposted("S", "A", "Bob"), destroyed("R")}, "A=text reposted by Bob"},
	{"both taken back", []Op{reposted("R", "A", "Ann"), reposted("S", "A", "Bob"), destroyed("R"), destroyed("S")}, ""},
	{"taken back", []Op{created("A"), reposted("R", "A", "Ann"), destroyed("R")}, "A=text"},
	{"taken back, the post came", []Op{reposted("R", "A", "Ann"), created("A"), destroyed("R")}, "A=text"},
	{"taken back, and told again", []Op{reposted("R", "A", "Ann"), destroyed("R"), reposted("R", "A", "Ann")}, ""},
	{"taken back before it came", []Op{destroyed("R"), reposted("R", "A", "Ann")}, ""},
	{"taken back, then another's", []Op{reposted("R", "A", "Ann"), destroyed("R"), reposted("S", "A", "Bob")}, "A~=text reposted by Bob"},
	{"taken back twice, then alone", []Op{reposted("R", "A", "Ann"), destroyed("R"), reposted("S", "A", "Bob"), destroyed("S"), created("A")}, "A~~=text"},
	{"the post deleted", []Op{reposted("R", "A", "Ann"), destroyed("A"), reposted("S", "A", "Bob"), created("A")}, ""},
}

// goneStories are about quotes, and about authors.
var goneStories = []ledgerStory{
	{"a quote", []Op{quoting("Q", "A")}, "Q=text quotes A's words"},
	{"what it quotes is deleted", []Op{created("A"), quoting("Q", "A"), destroyed("A")}, "Q=text quotes "},
	{"was deleted before", []Op{destroyed("A"), quoting("Q", "A"), edited("Q", "x")}, "Q=x"},
	{"was deleted in a later version", []Op{version("B", "A"), quoting("Q", "A"), destroyed("B")}, "Q=text quotes "},
	{"was never shown", []Op{quoting("Q", "A"), destroyed("A")}, "Q=text quotes "},
	{"the author of the quote is gone", []Op{quoting("Q", "A"), about(AuthorGone, person("author-of-A"))}, "Q=text quotes "},
	{"the author of it was gone before", []Op{about(AuthorGone, person("author-of-A")), quoting("Q", "A")}, "Q=text quotes "},
	{"an author is gone", []Op{created("A"), created("B"), about(AuthorGone, person("author-of-A"))}, "B=text"},
	{"then he posts", []Op{about(AuthorGone, person("author-of-A")), created("A"), reposted("R", "A", "Ann")}, ""},
	{"he is back", []Op{about(AuthorGone, person("author-of-A")), about(AuthorBack, person("author-of-A")), created("A")}, "A=text"},
	{"what he wrote isn't", []Op{created("A"), about(AuthorGone, person("author-of-A")), about(AuthorBack, person("author-of-A")), created("A")}, ""},
	{"a reposter is gone", []Op{created("A"), reposted("R", "A", "Ann"), about(AuthorGone, person("Ann"))}, "A=text"},
	{"who alone had brought it", []Op{reposted("R", "A", "Ann"), about(AuthorGone, person("Ann"))}, ""},
	{"he reposts something", []Op{about(AuthorGone, person("Ann")), reposted("R", "A", "Ann")}, ""},
	{"an author has another name", []Op{created("A"), reposted("R", "A", "author-of-A"), about(AuthorUpdate, Author{Key: "key:author-of-A", Name: "Emma"})}, "A=text reposted by Emma"},
	{"an author without a key", []Op{created("A"), about(AuthorGone, Author{})}, "A=text"},
}

func TestLedger_ComesToTheRightCards(t *testing.T) {
	for _, one := range slices.Concat(postStories, repostStories, goneStories) {
		t.Run(one.name, func(t *testing.T) {
			page := newPage(t)
			l := NewLedger(page.emit, nil)
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
