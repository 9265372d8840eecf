package bluesky

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestBluesky_TriesTheNextHostAfterACloseOrARefusal(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var hosts []string
		f := &fakeJetstream{play: func(n int, c *fakeConn) {
			if n == 1 {
				c.say(postNow(mio, "first"))
				c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, "deploy"), time.Now().Add(time.Second))
			} else {
				c.say(postNow(mio, "second"))
			}
			c.stay()
		}}
		f.refuse = func(n int, w http.ResponseWriter) bool {
			if n == 2 {
				http.Error(w, "moved away", http.StatusGone)
			}
			return n == 2
		}
		b := f.overPipes(t, &Source{Hosts: []string{"ws://one.example", "ws://two.example", "ws://three.example"}, Hold: -1})
		dial := b.Client.Transport.(*http.Transport).DialContext
		b.Client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if !strings.HasPrefix(addr, "api.") {
				hosts = append(hosts, addr)
			}
			return dial(ctx, network, addr)
		}
		ops := gather(t, b, creates(2))
		if want := []string{"one.example:80", "two.example:80", "three.example:80"}; !slices.Equal(hosts, want) {
			t.Errorf("asked %v, want %v", hosts, want)
		}
		first, _ := strconv.ParseInt(f.connections()[2].Get("cursor"), 10, 64)
		if back := only(ops, stream.Create)[0].At.Sub(time.UnixMicro(first)); back < rewindElsewhere || back > rewindElsewhere+time.Second {
			t.Errorf("another host was asked for %v before the last post, want %v", back, rewindElsewhere)
		}
		var reasons []string
		for _, op := range only(ops, stream.Status) {
			if op.Notice.State == stream.Waiting {
				reasons = append(reasons, op.Notice.Reason)
			}
		}
		want := []string{"ws://one.example: closed by the server: 1001 deploy", "ws://two.example: 410 Gone: moved away"}
		if d := cmp.Diff(want, reasons); d != "" {
			t.Errorf("reasons (-want +got):\n%s", d)
		}
	})
}

// zstd is the beginning of a message with the compression that Jetstream uses only on request.
const zstd = "\x28\xb5\x2f\xfd compressed"

func TestBluesky_ReportsAStreamOfWhichItCanReadNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			for range 12 {
				c.WriteMessage(websocket.BinaryMessage, []byte(zstd))
			}
			c.say(postNow(mio, "p"))
			c.stay()
		}}
		streamtest.WantUnreadable(t, gather(t, f.overPipes(t, &Source{Hold: -1}), creates(1)))
	})
}

func TestBluesky_CheckReportsThatNothingCanBeRead(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		play := func(text string) *fakeJetstream {
			return &fakeJetstream{play: func(_ int, c *fakeConn) {
				for range 12 {
					c.WriteMessage(websocket.BinaryMessage, []byte(text))
				}
				c.stay()
			}}
		}
		if err := play(zstd).overPipes(t, &Source{}).Check(t.Context()); err == nil || stream.FaultOf(err) != stream.FaultUnreadable {
			t.Errorf("got %v", err)
		}
		for _, text := range []string{postNow(mio, "p"), `{"kind":"commit","commit":{"collection":"app.bsky.feed.like"}}`} {
			if err := play(text).overPipes(t, &Source{}).Check(t.Context()); err != nil {
				t.Errorf("%s: got %v", text, err)
			}
		}
	})
}

func TestBluesky_KeepsTryingWhileSomethingInFrontOfTheHostsRefuses(t *testing.T) {
	for body, code := range map[string]int{"<html><title>Just a moment...</title>": 400, "": 403, "blocked": 403, "404 page not found": 404} {
		inBubble(t, func(t *testing.T) {
			f := &fakeJetstream{play: func(_ int, c *fakeConn) { c.say(postNow(mio, "p")); c.stay() }}
			f.refuse = func(n int, w http.ResponseWriter) bool {
				if n <= 5 {
					http.Error(w, body, code)
				}
				return n <= 5
			}
			gather(t, f.overPipes(t, &Source{Hosts: []string{"ws://one.example", "ws://two.example"}, Hold: -1}), creates(1))
		})
	}
}

