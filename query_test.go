package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/store/redis"
	"nagare/store/sqlite"
	"nagare/stream"
	"nagare/stream/networks"
	"nagare/stream/query"
)

// samplePosts returns the posts of the demo, and those in the recorded messages that NAGARE_FIXTURES
// and NAGARE_INPUTS name, without a version twice.
func samplePosts(t *testing.T) (posts []*stream.Post) {
	t.Helper()
	seen := map[string]bool{}
	add := func(op stream.Op) {
		if op.Post != nil && !seen[op.Post.ID] {
			seen[op.Post.ID] = true
			posts = append(posts, op.Post)
		}
	}
	demo, err := os.ReadFile("stream/replay/demo.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(demo) {
		var op stream.Op
		if err := json.Unmarshal(line, &op); err == nil {
			add(op)
		}
	}
	decoders := networks.Decoders("")
	for _, dir := range []string{os.Getenv("NAGARE_FIXTURES"), os.Getenv("NAGARE_INPUTS")} {
		if dir == "" {
			continue
		}
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".ndjson" {
				return err
			}
			file, err := os.ReadFile(path)
			for line := range bytes.Lines(file) {
				add(decodedOp(decoders, bytes.TrimSpace(line)))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return posts
}

// decodedOp returns the op of a message, or the zero Op if there is none.
func decodedOp(decoders []stream.Decoder, line []byte) stream.Op {
	fields, err := stream.ParseFields(line)
	if err != nil {
		return stream.Op{}
	}
	for _, d := range decoders {
		if m := (stream.Message{Line: line, Fields: fields}); d.Owns(m) {
			op, _ := d.Decode(m)
			return op
		}
	}
	return stream.Op{}
}

// randomQuery returns a query of what some posts have, as readers write it, and of what others have.
func randomQuery(r *rand.Rand, posts []*stream.Post) string {
	var clauses []string
	for range 1 + r.IntN(3) {
		clauses = append(clauses, randomClause(r, posts[r.IntN(len(posts))]))
	}
	return strings.Join(clauses, " ")
}

func randomClause(r *rand.Rand, p *stream.Post) (clause string) {
	if r.IntN(4) == 0 {
		clause = "-"
	}
	words := strings.Fields(stream.PlainText(p.Text) + " " + p.Warning + " " + p.Author.Name)
	word := func(n int) string {
		if len(words) < n {
			return "x"
		}
		from := r.IntN(len(words) - n + 1)
		return strings.ReplaceAll(strings.Join(words[from:from+n], " "), `"`, "")
	}
	switch r.IntN(10) {
	case 0, 1:
		return clause + word(1)
	case 2:
		return clause + strings.ToUpper(word(1))
	case 3: // a part of a word, in some script
		part := []rune(word(1))
		from := r.IntN(len(part) + 1)
		return clause + `"` + string(part[from:from+r.IntN(len(part)-from+1)]) + `"`
	case 4:
		return clause + `"` + word(2) + `"`
	case 5:
		if _, terms := stream.SearchIndex(p); len(terms) > 0 {
			term := terms[r.IntN(len(terms))]
			return clause + strings.NewReplacer("tag:", "#", "who:", "@").Replace(term)
		}
		return clause + "#none"
	case 6:
		return clause + "from:" + p.Author.Handle
	case 7:
		return clause + "@" + p.Author.Handle
	case 8:
		return clause + []string{"has:media", "has:link", "has:poll", "has:quote", "is:reply", "is:repost", "is:sensitive", "is:bot"}[r.IntN(8)]
	}
	return clause + "lang:" + p.Lang
}

// allStores are an empty store of each kind.
func allStores(t *testing.T) map[string]store.Store {
	t.Helper()
	server, err := redis.Open("redis://"+startRedis(t), redis.Options{}) // first, because it can skip the test
	if err != nil {
		t.Fatal(err)
	}
	file, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "nagare.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		file.Close()
		server.Close()
	})
	return map[string]store.Store{"memory": new(store.Memory), "sqlite": file, "redis": server}
}

// found returns the keys of all records that match, in pages of random size.
func found(t *testing.T, r *rand.Rand, s store.Store, q query.Query) (keys []string) {
	t.Helper()
	words, terms := q.Needs()
	ask := store.Query{Words: words, Terms: terms, Match: func(x *hub.Index) bool { return q.Matches(x.Text, x.Terms) }}
	for {
		ask.Limit = 3 + r.IntN(300)
		records, older, err := s.Records(t.Context(), channel, ask)
		if err != nil || len(records) > ask.Limit {
			t.Fatalf("%s: %d records, %v", q, len(records), err)
		}
		for _, record := range records {
			keys = append(keys, record.Key)
		}
		if older == (hub.Position{}) {
			slices.Reverse(keys) // oldest first
			return keys
		}
		ask.Before = older
	}
}

// inLog returns events as the log of a hub has them.
func inLog(t *testing.T, events []hub.Event) []hub.Event {
	t.Helper()
	c := hub.New(hub.Options{}).Channel(channel)
	for _, ev := range events {
		if _, err := c.Publish(t.Context(), ev); err != nil {
			t.Fatal(err)
		}
	}
	held, _ := c.Recent(len(events))
	return held
}

func TestQuery_AllStoresFindWhatMatches(t *testing.T) {
	posts := samplePosts(t)
	events := make([]hub.Event, len(posts))
	for i, p := range posts {
		events[i] = hub.Event{Name: "create", Key: p.ID, Data: json.RawMessage("{}"), Index: &hub.Index{Time: time.Now()}}
		events[i].Index.Text, events[i].Index.Terms = stream.SearchIndex(p)
	}
	live := inLog(t, events)
	stores := allStores(t)
	for name, s := range stores {
		for batch := range slices.Chunk(events, 200) {
			if _, err := s.Append(t.Context(), channel, batch); err != nil {
				t.Fatal(name, err)
			}
		}
	}
	r := rand.New(rand.NewPCG(17, 4))
	matched := 0
	for range 1000 {
		text := randomQuery(r, posts)
		q, err := query.Parse(text)
		if err != nil {
			continue // such as lang: without a value
		}
		var want []string
		for _, ev := range live {
			if q.Matches(ev.Index.Text, ev.Index.Terms) {
				want = append(want, ev.Key)
			}
		}
		if len(want) > 0 && len(want) < len(events) {
			matched++
		}
		for name, s := range stores {
			if got := found(t, r, s, q); !slices.Equal(got, want) {
				t.Errorf("%s: %q (%s): got %d posts, want %d: %s", name, text, q, len(got), len(want), difference(got, want))
			}
		}
	}
	if matched < 400 {
		t.Errorf("only %d queries matched some of the posts", matched)
	}
}

// difference lists some keys that only one of two lists has.
func difference(got, want []string) string {
	var lines []string
	for _, key := range got {
		if !slices.Contains(want, key) {
			lines = append(lines, "+"+key)
		}
	}
	for _, key := range want {
		if !slices.Contains(got, key) {
			lines = append(lines, "-"+key)
		}
	}
	return fmt.Sprint(lines[:min(len(lines), 5)])
}
