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

// counted is the number of lookups of a kind, whatever their results.
func counted(counts *stream.Lookups, of string) (sum int) {
	for kind, n := range counts.Counts() {
		if kind.Of == of {
			sum += int(n)
		}
	}
	return sum
}

func TestBluesky_AQuoteStaysALinkWhileTheAPIDoesNotAnswer(t *testing.T) {
	answer := answering(quotedJSON("words", ""))
	failing := func(code, failures int) func(int, http.ResponseWriter, []string) {
		return func(n int, w http.ResponseWriter, uris []string) {
			if n > failures {
				answer(n, w, uris)
				return
			}
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(code)
		}
	}
	for name, tt := range map[string]struct {
		posts func(int, http.ResponseWriter, []string)
		asked []time.Duration // seconds after the post
		shown bool
	}{
		"well":              {answer, []time.Duration{1}, true},
		"broken at first":   {failing(502, 1), []time.Duration{1, 61}, true},
		"too many requests": {failing(429, 1), []time.Duration{1, 61}, true},
		"refused":           {failing(400, 1), []time.Duration{1}, false},
		"slow":              {func(n int, w http.ResponseWriter, uris []string) { time.Sleep(9 * time.Second); answer(n, w, uris) }, []time.Duration{1}, true},
		"not indexed yet":   {func(n int, w http.ResponseWriter, uris []string) { answer(n, w, uris[:n/4*len(uris)]) }, []time.Duration{1, 3, 7, 15}, true},
		"never indexed":     {func(n int, w http.ResponseWriter, _ []string) { answer(n, w, nil) }, []time.Duration{1, 3, 7, 15, 32, 64}, false},
		"nonsense":          {func(n int, w http.ResponseWriter, uris []string) { w.Write([]byte("<html>")[:6/n]); answer(n, w, uris) }, []time.Duration{1, 2, 4, 9, 17, 33, 65}, true},
		"a field that's odd": {func(n int, w http.ResponseWriter, uris []string) {
			answering(quotedJSON("words", `,"labels":7`))(n, w, uris)
		}, []time.Duration{1}, true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				f := &fakeJetstream{posts: tt.posts, play: func(_ int, c *fakeConn) {
					c.say(newQuote(mio, "k")())
					go stayLong(c)
					c.after(5*time.Minute, end)
					time.Sleep(time.Minute)
				}}
				f.know(mio, profile{Handle: "mio.example"})
				began, counts := time.Now(), new(stream.Lookups)
				ops := gather(t, f.overPipes(t, &Source{Counts: counts}), untilEnd)
				if first := only(ops, stream.Create)[0]; first.At.Sub(began) > defaultHold {
					t.Errorf("the post was held for %v", first.At.Sub(began))
				}
				if quote := page(t, ops)["k"].Quote; (quote.Post != nil) != tt.shown || quote.URL == "" {
					t.Errorf("got %+v", quote)
				}
				var asked []time.Duration
				for _, since := range f.quoteLookUps(began) {
					asked = append(asked, since/time.Second)
				}
				if !slices.Equal(asked, tt.asked) {
					t.Errorf("asked after %d s, want %d s", asked, tt.asked)
				}
				if n := counted(counts, "bluesky posts"); n != len(asked) {
					t.Errorf("counted %d lookups of posts, want %d", n, len(asked))
				}
			})
		})
	}
}
