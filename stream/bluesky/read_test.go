package bluesky

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"nagare/stream"
	"nagare/stream/internal/fetch"
	"nagare/stream/internal/lines"
	"nagare/stream/streamtest"
)

func TestBluesky_ReadsAMessageOf100KB(t *testing.T) {
	long := strings.Repeat("長い話。", 100<<10/12)
	for _, compressed := range []bool{false, true} {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			c.EnableWriteCompression(compressed)
			c.say(commitEvent("create", mio, "p", time.Now(), recordOf(long, "")))
			c.stay()
		}}
		ops := only(gather(t, f.overTCP(t, &Source{Hold: -1}), creates(1)), stream.Create)
		if stream.PlainText(ops[0].Post.Text) != long {
			t.Errorf("compressed %v: the text is not what was sent", compressed)
		}
	}
}

// noise is a text that can hardly be compressed.
func noise(size int) string {
	raw := make([]byte, size*3/4)
	rand.NewChaCha8([32]byte{}).Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func TestBluesky_AMessageOverTheLimitIsSkippedAndReported(t *testing.T) {
	for name, tt := range map[string]struct {
		text       string
		compressed bool
	}{
		"on the wire":             {noise(2 * lines.MaxLine), false},
		"on the wire, compressed": {noise(2 * lines.MaxLine), true},
		"only when inflated":      {strings.Repeat("0", 2*lines.MaxLine), true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				f := &fakeJetstream{play: func(_ int, c *fakeConn) {
					c.EnableWriteCompression(tt.compressed)
					c.say(commitEvent("create", mio, "large", time.Now(), recordOf(tt.text, "")))
					c.say(postNow(mio, "after"))
					c.stay()
				}}
				b := f.overPipes(t, &Source{Hold: -1})
				ops := gather(t, b, creates(1))
				lost := only(ops, stream.Lost)
				if got := happened(ops)[0]; !strings.HasPrefix(got, "create after") || len(f.connections()) != 1 {
					t.Errorf("got %s after %d connections, want the post after the large one on the first", got, len(f.connections()))
				}
				if len(lost) != 1 || lost[0].Notice.Count != 1 || b.anomalies.Count(errTooLarge.Error()) != 1 {
					t.Errorf("told %v and counted %v, want one that was left out", lost, b.anomalies.Count(errTooLarge.Error()))
				}
			})
		})
	}
}

func TestBluesky_AMessageOverTheLimitTakesNoMoreThanTheLimit(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			part := []byte(noise(1 << 20))
			w, err := c.NextWriter(websocket.TextMessage)
			for i := 0; i < 24 && err == nil; i++ {
				_, err = w.Write(part)
			}
			w.Close()
			c.say(postNow(mio, "after"))
			c.stay()
		}}
		b := f.overPipes(t, &Source{})
		conn, err := b.dial(t.Context(), b.Hosts[0], 0)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		r := newReader(conn, false)
		if n, _ := r.next(); !errors.Is(n.anomaly, errTooLarge) {
			t.Errorf("got %+v, want it said that the message is too large", n)
		}
		if n, _ := r.next(); n.event == nil || n.event.Commit.RKey != "after" {
			t.Errorf("got %+v, want the message after it", n)
		}
		if most := r.buf.Cap(); most > 4*lines.MaxLine {
			t.Errorf("%d bytes are kept", most)
		}
	})
}

func TestBluesky_AnInvalidMessageNeverEndsAStream(t *testing.T) {
	f := &fakeJetstream{play: func(n int, c *fakeConn) {
		c.say("", "{", "\x00\x00", "[]", `{"did":7}`, strings.Repeat("[", 20_000))
		c.WriteMessage(websocket.BinaryMessage, []byte{0x28, 0xb5, 0x2f, 0xfd, 0})
		c.say(postNow(mio, "after"))
		c.stay()
	}}
	if got := happened(gather(t, f.overTCP(t, &Source{Hold: -1}), creates(1))); len(f.connections()) != 1 {
		t.Errorf("it took %d connections to see %v", len(f.connections()), got)
	}
}

func TestBluesky_LosesNoEventOfABurst(t *testing.T) {
	if testing.Short() {
		t.Skip("it sends 5,500 events through a real socket")
	}
	f := &fakeJetstream{play: func(_ int, c *fakeConn) {
		for i := range 5000 {
			did := fmt.Sprintf("did:plc:author%d", i%700)
			c.say(commitEvent("create", did, "p"+strconv.Itoa(i), time.Now(), recordOf("x", "")))
			if i%10 == 0 {
				c.say(commitEvent("delete", did, "d"+strconv.Itoa(i), time.Now(), ""))
			}
		}
		c.stay()
	}}
	ops := gather(t, f.overTCP(t, &Source{}), untilKinds(5500, stream.Create, stream.Destroy))
	if c, d := len(only(ops, stream.Create)), len(only(ops, stream.Destroy)); c != 5000 || d != 500 {
		t.Errorf("%d posts and %d deletes came, want 5000 and 500", c, d)
	}
}

