package web_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/mastodon"
)

// written is a post of Mastodon, with the parts of the message that its own client shows.
type written struct {
	post    *stream.Post
	Content string `json:"content"`
	Emojis  []struct {
		Code string `json:"shortcode"`
	} `json:"emojis"`
}

// writtenPosts returns the posts of all recorded messages and examples of Mastodon, each once.
func writtenPosts(t *testing.T) (all []written) {
	t.Helper()
	var files []string
	for _, pattern := range []string{os.Getenv("NAGARE_FIXTURES") + "/mastodon/*.ndjson", os.Getenv("NAGARE_INPUTS") + "/mastodon-*.ndjson"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Skip("NAGARE_FIXTURES and NAGARE_INPUTS name no directories of messages")
		}
		files = append(files, found...)
	}
	seen := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			if w, ok := decodeWritten(t, line); ok && !seen[w.post.ID] {
				seen[w.post.ID] = true
				all = append(all, w)
			}
		}
	}
	return all
}

func decodeWritten(t *testing.T, line []byte) (w written, ok bool) {
	t.Helper()
	fields, err := stream.ParseFields(line)
	if err != nil {
		t.Fatal(err)
	}
	op, err := new(mastodon.Decoder).Decode(stream.Message{Line: line, Fields: fields})
	if err != nil || op.Post == nil || op.Post.RepostedBy != nil {
		return written{}, false
	}
	payload := fields.Get("payload")
	if payload == nil {
		payload = fields.Get("data")
	}
	var inner string
	if json.Unmarshal(payload, &inner) == nil {
		payload = []byte(inner)
	}
	if err := json.Unmarshal(payload, &w); err != nil {
		t.Fatal(err)
	}
	w.post = op.Post
	w.post.Preview, w.post.Media, w.post.Warning = nil, nil, "" // which move or hide parts of the text
	return w, true
}

// asInTheirClient lays a text out as Mastodon's web client does: sanitized, with white space as
// it was written, shortened links and pictures for custom emoji.
const asInTheirClient = `(content, quoted) => {
	const parsed = new DOMParser().parseFromString(content, "text/html")
	parsed.querySelectorAll("script, style, iframe, object, embed, form, svg, math, template, noscript, meta, base, link, img").forEach(e => e.remove())
	for (const e of parsed.querySelectorAll("*")) for (const { name } of [...e.attributes]) if (!["class", "start", "reversed", "value"].includes(name)) e.removeAttribute(name)
	if (quoted) parsed.querySelectorAll(".quote-inline").forEach(e => e.remove())
	parsed.querySelectorAll(".invisible").forEach(e => e.remove())
	parsed.querySelectorAll(".ellipsis").forEach(e => e.append("…"))
	parsed.querySelectorAll("rt").forEach(e => { e.prepend("("); e.append(")") })
	// these have margins as paragraphs do, for which innerText writes no blank line
	parsed.querySelectorAll(":is(ul, ol, blockquote, pre):not(li *)").forEach(e => { e.before(document.createElement("p")); e.after(document.createElement("p")) })
	const shown = document.createElement("div")
	shown.style.whiteSpace = "pre-wrap"
	shown.append(...parsed.body.childNodes)
	document.body.append(shown)
	const text = shown.innerText
	shown.remove()
	return text
}`

// explained are the only differences between the text that a card shows and the one that
// Mastodon's client shows. Each is applied to both texts.
var explained = []struct {
	name    string
	pattern *regexp.Regexp
	instead string
}{
	{"a mention has its domain", regexp.MustCompile(`(@[\w.-]+)@[\w-]+(\.[\w-]+)+`), "$1"},
	{"formatting is written with signs", regexp.MustCompile("\\*+|`|~~|(?m:^)(> |• |\\d+\\. )+"), ""},
	{"a line has no white space at its end", regexp.MustCompile(`[ \t]+(\n|$)`), "$1"},
	{"blank lines are two in a row at most, and none at the end of a paragraph", regexp.MustCompile(`\n{3,}`), "\n\n"},
	{"marks of direction show nothing", regexp.MustCompile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]"), ""},
	{"three hashtags at the end are a row", regexp.MustCompile(`\s*((?:[#＃]\S+\s*){3,})$`), " $1"},
}

// compared returns a text without the explained differences, and without custom emoji: they are
// pictures, or their codes if the pictures are missing.
func (w written) compared(text string) string {
	for _, e := range w.Emojis {
		text = strings.ReplaceAll(text, ":"+e.Code+":", "")
	}
	text = strings.TrimSpace(text)
	for _, difference := range explained {
		text = difference.pattern.ReplaceAllString(text, difference.instead)
	}
	if row := explained[len(explained)-1].pattern.FindStringIndex(text); row != nil {
		text = text[:row[0]] + " " + strings.Join(strings.Fields(text[row[0]:]), " ")
	}
	return strings.TrimSpace(text)
}

func TestPage_ShowsTheTextsThatMastodonsOwnClientShows(t *testing.T) {
	t.Parallel()
	all := writtenPosts(t)
	if len(all) < 40 {
		t.Fatalf("only %d posts", len(all))
	}
	for batch := range slices.Chunk(all, 20) {
		s := newSite(t, 0)
		for _, w := range batch {
			s.emit(created(w.post))
		}
		b := open(t, s, "/")
		shown := map[string]string{}
		for _, w := range batch {
			id, _ := json.Marshal(w.post.ID)
			shown[w.post.ID] = eval[string](b, `document.querySelector("[data-post=" + CSS.escape(`+string(id)+`) + "] .tweet__text")?.innerText ?? ""`)
		}
		b.visit("about:blank") // the page's policy permits no parsing of HTML
		for _, w := range batch {
			if diff := cmp.Diff(w.compared(w.inTheirClient(b)), w.compared(shown[w.post.ID])); diff != "" {
				t.Errorf("%s (-their client +this page)\n%s", w.post.ID, diff)
			}
		}
	}
}

func (w written) inTheirClient(b *tab) string {
	arguments, err := json.Marshal([]any{w.Content, w.post.Quote != nil})
	if err != nil {
		b.t.Fatal(err)
	}
	return eval[string](b, "("+asInTheirClient+")(..."+string(arguments)+")")
}
