package web

import (
	"bufio"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/query"
)

// The vocabulary of random posts and queries.
var (
	someWords   = []string{"ferry", "tea", "Tea-time", "live music", "船はまた", "遅れて", "カナ", "ｶﾅ", "İstanbul", "café", "go", "don’t", "スーパー", "ferries", "한국어로", "μετρό"}
	someAuthors = []string{"mio", "kei@town.example", "Ben.example", "mio@other.example"}
	someTags    = []string{"go", "Tokyo", "船", "live"}
	someLangs   = []string{"", "en", "en-GB", "ja", "pt-BR"}
	someSources = []string{"bluesky", "mastodon", "x", "replay", postSource}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// randomPost returns a post of random parts, which is a new version of the post with that number.
func randomPost(r *rand.Rand, n int) *stream.Post {
	p := post(n, pick(r, someWords)+" "+pick(r, someWords))
	p.Source = someSources[n%len(someSources)]
	p.ID = fmt.Sprintf("%s:%d", p.Source, n)
	p.Author = stream.Author{Handle: pick(r, someAuthors), Name: pick(r, someWords)}
	p.Lang = pick(r, someLangs)
	maybe := func(change func()) {
		if r.IntN(4) == 0 {
			change()
		}
	}
	maybe(func() { p.Text = append(p.Text, stream.Segment{Kind: stream.Hashtag, Text: "#" + pick(r, someTags)}) })
	maybe(func() {
		p.Text = append(p.Text, stream.Segment{Kind: stream.Mention, Text: "@" + pick(r, someAuthors)})
	})
	maybe(func() {
		p.Text = append(p.Text, stream.Segment{Kind: stream.Link, Text: "a.example", Href: "https://a.example/"})
	})
	maybe(func() { p.Tags = []string{pick(r, someTags)} })
	maybe(func() { p.Warning = pick(r, someWords) })
	maybe(func() { p.Sensitive = true })
	maybe(func() {
		p.Media = []stream.Media{{Kind: "image", Preview: "https://a.example/a.png", Alt: pick(r, someWords)}}
	})
	maybe(func() {
		p.Poll = &stream.Poll{Options: []stream.PollOption{{Title: pick(r, someWords)}, {Title: "no"}}}
	})
	maybe(func() { p.Quote = &stream.Quote{Post: post(1000, pick(r, someWords)), URL: "https://a.example/1"} })
	maybe(func() { p.ReplyTo = &stream.Reply{Handle: pick(r, someAuthors)} })
	maybe(func() { p.RepostedBy = &stream.Author{Handle: pick(r, someAuthors)} })
	return p
}

func randomQuery(r *rand.Rand) string {
	var clauses []string
	for range 1 + r.IntN(3) {
		clause := pick(r, []func() string{
			func() string { return pick(r, strings.Fields(strings.Join(someWords, " "))) },
			func() string { return `"` + pick(r, someWords) + `"` },
			func() string { return "#" + pick(r, someTags) },
			func() string { return "@" + pick(r, append(someAuthors, "town.example", "Kei")) },
			func() string { return "from:" + pick(r, append(someAuthors, "MIO", "kei")) },
			func() string { return "lang:" + pick(r, someLangs[1:]) },
			func() string { return "source:" + pick(r, someSources) },
			func() string { return "has:" + pick(r, []string{"media", "link", "poll", "quote"}) },
			func() string { return "is:" + pick(r, []string{"reply", "repost", "sensitive"}) },
		})()
		if r.IntN(4) == 0 {
			clause = "-" + clause
		}
		clauses = append(clauses, clause)
	}
	return strings.Join(clauses, " ")
}

// emitRandomly emits that many posts, edits of some, and deletions of some. It returns the posts that are left, newest
// first.
func (f *fixture) emitRandomly(r *rand.Rand, n int) []*stream.Post {
	f.t.Helper()
	var left []*stream.Post
	for i := range n {
		left = append(left, randomPost(r, i))
		f.emit(create(left[len(left)-1]))
		switch at := r.IntN(len(left)); r.IntN(8) {
		case 0:
			left[at] = randomPost(r, number(left[at].ID))
			f.emit(update(left[at]))
		case 1:
			f.emit(stream.Op{Kind: stream.Destroy, ID: left[at].ID})
			left = slices.Delete(left, at, at+1)
		}
	}
	slices.Reverse(left)
	return left
}

func number(id string) (n int) {
	_, digits, _ := strings.Cut(id, ":")
	fmt.Sscan(digits, &n)
	return n
}

// For each query, the posts that match it are those that every way of asking returns, in the same order. The log
// holds only some of the posts.
func TestQuery_JSONFeedPageStreamAndStoreHaveTheSamePosts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	f := newFixtureWith(t, hub.Options{Ring: 100, Filter: Filter}, everythingOpen)
	posts := f.emitRandomly(r, 240)
	live := newFixtureWith(t, hub.Options{Filter: Filter}, everythingOpen, func(c *Config) { // its log holds all
		c.Proxies.Trusted = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	liveServer := live.serveReal()
	r = rand.New(rand.NewPCG(1, 2))
	live.emitRandomly(r, 240)

	indexes := make([]hub.Index, len(posts))
	for i, p := range posts {
		indexes[i].Text, indexes[i].Terms = stream.SearchIndex(p)
	}
	matched := 0
	for i := range 200 {
		text := randomQuery(r)
		q, err := query.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var want []string
		for n, index := range indexes {
			if q.Matches(index.Text, index.Terms) {
				want = append(want, posts[n].ID)
			}
		}
		matched += len(want)
		for way, got := range map[string][]string{
			"JSON": f.idsOfJSON(text), "feed": f.idsOfFeed(text), "page": f.idsOfPages(text), "store": f.idsOfStore(q), "stream": live.idsOfStream(liveServer.URL, text, i),
		} {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s, by %s (-want +got):\n%s", text, way, diff)
			}
		}
	}
	if matched < 1500 {
		t.Errorf("the queries match only %d times", matched)
	}
}

func (f *fixture) idsOfJSON(q string) (ids []string) {
	for path := "/streaming.json?limit=40&q=" + url.QueryEscape(q); path != ""; {
		answer := f.listed(path)
		for _, p := range answer.Posts {
			ids = append(ids, p.ID)
		}
		path = answer.Older
	}
	return ids
}

func (f *fixture) idsOfFeed(q string) (ids []string) {
	f.t.Helper()
	for path := "/feed.json?q=" + url.QueryEscape(q); path != ""; {
		var got struct {
			Next  string `json:"next_url"`
			Items []struct{ URL string }
		}
		w := f.get(path)
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			f.t.Fatalf("%s: %d: %v", path, w.Code, err)
		}
		for _, item := range got.Items {
			id, err := url.PathUnescape(strings.TrimPrefix(item.URL, "http://example.com/post/"))
			if err != nil {
				f.t.Fatal(err)
			}
			ids = append(ids, id)
		}
		path = strings.TrimPrefix(got.Next, "http://example.com")
	}
	return ids
}

