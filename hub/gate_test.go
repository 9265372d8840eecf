package hub

import (
	"bytes"
	"context"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// admitted asks the gate n times to admit remote, and counts the answers by status; 0 means
// admitted.
func admitted(g *gate, remote string, n int) map[int]int {
	answers := map[int]int{}
	for range n {
		answers[g.admit(clientOf(remote), false).status]++
	}
	return answers
}

func TestGate_LimitsTheConnectionsOfOneClient(t *testing.T) {
	g := newGate(Limits{HandshakesPerClient: 1000}.withDefaults())
	got := admitted(g, "192.0.2.1:1000", 51)
	if got[0] != 50 || got[http.StatusTooManyRequests] != 1 {
		t.Fatalf("answers %v, want 50 times yes and one 429", got)
	}
	g.leave(clientOf("192.0.2.1:1000"), false)
	if got := admitted(g, "192.0.2.1:2000", 1); got[0] != 1 {
		t.Error("a place that was left is not given again")
	}
	if got := admitted(g, "192.0.2.2:1000", 1); got[0] != 1 {
		t.Error("another client is refused")
	}
}

func TestGate_LimitsTheConnectionsOfAllClientsTogether(t *testing.T) {
	g := newGate(Limits{Connections: 3}.withDefaults())
	for i, remote := range []string{"192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:1", "192.0.2.4:1"} {
		got, want := g.admit(clientOf(remote), false).status, 0
		if i == 3 {
			want = http.StatusServiceUnavailable
		}
		if got != want {
			t.Errorf("connection %d: status %d, want %d", i+1, got, want)
		}
	}
}

// The gate admits with a memory limit just above the live heap, and refuses with one below.
func TestGate_RefusesConnectionsIfMemoryIsShort(t *testing.T) {
	ballast := make([]byte, 64<<20) // large compared with what the rest of the process can free meanwhile
	runtime.GC()
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	g := newGate(Limits{}.withDefaults())
	for limit, want := range map[int64]int{100 << 20: 0, 60 << 20: http.StatusServiceUnavailable} {
		debug.SetMemoryLimit(limit)
		if got := g.admit(clientOf("192.0.2.1:1"), false).status; got != want {
			t.Errorf("64 MiB of %d: status %d, want %d", limit>>20, got, want)
		}
	}
	runtime.KeepAlive(ballast)
}

func TestGate_LimitsHandshakesPerSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Limits{PerClient: 1000}.withDefaults())
		if got := admitted(g, "192.0.2.1:1", 51); got[0] != 50 || got[http.StatusTooManyRequests] != 1 {
			t.Fatalf("at once: %v, want a burst of 50", got)
		}
		time.Sleep(time.Second) // of the bubble
		if got := admitted(g, "192.0.2.1:1", 21); got[0] != 20 {
			t.Fatalf("a second later: %v, want 20 more", got)
		}
		g = newGate(Limits{Handshakes: 5}.withDefaults())
		for i := range 6 {
			addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), 1)
			if got := g.admit(clientOf(addr.String()), false).status; (got == http.StatusServiceUnavailable) != (i == 5) {
				t.Errorf("handshake %d of the node: status %d", i+1, got)
			}
		}
	})
}

func TestGate_ARefusedClientUsesNoHandshakeOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Limits{}.withDefaults())
		admitted(g, "192.0.2.1:1", 2100)
		if got := admitted(g, "192.0.2.2:1", 1); got[0] != 1 {
			t.Errorf("after 2,100 requests of one client another one gets %v", got)
		}
	})
}

func TestGate_RefusesConnectionsWhileTheHubDrains(t *testing.T) {
	h := New(Options{})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	h.Run(ctx)
	r := httptest.NewRequest(http.MethodGet, "/websocket", nil)
	r.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("got %d, Retry-After %q, want 503 and a time", w.Code, w.Header().Get("Retry-After"))
	}
}

func TestGate_ForgetsClientsThatHaveLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Limits{Handshakes: 1e6}.withDefaults())
		for i := range 5000 {
			from := clientOf(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 1).String())
			if g.admit(from, false).status == 0 {
				g.leave(from, false)
			}
			time.Sleep(time.Millisecond)
		}
		if n := len(g.clients); n > 1200 {
			t.Errorf("%d clients are remembered, want about 1,000", n)
		}
	})
}

func TestGate_CountsASlash64AsOneClient(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1:1", "192.0.2.1:2", true},
		{"192.0.2.1:1", "192.0.2.2:1", false},
		{"[::ffff:192.0.2.1]:1", "192.0.2.1:1", true},
		{"[2001:db8::1]:1", "[2001:db8::2]:1", true},
		{"[2001:db8:0:1::1]:1", "[2001:db8:0:2::1]:1", false},
	} {
		if got := clientOf(test.a) == clientOf(test.b); got != test.same {
			t.Errorf("%s and %s: one client %v, want %v", test.a, test.b, got, test.same)
		}
	}
	if clientOf("@").IsValid() {
		t.Error("a Unix socket has no address to count by")
	}
}

func TestGate_LongPollsOfOneAddressCanBeginTenTimesAsFastAsConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(Limits{PerClient: 1000}.withDefaults())
		from := clientOf("192.0.2.1:1")
		polls := func(n int) (in int) {
			for range n {
				if g.admit(from, true).status == 0 {
					in++
				}
			}
			return in
		}
		if got := polls(501); got != 500 {
			t.Errorf("at once: %d, want a burst of 500", got)
		}
		time.Sleep(time.Second) // of the bubble
		if got := polls(201); got != 200 {
			t.Errorf("a second later: %d more, want 200", got)
		}
		if got := g.admit(from, false).status; got != 0 {
			t.Errorf("a connection is refused with %d: the polls have taken its share", got)
		}
	})
}

// logged makes a hub that logs into the returned buffer.
func logged(l Limits) (*Hub, *bytes.Buffer) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	return New(Options{Log: log, Limits: l, Settings: map[string]string{"PerClient": "--max-per-client"}}), &out
}

// enterFrom asks the hub n times to admit a connection from an address.
func enterFrom(h *Hub, remote string, n int) {
	for range n {
		r := httptest.NewRequest(http.MethodGet, "/websocket", nil)
		r.RemoteAddr = remote
		h.admitRequest(httptest.NewRecorder(), r, nil, false)
	}
}

func TestGate_LogsTheRefusalsOfALimitOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, out := logged(Limits{PerClient: 2, Connections: 5, HandshakesPerClient: 1000})
		lines := func(want ...string) {
			t.Helper()
			got := slices.Collect(strings.Lines(out.String()))
			out.Reset()
			if len(got) != len(want) {
				t.Errorf("logged %q, want %d lines", got, len(want))
				return
			}
			for i := range want {
				if !strings.Contains(got[i], want[i]) || !strings.Contains(got[i], "level=WARN") {
					t.Errorf("logged %s, want %s", got[i], want[i])
				}
			}
		}
		enterFrom(h, "192.0.2.1:1", 12)
		enterFrom(h, "192.0.2.2:1", 3)
		lines("address=192.0.2.1/32 limit=2 setting=--max-per-client refused=1", "address=192.0.2.2/32 limit=2 setting=--max-per-client refused=1")
		time.Sleep(59 * time.Second)
		enterFrom(h, "192.0.2.1:1", 1)
		lines()
		time.Sleep(time.Second)
		enterFrom(h, "192.0.2.1:1", 5)
		lines("address=192.0.2.1/32 limit=2 setting=--max-per-client refused=11")
		enterFrom(h, "192.0.2.3:1", 1)
		enterFrom(h, "192.0.2.4:1", 7)
		lines("limit=5 setting=Limits.Connections refused=1")
	})
}
