package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// recorded writes a recording of ops, and returns its path.
func recorded(t *testing.T, ops ...stream.Op) string {
	t.Helper()
	var text bytes.Buffer
	for _, op := range ops {
		if err := json.NewEncoder(&text).Encode(op); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "ops.ndjson")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The deletion of a post and the removal of an author arrive after a restart. The words are then
// neither on the page nor in a file, also not where another post quotes them.
func TestRestart_DeletionsReachPostsOfBeforeAndTheirQuotes(t *testing.T) {
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	dir := t.TempDir()
	file := filepath.Join(dir, "nagare.db")
	play := func(ops ...stream.Op) *process {
		return startCommand(t, []string{"replay", recorded(t, ops...), "--rate", "max"}, "STORE="+file)
	}
	quoting := streamtest.Quoting("Q", "A")
	quoting.Post.Quote.Post.Text = []stream.Segment{{Text: "quoted kqzxvw words"}}
	byBob := streamtest.Created("B")
	byBob.Post.Author, byBob.Post.Text = streamtest.Person("Bob"), []stream.Segment{{Text: "words of bkqzxw"}}
	deleted := streamtest.Created("A")
	deleted.Post.Text = []stream.Segment{{Text: "deleted kqzxvw words"}}
	kept := streamtest.Created("K")
	kept.Post.Text = []stream.Segment{{Text: "kept words"}}
	p := play(deleted, quoting, byBob, kept)
	p.until("all posts are there", func() bool {
		page := p.get("/")
		return strings.Contains(page, "deleted kqzxvw") && strings.Contains(page, "quoted kqzxvw") && strings.Contains(page, "bkqzxw") && strings.Contains(page, "kept words")
	})
	p.end()

	p = play(streamtest.Destroyed("A"), streamtest.About(stream.AuthorGone, streamtest.Person("Bob")), deleted, byBob)
	p.until("the words are gone", func() bool {
		page := p.get("/")
		return strings.Contains(page, "kept words") && !strings.Contains(page, "kqzxvw") && !strings.Contains(page, "bkqzxw")
	})
	if lines := p.get("/streaming.ndjson?last=100&wait=1"); strings.Contains(lines, "kqzxvw") || strings.Contains(lines, "bkqzxw") {
		t.Errorf("the stream has deleted words:\n%s", lines)
	}
	p.end()
	files, err := filepath.Glob(file + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, words := range []string{"kqzxvw", "bkqzxw", "zxv", "qzx"} { // the last two are trigrams of the index
			if bytes.Contains(content, []byte(words)) {
				t.Errorf("%s has %s", name, words)
			}
		}
	}
}
