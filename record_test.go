package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/recording"
)

// The recorder must erase posts of earlier runs itself, because the reconciler of a new run
// doesn't know them.
func TestRecording_ErasesDeletedPostsOfAnEarlierRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "posts.ndjson")
	at := time.Now()
	shown := 0
	post := func(id, author string) stream.Op {
		return stream.Op{Kind: stream.Create, At: at, ID: id, Post: &stream.Post{
			ID: id, CreatedAt: at, Author: stream.Author{Key: author, Handle: "a"}, Text: []stream.Segment{{Text: "secret " + id}},
		}}
	}
	for _, run := range [][]stream.Op{
		{post("x:1", "x:ann"), post("x:2", "x:ben"), post("x:3", "x:cho")},
		{
			{Kind: stream.Destroy, At: at, ID: "x:1"},
			{Kind: stream.AuthorGone, At: at, Author: &stream.Author{Key: "x:ben"}},
		},
	} {
		recorder, err := recording.Open(path, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		reconciler := reconcile.New(func(op stream.Op) error {
			recorder.Record(op)
			shown++
			return nil
		}, nil)
		emit := erasing(recorder, reconciler.Emit)
		for _, op := range run {
			if err := emit(op); err != nil {
				t.Fatal(err)
			}
		}
		if err := recorder.Close(); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(text), "secret x:1") || strings.Contains(string(text), "secret x:2") ||
		!strings.Contains(string(text), "secret x:3") || strings.Count(string(text), `"op":"destroy"`) != 2 {
		t.Errorf("%v; the file is\n%s", err, text)
	}
	if shown != 3 {
		t.Errorf("%d ops were shown, want the 3 posts", shown)
	}
}

func TestRecord_AFaultOfItsFileIsTheOnlyOutput(t *testing.T) {
	out := newConsole()
	err := run(t.Context(), []string{"record", filepath.Join(t.TempDir(), "nowhere", "posts.ndjson")}, []string{"HOST=127.0.0.1", "PORT=0"}, out, out)
	if err == nil || out.String() != "" {
		t.Errorf("got %v after the output %q", err, out)
	}
}
