package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/networks"
	"nagare/stream/reconcile"
	"nagare/web"
)

const adminToken = "a-token-of-the-moderators-of-a-test"

// testDesk carries out what moderators do, as the program does, for one process. It implements
// web.Moderation and moderation.Desk.
type testDesk struct {
	*moderation.Moderator
	t        testing.TB
	store    *store.Memory
	public   *hub.Channel
	channel  *hub.Channel
	timeline *web.Timeline
	desk     *web.Timeline

	mu     sync.Mutex
	cards  *reconcile.Reconciler
	claims map[string]string
	ops    int // that the reconciler has emitted
}

// newModeratedSite makes a site with moderators.
func newModeratedSite(t testing.TB, mode moderation.Mode, change ...func(*web.Config)) (*site, *testDesk) {
	t.Helper()
	sessions := web.NewSessions([]stream.Secret{adminToken})
	d := &testDesk{t: t, store: new(store.Memory), claims: map[string]string{}}
	options := hub.Options{Store: d.store, MayFollow: func(r *http.Request, _ string) bool { return sessions.Permits(r) }}
	moderated := func(c *web.Config) {
		d.timeline, d.public, d.channel = c.Timeline, c.Hub.Channel("streaming"), c.Hub.Private("desk")
		d.desk = web.NewTimeline(c.Hub, "desk", d.store, networks.All, slog.New(slog.DiscardHandler))
		d.Moderator = moderation.New(d, moderation.Settings{Mode: mode})
		archive := web.NewArchive(d.timeline, false, context.Background).WithDesk(d.desk)
		d.cards = reconcile.New(d.show, archive)
		d.cards.Moderate(d.Judge)
		if err := d.channel.Loaded(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Moderation, c.Desk, c.Sessions, c.Durable = d, d.desk, sessions, true
		c.Emit = func(op stream.Op) error {
			_, err := d.Emit(context.Background(), op)
			return err
		}
		c.Tokens, c.Sample = []stream.Secret{"a token that publishes, 32 characters"}, false
	}
	return newSiteWith(t, options, append([]func(*web.Config){moderated}, change...)...), d
}

func (d *testDesk) Emit(_ context.Context, op stream.Op) (changed bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.ops
	err = d.cards.Emit(op)
	return d.ops != before, err
}

func (d *testDesk) show(op stream.Op) error {
	d.ops++
	to, channel := d.timeline, d.public
	if op.Held != "" {
		to, channel = d.desk, d.channel
	}
	if err := to.Emit(context.Background(), op); err != nil {
		return err
	}
	return channel.Flush(context.Background())
}

func (d *testDesk) Load(context.Context) (s moderation.Settings, found bool, err error) { return }

func (d *testDesk) Save(ctx context.Context, s moderation.Settings) error {
	if _, err := d.public.Trigger(ctx, "screen", map[string]any{"state": s.Screen, "pins": append([]string{}, s.Pins...)}); err != nil {
		return err
	}
	_, err := d.channel.Trigger(ctx, "settings", map[string]any{"settings": s})
	return err
}

func (d *testDesk) Record(ctx context.Context, e moderation.Entry) error {
	ev := hub.Event{Name: "audit", Key: "audit:" + e.Entry, Index: &hub.Index{Terms: []string{"audit"}, Time: e.At}}
	if err := ev.Encode(e); err != nil {
		return err
	}
	_, err := d.channel.Publish(ctx, ev)
	return err
}

func (d *testDesk) Entry(ctx context.Context, id string) (e moderation.Entry, found bool, err error) {
	records, err := d.store.Find(ctx, "desk", "audit:"+id)
	if err != nil || len(records) == 0 {
		return e, false, err
	}
	return e, true, json.Unmarshal(records[len(records)-1].Data, &e)
}

func (d *testDesk) Audit(ctx context.Context, before hub.Position, n int) (entries []moderation.Entry, older hub.Position, err error) {
	records, older, err := d.store.Records(ctx, "desk", store.Query{Terms: []string{"audit"}, Before: before, Limit: n})
	for _, r := range records {
		var e moderation.Entry
		if err := json.Unmarshal(r.Data, &e); err != nil {
			return nil, older, err
		}
		entries = append(entries, e)
	}
	return entries, older, err
}

func (d *testDesk) Claim(ctx context.Context, id, by string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if holder := d.claims[id]; holder != "" && holder != by {
		return holder, nil
	}
	d.claims[id] = by
	_, err := d.channel.Trigger(ctx, "claim", map[string]any{"id": id, "by": by, "at": time.Now()})
	return by, err
}

// post passes posts to the reconciler.
func (d *testDesk) post(posts ...*stream.Post) {
	d.t.Helper()
	for _, post := range posts {
		d.emit(created(post))
	}
}

// emit passes an op to the reconciler.
func (d *testDesk) emit(op stream.Op) {
	d.t.Helper()
	if _, err := d.Emit(d.t.Context(), op); err != nil {
		d.t.Fatal(err)
	}
}

// audited returns the number of entries in the audit.
func (d *testDesk) audited() int {
	d.t.Helper()
	entries, _, err := d.Audit(d.t.Context(), hub.Position{}, 1000)
	if err != nil {
		d.t.Fatal(err)
	}
	return len(entries)
}

// byAuthor returns a post of an author, with those words.
func byAuthor(number int, author, words string) *stream.Post {
	return &stream.Post{
		ID: fmt.Sprintf("bluesky:%d", number), Source: "bluesky", CreatedAt: time.Now(), Lang: "en",
		Author: stream.Author{Key: "bluesky:did:" + author, Handle: author + ".example", Name: strings.ToUpper(author[:1]) + author[1:]},
		Text:   said(words),
	}
}

// moderator is a client that has logged in, without script.
type moderator struct {
	t    testing.TB
	site *site
	http http.Client
	form string // token of the forms
	sent int
}

// newStranger returns a client that has not logged in.
func newStranger(t testing.TB, s *site) *moderator {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &moderator{t: t, site: s, http: http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func logIn(t testing.TB, s *site, name string) *moderator {
	t.Helper()
	m := newStranger(t, s)
	if status := m.send("login", url.Values{"name": {name}, "token": {adminToken}}, nil).StatusCode; status != http.StatusSeeOther {
		t.Fatalf("login: status %d, want 303", status)
	}
	m.form = regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(m.body("/admin"))[1]
	return m
}

// send posts a form as a page of the site does. change can modify the request.
func (m *moderator) send(do string, fields url.Values, change func(*http.Request)) *http.Response {
	m.t.Helper()
	m.sent++
	values := url.Values{"form": {m.form}, "once": {fmt.Sprint("test-", m.sent)}}
	for name, value := range fields {
		values[name] = value
	}
	r, err := http.NewRequest(http.MethodPost, m.site.url+"/admin/"+do, strings.NewReader(values.Encode()))
	if err != nil {
		m.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", m.site.url)
	if change != nil {
		change(r)
	}
	resp, err := m.http.Do(r)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func (m *moderator) get(path string) *http.Response {
	m.t.Helper()
	resp, err := m.http.Get(m.site.url + path)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func (m *moderator) body(path string) string {
	m.t.Helper()
	body, err := io.ReadAll(m.get(path).Body)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(body)
}
