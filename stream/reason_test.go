package stream

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// reasons are those of the destroys that a ledger makes of ops.
func reasons(ops ...Op) (out []Reason) {
	l := NewLedger(func(op Op) error {
		if op.Kind == Destroy {
			out = append(out, op.Reason)
		}
		return nil
	}, nil)
	for _, op := range ops {
		l.Emit(op)
	}
	return out
}

func twitterPostOf(user, more string) string {
	return `{"created_at":"Sat Oct 03 09:00:00 +0000 2026","id_str":"1","text":"hello","user":{"id_str":"7","screen_name":"emma"` + user + `}` + more + `}`
}

func xPostOf(more, includes string) string {
	return `{"data":{"id":"1900000000000000001","text":"hello","author_id":"7"` + more + `},"includes":{"users":[{"id":"7","username":"emma"` + includes + `}]}}`
}

func mastoMessage(event, visibility string) string {
	return document(map[string]any{"event": event, "payload": mastoPost(1, map[string]any{"visibility": visibility})})
}

// disappearances are what a network sends about one post, and why it is gone after that.
var disappearances = map[string]struct {
	messages []string
	want     Reason
}{
	"Bluesky, deleted":             {[]string{bskyCommit("create", mio, "3k", march, bskyRecordOf("x", "")), bskyCommit("delete", mio, "3k", march, "")}, ByAuthor},
	"Bluesky, account deleted":     {[]string{bskyCommit("create", mio, "3k", march, bskyRecordOf("x", "")), bskyAccount(mio, march, false, "deleted")}, ByAuthor},
	"Bluesky, account deactivated": {[]string{bskyCommit("create", mio, "3k", march, bskyRecordOf("x", "")), bskyAccount(mio, march, false, "deactivated")}, ByAuthor},
	"Bluesky, account taken down":  {[]string{bskyCommit("create", mio, "3k", march, bskyRecordOf("x", "")), bskyAccount(mio, march, false, "takendown")}, ByNetwork},
	"Bluesky, account suspended":   {[]string{bskyCommit("create", mio, "3k", march, bskyRecordOf("x", "")), bskyAccount(mio, march, false, "suspended")}, ByNetwork},
	"Bluesky, account inactive":    {[]string{bskyCommit("create", mio, "3k", march, bskyRecordOf("x", "")), bskyAccount(mio, march, false, "melted")}, Unavailable},
	"Bluesky, hidden from guests":  {[]string{bskyCommit("create", mio, "3k", march, bskyRecordOf("x", "")), bskyCommit("update", mio, "3k", march, bskyRecordOf("x", `,"labels":{"values":[{"val":"!no-unauthenticated"}]}`))}, Unavailable},
	"Bluesky, taken down":          {[]string{bskyCommit("create", mio, "3k", march, bskyRecordOf("x", "")), bskyCommit("update", mio, "3k", march, bskyRecordOf("x", `,"labels":{"values":[{"val":"!takedown"}]}`))}, ByNetwork},
	"Mastodon, deleted":            {[]string{mastoMessage("update", "public"), `{"event":"delete","payload":"1"}`}, ByAuthor},
	"Mastodon, made private":       {[]string{mastoMessage("update", "public"), mastoMessage("status.update", "private")}, Unavailable},
	"X, withheld here":             {[]string{xPostOf("", ""), xPostOf(`,"withheld":{"country_codes":["DE"]}`, "")}, ByNetwork},
	"X, author withheld here":      {[]string{xPostOf("", ""), xPostOf("", `,"withheld":{"country_codes":["DE"]}`)}, ByNetwork},
	"X, author protected":          {[]string{xPostOf("", ""), xPostOf("", `,"protected":true`)}, Unavailable},
	"X, gone":                      {[]string{xPostOf("", ""), `{"data":{"id":"1900000000000000002","text":"RT","author_id":"8","referenced_tweets":[{"type":"retweeted","id":"1900000000000000001"}]},"errors":[{"type":"https://api.x.com/2/problems/resource-not-found","resource_id":"1900000000000000001"}]}`}, Unavailable},
	"Twitter, deleted":             {[]string{twitterPostOf("", ""), nativeLines["twitter's delete"]}, ByAuthor},
	"Twitter, withheld here":       {[]string{twitterPostOf("", ""), `{"status_withheld":{"id":1,"withheld_in_countries":["DE"]}}`}, ByNetwork},
	"Twitter, author withheld":     {[]string{twitterPostOf("", ""), nativeLines["twitter's author"]}, ByNetwork},
	"Twitter, told as withheld":    {[]string{twitterPostOf("", ""), twitterPostOf("", `,"withheld_in_countries":["DE"]`)}, ByNetwork},
	"Twitter, author told as such": {[]string{twitterPostOf("", ""), twitterPostOf(`,"withheld_in_countries":["DE"]`, "")}, ByNetwork},
	"Twitter, for its copyright":   {[]string{twitterPostOf("", ""), twitterPostOf("", `,"withheld_copyright":true`)}, ByNetwork},
	"Twitter, author protected":    {[]string{twitterPostOf("", ""), twitterPostOf(`,"protected":true`, "")}, Unavailable},
	"a recording":                  {[]string{recordOf(created("A")), recordOf(Op{Kind: Destroy, At: recorded, ID: "A", Reason: Expired})}, Expired},
	"a recording of an author":     {[]string{recordOf(created("A")), recordOf(Op{Kind: AuthorGone, At: recorded, Author: &Author{Key: "key:author-of-A"}, Reason: ByModerator})}, ByModerator},
	"an old recording":             {[]string{recordOf(created("A")), recordOf(destroyed("A"))}, Unavailable},
	"a recording of times to come": {[]string{recordOf(created("A")), recordOf(Op{Kind: Destroy, At: recorded, ID: "A", Reason: "a court"})}, Unavailable},
}