var olderLink = regexp.MustCompile(`id="older"[^>]* href="([^"]+)"`)

var cardPattern = regexp.MustCompile(`<article[^>]* data-post="([^"]*)"`)

func (f *fixture) idsOfPages(q string) (ids []string) {
	for path := "/?q=" + url.QueryEscape(q); path != ""; {
		page := f.get(path).Body.String()
		for _, card := range cardPattern.FindAllStringSubmatch(page, -1) {
			ids = append(ids, html.UnescapeString(card[1]))
		}
		path = ""
		if older := olderLink.FindStringSubmatch(page); older != nil {
			path = html.UnescapeString(older[1])
		}
	}
	return ids
}

func (f *fixture) idsOfStore(q query.Query) (ids []string) {
	f.t.Helper()
	search := store.Query{Limit: 1000, Match: func(x *hub.Index) bool { return q.Matches(x.Text, x.Terms) }}
	search.Words, search.Terms = q.Needs()
	records, _, err := f.timeline.history.Records(f.t.Context(), "streaming", search)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, r := range records {
		ids = append(ids, r.Key)
	}
	return ids
}

// idsOfStream returns the posts that a client of the stream is sent that begins before the first.
func (f *fixture) idsOfStream(site, q string, client int) (ids []string) {
	f.t.Helper()
	since := hub.Position{Epoch: f.timeline.channel.Tip().Epoch}
	request, err := http.NewRequest(http.MethodGet, site+"/streaming.ndjson?wait=1&since="+since.String()+"&q="+url.QueryEscape(q), nil)
	if err != nil {
		f.t.Fatal(err)
	}
	request.Header.Set("X-Forwarded-For", fmt.Sprintf("10.0.0.%d", client)) // the requests of one client are limited
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusOK {
		f.t.Fatal(answer, err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event struct {
			Event string
			Data  struct{ ID string }
		}
		if len(lines.Bytes()) == 0 {
			continue
		}
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			f.t.Fatal(err)
		}
		if event.Event == string(stream.Create) {
			ids = append(ids, event.Data.ID)
		}
	}
	slices.Reverse(ids)
	return ids
}
