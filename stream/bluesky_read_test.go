package stream

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestBluesky_3_6_5_AMessageOf100KBPasses(t *testing.T) {
	long := strings.Repeat("長い話。", 100<<10/12)
	for _, compressed := range []bool{false, true} {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			c.EnableWriteCompression(compressed)
			c.say(bskyCommit("create", mio, "p", time.Now(), bskyRecordOf(long, "")))
			c.stay()
		}}
		ops := bskyOnly(bskyGather(t, f.overTCP(t, &Bluesky{Hold: -1}), bskyCreates(1)), Create)
		if joined(ops[0].Post.Text) != long {
			t.Errorf("compressed %v: the text is not what was sent", compressed)
		}
	}
}

// noise is text that can't be made shorter by much.
func noise(size int) string {
	raw := make([]byte, size*3/4)
	rand.NewChaCha8([32]byte{}).Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func TestBluesky_AMessageOverTheLimitIsPassedOverAndTold(t *testing.T) {
	for name, tt := range map[string]struct {
		text       string
		compressed bool
	}{
		"on the wire":             {noise(2 * maxLine), false},
		"on the wire, compressed": {noise(2 * maxLine), true},
		"only when inflated":      {strings.Repeat("0", 2*maxLine), true},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeJetstream{play: func(_ int, c *fakeConn) {
				c.EnableWriteCompression(tt.compressed)
				c.say(bskyCommit("create", mio, "large", time.Now(), bskyRecordOf(tt.text, "")))
				c.say(bskyPostNow(mio, "after"))
				c.stay()
			}}
			b := f.overTCP(t, &Bluesky{Hold: -1})
			ops := bskyGather(t, b, bskyCreates(1))
			lost := bskyOnly(ops, Lost)
			if got := bskyHappened(ops)[0]; !strings.HasPrefix(got, "create after") || len(f.connections()) != 1 {
				t.Errorf("got %s after %d connections, want the post after the large one on the first", got, len(f.connections()))
			}
			if len(lost) != 1 || lost[0].Notice.Count != 1 || b.odd[errTooLarge.Error()] != 1 {
				t.Errorf("told %v and counted %v, want one that was left out", lost, b.odd)
			}
		})
	}
}

func TestBluesky_AMessageOverTheLimitTakesNoMoreThanTheLimit(t *testing.T) {
	f := &fakeJetstream{play: func(_ int, c *fakeConn) {
		part := []byte(noise(1 << 20))
		w, err := c.NextWriter(websocket.TextMessage)
		for i := 0; i < 64 && err == nil; i++ {
			_, err = w.Write(part)
		}
		w.Close()
		c.say(bskyPostNow(mio, "after"))
		c.stay()
	}}
	b := f.overTCP(t, &Bluesky{})
	conn, err := b.dial(t.Context(), b.Hosts[0], 0)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r := newBskyReader(conn, false)
	if n, _ := r.next(); !errors.Is(n.odd, errTooLarge) {
		t.Errorf("got %+v, want it said that the message is too large", n)
	}
	if n, _ := r.next(); n.event == nil || n.event.Commit.RKey != "after" {
		t.Errorf("got %+v, want the message after it", n)
	}
	if most := r.buf.Cap(); most > 4*maxLine {
		t.Errorf("%d bytes are kept", most)
	}
}

func TestBluesky_OneBadMessageNeverEndsAStream(t *testing.T) {
	f := &fakeJetstream{play: func(n int, c *fakeConn) {
		c.say("", "{", "\x00\x00", "[]", `{"did":7}`, strings.Repeat("[", 20_000))
		c.WriteMessage(websocket.BinaryMessage, []byte{0x28, 0xb5, 0x2f, 0xfd, 0})
		c.say(bskyPostNow(mio, "after"))
		c.stay()
	}}
	if got := bskyHappened(bskyGather(t, f.overTCP(t, &Bluesky{Hold: -1}), bskyCreates(1))); len(f.connections()) != 1 {
		t.Errorf("it took %d connections to see %v", len(f.connections()), got)
	}
}

func TestBluesky_3_6_12_ABurstComesWhole(t *testing.T) {
	f := &fakeJetstream{play: func(_ int, c *fakeConn) {
		for i := range 5000 {
			did := fmt.Sprintf("did:plc:author%d", i%700)
			c.say(bskyCommit("create", did, "p"+strconv.Itoa(i), time.Now(), bskyRecordOf("x", "")))
			if i%10 == 0 {
				c.say(bskyCommit("delete", did, "d"+strconv.Itoa(i), time.Now(), ""))
			}
		}
		c.stay()
	}}
	ops := bskyGather(t, f.overTCP(t, &Bluesky{}), bskyUntil(5500, Create, Destroy))
	if c, d := len(bskyOnly(ops, Create)), len(bskyOnly(ops, Destroy)); c != 5000 || d != 500 {
		t.Errorf("%d posts and %d deletes came, want 5000 and 500", c, d)
	}
}

