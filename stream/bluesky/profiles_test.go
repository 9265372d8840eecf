package bluesky

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/streamtest"
)

// after sends messages one by one, each after a pause.
func (c *fakeConn) after(pause time.Duration, messages ...func() string) {
	for _, m := range messages {
		time.Sleep(pause)
		c.say(m())
	}
}

func profileEvent(did, name, labels string) func() string {
	return func() string {
		record := `{"$type":"app.bsky.actor.profile","displayName":` + quoted(name) + `,"avatar":` + blobJSON + `,"labels":{"values":[` + labels + `]}}`
		return strings.Replace(commitEvent("update", did, "self", time.Now(), record), postCollection, profileCollection, 1)
	}
}

func identityEvent(did string) func() string {
	return func() string {
		return strings.Replace(accountEvent(did, time.Now(), true, ""), `"kind":"account"`, `"kind":"identity"`, 1)
	}
}

func newPost(did, rkey string) func() string {
	return func() string { return postNow(did, rkey) }
}

// told lists the ops as happened does, each with the milliseconds since began.
func told(began time.Time, ops []stream.Op) []string {
	said := happened(ops)
	for i, op := range only(ops, stream.Create, stream.Update, stream.Destroy, stream.AuthorGone, stream.AuthorBack, stream.AuthorUpdate, stream.Gap) {
		said[i] = strconv.FormatInt(op.At.Sub(began).Milliseconds(), 10) + " " + said[i]
	}
	return said
}

func TestBluesky_APostArrivesWithItsAuthorsName(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			c.say(postNow(mio, "p"), commitEvent("create", ren, "q", time.Now(),
				recordOf("x", `,"reply":{"parent":{"uri":"at://`+mio+`/app.bsky.feed.post/p"}}`)))
			c.stay()
		}}
		f.know(mio, profile{Handle: "mio.example", DisplayName: "Mio 🌊", Avatar: "https://cdn.example/mio.jpg"})
		f.know(ren, profile{Handle: "handle.invalid", Avatar: "javascript:alert(1)", Labels: []label{{Val: "porn"}}})
		got := only(gather(t, f.overPipes(t, &Source{}), creates(2)), stream.Create)
		want := stream.Author{Key: "bluesky:" + mio, Handle: "mio.example", Name: "Mio 🌊", Avatar: "https://cdn.example/mio.jpg", URL: "https://bsky.app/profile/" + mio}
		if d := cmp.Diff(want, got[0].Post.Author); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if d := cmp.Diff(unknownAuthor(ren), got[1].Post.Author); d != "" || !got[1].Post.Sensitive || got[0].Post.Sensitive {
			t.Errorf("sensitive %v, author (-want +got):\n%s", got[1].Post.Sensitive, d)
		}
		if got[1].Post.ReplyTo.Handle != "mio.example" {
			t.Errorf("it answers %q, want the name that is known by now", got[1].Post.ReplyTo.Handle)
		}
	})
}

// A reply that is emitted before its parent's author is looked up gets the name by an update.
func TestBluesky_ReportsTheNameOfAParentsAuthor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			c.say(commitEvent("create", ren, "q", time.Now(), recordOf("x", `,"reply":{"parent":{"uri":"at://`+mio+`/app.bsky.feed.post/p"}}`)), postNow(mio, "p"))
			c.stay()
		}}
		f.know(mio, profile{Handle: "mio.example"})
		f.know(ren, profile{Handle: "ren.example"})
		got := gather(t, f.overPipes(t, &Source{}), creates(2))
		page := streamtest.NewPage(t)
		reconciler := reconcile.New(page.Emit, nil)
		for _, op := range got {
			reconciler.Emit(op)
		}
		want := stream.Reply{Key: "bluesky:" + mio, Handle: "mio.example", URL: postURL(mio, "p")}
		if reply := page.Shown["bluesky:at://"+ren+"/app.bsky.feed.post/q"].ReplyTo; reply == nil || *reply != want {
			t.Errorf("got %+v, want %+v", reply, want)
		}
	})
}

func TestBluesky_ShowsPostsIfProfilesCannotBeLookedUp(t *testing.T) {
	tests := map[string]struct {
		hold time.Duration
		look func(n int, w http.ResponseWriter) bool
		want []string
	}{
		"well": {0, nil, []string{"0 create p mio.example", "1000 create r mio.example"}},
		"never waiting": {-1, nil,
			[]string{"0 create p did:plc:mio22222…", "300 author_update mio mio.example", "1000 create r mio.example"}},
		"slow": {0, func(n int, w http.ResponseWriter) bool { time.Sleep(5 * time.Second); return false },
			[]string{"0 create p did:plc:mio22222…", "1000 create r did:plc:mio22222…", "5300 author_update mio mio.example"}},
		"down at first": {0, func(n int, w http.ResponseWriter) bool {
			if n > 2 {
				return false
			}
			w.WriteHeader(http.StatusBadGateway)
			return true
		}, []string{"0 create p did:plc:mio22222…", "1000 create r did:plc:mio22222…", "3600 author_update mio mio.example"}},
		"too busy": {0, func(n int, w http.ResponseWriter) bool {
			if n > 1 {
				return false
			}
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}, []string{"0 create p did:plc:mio22222…", "1000 create r did:plc:mio22222…", "60300 author_update mio mio.example"}},
		"nonsense": {0, func(n int, w http.ResponseWriter) bool {
			if n == 1 {
				w.Write([]byte("<html>"))
			}
			return n == 1
		}, []string{"0 create p did:plc:mio22222…", "1000 create r did:plc:mio22222…", "1500 author_update mio mio.example"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				f := &fakeJetstream{look: tt.look, play: func(_ int, c *fakeConn) {
					c.say(postNow(mio, "p"))
					c.after(time.Second, newPost(mio, "r"))
					go c.stay()
					for {
						time.Sleep(20 * time.Second) // otherwise the connection would be silent for too long
						c.say(accountEvent(aoi, time.Now(), false, "throttled"))
						if c.WriteControl(9, nil, time.Now().Add(time.Second)) != nil {
							return
						}
					}
				}}
				f.know(mio, profile{Handle: "mio.example"})
				began := time.Now()
				got := told(began, gather(t, f.overPipes(t, &Source{Hold: tt.hold}), untilKinds(len(tt.want), stream.Create, stream.AuthorUpdate)))
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			})
		})
	}
}