func recordOf(op Op) string {
	line, err := encode(op)
	if err != nil {
		panic(err)
	}
	return string(line)
}

func TestReason_OfEachWayAPostDisappears(t *testing.T) {
	for name, test := range disappearances {
		t.Run(name, func(t *testing.T) {
			n := native{country: "DE"}
			var ops []Op
			for _, message := range test.messages {
				op, err := n.decode([]byte(message))
				if err != nil {
					t.Fatalf("%v in %s", err, message)
				}
				ops = append(ops, op)
			}
			if d := cmp.Diff([]Reason{test.want}, reasons(ops...)); d != "" {
				t.Errorf("(-want +got):\n%s\n%+v", d, ops)
			}
		})
	}
}

// A post is not deleted only because nobody brings it any more.
func TestReason_TheEndOfARepostIsNotADeletionOfThePost(t *testing.T) {
	ended := func(why Reason) Op { return Op{Kind: Destroy, At: recorded, ID: "R", Reason: why} }
	gone := about(AuthorGone, person("Ann"))
	gone.Reason = ByAuthor
	for name, test := range map[string]struct {
		ops  []Op
		want []Reason
	}{
		"undone":                   {[]Op{reposted("R", "A", "Ann"), ended(ByAuthor)}, []Reason{Unwanted}},
		"the reposter is gone":     {[]Op{reposted("R", "A", "Ann"), gone}, []Reason{Unwanted}},
		"its day is over":          {[]Op{reposted("R", "A", "Ann"), ended(Expired)}, []Reason{Expired}},
		"the post is deleted":      {[]Op{reposted("R", "A", "Ann"), {Kind: Destroy, At: recorded, ID: "A", Reason: ByAuthor}}, []Reason{ByAuthor}},
		"two cards become one":     {[]Op{created("A"), created("B"), version("C", "A", "B")}, []Reason{Unwanted}},
		"an edit of a deleted one": {[]Op{created("A"), {Kind: Destroy, At: recorded, ID: "B", Reason: ByAuthor}, version("B", "A")}, []Reason{Unavailable}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(test.want, reasons(test.ops...)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestReason_OfWhatTheFilterTakesAway(t *testing.T) {
	f := &Filter{Words: []string{"text"}, Blocked: []string{"ann"}}
	for name, op := range map[string]Op{
		"an edit without the word": edited("A", "nothing"),
		"an author who is blocked": about(AuthorUpdate, Author{Key: "key:author-of-A", Handle: "ann"}),
		"an edit with another id":  {Kind: Update, At: recorded, ID: "B", Earlier: []string{"A"}, Post: tweetOf("B", "nothing")},
	} {
		t.Run(name, func(t *testing.T) {
			chosen, _ := f.Apply(op)
			if d := cmp.Diff([]Reason{Unwanted}, reasons(created("A"), chosen)); d != "" {
				t.Error(d)
			}
		})
	}
}

// What a source looks up says less than what the network tells by itself.
func TestReason_OfWhatALookUpFinds(t *testing.T) {
	t.Run("Mastodon", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeMasto{}
			afterABreak(f, func() {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.posts = f.posts[1:]
			})
			ops := toldBy(t, f.overPipes(t), func(ops []Op) bool { return ops[len(ops)-1].Kind == Destroy })
			if d := cmp.Diff([]Reason{Unavailable}, reasons(ops...)); d != "" {
				t.Error(d)
			}
		})
	})
	t.Run("X", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeX{stream: xPosts(2), lookup: goneX("1000")}
			ops, _ := runX(t, f.inBubble(t), 25*time.Hour)
			if d := cmp.Diff([]Reason{Unavailable, Expired}, reasons(ops...)); d != "" {
				t.Error(d)
			}
		})
	})
	t.Run("Bluesky", func(t *testing.T) {
		for label, want := range map[string]Reason{"!no-unauthenticated": Unavailable, "!hide": ByNetwork, "!takedown": ByNetwork} {
			inBskyTime(t, func(t *testing.T) {
				f := &fakeJetstream{}
				f.play = func(_ int, c *fakeConn) {
					f.know(mio, bskyProfile{Handle: "mio.example", Labels: []bskyLabel{{Val: label}}})
					c.after(time.Second, bskyNewPost(mio, "p"))
					c.stay()
				}
				ops := bskyGather(t, f.overPipes(t, &Bluesky{Hold: -1}), bskyUntil(1, AuthorGone))
				if d := cmp.Diff([]Reason{want}, reasons(ops...)); d != "" {
					t.Errorf("%s: %s", label, d)
				}
			})
		}
	})
}

func TestReason_IsKeptByARecording(t *testing.T) {
	path := t.TempDir() + "/new.ndjson"
	gone := about(AuthorGone, person("author-of-B"))
	gone.Reason = ByNetwork
	text := recordedBy(t, path, created("A"), created("B"), Op{Kind: Destroy, At: recorded, ID: "A", Reason: ByAuthor}, gone)
	for _, want := range []string{`"id":"A","reason":"author"`, `"id":"B","reason":"network"`} {
		if !strings.Contains(text, want) {
			t.Errorf("want %s in\n%s", want, text)
		}
	}
	after := recordedBy(t, path, created("C")) // another run erases what this one has shown
	erased := recordedBy(t, path, Op{Kind: Destroy, At: recorded, ID: "C", Reason: Expired})
	if want := `"id":"C","reason":"expired"`; !strings.Contains(after, `"id":"C"`) || !strings.Contains(erased, want) {
		t.Errorf("want %s in\n%s", want, erased)
	}
}
