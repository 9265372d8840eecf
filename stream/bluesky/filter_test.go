package bluesky

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
)

// recordNow is a message about a post with that text and the members in more, sent now.
func recordNow(operation, did, rkey, text, more string) string {
	return commitEvent(operation, did, rkey, time.Now(), recordOf(text, more))
}

func TestBluesky_DoesNotLookUpAuthorsOfFilteredPosts(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			for i := range 500 {
				c.say(recordNow("create", "did:plc:author"+strconv.Itoa(i), "p", "nothing of interest", ""))
				time.Sleep(20 * time.Millisecond)
			}
			c.say(recordNow("create", mio, "p", "I like Go!", ""))
			c.stay()
		}}
		f.know(mio, profile{Handle: "mio.example"})
		b := f.overPipes(t, &Source{Filter: stream.NewFilter(stream.Wanted{Words: []string{"go"}})})
		got := happened(gather(t, b, creates(1)))
		if d := cmp.Diff([]string{"create p mio.example"}, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if d := cmp.Diff([][]string{{mio}}, f.lookUps()); d != "" {
			t.Errorf("looked up (-want +got):\n%s", d)
		}
		if n := b.lookups.authors.Len(); n != 1 {
			t.Errorf("%d authors are remembered, want one", n)
		}
	})
}

func TestBluesky_FiltersPostsByTextAuthorAndLabels(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			c.say(
				recordNow("create", mio, "kept", "go", ""),
				recordNow("create", mio, "word", "rust", ""),
				recordNow("create", mio, "reply", "go", `,"reply":{"parent":{"uri":"at://`+ren+`/app.bsky.feed.post/p"}}`),
				recordNow("create", mio, "covered", "go", `,"labels":{"values":[{"val":"gore"}]}`),
				recordNow("create", ren, "blocked", "go", ""),
				recordNow("create", aoi, "sensitive", "go", ""),
				recordNow("create", "did:plc:key", "key", "go", ""),
				commitEvent("delete", mio, "word", time.Now(), ""),
				accountEvent("did:plc:key", time.Now(), false, "deleted"),
			)
			c.after(time.Second,
				func() string { return recordNow("update", mio, "kept", "rust", "") },
				newPost(mio, "unfit"), func() string { return recordNow("create", mio, "end", "go", "") })
			c.stay()
		}}
		f.know(mio, profile{Handle: "mio.example"})
		f.know(ren, profile{Handle: "ren.spam.example"})
		f.know(aoi, profile{Handle: "aoi.example", Labels: []label{{Val: "porn"}}})
		b := f.overPipes(t, &Source{Filter: stream.NewFilter(stream.Wanted{
			Words: []string{"go"}, NoReplies: true, NoSensitive: true, Blocked: []string{"spam.example", "bluesky:did:plc:key"},
		})})
		got := happened(gather(t, b, creates(2)))
		want := []string{"destroy word", "author_gone key ", "create kept mio.example", "destroy kept", "create end mio.example"}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if d := cmp.Diff([][]string{{mio, ren, aoi}}, f.lookUps()); d != "" {
			t.Errorf("looked up (-want +got):\n%s", d)
		}
	})
}

func TestBluesky_ShowsNoPostThatQuotesABlockedDID(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			c.say(recordNow("create", mio, "quote", "look", `,"embed":`+quoteOf), recordNow("update", mio, "edited", "look", `,"embed":`+quoteOf), postNow(mio, "end"))
			c.stay()
		}}
		b := f.overPipes(t, &Source{Hold: -1, Filter: stream.NewFilter(stream.Wanted{Blocked: []string{ren}})})
		got := happened(gather(t, b, creates(1)))
		if d := cmp.Diff([]string{"destroy edited", "create end did:plc:mio22222…"}, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

func TestNetwork_TheSourceFiltersBeforeItLooksUpAuthors(t *testing.T) {
	wanted := stream.NewFilter(stream.Wanted{})
	if got := (configuration{}).source(stream.Runtime{Filter: wanted}).Filter; got != wanted {
		t.Error("the source has no filter of its own")
	}
}
