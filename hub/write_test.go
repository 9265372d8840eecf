package hub

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func newTestConn(t *testing.T, events int) *conn {
	t.Helper()
	h := New(Options{})
	publish(t, h, events)
	c := &conn{hub: h, shard: h.shards[0], cursors: []cursor{newCursor(h.Channel("streaming").log.Load(), nil, 0)}}
	c.out = []byte("hellotoken")
	return c
}

func publish(t *testing.T, h *Hub, events int) {
	t.Helper()
	for i := range events {
		if _, err := h.Channel("streaming").Trigger(t.Context(), "create", i); err != nil {
			t.Fatal(err)
		}
	}
}

// written acts as a socket that takes step bytes of each write, and returns all bytes written.
func written(c *conn, step int) []byte {
	var out []byte
	b := new(batch)
	for bytes := c.gather(b); len(bytes) > 0; bytes = c.gather(b) {
		n := min(step, len(bytes))
		out = append(out, bytes[:n]...)
		c.commit(b, n)
	}
	return out
}

// A long poll is sent all pending events, however many writes that takes, and then ends.
func TestWriter_ALongPollIsSentAllPendingEvents(t *testing.T) {
	c := newTestConn(t, 0)
	c.longPoll = true
	data := strings.Repeat("x", maxWrite/8)
	for range 20 {
		if _, err := c.hub.Channel("streaming").Trigger(t.Context(), "create", data); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(string(written(c, 1<<20)), data); n != 20 || c.state != closing {
		t.Errorf("%d events, state %d, want 20 and the connection closing", n, c.state)
	}
}

func TestWriter_TheBytesAreTheSameIfTheSocketAcceptsOnlyPartsOfThem(t *testing.T) {
	c := newTestConn(t, 20)
	control := c.out
	want := written(c, 1<<20)
	if !bytes.HasPrefix(want, []byte("hellotoken")) {
		t.Fatalf("the connection's own frames come first, got %.20q", want)
	}
	for step := 1; step < 200; step++ {
		c.out, c.cursors[0].at = control, 0
		if got := written(c, step); !bytes.Equal(got, want) {
			t.Fatalf("%d bytes at a time: got %q, want %q", step, got, want)
		}
	}
}

func TestWriter_APartlyWrittenEventIsFollowedByItsRestAndNothingElse(t *testing.T) {
	for n := 1; n < 300; n++ {
		c := newTestConn(t, 5)
		b := new(batch)
		c.out = nil
		whole := bytes.Clone(c.gather(b))
		c.commit(b, n)
		rest := whole[n : n+len(c.out)]
		c.appendOutput([]byte("reply"))
		again := written(c, 1<<20)
		if !bytes.HasPrefix(again, rest) {
			t.Fatalf("after %d bytes: got %.40q…, want it to begin with %q", n, again, rest)
		}
		if got := bytes.Count(append(bytes.Clone(whole[:n]), again...), []byte(`"create"`)); got != 5 {
			t.Fatalf("after %d bytes: %d events in all, want 5", n, got)
		}
	}
}

// A reader that has taken nothing for long gets one notice for all missing events: as long as
// the socket takes no byte of the notice, each try makes a new one.
func TestWriter_AGapNoticeIsMadeAnewUntilAByteOfItIsWritten(t *testing.T) {
	for _, test := range []struct {
		taken int // bytes that the socket takes of the first notice
		want  []string
	}{
		{0, []string{`"from":1,"to":2950`}},
		{1, []string{`"from":1,"to":1450`, `"from":1451,"to":2950`}},
	} {
		c := newTestConn(t, 1500)
		b := new(batch)
		c.out = nil
		got := string(c.gather(b)[:test.taken])
		c.commit(b, test.taken)
		publish(t, c.hub, 1500)
		got += string(written(c, 1<<20))
		if gaps := regexp.MustCompile(`"from":\d+,"to":\d+`).FindAllString(got, -1); !slices.Equal(gaps, test.want) {
			t.Errorf("%d bytes taken at first: gaps %v, want %v", test.taken, gaps, test.want)
		}
		if n := c.shard.gaps.Load(); n != uint64(len(test.want)) || c.cursors[0].behind() {
			t.Errorf("%d bytes taken at first: counts %d gaps, stops at %d", test.taken, n, c.cursors[0].at)
		}
	}
}

func TestWriter_AWriteHoldsAtMostSixtyFourKiB(t *testing.T) {
	c := newTestConn(t, 0)
	ch := c.hub.Channel("streaming")
	for range 100 {
		if _, err := ch.Trigger(t.Context(), "create", string(bytes.Repeat([]byte("x"), maxData-2))); err != nil {
			t.Fatal(err)
		}
	}
	b := new(batch)
	c.out = nil
	c.gather(b)
	if len(b.bytes) > maxWrite || len(b.bytes) < maxWrite-maxData-200 {
		t.Errorf("a write of %d bytes, want up to %d, and nearly", len(b.bytes), maxWrite)
	}
}

func TestLog_KeepsTheNewestEventsWithinTheLimitsOfNumberAndBytes(t *testing.T) {
	frame := len(newEntry("c", Event{Name: "n", Data: []byte("1"), Position: Position{"e", 10}}).encoded(webSocketForm))
	for _, test := range []struct{ elements, bytes, want int }{
		{elements: 5, bytes: 1 << 20, want: 5},
		{elements: 1, bytes: 1 << 20, want: 1},
		{elements: 50, bytes: 3 * frame, want: 3},
		{elements: 50, bytes: 3*frame + 1, want: 3},
		{elements: 50, bytes: 1, want: 1}, // the newest is always held
	} {
		t.Run(fmt.Sprintf("%d elements, %d bytes", test.elements, test.bytes), func(t *testing.T) {
			l := New(Options{Ring: test.elements, RingBytes: test.bytes}).Channel("c").log.Load()
			l.epoch = "e"
			for range 60 {
				l.append(Event{Name: "n", Data: []byte("1")})
			}
			events, tip := l.recent(1000)
			if len(events) != test.want || tip.Offset != 60 || events[len(events)-1].Position != tip {
				t.Errorf("%d events up to %v, want %d up to 60", len(events), tip, test.want)
			}
			if held := l.size; held > max(test.bytes, frame) {
				t.Errorf("%d bytes are held", held)
			}
		})
	}
}

func TestPosition_ParsesTheResultOfString(t *testing.T) {
	p := Position{"lz4k2", 42}
	if got, err := ParsePosition(p.String()); got != p || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", ":", "a", "a:", ":1", "A:1", "a:-1", "a:1:2", "a: 1", "a:9007199254740992", "aaaaaaaaaaaaaaaaa:1"} {
		if p, err := ParsePosition(bad); err == nil {
			t.Errorf("%q is taken for %v", bad, p)
		}
	}
}

