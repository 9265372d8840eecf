package twitter

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// postAt is a post of that time as the stream sends it.
func postAt(at time.Time) string {
	return fmt.Sprintf(`{"created_at":%q,"id":%d,"text":"x","timestamp_ms":"%d","user":{"id":7,"screen_name":"mio_h"}}`,
		at.Format(time.RubyDate), at.UnixNano(), at.UnixMilli())
}

func TestTwitter_AWrongClockHidesNoGapAndKeepsTheTimesOfPosts(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"right": 0, "15 minutes slow": 15 * time.Minute, "15 minutes fast": -15 * time.Minute} {
		for _, dated := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, dated %v", name, dated), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					network := func() time.Time { return time.Now().Add(ahead).UTC() }
					var broke, back time.Time
					var sent []time.Time
					f := &fakeTwitter{stream: func(n int, w http.ResponseWriter, r *http.Request) {
						if w.Header()["Date"] = nil; dated {
							w.Header()["Date"] = []string{network().Format(http.TimeFormat)}
						}
						if n == 2 {
							back = network()
						}
						for range 3 {
							sent = append(sent, network().Truncate(time.Second))
							send(w, postAt(network()))
							stream.Sleep(r.Context(), 2*time.Second)
						}
						if n == 1 {
							send(w, "")
							broke = network()
							panic(http.ErrAbortHandler)
						}
						for r.Context().Err() == nil {
							send(w, "")
							stream.Sleep(r.Context(), 30*time.Second)
						}
					}}
					ops, _ := run(t, f.inBubble(t, 0), 2*time.Minute)
					posts := streamtest.OpsOf(stream.Create, ops)
					if len(posts) != len(sent) {
						t.Fatalf("%d posts, want %d", len(posts), len(sent))
					}
					for i, op := range posts {
						if !op.Post.CreatedAt.Equal(sent[i]) || op.At.Sub(sent[i]).Abs() > 3*time.Second {
							t.Errorf("a post of %v is of %v, and arrived at %v", sent[i], op.Post.CreatedAt, op.At)
						}
					}
					gaps := streamtest.OpsOf(stream.Gap, ops)
					if len(gaps) != 1 || gaps[0].Notice.From.Sub(broke).Abs() > 3*time.Second || gaps[0].Notice.To.Sub(back).Abs() > 3*time.Second {
						t.Errorf("got the gaps %+v, want one from %v to %v", gaps, broke, back)
					}
				})
			})
		}
	}
}
