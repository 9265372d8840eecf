package mastodon

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestMastodon_EmitsPostsThatWereQueuedAtAStopAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServer{}
		f.play = func(n int, s *wire) {
			if n == 1 {
				f.publishMany(1, 80)
				for id := 1; id <= 80; id++ {
					s.update(postJSON(id))
				}
				s.event("delete", "1")
				f.mu.Lock()
				f.posts = f.posts[1:]
				f.mu.Unlock()
			}
			s.stay()
		}
		saved := new(streamtest.Texts)
		first := f.overPipes(t)
		first.Store = saved
		taken := streamtest.TakenBy(t, first, 4150*time.Millisecond, func(stream.Op) {})
		again := &Source{Server: first.Server, Client: first.Client, Token: token, Log: streamtest.Quiet, Store: saved}
		taken = append(taken, streamtest.TakenBy(t, again, time.Minute, func(stream.Op) {})...)
		var want []string
		for id := 1; id <= 80; id++ {
			want = append(want, "create "+strconv.Itoa(id))
		}
		if d := cmp.Diff(append(want, "destroy 1"), summary(taken)); d != "" {
			t.Error(d)
		}
	})
}
