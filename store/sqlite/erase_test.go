package sqlite_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store/sqlite"
)

const channel = "streaming"

// post is an event of a post, with words in everything that a store keeps of it.
func post(name, key, words string) hub.Event {
	data, _ := json.Marshal(map[string]string{"id": key, "text": words, "html": "<p>" + words + "</p>"})
	return hub.Event{Name: name, Key: key, Data: data, Index: &hub.Index{
		Names: []string{"author of " + key}, State: []byte(`{"text":"` + words + `"}`), Text: words,
		Terms: []string{"from:author of " + key, "lang:en"}, Time: time.Now(),
	}}
}

func destroyed(key string) hub.Event {
	return hub.Event{Name: "destroy", Key: key, Erase: true, Data: json.RawMessage(`{"id":"` + key + `"}`)}
}

// filesWith returns the files of a directory that contain any of the words.
func filesWith(t *testing.T, dir string, words ...string) (found []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range words {
			if bytes.Contains(content, []byte(word)) {
				found = append(found, file.Name()+" has "+word)
			}
		}
	}
	return found
}

// The words are so rare that they also show the trigrams of the full-text index.
func TestErase_WordsAreInNoFile(t *testing.T) {
	notShort(t)
	dir := t.TempDir()
	s, err := sqlite.Open(context.Background(), filepath.Join(dir, "nagare.db"), sqlite.TruncateAfter(sqlite.Options{}, time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	secret := []string{"龘靐齉", "kqzxvw", "author of secret"}
	long := strings.Repeat("kqzxvw ", 900) // more than a page
	write := func(events ...hub.Event) {
		t.Helper()
		if _, err := s.Append(t.Context(), channel, events); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 300 {
		write(post("create", fmt.Sprint(n), "plain words of "+fmt.Sprint(n)))
		if n == 150 {
			write(post("create", "secret", "龘靐齉 kqzxvw "+long), post("create", "edited", "龘靐齉 kqzxvw"), post("create", "quoting", "it says 龘靐齉 "+long[:500]))
		}
	}
	if found := filesWith(t, dir, secret...); len(found) < 3 {
		t.Fatalf("before the erasure: %q", found)
	}
	write(post("update", "edited", "other words"), post("update", "quoting", "it says nothing"), destroyed("secret"))
	for limit := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) { // until the next housework
		found := filesWith(t, dir, secret...)
		if len(found) == 0 {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("still there: %q", found)
		}
	}
	if found := filesWith(t, dir, "plain words of 299"); len(found) == 0 {
		t.Error("the other posts are gone too")
	}
	s.Close()
	checkIndex(t, filepath.Join(dir, "nagare.db"))
}

// checkIndex verifies that the full-text index has exactly the words of the records.
func checkIndex(t *testing.T, path string) {
	t.Helper()
	execute(t, path, "INSERT INTO words(words, rank) VALUES ('integrity-check', 1)")
}

func TestTrim_DropsTheOldestEventsAndTheirWords(t *testing.T) {
	notShort(t)
	dir := t.TempDir()
	s, err := sqlite.Open(context.Background(), filepath.Join(dir, "nagare.db"), sqlite.TruncateAfter(sqlite.Options{MaxSize: 2 << 20}, time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	var tip hub.Position
	path := filepath.Join(dir, "nagare.db")
	for n := range 40 {
		var batch []hub.Event
		for i := range 50 {
			batch = append(batch, post("create", fmt.Sprint(n*50+i), fmt.Sprintf("numberof%04d ", n*50+i)+strings.Repeat("x", 2000)))
		}
		at, err := s.Append(t.Context(), channel, batch)
		if err != nil {
			t.Fatal(err)
		}
		tip = at[len(at)-1]
	}
	for limit := time.Now().Add(30 * time.Second); len(filesWith(t, dir, "numberof0000", "numberof0500")) > 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("the oldest posts are still there")
		}
	}
	if records, err := s.Find(t.Context(), channel, "0"); len(records) != 0 || err != nil {
		t.Errorf("the oldest post is found: %v, %v", records, err)
	}
	if records, err := s.Find(t.Context(), channel, "1999"); len(records) != 1 || err != nil {
		t.Errorf("the newest post is not found: %v, %v", records, err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 3<<20 || info.Size() < 19<<20/10 {
		t.Errorf("the file of at most 2 MiB is %d bytes, %v", info.Size(), err)
	}
	at, err := s.Append(t.Context(), channel, []hub.Event{post("create", "next", "more")})
	if err != nil || at[0] != (hub.Position{Epoch: tip.Epoch, Offset: tip.Offset + 1}) {
		t.Errorf("the next post is at %v, %v, want the place after %v", at, err, tip)
	}
	s.Close()
	checkIndex(t, path)
}

func TestTrim_DropsWhatIsOlderThanKeep(t *testing.T) {
	notShort(t)
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "nagare.db"), sqlite.Options{Keep: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	at, err := s.Append(t.Context(), channel, []hub.Event{post("create", "a", "x"), post("update", "a", "y"), destroyed("b")})
	if err != nil {
		t.Fatal(err)
	}
	for limit := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		records, err := s.Find(t.Context(), channel, "a", "b")
		if err != nil {
			t.Fatal(err)
		}
		if len(records) == 0 {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("still there: %v", records)
		}
	}
	next, err := s.Append(t.Context(), channel, []hub.Event{post("create", "c", "z")})
	if err != nil || next[0] != (hub.Position{Epoch: at[0].Epoch, Offset: 4}) {
		t.Errorf("an empty log continues at %v, %v", next, err)
	}
}

// The channel of the moderators has few events, beside a busy channel that fills the file.
func TestTrim_AQuietChannelKeepsItsEventsForAsLongAsABusyOne(t *testing.T) {
	notShort(t)
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "nagare.db"), sqlite.Options{MaxSize: 2 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	keys := func(channel, key string) int {
		t.Helper()
		records, err := s.Find(t.Context(), channel, key)
		if err != nil {
			t.Fatal(err)
		}
		return len(records)
	}
	number := 0
	write := func(channel string, n int) (first string) {
		t.Helper()
		var batch []hub.Event
		for range n {
			number++
			batch = append(batch, post("create", fmt.Sprint(number), strings.Repeat("x", 2000)))
		}
		if _, err := s.Append(t.Context(), channel, batch); err != nil {
			t.Fatal(err)
		}
		return batch[0].Key
	}
	for first := write(channel, 100); keys(channel, first) > 0; write(channel, 100) {
	}
	quiet, beside := write("quiet", 1), write(channel, 1)
	for keys(channel, beside) > 0 {
		if keys("quiet", quiet) == 0 {
			t.Fatal("the quiet channel has lost an event that is newer than those of the busy one")
		}
		write(channel, 100)
	}
	if keys("quiet", quiet) > 0 {
		t.Error("the quiet channel keeps an event that is older than those of the busy one")
	}
}
