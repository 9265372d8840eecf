package recording

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// mentioning returns the post A, which contains the person in that place.
func mentioning(place string, p stream.Author) stream.Op {
	op := worded("A", "kept")
	switch place {
	case "author":
		op.Post.Author = p
	case "reposter":
		op.ID, op.Post.RepostedBy = "R", &p
	case "quoted author":
		op = streamtest.Quoting("A", "B")
		op.Post.Text[0].Text, op.Post.Quote.Post.Author = "kept", p
	case "parent's author":
		op.Post.ReplyTo = &stream.Reply{Key: p.Key, Handle: p.Handle, URL: "https://example.com/" + p.Handle}
	}
	return op
}

// outdating are histories that take back the word "secret" of a recorded post, and leave the word
// "kept". The reconciler emits nothing for them if it no longer keeps the post in full.
func outdating() map[string][]stream.Op {
	old := stream.Author{Key: "key:mio", Handle: "secret", Name: "secret name", Avatar: "https://example.com/secret"}
	renamed := stream.Author{Key: "key:mio", Handle: "m", Name: "Mio", Avatar: "https://example.com/m"}
	longer := stream.Author{Key: "key:mio", Handle: "mio_of_the_river_town", Name: strings.Repeat("Mio ", 50)}
	all := map[string][]stream.Op{}
	for _, place := range []string{"author", "reposter", "quoted author", "parent's author"} {
		all["a new name of the "+place] = []stream.Op{mentioning(place, old), streamtest.About(stream.AuthorUpdate, renamed)}
		all["a longer name of the "+place] = []stream.Op{mentioning(place, old), streamtest.About(stream.AuthorUpdate, longer)}
		if place != "author" {
			all["the removal of the "+place] = []stream.Op{worded("A", "kept"), mentioning(place, old), streamtest.About(stream.AuthorGone, old)}
		}
	}
	quote := quoting("secret words")
	quote.Post.Text[0].Text = "kept"
	all["an edit of the quoted post"] = []stream.Op{quote, streamtest.Edited("A", "new")}
	all["a longer edit of the quoted post"] = []stream.Op{quote, streamtest.Edited("A", strings.Repeat("long ", 100))}
	all["another version of the quoted post"] = []stream.Op{quote, streamtest.Version("A2", "A")}
	all["a deletion of the quoted post"] = []stream.Op{quote, streamtest.Destroyed("A")}
	all["an undone repost"] = []stream.Op{worded("A", "kept"), mentioning("reposter", old), streamtest.Destroyed("R")}
	newer := worded("A", "new")
	newer.Post.EditedAt = streamtest.Recorded.Add(1)
	all["a newer version inside a repost"] = []stream.Op{quote, newer}
	return all
}

// newerPosts are more posts than the reconciler keeps in full.
func newerPosts() (ops []stream.Op) {
	for n := range 1_001 {
		ops = append(ops, streamtest.Created(fmt.Sprint("newer ", n)))
	}
	return ops
}

func TestRecorder_ErasesOutdatedContentOfPostsThatTheReconcilerNoLongerKeeps(t *testing.T) {
	for name, ops := range outdating() {
		t.Run(name, func(t *testing.T) {
			end := len(ops) - 1
			path := filepath.Join(t.TempDir(), "one-run.ndjson")
			text := recordedBy(t, path, append(append(ops[:end:end], newerPosts()...), ops[end])...)
			two := filepath.Join(t.TempDir(), "two-runs.ndjson")
			recordedBy(t, two, ops[:end]...)
			for how, text := range map[string]string{"in one run": text, "in two runs": recordedBy(t, two, ops[end])} {
				if strings.Contains(text, "secret") || !strings.Contains(text, "kept") {
					t.Errorf("%s: the file is\n%.2000s", how, text)
				}
			}
			replayed(t, path)
		})
	}
}

// An edit that the reconciler doesn't know replaces the text of an earlier run, and an older
// version that arrives later doesn't bring the old text back.
func TestRecorder_ReplacesTheVersionOfAnEarlierRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.ndjson")
	first := worded("A", strings.Repeat("secret words ", 9))
	first.Post.EditedAt = streamtest.Recorded
	newer := streamtest.Edited("A", "new")
	newer.Post.EditedAt = streamtest.Recorded.Add(2)
	recordedBy(t, path, first)
	if text := recordedBy(t, path, newer); strings.Contains(text, "secret") || !strings.Contains(text, "new") {
		t.Errorf("after the edit:\n%s", text)
	}
	first.Kind, first.Post.EditedAt = stream.Update, streamtest.Recorded.Add(1)
	if text := recordedBy(t, path, first); strings.Contains(text, "secret") || !strings.Contains(text, "new") {
		t.Errorf("after the older version:\n%s", text)
	}
}
