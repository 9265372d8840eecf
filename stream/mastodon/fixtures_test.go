package mastodon

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	xhtml "golang.org/x/net/html"

	"nagare/stream"
	"nagare/stream/internal/html"
	"nagare/stream/internal/lines"
	"nagare/stream/internal/text"
	"nagare/stream/streamtest"
)

// fixtureLine is a line of a fixture. An event has either a payload, as in a WebSocket stream,
// or data, as in the documentation.
type fixtureLine struct {
	Event   string          `json:"event"`
	Payload json.RawMessage `json:"payload"`
	Data    json.RawMessage `json:"data"`
}

// fixtureLines reads a fixture.
func fixtureLines(t testing.TB, name string) []fixtureLine {
	t.Helper()
	var found []fixtureLine
	in := bufio.NewScanner(bytes.NewReader(streamtest.Fixture(t, "mastodon", name)))
	in.Buffer(nil, lines.MaxLine)
	for in.Scan() {
		var line fixtureLine
		if err := json.Unmarshal(in.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if line.Payload == nil {
			line.Payload = line.Data
		}
		found = append(found, line)
	}
	return found
}

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// fixtures are the files, each with its number of events by kind. The numbers were counted by
// hand.
var fixtures = map[string]map[string]int{
	"statuses_as_updates.ndjson":      {"create": 43, "not public": 3},
	"edits.ndjson":                    {"create": 1, "update": 5, "destroy": 1, "not public": 1},
	"quotes_boosts_polls_cw.ndjson":   {"create": 3, "update": 1},
	"constructed_hostile_html.ndjson": {"create": 5},
	"ws_frames.ndjson":                {"create": 1, "destroy": 1, "nothing": 1, "unknown": 1},
	"doc_events.ndjson":               {"update": 1, "not public": 1, "nothing": 3},
}

func TestMastodon_ReadsRecordedMessages(t *testing.T) {
	for name, want := range fixtures {
		got := map[string]int{}
		for i, line := range fixtureLines(t, name) {
			e, err := decodeEvent(line.Event, line.Payload)
			switch {
			case errors.Is(err, errUnknownEvent):
				got["unknown"]++
			case err != nil:
				t.Errorf("%s:%d: %v", name, i+1, err)
			case e.kind == "":
				got["nothing"]++
			case e.kind == stream.Destroy:
				got["destroy"]++
			default:
				op, ok := view{domain: "home.example", now: now}.op(e.kind, e.status)
				if !ok {
					got["not public"]++
					continue
				}
				got[string(op.Kind)]++
				wellFormed(t, op.Post)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// wellFormed fails the test if a post breaks a rule of package stream.
func wellFormed(t *testing.T, post *stream.Post) {
	t.Helper()
	addresses := []string{post.URL, post.Author.URL, post.Author.Avatar}
	for _, s := range post.Text {
		addresses = append(addresses, s.Href, s.Src)
		if s.Text == "" || s.Kind == stream.Link && s.Href == "" || s.Kind == stream.Emoji && s.Src == "" {
			t.Errorf("%s: segment %+v", post.ID, s)
		}
	}
	for _, m := range post.Media {
		addresses = append(addresses, m.Preview, m.URL)
	}
	for _, e := range append(post.Emoji, post.Author.Emoji...) {
		addresses = append(addresses, e.Src)
	}
	for _, a := range addresses {
		if a != "" && text.WebAddress(a) == "" {
			t.Errorf("%s: address %q", post.ID, a)
		}
	}
	if !strings.HasPrefix(post.ID, "mastodon:") || !strings.HasPrefix(post.Author.Key, "mastodon:") || post.CreatedAt.IsZero() ||
		strings.Count(post.Author.Handle, "@") != 1 || post.Author.Name == "" {
		t.Errorf("%+v", post)
	}
	if post.Quote != nil && post.Quote.Post != nil {
		wellFormed(t, post.Quote.Post)
	}
}

// The text must be the same as that of a complete HTML parser, apart from white space,
// invisible parts and the characters that stand for markup.
func TestMastodon_ShowsEveryWordOfRecordedPosts(t *testing.T) {
	bare := strings.NewReplacer(" ", "", "\n", "", "\t", "", "\r", "", "…", "", "•", "", ">", "", "`", "", "*", "", "~", "", "(", "", ")", "")
	for name := range fixtures {
		for i, line := range fixtureLines(t, name) {
			e, _ := decodeEvent(line.Event, line.Payload)
			if e.status == nil {
				continue
			}
			doc, err := xhtml.Parse(strings.NewReader(e.status.Content))
			if err != nil {
				t.Fatal(err)
			}
			var want strings.Builder
			words := func(n *xhtml.Node) {
				if n.Type == xhtml.TextNode {
					want.WriteString(n.Data)
				}
			}
			walk(doc, words)
			got := stream.PlainText(html.Cut(e.status.Content, html.Rules{}))
			if d := cmp.Diff(bare.Replace(want.String()), bare.Replace(got)); d != "" {
				t.Errorf("%s:%d: %s", name, i+1, d)
			}
		}
	}
}

// walk visits the visible nodes of a document.
func walk(n *xhtml.Node, visit func(*xhtml.Node)) {
	for _, a := range n.Attr {
		if a.Key == "class" && strings.Contains(a.Val, "invisible") {
			return
		}
	}
	if n.Data == "script" || n.Data == "style" || n.Data == "iframe" {
		return
	}
	visit(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

// hostileContent is HTML from a server that sanitises nothing. In each example, only the word
// "kept" is text that a reader may see.
var hostileContent = []string{
	`kept<script>alert("kept not")</script>`, `<SCRIPT SRC=//evil.example/x.js></SCRIPT>kept`, `<p onclick="alert(1)" ONMOUSEOVER='x'>kept</p>`,
	`<style>*{background:url(javascript:alert(1))}</style>kept`, `<p style="position:fixed;inset:0">kept</p>`, `<img src=x onerror=alert(1)>kept`,
	`<a href="javascript:alert(1)">kept</a>`, `<a href=" jAvAsCrIpT&#58;alert(1)">kept</a>`, `<a href="java&#10;script:alert(1)">kept</a>`,
	`<a href="data:text/html,<script>alert(1)</script>">kept</a>`, `<a href="vbscript:x">kept</a>`, `<a href="//user:pass@evil.example">kept</a>`,
	`<svg onload=alert(1)><script>alert(1)</script></svg>kept`, `<svg><animate onbegin=alert(1) attributeName=x />kept</svg>`,
	`<iframe src="https://evil.example" srcdoc="<script>alert(1)</script>">not</iframe>kept`, `<object data="x.swf"></object><embed src=x>kept`,
	`<form action="https://evil.example"><input autofocus onfocus=alert(1) value="not"></form>kept`, `<math><mi xlink:href="javascript:alert(1)">kept</mi></math>`,
	`<base href="https://evil.example/">kept`, `<meta http-equiv=refresh content="0;url=https://evil.example">kept`, `<link rel=stylesheet href=//evil.example>kept`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>kept`, `<template><script>alert(1)</script></template>kept`, `kept<!--><script>alert(1)</script>-->`,
}

func TestMastodon_KeepsOnlyTheTextOfHostileHTML(t *testing.T) {
	for _, content := range hostileContent {
		e, err := decodeEvent("update", []byte(document(postJSON(1, map[string]any{"content": content}))))
		if err != nil {
			t.Fatal(err)
		}
		op, _ := view{domain: "a.example", now: now}.op(e.kind, e.status)
		text := strings.NewReplacer(`">`, "", "-->", "").Replace(strings.TrimSpace(stream.PlainText(op.Post.Text)))
		if text != "kept" {
			t.Errorf("%q: kept %q", content, text)
		}
		for _, s := range op.Post.Text {
			if s.Href+s.Src+s.Title != "" || s.Kind != stream.Text && s.Kind != stream.Break {
				t.Errorf("%q: made %+v", content, s)
			}
		}
	}
}

func TestMastodon_KeepsOnlyTheTextOfRecordedHostileHTML(t *testing.T) {
	want := []string{"ok l", "a¶b", "<b> stays text & link[example.com/very…](https://example.com/very/long)",
		"<:blobcat:>  مرحبا", "• one¶• two¶¶> q¶¶x < y¶¶漢(kan)"}
	var got []string
	for _, line := range fixtureLines(t, "constructed_hostile_html.ndjson") {
		e, err := decodeEvent(line.Event, line.Payload)
		if err != nil {
			t.Fatal(err)
		}
		op, _ := view{domain: "home.example", now: now}.op(e.kind, e.status)
		got = append(got, streamtest.Flat(op.Post.Text))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