func TestWriter_ABlockingWriteOfSeveralFramesIsAtMostFourKiB(t *testing.T) {
	c := newTestConn(t, 20)
	c.fd = -1
	b := new(batch)
	for _, size := range []int{10, 3000, maxData - 2, 10} {
		if _, err := c.hub.Channel("streaming").Trigger(t.Context(), "create", strings.Repeat("x", size)); err != nil {
			t.Fatal(err)
		}
	}
	for bytes := c.gather(b); len(bytes) > 0; bytes = c.gather(b) {
		if len(bytes) > maxBlockingWrite && len(b.ends) > 1 {
			t.Errorf("%d bytes in %d pieces", len(bytes), len(b.ends))
		}
		c.commit(b, min(len(bytes), maxBlockingWrite))
	}
	if c.cursors[0].behind() {
		t.Errorf("it stops at %d", c.cursors[0].at)
	}
}

// After a gap, the log must no longer count the bytes of the events that it has dropped.
func TestLog_CountsOnlyTheBytesOfHeldEventsAfterAGap(t *testing.T) {
	l := New(Options{}).Channel("streaming").log.Load()
	for _, offset := range []uint64{1, 2, 10} {
		l.insert(offset, []Event{{Name: "create", Data: []byte("1"), Position: Position{l.epoch, offset}}})
	}
	if len(l.held) != 1 || l.size != l.held[0].size {
		t.Errorf("%d events and %d bytes, want 1 event and its bytes", len(l.held), l.size)
	}
}
