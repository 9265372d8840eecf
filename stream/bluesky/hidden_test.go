package bluesky

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/streamtest"
)

func hideMio(f *fakeJetstream) {
	f.know(mio, profile{Handle: "mio.example", Labels: []label{{Val: "!no-unauthenticated"}}})
}

func showMio(f *fakeJetstream) { f.know(mio, profile{Handle: "mio.example"}) }

// hidings are stories of mio, an author who excludes visitors, each with the ops that are
// expected. Each story first sets the profile in the API.
var hidings = map[string]struct {
	hold time.Duration
	play func(f *fakeJetstream, c *fakeConn)
	want []string
}{
	"a new author": {0, func(f *fakeJetstream, c *fakeConn) {
		hideMio(f)
		c.after(time.Second, newPost(mio, "p"), newPost(mio, "q"))
	}, []string{"author_gone mio "}},
	"edits and deletes of a hidden author": {0, func(f *fakeJetstream, c *fakeConn) {
		hideMio(f)
		c.after(time.Second, newPost(mio, "p"),
			func() string { return commitEvent("update", mio, "p", time.Now(), recordOf("x", "")) },
			func() string { return commitEvent("delete", mio, "p", time.Now(), "") })
	}, []string{"author_gone mio ", "destroy p"}},
	"posts that do not wait for the lookup": {-1, func(f *fakeJetstream, c *fakeConn) {
		hideMio(f)
		c.after(time.Second, newPost(mio, "p"), newPost(mio, "q"))
	}, []string{"create p did:plc:mio22222…", "author_gone mio "}},
	"an author who excludes visitors later": {0, func(f *fakeJetstream, c *fakeConn) {
		showMio(f)
		c.after(time.Second, newPost(mio, "p"), profileEvent(mio, "Mio", noVisitors), newPost(mio, "q"))
	}, []string{"create p mio.example", "author_gone mio "}},
	"an author without posts": {0, func(f *fakeJetstream, c *fakeConn) {
		c.after(time.Second, profileEvent(mio, "Mio", noVisitors), newPost(mio, "q"))
	}, []string{"author_gone mio "}},
	"while a post waits": {0, func(f *fakeJetstream, c *fakeConn) {
		c.say(postNow(mio, "p"), profileEvent(mio, "Mio", noVisitors)())
	}, []string{"author_gone mio "}},
	"an author who admits visitors again": {0, func(f *fakeJetstream, c *fakeConn) {
		hideMio(f)
		c.after(time.Second, newPost(mio, "p"))
		time.Sleep(time.Second)
		showMio(f)
		c.after(time.Second, profileEvent(mio, "Mio", ""))
		c.after(time.Second, newPost(mio, "q"))
	}, []string{"author_gone mio ", "author_back mio ", "create q mio.example"}},
	"an account that is active again": {0, func(f *fakeJetstream, c *fakeConn) {
		hideMio(f)
		c.after(time.Second, newPost(mio, "p"), func() string { return accountEvent(mio, time.Now(), true, "") }, newPost(mio, "q"))
	}, []string{"author_gone mio "}},
}

const noVisitors = `{"val":"!no-unauthenticated"}`

func TestBluesky_AuthorsWhoExcludeVisitorsAreNotShown(t *testing.T) {
	for name, tt := range hidings {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				f := &fakeJetstream{}
				f.play = func(_ int, c *fakeConn) {
					tt.play(f, c)
					c.after(2*time.Second, func() string { return commitEvent("delete", ren, "end", time.Now(), "") })
					c.stay()
				}
				ops := gather(t, f.overPipes(t, &Source{Hold: tt.hold}), func(ops []stream.Op) bool {
					return strings.HasSuffix(ops[len(ops)-1].ID, "/end")
				})
				if d := cmp.Diff(append(tt.want, "destroy end"), happened(ops)); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			})
		})
	}
}

// After an author was found to exclude visitors, the next connection repeats their posts while
// lookups fail. The author must stay hidden.
func TestBluesky_AuthorsWhoExcludeVisitorsStayHiddenAfterAReconnect(t *testing.T) {
	for name, hold := range map[string]time.Duration{"nothing waits": -1, "posts wait": 0} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var down atomic.Bool
				f := &fakeJetstream{look: func(_ int, w http.ResponseWriter) bool {
					if down.Load() {
						w.WriteHeader(http.StatusBadGateway)
					}
					return down.Load()
				}}
				hideMio(f)
				f.play = func(n int, c *fakeConn) {
					if down.Store(n > 1); n == 1 {
						c.after(time.Second, newPost(mio, "p"), newPost(ren, "q"))
						time.Sleep(time.Second)
						return
					}
					c.say(postNow(mio, "p"), commitEvent("update", mio, "p", time.Now(), recordOf("edited", "")),
						accountEvent(mio, time.Now(), true, ""), profileEvent(mio, "Mio", "")(), postNow(mio, "r"))
					go c.stay()
					c.after(7*time.Hour, newPost(mio, "s")) // by now the profile has expired
					c.after(time.Second, newPost(ren, "end"))
					time.Sleep(time.Minute)
				}
				b := f.overPipes(t, &Source{Hold: hold, DIDs: []string{mio, ren}}) // a few authors may be silent for hours
				shown := map[string]bool{}
				reconciler := reconcile.New(func(op stream.Op) error {
					if op.Kind == stream.Create {
						shown[op.ID[strings.LastIndex(op.ID, "/")+1:]] = true
					} else if op.Kind == stream.Destroy {
						delete(shown, op.ID[strings.LastIndex(op.ID, "/")+1:])
					}
					if shown["end"] {
						return streamtest.ErrEnough
					}
					return nil
				}, nil)
				gone := false
				err := stream.Run(t.Context(), streamtest.Quiet, b, func(op stream.Op) error {
					gone = gone || op.Kind == stream.AuthorGone
					if his := op.Post != nil && op.Post.Author.Key == "bluesky:"+mio; his && gone {
						t.Errorf("told %s once more", op.ID)
					}
					return reconciler.Emit(op)
				})
				if d := cmp.Diff(map[string]bool{"q": true, "end": true}, shown); d != "" || err != streamtest.ErrEnough || !gone {
					t.Errorf("ended with %v, gone: %v, shown (-want +got):\n%s", err, gone, d)
				}
			})
		})
	}
}