// TestBluesky_3_6_12_ASlowListenerLosesPostsButNoDeletes is a burst of 5,000 events in
// a second, every fifth of them a delete, for a listener who takes 500 a second.
func TestBluesky_3_6_12_ASlowListenerLosesPostsButNoDeletes(t *testing.T) {
	inBskyTime(t, func(t *testing.T) {
		const events, size = 5000, 8 << 10
		text := strings.Repeat("x", size)
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			c.EnableWriteCompression(false) // it would take longer than all the rest
			for i := range events {
				did, rkey := fmt.Sprintf("did:plc:author%d", i%700), "p"+strconv.Itoa(i)
				if i%5 == 0 {
					c.say(bskyCommit("delete", did, rkey, time.Now(), ""))
				} else {
					c.say(bskyCommit("create", did, rkey, time.Now(), bskyRecordOf(text, "")))
				}
				time.Sleep(time.Second / events)
			}
			c.stay()
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // less than its silence
		defer cancel()
		counts, lost := map[Kind]int{}, 0
		before, most, next := heapInUse(), uint64(0), time.Now()
		err := Run(ctx, quiet, Buffered(f.overPipes(t, &Bluesky{})), func(op Op) error {
			if counts[op.Kind]++; op.Kind == Lost {
				lost += int(op.Notice.Count)
			}
			if time.Now().After(next) {
				most, next = max(most, heapInUse()), next.Add(250*time.Millisecond)
			}
			return sleep(ctx, 2*time.Millisecond)
		})
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if counts[Destroy] != events/5 {
			t.Errorf("%d deletes of %d", counts[Destroy], events/5)
		}
		if lost == 0 || counts[Create]+lost != events*4/5 {
			t.Errorf("%d posts and %d told as left out, want %d together", counts[Create], lost, events*4/5)
		}
		const room = (bufferedOps + mostHeld) * (size + 2<<10) // for what waits, with all that belongs to a post
		if most > before+room {
			t.Errorf("%d KiB are held, want at most %d: all posts together have %d", (most-before)>>10, room>>10, events*4/5*size>>10)
		}
	})
}

// heapInUse is what is reachable, in bytes.
func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestBluesky_3_6_14_GivesUpOnASilentSocket(t *testing.T) {
	for name, tt := range map[string]struct {
		dids    []string
		answers bool // pings
		after   time.Duration
	}{
		"the whole network says nothing": {nil, true, bskySilence},
		"one author's server is deaf":    {[]string{mio}, false, pingEach + pongWait},
	} {
		t.Run(name, func(t *testing.T) {
			inBskyTime(t, func(t *testing.T) {
				f := &fakeJetstream{play: func(n int, c *fakeConn) {
					if n == 2 {
						c.say(bskyPostNow(mio, "p"))
					}
					if !tt.answers && n == 1 {
						c.SetPingHandler(func(string) error { return nil })
					}
					c.stay()
				}}
				began := time.Now()
				ops := bskyGather(t, f.overPipes(t, &Bluesky{DIDs: tt.dids, Hold: -1}), bskyCreates(1))
				if took := time.Since(began); took < tt.after || took > tt.after+time.Second {
					t.Errorf("the next connection came after %v, want %v", took, tt.after)
				}
				if why := bskyOnly(ops, Status)[2].Notice; why.State != Waiting || !strings.HasSuffix(why.Reason, errSilent.Error()) {
					t.Errorf("got %+v, want it said that it was silent", why)
				}
			})
		})
	}
}

func TestBluesky_OneAuthorMaySayNothingForHours(t *testing.T) {
	inBskyTime(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			go c.stay()
			time.Sleep(3 * time.Hour)
			c.say(bskyPostNow(mio, "p"))
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Hour)
		defer cancel()
		var created time.Time
		began := time.Now()
		err := f.overPipes(t, &Bluesky{DIDs: []string{mio}, Hold: -1}).Stream(ctx, func(op Op) error {
			if op.Kind == Create {
				created = op.At
				return errEnough
			}
			return nil
		})
		if !errors.Is(err, errEnough) || created.Sub(began) != 3*time.Hour {
			t.Errorf("got %v after %v, want the post after three hours on one connection", err, created.Sub(began))
		}
	})
}

func BenchmarkBluesky_OverASocket(b *testing.B) {
	post := []byte(bskyPostNow(mio, "p"))
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, post)
	if err != nil {
		b.Fatal(err)
	}
	f := &fakeJetstream{play: func(_ int, c *fakeConn) {
		for c.WritePreparedMessage(message) == nil {
		}
	}}
	src := f.overTCP(b, &Bluesky{Hold: -1})
	b.ReportAllocs()
	b.SetBytes(int64(len(post)))
	count := 0
	src.Stream(b.Context(), func(op Op) error {
		if op.Kind == Create {
			count++
		}
		if count == b.N {
			return errEnough
		}
		return nil
	})
}