func TestBluesky_APostWaitsForItsAuthorNoLongerThanHold(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{
			play: func(_ int, c *fakeConn) {
				c.say(postNow(mio, "p"))
				c.after(3*time.Second, newPost(mio, "q"))
				c.stay()
			},
			look: func(int, http.ResponseWriter) bool { time.Sleep(9 * time.Second); return true },
		}
		began := time.Now()
		var waited []time.Duration
		gather(t, f.overPipes(t, &Source{}), func(ops []stream.Op) bool {
			if ops[len(ops)-1].Kind == stream.Create {
				waited = append(waited, time.Since(began))
			}
			return len(waited) == 2
		})
		if waited[0] > defaultHold || waited[0] < defaultHold-tickInterval {
			t.Errorf("it waited %v, want at most %v", waited[0], defaultHold)
		}
		if waited[1] != 3*time.Second {
			t.Errorf("the next one came after %v, want 3s: of this author something is shown already", waited[1])
		}
	})
}

func TestBluesky_LooksUpAuthorsAgainAfterABreak(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{
			play: func(n int, c *fakeConn) {
				if n == 1 {
					c.say(postNow(mio, "p"))
					time.Sleep(time.Second)
					return
				}
				c.stay()
			},
			look: func(n int, _ http.ResponseWriter) bool { time.Sleep(5 * time.Second); return n == 1 },
		}
		f.know(mio, profile{Handle: "mio.example"})
		got := happened(gather(t, f.overPipes(t, &Source{Hold: -1}), untilKinds(1, stream.AuthorUpdate)))
		if d := cmp.Diff([]string{"create p did:plc:mio22222…", "author_update mio mio.example"}, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

func TestBluesky_LooksUpManyAuthorsAtOnceAndEachOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			for i := range 60 {
				c.say(postNow("did:plc:author"+strconv.Itoa(i%30), "p"+strconv.Itoa(i)))
			}
			c.after(time.Second, newPost("did:plc:author0", "q"), newPost("did:plc:author29", "r"))
			c.stay()
		}}
		f.know("did:plc:author0", profile{Handle: "zero.example"}) // the others don't exist
		gather(t, f.overPipes(t, &Source{}), creates(62))
		var sizes []int
		for _, batch := range f.lookUps() {
			sizes = append(sizes, len(batch))
		}
		if want := []int{25, 5}; !slices.Equal(sizes, want) {
			t.Errorf("lookups of %v authors, want %v", sizes, want)
		}
	})
}

func TestBluesky_ReportsNewNamesOfShownAuthors(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{}
		f.play = func(_ int, c *fakeConn) {
			c.say(postNow(mio, "p"))
			time.Sleep(time.Second)
			c.say(profileEvent(mio, "Mio the Second", "")(), profileEvent(aoi, "Nobody we show", "")())
			f.know(mio, profile{Handle: "mio2.example", DisplayName: "Mio the Second", Avatar: "https://cdn.example/2.jpg"})
			c.say(identityEvent(mio)(), identityEvent(aoi)())
			c.stay()
		}
		f.know(mio, profile{Handle: "mio.example", DisplayName: "Mio"})
		ops := only(gather(t, f.overPipes(t, &Source{}), untilKinds(2, stream.AuthorUpdate)), stream.AuthorUpdate)
		avatar := "https://cdn.bsky.app/img/avatar/plain/" + mio + "/bafkreia@jpeg"
		want := []stream.Author{
			{Key: "bluesky:" + mio, Handle: "mio.example", Name: "Mio the Second", Avatar: avatar, URL: "https://bsky.app/profile/" + mio},
			{Key: "bluesky:" + mio, Handle: "mio2.example", Name: "Mio the Second", Avatar: "https://cdn.example/2.jpg", URL: "https://bsky.app/profile/" + mio},
		}
		if d := cmp.Diff(want, []stream.Author{*ops[0].Author, *ops[1].Author}); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if got := f.lookUps(); len(got) != 2 || !slices.Equal(got[1], []string{mio}) {
			t.Errorf("looked up %v, want nobody who isn't shown", got)
		}
	})
}

func TestBluesky_APostThatIsDeletedWhileItIsHeldIsNotShown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			c.say(postNow(mio, "p"), postNow(mio, "q"), commitEvent("delete", mio, "p", time.Now(), ""),
				commitEvent("update", mio, "q", time.Now(), recordOf("edited", "")))
			c.stay()
		}}
		f.know(mio, profile{Handle: "mio.example"})
		got := happened(gather(t, f.overPipes(t, &Source{}), untilKinds(1, stream.Update)))
		if d := cmp.Diff([]string{"destroy p", "create q mio.example", "update q mio.example"}, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}
