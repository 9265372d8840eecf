package bluesky

import (
	"testing"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestBluesky_GivesTheReasonOfEachDeletion(t *testing.T) {
	written := commitEvent("create", mio, "3k", march, recordOf("x", ""))
	for name, test := range map[string]struct {
		messages []string
		want     stream.Reason
	}{
		"deleted":             {[]string{written, commitEvent("delete", mio, "3k", march, "")}, stream.ByAuthor},
		"account deleted":     {[]string{written, accountEvent(mio, march, false, "deleted")}, stream.ByAuthor},
		"account deactivated": {[]string{written, accountEvent(mio, march, false, "deactivated")}, stream.ByAuthor},
		"account taken down":  {[]string{written, accountEvent(mio, march, false, "takendown")}, stream.ByNetwork},
		"account suspended":   {[]string{written, accountEvent(mio, march, false, "suspended")}, stream.ByNetwork},
		"account inactive":    {[]string{written, accountEvent(mio, march, false, "melted")}, stream.Unavailable},
		"hidden from guests":  {[]string{written, commitEvent("update", mio, "3k", march, recordOf("x", `,"labels":{"values":[{"val":"!no-unauthenticated"}]}`))}, stream.Unavailable},
		"taken down":          {[]string{written, commitEvent("update", mio, "3k", march, recordOf("x", `,"labels":{"values":[{"val":"!takedown"}]}`))}, stream.ByNetwork},
	} {
		t.Run(name, func(t *testing.T) {
			streamtest.WantReasons(t, streamtest.Decoded(t, Decoder{}, test.messages...), test.want)
		})
	}
}

// A label that excludes visitors gives no more exact reason than Unavailable.
func TestBluesky_GivesTheReasonOfALabelThatALookUpFinds(t *testing.T) {
	for name, want := range map[string]stream.Reason{"!no-unauthenticated": stream.Unavailable, "!hide": stream.ByNetwork, "!takedown": stream.ByNetwork} {
		inBubble(t, func(t *testing.T) {
			f := &fakeJetstream{}
			f.play = func(_ int, c *fakeConn) {
				f.know(mio, profile{Handle: "mio.example", Labels: []label{{Val: name}}})
				c.after(time.Second, newPost(mio, "p"))
				c.stay()
			}
			ops := gather(t, f.overPipes(t, &Source{Hold: -1}), untilKinds(1, stream.AuthorGone))
			streamtest.WantReasons(t, ops, want)
		})
	}
}
