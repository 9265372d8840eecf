package bluesky

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
)

func TestBluesky_AsksForManyQuotesAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var sizes []int
		answer := answering(quotedJSON("words", ""))
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			for i := range 60 {
				c.say(newQuote(mio, fmt.Sprint("k", i))())
			}
			stayLong(c)
		}}
		f.posts = func(n int, w http.ResponseWriter, uris []string) {
			sizes = append(sizes, len(uris))
			answer(n, w, uris)
		}
		gather(t, f.overPipes(t, &Source{Hold: -1}), untilKinds(60, stream.Update))
		if d := cmp.Diff([]int{25, 25, 10}, sizes); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

func TestBluesky_OneQuoteThatIsRefusedDoesNotHideTheOthers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		answer := answering(quotedJSON("words", ""))
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			for i := range 60 {
				c.say(newQuote(mio, fmt.Sprint("k", i))())
			}
			stayLong(c)
		}}
		f.posts = func(n int, w http.ResponseWriter, uris []string) {
			if slices.ContainsFunc(uris, func(uri string) bool { return strings.HasSuffix(uri, "/k7") }) {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			answer(n, w, uris)
		}
		began := time.Now()
		gather(t, f.overPipes(t, &Source{Hold: -1}), untilKinds(59, stream.Update))
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestQuoteLookup_KeepsTheNewestPosts(t *testing.T) {
	p := newQuoteLookup()
	for i := range mostQuoting + 10 {
		p.put(fmt.Sprint(i), &quotingPost{quoted: quotedURI})
	}
	if len(p.posts) != mostQuoting || p.posts["9"] != nil || p.posts["10"] == nil {
		t.Errorf("%d posts are remembered, or not the newest", len(p.posts))
	}
}

func TestBluesky_TheExampleOfAQuoteShowsTheQuotedPost(t *testing.T) {
	message := input(t, "quote-of-a-post")
	inBubble(t, func(t *testing.T) {
		quoted := strings.NewReplacer(ren, "did:plc:pppppppppppppppppppppppp", "/3q", "/3k9").Replace(quotedJSON("the quoted words", ""))
		f := &fakeJetstream{posts: answering(quoted), play: func(_ int, c *fakeConn) {
			c.say(message)
			stayLong(c)
		}}
		ops := gather(t, f.overPipes(t, &Source{Hold: -1}), untilKinds(1, stream.Update))
		if q := page(t, ops)["3k5"].Quoted(); q == nil || stream.PlainText(q.Text) != "the quoted words" || q.Author.Name != "Ren" {
			t.Errorf("got %+v", q)
		}
	})
}
