package mastodon

import (
	"testing"
	"testing/synctest"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func message(event, visibility string) string {
	return document(map[string]any{"event": event, "payload": postJSON(1, map[string]any{"visibility": visibility})})
}

func TestMastodon_GivesTheReasonOfEachDeletion(t *testing.T) {
	for name, test := range map[string]struct {
		messages []string
		want     stream.Reason
	}{
		"deleted":      {[]string{message("update", "public"), `{"event":"delete","payload":"1"}`}, stream.ByAuthor},
		"made private": {[]string{message("update", "public"), message("status.update", "private")}, stream.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			streamtest.WantReasons(t, streamtest.Decoded(t, new(Decoder), test.messages...), test.want)
		})
	}
}

// The server's response 404 doesn't say why a post is gone.
func TestMastodon_GivesNoReasonForAPostThatALookupDoesNotFind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{}
		afterABreak(f, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.posts = f.posts[1:]
		})
		ops := run(t, f.overPipes(t), func(ops []stream.Op) bool { return ops[len(ops)-1].Kind == stream.Destroy })
		streamtest.WantReasons(t, ops, stream.Unavailable)
	})
}
