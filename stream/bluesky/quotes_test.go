package bluesky

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/reconcile"
)

// quotedURI is the post that quoteOf quotes.
const quotedURI = "at://" + ren + "/app.bsky.feed.post/3q"

// quotedJSON is a view of the quoted post, with further members in more.
func quotedJSON(text, more string) string {
	return `{"$type":"app.bsky.embed.record#viewRecord","uri":"` + quotedURI + `","author":{"did":"` + ren + `","handle":"ren.example","displayName":"Ren"},` +
		`"value":` + recordOf(text, `,"embed":`+imagesOf) + `,"indexedAt":"2026-02-01T09:00:00.000Z"` + more + `}`
}

// viewJSON is a view of a post that quotes.
func viewJSON(uri, quoted string) string {
	return `{"uri":"` + uri + `","embed":{"$type":"app.bsky.embed.record#view","record":` + quoted + `}}`
}

// answering answers each lookup with views of the posts that all quote the same.
func answering(quoted string) func(int, http.ResponseWriter, []string) {
	return func(_ int, w http.ResponseWriter, uris []string) {
		var views []string
		for _, uri := range uris {
			views = append(views, viewJSON(uri, quoted))
		}
		fmt.Fprintf(w, `{"posts":[%s]}`, strings.Join(views, ","))
	}
}

func newQuote(did, rkey string) func() string {
	return func() string { return recordNow("create", did, rkey, "look", `,"embed":`+quoteOf) }
}

// stayLong keeps the connection alive.
func stayLong(c *fakeConn) {
	go c.stay()
	for c.say(accountEvent(aoi, time.Now(), false, "throttled")) {
		time.Sleep(20 * time.Second)
	}
}

// page applies ops as the site does, and returns the posts that are shown, by the ends of their
// ids.
func page(t *testing.T, ops []stream.Op) map[string]*stream.Post {
	shown := map[string]*stream.Post{}
	r := reconcile.New(func(op stream.Op) error {
		if key := op.ID[strings.LastIndex(op.ID, "/")+1:]; op.Post != nil {
			shown[key] = op.Post
		} else {
			delete(shown, key)
		}
		return nil
	}, nil)
	for _, op := range ops {
		if op.Notice != nil {
			continue
		}
		if err := r.Emit(op); err != nil {
			t.Fatal(err)
		}
	}
	return shown
}

func TestBluesky_AQuoteShowsTheQuotedPost(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{posts: answering(quotedJSON("the quoted words", "")), play: func(_ int, c *fakeConn) {
			c.say(newQuote(mio, "k")())
			stayLong(c)
		}}
		f.know(mio, profile{Handle: "mio.example"})
		began := time.Now()
		ops := gather(t, f.overPipes(t, &Source{}), untilKinds(1, stream.Update))
		if d := cmp.Diff([]string{"0 create k mio.example", "1500 update k mio.example"}, told(began, ops)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		link := stream.Quote{ID: "bluesky:" + quotedURI, URL: "https://bsky.app/profile/" + ren + "/post/3q"}
		if d := cmp.Diff(&link, only(ops, stream.Create)[0].Post.Quote); d != "" {
			t.Errorf("at first (-want +got):\n%s", d)
		}
		picture := strings.ReplaceAll(thumbnail, mio, ren)
		link.Post = &stream.Post{
			ID: link.ID, Source: "bluesky", URL: link.URL, CreatedAt: time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC), Lang: "ja", MoreLangs: []string{"en"},
			Author: stream.Author{Key: "bluesky:" + ren, Handle: "ren.example", Name: "Ren", URL: "https://bsky.app/profile/" + ren},
			Text:   []stream.Segment{{Text: "the quoted words"}},
			Media:  []stream.Media{{Kind: "image", Preview: picture, URL: strings.Replace(picture, "thumbnail", "fullsize", 1), Alt: "A harbour", Width: 640, Height: 480}},
		}
		got := only(ops, stream.Update)[0].Post.Quote
		got.Post.CreatedAt, link.Post.CreatedAt = time.Time{}, time.Time{}
		if d := cmp.Diff(&link, got); d != "" {
			t.Errorf("then (-want +got):\n%s", d)
		}
	})
}

func TestBluesky_AQuoteThatMustNotBeShownSaysSo(t *testing.T) {
	of := func(kind string) string { return `{"$type":"` + kind + `","uri":"` + quotedURI + `"}` }
	media := `{"record":` + quotedJSON("words", "") + `}`
	for name, tt := range map[string]struct {
		quoted string
		want   string // shown, missing or link
	}{
		"shown":                         {quotedJSON("words", ""), "shown"},
		"beside pictures":               {media, "shown"},
		"blocked":                       {of(viewBlocked), "missing"},
		"detached":                      {of(viewDetached), "missing"},
		"detached, beside pictures":     {`{"record":` + of(viewDetached) + `}`, "missing"},
		"deleted":                       {of(viewNotFound), "missing"},
		"a form that is unknown":        {of("app.bsky.embed.record#viewSecret"), "missing"},
		"another post":                  {strings.Replace(quotedJSON("words", ""), "/3q", "/3z", 1), "link"},
		"nothing":                       {`{}`, "link"},
		"hidden by a moderator":         {quotedJSON("words", `,"labels":[{"val":"!hide"}]`), "missing"},
		"hidden, but that was revoked":  {quotedJSON("words", `,"labels":[{"val":"!hide"},{"val":"!hide","neg":true}]`), "shown"},
		"hidden by its author":          {strings.Replace(quotedJSON("words", ""), `"text":`, `"labels":{"values":[{"val":"!no-unauthenticated"}]},"text":`, 1), "missing"},
		"an author who opted out":       {strings.Replace(quotedJSON("words", ""), `"handle"`, `"labels":[{"val":"!no-unauthenticated"}],"handle"`, 1), "missing"},
		"the profile of another author": {strings.Replace(quotedJSON("words", ""), `"did":"`+ren, `"did":"`+aoi, 1), "missing"},
		"a record that is no post":      {strings.Replace(quotedJSON("words", ""), `"$type":"app.bsky.feed.post"`, `"$type":"x"`, 1), "missing"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				f := &fakeJetstream{posts: answering(tt.quoted), play: func(_ int, c *fakeConn) {
					c.say(newQuote(mio, "k")())
					go stayLong(c)
					c.after(2*time.Minute, end)
					time.Sleep(time.Minute)
				}}
				ops := gather(t, f.overPipes(t, &Source{Hold: -1}), untilEnd)
				got, quote := "missing", page(t, ops)["k"].Quote
				switch {
				case quote.Post != nil && quote.URL != "":
					got = "shown"
				case quote.Post == nil && quote.URL != "":
					got = "link"
				}
				if got != tt.want || quote.ID != "bluesky:"+quotedURI {
					t.Errorf("got %s: %+v", got, quote)
				}
			})
		})
	}
}

