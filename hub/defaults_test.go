package hub

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestLimits_AreTheDocumentedOnesByDefault(t *testing.T) {
	got := Limits{}.withDefaults()
	want := Limits{
		Connections: min(20_000, fileLimit()*4/5-200), PerClient: 50, Handshakes: 2000, HandshakesPerClient: 20, Private: 100,
		Message: 4096, Messages: 10, Fragment: 10 * time.Second, Strikes: 10, Channels: 16, Replay: 500, Last: 100, Filters: 256,
		Ping: 20 * time.Second, Silent: time.Minute, Write: 10 * time.Second,
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if wait := (&conn{hub: &Hub{limits: got}}).pingInterval(); wait < 18*time.Second || wait > 22*time.Second {
		t.Errorf("a ping after %v, want 20 s ± 10 %%", wait)
	}
}

func TestLog_HoldsAThousandEventsOrEightMiBByDefault(t *testing.T) {
	small := New(Options{}).Channel("streaming")
	for n := range 1001 {
		if _, err := small.Trigger(t.Context(), "create", n); err != nil {
			t.Fatal(err)
		}
		if events, _ := small.Recent(math.MaxInt); len(events) != min(n+1, 1000) {
			t.Fatalf("%d events are held of %d", len(events), n+1)
		}
	}
	large := New(Options{}).Channel("streaming")
	data := strings.Repeat("x", maxData-2)
	for n := range 600 {
		if _, err := large.Trigger(t.Context(), "create", data); err != nil {
			t.Fatal(err)
		}
		l := large.log.Load()
		if frame := l.held[0].size; l.size > 8<<20 || l.tail() > 1 && l.size+frame <= 8<<20 {
			t.Fatalf("%d bytes are held after %d frames of %d", l.size, n+1, frame)
		}
	}
}