func TestBluesky_GivesUpWhenAllHostsRefuse(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{refuse: func(_ int, w http.ResponseWriter) bool {
			http.Error(w, "unknown parameter", http.StatusBadRequest)
			return true
		}}
		b := f.overPipes(t, &Source{Hosts: []string{"ws://one.example", "ws://two.example"}})
		err := stream.Run(t.Context(), streamtest.Quiet, b, streamtest.Ignore)
		if !stream.IsPermanent(err) || len(f.connections()) != 2 || !strings.Contains(err.Error(), "unknown parameter") {
			t.Errorf("got %v after %d connections, want the refusal after each host was asked once", err, len(f.connections()))
		}
	})
}

func TestBluesky_SendsManyAuthorsInAMessage(t *testing.T) {
	var dids []string
	for i := range mostInAddress + 1 {
		dids = append(dids, fmt.Sprintf("did:plc:author%d", i))
	}
	var hello options
	f := &fakeJetstream{play: func(_ int, c *fakeConn) {
		if c.ReadJSON(&hello) == nil {
			c.say(postNow(mio, "p"))
		}
		c.stay()
	}}
	gather(t, f.overTCP(t, &Source{DIDs: dids, Hold: -1}), creates(1))
	asked := f.connections()[0]
	if asked.Get("requireHello") != "true" || asked.Has("wantedDids") {
		t.Errorf("the address asked for %v, want it to announce a message", asked)
	}
	want := options{Type: "options_update"}
	want.Payload.Collections, want.Payload.DIDs = []string{postCollection, profileCollection}, dids
	if d := cmp.Diff(want, hello); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestBluesky_TheAddressOfTheStreamHasTheCollectionsAndAFewAuthors(t *testing.T) {
	f := &fakeJetstream{play: func(_ int, c *fakeConn) { c.say(postNow(mio, "p")); c.stay() }}
	gather(t, f.overTCP(t, &Source{DIDs: []string{mio, ren}, Hold: -1}), creates(1))
	want := map[string][]string{"wantedCollections": {postCollection, profileCollection}, "wantedDids": {mio, ren}}
	if d := cmp.Diff(want, map[string][]string(f.connections()[0])); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestBluesky_CheckReportsInvalidSettingsAndRefusals(t *testing.T) {
	f := &fakeJetstream{play: func(_ int, c *fakeConn) { c.stay() }}
	good := f.overTCP(t, &Source{})
	refusing := (&fakeJetstream{refuse: func(_ int, w http.ResponseWriter) bool {
		http.Error(w, "warming up", http.StatusServiceUnavailable)
		return true
	}}).overTCP(t, &Source{})
	for name, tt := range map[string]struct {
		b    *Source
		want string
	}{
		"fine":                 {good, ""},
		"the second host is":   {&Source{Hosts: []string{refusing.Hosts[0], good.Hosts[0]}, Log: streamtest.Quiet}, ""},
		"a handle is no DID":   {&Source{DIDs: []string{"mio.example"}}, `"mio.example" is no DID`},
		"too many authors":     {&Source{DIDs: make([]string, 10_001)}, "10001 authors are too many"},
		"a sample of 5 %":      {&Source{Sample: 5}, "a sample of 5 is not a share"},
		"an address as a host": {&Source{Hosts: []string{"https://bsky.app"}}, "number 1 of the hosts: a server is a name"},
		"a secret in a host":   {&Source{Hosts: []string{"a.example", "wss://a.example/?key=1"}}, "number 2 of the hosts: a server is a name"},
		"the server refuses":   {refusing, "503 Service Unavailable: warming up"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.b.Check(t.Context())
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestBluesky_WithoutConfiguredHostsUsesThePublicOnes(t *testing.T) {
	b := &Source{}
	if err := b.valid(); err != nil {
		t.Fatal(err)
	}
	for _, host := range b.hosts() {
		address, err := serverURL(host)
		if err != nil || address.String() != "wss://"+host+"/subscribe" || !strings.HasSuffix(host, ".bsky.network") {
			t.Errorf("%s: got %v, %v", host, address, err)
		}
	}
}
