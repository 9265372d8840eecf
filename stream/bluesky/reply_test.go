package bluesky

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
)

func newReply(did, rkey, parent string) func() string {
	return func() string {
		return recordNow("create", did, rkey, "yes", `,"reply":{"parent":{"uri":"at://`+parent+`/app.bsky.feed.post/p"}}`)
	}
}

func TestBluesky_AReplyNamesAnAuthorWhoIsNotShown(t *testing.T) {
	for name, tt := range map[string]struct {
		parent profile
		known  bool
		want   stream.Reply
	}{
		"known":     {profile{Handle: "ren.example"}, true, stream.Reply{Key: "bluesky:" + ren, Handle: "ren.example", URL: postURL(ren, "p")}},
		"unknown":   {profile{}, false, stream.Reply{Key: "bluesky:" + ren, Handle: shortDID(ren), URL: postURL(ren, "p")}},
		"opted out": {profile{Handle: "ren.example", Labels: []label{{Val: "!no-unauthenticated"}}}, true, stream.Reply{}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				f := &fakeJetstream{play: func(_ int, c *fakeConn) {
					c.say(postNow(mio, "o"))
					c.after(2*time.Second, newReply(mio, "p", ren)) // the author is known by now, so the reply doesn't wait
					c.after(2*time.Second, end)
					time.Sleep(time.Minute)
				}}
				f.know(mio, profile{Handle: "mio.example"})
				if tt.known {
					f.know(ren, tt.parent)
				}
				began := time.Now()
				ops := gather(t, f.overPipes(t, &Source{}), untilEnd)
				reply := page(t, ops)["p"].ReplyTo
				if d := cmp.Diff(&tt.want, reply); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
				if at := only(ops, stream.Create)[1].At.Sub(began); at != 2*time.Second {
					t.Errorf("the reply arrived after %v, want 2s", at)
				}
			})
		})
	}
}

func TestBluesky_TheExampleOfAReplyNamesTheAuthorThatItAnswers(t *testing.T) {
	message := input(t, "reply-to-somebody-unknown")
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) { c.say(message); stayLong(c) }}
		f.know("did:plc:pppppppppppppppppppppppp", profile{Handle: "pia.example"})
		ops := gather(t, f.overPipes(t, &Source{}), func(ops []stream.Op) bool {
			a := ops[len(ops)-1].Author
			return a != nil && a.Handle == "pia.example"
		})
		if d := cmp.Diff("pia.example", page(t, ops)["3k3"].ReplyTo.Handle); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

// Anybody can reply to an author that the service refuses to look up. That must not affect the
// posts of others.
func TestBluesky_AParentWhoIsRefusedDelaysNoPost(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		invalid := "did:plc:invalid"
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			go c.stay()
			c.say(newReply(mio, "p", invalid)(), postNow(ren, "q"))
			c.after(10*time.Second, newReply(aoi, "r", invalid))
			c.say(postNow(aoi, "s"))
			c.after(10*time.Second, end)
			time.Sleep(time.Minute)
		}}
		f.look = func(n int, w http.ResponseWriter) bool {
			if slices.Contains(f.lookUps()[n-1], invalid) {
				w.WriteHeader(http.StatusBadRequest)
				return true
			}
			return false
		}
		f.know(mio, profile{Handle: "mio.example"})
		f.know(ren, profile{Labels: []label{{Val: "!no-unauthenticated"}}})
		f.know(aoi, profile{Handle: "aoi.example"})
		began := time.Now()
		var arrived []time.Duration
		ops := gather(t, f.overPipes(t, &Source{}), func(ops []stream.Op) bool {
			if ops[len(ops)-1].Kind == stream.Create {
				arrived = append(arrived, time.Since(began))
			}
			return untilEnd(ops)
		})
		want := []string{"author_gone ren ", "create p mio.example", "create r aoi.example", "create s aoi.example", "destroy end"}
		got := happened(ops)
		slices.Sort(got[:2])
		if d := cmp.Diff(want, got); d != "" || lost(ops) != 0 {
			t.Errorf("%d posts are left out (-want +got):\n%s", lost(ops), d)
		}
		if arrived[0] > defaultHold || arrived[1] > 10*time.Second+defaultHold {
			t.Errorf("posts arrived after %v", arrived)
		}
		if n := len(f.lookUps()); n != 3 {
			t.Errorf("%d lookups: %v", n, f.lookUps())
		}
	})
}

func TestProfileLookup_ParentsOnlyFillTheRequestsForAuthors(t *testing.T) {
	p := newProfileLookup()
	dids := someDIDs(60)
	for _, did := range dids[:20] {
		p.seenParent(did, march)
	}
	p.seen(dids[0], march) // the parent becomes an author
	for _, did := range dids[40:] {
		p.seen(did, march)
	}
	batch := p.next(march)
	if want := slices.Concat(dids[:1], dids[40:], dids[1:5]); !slices.Equal(batch, want) {
		t.Errorf("got %v, want %v", batch, want)
	}
	p.failed(batch, 0, march)
	if want := slices.Concat(dids[:1], dids[40:]); !slices.Equal(p.queue, want) || len(p.parents) != 19 {
		t.Errorf("after a failure %v wait, and %d parents", p.queue, len(p.parents))
	}
	if batch = p.next(march.Add(time.Minute)); len(batch) != 21 {
		t.Errorf("while requests fail, %d are asked for, want no parents", len(batch))
	}
	for i := range mostParents + 10 {
		p.seenParent("did:plc:parent"+time.Duration(i).String(), march)
	}
	if len(p.parents) != mostParents {
		t.Errorf("%d parents wait", len(p.parents))
	}
}