// The server sends 5,000 events in a second, every fifth of them a delete; the consumer takes
// 500 a second.
func TestBluesky_ASlowConsumerLosesPostsButNoDeletions(t *testing.T) {
	if testing.Short() {
		t.Skip("it sends 32 MiB")
	}
	inBubble(t, func(t *testing.T) {
		const events, size = 5000, 8 << 10
		text := strings.Repeat("x", size)
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			c.EnableWriteCompression(false) // compressing would take most of the time of the test
			for i := range events {
				did, rkey := fmt.Sprintf("did:plc:author%d", i%700), "p"+strconv.Itoa(i)
				if i%5 == 0 {
					c.say(commitEvent("delete", did, rkey, time.Now(), ""))
				} else {
					c.say(commitEvent("create", did, rkey, time.Now(), recordOf(text, "")))
				}
				time.Sleep(time.Second / events)
			}
			c.stay()
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // ends before longestSilence has passed
		defer cancel()
		counts, lost := map[stream.Kind]int{}, 0
		before, most, next := streamtest.Heap(), uint64(0), time.Now()
		err := stream.Run(ctx, streamtest.Quiet, stream.Buffered(f.overPipes(t, &Source{})), func(op stream.Op) error {
			if counts[op.Kind]++; op.Kind == stream.Lost {
				lost += int(op.Notice.Count)
			}
			if time.Now().After(next) {
				most, next = max(most, streamtest.Heap()), next.Add(250*time.Millisecond)
			}
			return stream.Sleep(ctx, 2*time.Millisecond)
		})
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if counts[stream.Destroy] != events/5 {
			t.Errorf("%d deletes of %d", counts[stream.Destroy], events/5)
		}
		if lost == 0 || counts[stream.Create]+lost != events*4/5 {
			t.Errorf("%d posts and %d told as left out, want %d together", counts[stream.Create], lost, events*4/5)
		}
		const room = (stream.QueueLimit + mostHeld) * (size + 2<<10) // for held and queued posts, with all their parts
		if most > before+room {
			t.Errorf("%d KiB are held, want at most %d: all posts together have %d", (most-before)>>10, room>>10, events*4/5*size>>10)
		}
	})
}

func TestBluesky_ClosesASilentConnection(t *testing.T) {
	for name, tt := range map[string]struct {
		dids    []string
		answers bool // the server answers pings
		after   time.Duration
	}{
		"the whole network says nothing": {nil, true, longestSilence},
		"one author's server is deaf":    {[]string{mio}, false, pingInterval + pongWait},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				f := &fakeJetstream{play: func(n int, c *fakeConn) {
					if n == 2 {
						c.say(postNow(mio, "p"))
					}
					if !tt.answers && n == 1 {
						c.SetPingHandler(func(string) error { return nil })
					}
					c.stay()
				}}
				began := time.Now()
				ops := gather(t, f.overPipes(t, &Source{DIDs: tt.dids, Hold: -1}), creates(1))
				if took := time.Since(began); took < tt.after || took > tt.after+time.Second {
					t.Errorf("the next connection came after %v, want %v", took, tt.after)
				}
				if why := only(ops, stream.Status)[2].Notice; why.State != stream.Waiting || !strings.HasSuffix(why.Reason, fetch.ErrSilent.Error()) {
					t.Errorf("got %+v, want it said that it was silent", why)
				}
			})
		})
	}
}

func TestBluesky_KeepsAConnectionWhoseFewAuthorsAreSilentForHours(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			go c.stay()
			time.Sleep(3 * time.Hour)
			c.say(postNow(mio, "p"))
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Hour)
		defer cancel()
		var created time.Time
		began := time.Now()
		err := f.overPipes(t, &Source{DIDs: []string{mio}, Hold: -1}).Stream(ctx, func(op stream.Op) error {
			if op.Kind == stream.Create {
				created = op.At
				return streamtest.ErrEnough
			}
			return nil
		})
		if !errors.Is(err, streamtest.ErrEnough) || created.Sub(began) != 3*time.Hour {
			t.Errorf("got %v after %v, want the post after three hours on one connection", err, created.Sub(began))
		}
	})
}

func BenchmarkBluesky_OverASocket(b *testing.B) {
	post := []byte(postNow(mio, "p"))
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, post)
	if err != nil {
		b.Fatal(err)
	}
	f := &fakeJetstream{play: func(_ int, c *fakeConn) {
		for c.WritePreparedMessage(message) == nil {
		}
	}}
	src := f.overTCP(b, &Source{Hold: -1})
	b.ReportAllocs()
	b.SetBytes(int64(len(post)))
	count := 0
	src.Stream(b.Context(), func(op stream.Op) error {
		if op.Kind == stream.Create {
			count++
		}
		if count == b.N {
			return streamtest.ErrEnough
		}
		return nil
	})
}
