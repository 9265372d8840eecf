package stream

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// bskyRecordNow is a message about a post with that text and members.
func bskyRecordNow(operation, did, rkey, text, more string) string {
	return bskyCommit(operation, did, rkey, time.Now(), bskyRecordOf(text, more))
}

func TestBluesky_LooksUpNobodyWhosePostsAreNotShown(t *testing.T) {
	inBskyTime(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			for i := range 500 {
				c.say(bskyRecordNow("create", "did:plc:author"+strconv.Itoa(i), "p", "nothing of interest", ""))
				time.Sleep(20 * time.Millisecond)
			}
			c.say(bskyRecordNow("create", mio, "p", "I like Go!", ""))
			c.stay()
		}}
		f.know(mio, bskyProfile{Handle: "mio.example"})
		b := f.overPipes(t, &Bluesky{Filter: &Filter{Words: []string{"go"}}})
		got := bskyHappened(bskyGather(t, b, bskyCreates(1)))
		if d := cmp.Diff([]string{"create p mio.example"}, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if d := cmp.Diff([][]string{{mio}}, f.lookUps()); d != "" {
			t.Errorf("looked up (-want +got):\n%s", d)
		}
		if n := b.people.order.Len(); n != 1 {
			t.Errorf("%d authors are remembered, want one", n)
		}
	})
}

func TestBluesky_KeepsWhatItsFilterKeeps(t *testing.T) {
	inBskyTime(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			c.say(
				bskyRecordNow("create", mio, "kept", "go", ""),
				bskyRecordNow("create", mio, "word", "rust", ""),
				bskyRecordNow("create", mio, "reply", "go", `,"reply":{"parent":{"uri":"at://`+ren+`/app.bsky.feed.post/p"}}`),
				bskyRecordNow("create", mio, "covered", "go", `,"labels":{"values":[{"val":"gore"}]}`),
				bskyRecordNow("create", ren, "blocked", "go", ""),
				bskyRecordNow("create", aoi, "sensitive", "go", ""),
				bskyRecordNow("create", "did:plc:key", "key", "go", ""),
				bskyCommit("delete", mio, "word", time.Now(), ""),
				bskyAccount("did:plc:key", time.Now(), false, "deleted"),
			)
			c.after(time.Second,
				func() string { return bskyRecordNow("update", mio, "kept", "rust", "") },
				bskyNewPost(mio, "unfit"), func() string { return bskyRecordNow("create", mio, "end", "go", "") })
			c.stay()
		}}
		f.know(mio, bskyProfile{Handle: "mio.example"})
		f.know(ren, bskyProfile{Handle: "ren.spam.example"})
		f.know(aoi, bskyProfile{Handle: "aoi.example", Labels: []bskyLabel{{Val: "porn"}}})
		b := f.overPipes(t, &Bluesky{Filter: &Filter{
			Words: []string{"go"}, NoReplies: true, NoSensitive: true, Blocked: []string{"spam.example", "bluesky:did:plc:key"},
		}})
		got := bskyHappened(bskyGather(t, b, bskyCreates(2)))
		want := []string{"destroy word", "author_gone key ", "create kept mio.example", "destroy kept", "create end mio.example"}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if d := cmp.Diff([][]string{{mio, ren, aoi}}, f.lookUps()); d != "" {
			t.Errorf("looked up (-want +got):\n%s", d)
		}
	})
}
