package stream

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func bskyHide(f *fakeJetstream) {
	f.know(mio, bskyProfile{Handle: "mio.example", Labels: []bskyLabel{{Val: "!no-unauthenticated"}}})
}

func bskyShow(f *fakeJetstream) { f.know(mio, bskyProfile{Handle: "mio.example"}) }

// bskyHiding is what mio does, to begin with as the API tells it, and what comes of it.
var bskyHiding = map[string]struct {
	hold time.Duration
	play func(f *fakeJetstream, c *fakeConn)
	want []string
}{
	"a new author": {0, func(f *fakeJetstream, c *fakeConn) {
		bskyHide(f)
		c.after(time.Second, bskyNewPost(mio, "p"), bskyNewPost(mio, "q"))
	}, []string{"author_gone mio "}},
	"his edits and deletes": {0, func(f *fakeJetstream, c *fakeConn) {
		bskyHide(f)
		c.after(time.Second, bskyNewPost(mio, "p"),
			func() string { return bskyCommit("update", mio, "p", time.Now(), bskyRecordOf("x", "")) },
			func() string { return bskyCommit("delete", mio, "p", time.Now(), "") })
	}, []string{"author_gone mio ", "destroy p"}},
	"nothing waits": {-1, func(f *fakeJetstream, c *fakeConn) {
		bskyHide(f)
		c.after(time.Second, bskyNewPost(mio, "p"), bskyNewPost(mio, "q"))
	}, []string{"create p did:plc:mio22222…", "author_gone mio "}},
	"he says so later": {0, func(f *fakeJetstream, c *fakeConn) {
		bskyShow(f)
		c.after(time.Second, bskyNewPost(mio, "p"), profileEvent(mio, "Mio", noVisitors), bskyNewPost(mio, "q"))
	}, []string{"create p mio.example", "author_gone mio "}},
	"a stranger says so": {0, func(f *fakeJetstream, c *fakeConn) {
		c.after(time.Second, profileEvent(mio, "Mio", noVisitors), bskyNewPost(mio, "q"))
	}, []string{"author_gone mio "}},
	"while his post waits": {0, func(f *fakeJetstream, c *fakeConn) {
		c.say(bskyPostNow(mio, "p"), profileEvent(mio, "Mio", noVisitors)())
	}, []string{"author_gone mio "}},
	"he changes his mind": {0, func(f *fakeJetstream, c *fakeConn) {
		bskyHide(f)
		c.after(time.Second, bskyNewPost(mio, "p"))
		time.Sleep(time.Second)
		bskyShow(f)
		c.after(time.Second, profileEvent(mio, "Mio", ""))
		c.after(time.Second, bskyNewPost(mio, "q"))
	}, []string{"author_gone mio ", "author_back mio ", "create q mio.example"}},
	"only his account is back": {0, func(f *fakeJetstream, c *fakeConn) {
		bskyHide(f)
		c.after(time.Second, bskyNewPost(mio, "p"), func() string { return bskyAccount(mio, time.Now(), true, "") }, bskyNewPost(mio, "q"))
	}, []string{"author_gone mio "}},
}

const noVisitors = `{"val":"!no-unauthenticated"}`

func TestBluesky_3_6_11_WhoWantsNoVisitorsIsNotShown(t *testing.T) {
	for name, tt := range bskyHiding {
		t.Run(name, func(t *testing.T) {
			inBskyTime(t, func(t *testing.T) {
				f := &fakeJetstream{}
				f.play = func(_ int, c *fakeConn) {
					tt.play(f, c)
					c.after(2*time.Second, func() string { return bskyCommit("delete", ren, "end", time.Now(), "") })
					c.stay()
				}
				ops := bskyGather(t, f.overPipes(t, &Bluesky{Hold: tt.hold}), func(ops []Op) bool {
					return strings.HasSuffix(ops[len(ops)-1].ID, "/end")
				})
				if d := cmp.Diff(append(tt.want, "destroy end"), bskyHappened(ops)); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			})
		})
	}
}

// Whoever is known not to want visitors stays out on the next connection, where his
// posts are told once more, though by then nobody answers who he is.
func TestBluesky_WhoWantsNoVisitorsStaysOutAfterAReconnect(t *testing.T) {
	for name, hold := range map[string]time.Duration{"nothing waits": -1, "posts wait": 0} {
		t.Run(name, func(t *testing.T) {
			inBskyTime(t, func(t *testing.T) {
				var down atomic.Bool
				f := &fakeJetstream{look: func(_ int, w http.ResponseWriter) bool {
					if down.Load() {
						w.WriteHeader(http.StatusBadGateway)
					}
					return down.Load()
				}}
				bskyHide(f)
				f.play = func(n int, c *fakeConn) {
					if down.Store(n > 1); n == 1 {
						c.after(time.Second, bskyNewPost(mio, "p"), bskyNewPost(ren, "q"))
						time.Sleep(time.Second)
						return
					}
					c.say(bskyPostNow(mio, "p"), bskyCommit("update", mio, "p", time.Now(), bskyRecordOf("edited", "")),
						bskyAccount(mio, time.Now(), true, ""), profileEvent(mio, "Mio", "")(), bskyPostNow(mio, "r"))
					go c.stay()
					c.after(7*time.Hour, bskyNewPost(mio, "s")) // what is known of him is too old by now
					c.after(time.Second, bskyNewPost(ren, "end"))
					time.Sleep(time.Minute)
				}
				b := f.overPipes(t, &Bluesky{Hold: hold, DIDs: []string{mio, ren}}) // who may be silent for hours
				shown := map[string]bool{}
				ledger := NewLedger(func(op Op) error {
					if op.Kind == Create {
						shown[op.ID[strings.LastIndex(op.ID, "/")+1:]] = true
					} else if op.Kind == Destroy {
						delete(shown, op.ID[strings.LastIndex(op.ID, "/")+1:])
					}
					if shown["end"] {
						return errEnough
					}
					return nil
				}, nil)
				gone := false
				err := Run(t.Context(), quiet, b, func(op Op) error {
					gone = gone || op.Kind == AuthorGone
					if his := op.Post != nil && op.Post.Author.Key == "bluesky:"+mio; his && gone {
						t.Errorf("told %s once more", op.ID)
					}
					return ledger.Emit(op)
				})
				if d := cmp.Diff(map[string]bool{"q": true, "end": true}, shown); d != "" || err != errEnough || !gone {
					t.Errorf("ended with %v, gone: %v, shown (-want +got):\n%s", err, gone, d)
				}
			})
		})
	}
}