func TestBluesky_QuotedWordsDisappearWithTheirPostOrAuthor(t *testing.T) {
	for name, tt := range map[string]struct {
		then func() string
		want string // text, and the name of the author
	}{
		"nothing happens":     {identityEvent(aoi), "words by Ren"},
		"deleted":             {func() string { return commitEvent("delete", ren, "3q", time.Now(), "") }, ""},
		"edited":              {func() string { return commitEvent("update", ren, "3q", time.Now(), recordOf("new words", "")) }, "new words by Ren"},
		"author deleted":      {func() string { return accountEvent(ren, time.Now(), false, "deleted") }, ""},
		"author taken down":   {func() string { return accountEvent(ren, time.Now(), false, "takendown") }, ""},
		"author opts out":     {profileEvent(ren, "Ren", `{"val":"!no-unauthenticated"}`), ""},
		"author is renamed":   {profileEvent(ren, "Ren the Second", ""), "words by Ren the Second"},
		"quoting post edited": {func() string { return recordNow("update", mio, "k", "look again", `,"embed":`+quoteOf) }, "words by Ren"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				f := &fakeJetstream{posts: answering(quotedJSON("words", "")), play: func(_ int, c *fakeConn) {
					c.say(newQuote(mio, "k")())
					c.after(5*time.Second, tt.then)
					c.after(5*time.Second, end)
					time.Sleep(time.Minute)
				}}
				f.know(mio, profile{Handle: "mio.example"})
				f.know(ren, profile{Handle: "ren.example", DisplayName: "Ren"})
				ops := gather(t, f.overPipes(t, &Source{}), untilEnd)
				got, post := "", page(t, ops)["k"]
				if q := post.Quoted(); q != nil {
					got = stream.PlainText(q.Text) + " by " + q.Author.Name
				}
				if got != tt.want || got == "" && *post.Quote != (stream.Quote{ID: "bluesky:" + quotedURI}) {
					t.Errorf("got %q in %+v, want %q", got, post.Quote, tt.want)
				}
			})
		})
	}
}

func TestBluesky_AQuoteIsAskedForAgainWhileItIsShown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		began := time.Now()
		f := &fakeJetstream{play: func(_ int, c *fakeConn) {
			c.say(newQuote(mio, "k")())
			stayLong(c)
		}}
		f.posts = func(n int, w http.ResponseWriter, uris []string) {
			if n == 1 {
				answering(quotedJSON("words", ""))(n, w, uris)
			} else {
				answering(`{"$type":"`+viewDetached+`","uri":"`+quotedURI+`"}`)(n, w, uris)
			}
		}
		ops := gather(t, f.overPipes(t, &Source{Hold: -1, DIDs: []string{mio}}), untilKinds(2, stream.Update))
		if got := f.quoteLookUps(began); len(got) != 2 || got[1].Round(time.Minute) != quoteLifetime {
			t.Errorf("asked after %v", got)
		}
		if q := page(t, ops)["k"].Quote; q.Post != nil || q.URL != "" {
			t.Errorf("got %+v", q)
		}
	})
}

func TestBluesky_AnUnwantedQuoteRemovesThePostThatQuotes(t *testing.T) {
	covered := strings.Replace(quotedJSON("words", ""), `"text":`, `"labels":{"values":[{"val":"porn"}]},"text":`, 1)
	for name, tt := range map[string]struct {
		wanted stream.Wanted
		quoted string
		shown  bool
	}{
		"a word":           {stream.Wanted{Without: []string{"spider"}}, quotedJSON("a spider", ""), false},
		"another word":     {stream.Wanted{Without: []string{"spider"}}, quotedJSON("a wasp", ""), true},
		"a blocked handle": {stream.Wanted{Blocked: []string{"@ren.example"}}, quotedJSON("words", ""), false},
		"covered":          {stream.Wanted{NoSensitive: true}, covered, false},
		"covered by a moderator": {stream.Wanted{NoSensitive: true},
			quotedJSON("words", `,"labels":[{"val":"porn"}]`), false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				f := &fakeJetstream{posts: answering(tt.quoted), play: func(_ int, c *fakeConn) {
					c.say(newQuote(mio, "k")())
					c.after(5*time.Second, end)
					time.Sleep(time.Minute)
				}}
				ops := gather(t, f.overPipes(t, &Source{Hold: -1, Filter: stream.NewFilter(tt.wanted)}), untilEnd)
				if p := page(t, ops)["k"]; (p != nil) != tt.shown || p != nil && p.Quoted() == nil {
					t.Errorf("got %+v", p)
				}
			})
		})
	}
}
