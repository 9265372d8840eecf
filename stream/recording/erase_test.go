package recording

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/streamtest"
)

// worded is a post whose text is words.
func worded(id, words string) stream.Op {
	op := streamtest.Created(id)
	op.Post.Text[0].Text = words
	return op
}

// recordedBy passes ops through a reconciler and records them. If the file exists, it appends
// to the file, as a second run would. It returns the contents of the file.
func recordedBy(t *testing.T, path string, ops ...stream.Op) string {
	t.Helper()
	r := recorderAt(t, path)
	l := reconcile.New(func(op stream.Op) error { r.Record(op); return nil }, nil)
	for _, op := range ops {
		l.Emit(op)
		r.Erase(op)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return contents(t, path)
}

func TestRecorder_ErasesDeletedPosts(t *testing.T) {
	quote := streamtest.Quoting("Q", "A")
	quote.Post.Quote.Post.Text[0].Text = "secret words"
	edit := streamtest.Edited("A", "more secret words")
	gone := streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A"))
	mine := streamtest.Reposted("R", "C", "author-of-A")
	for name, test := range map[string]struct {
		ops  []stream.Op
		want []string
	}{
		"a deleted post":                                       {[]stream.Op{worded("A", "secret words"), streamtest.Created("B"), streamtest.Destroyed("A")}, []string{"create B", "destroy A"}},
		"a deleted post with its edits":                        {[]stream.Op{worded("A", "secret words"), edit, streamtest.Created("B"), streamtest.Destroyed("A")}, []string{"create B", "destroy A"}},
		"a deleted post in a quote":                            {[]stream.Op{worded("A", "secret words"), quote, streamtest.Destroyed("A")}, []string{"create Q", "destroy A", "update Q"}},
		"a post of a removed author":                           {[]stream.Op{worded("A", "secret words"), quote, gone}, []string{"create Q", "destroy A", "update Q"}},
		"a repost by a removed author":                         {[]stream.Op{streamtest.Created("C"), mine, worded("A", "secret words"), gone}, []string{"create C", "destroy A", "update C"}},
		"a post whose last repost is undone":                   {[]stream.Op{mine, worded("B", "x"), streamtest.Destroyed("R")}, []string{"create B", "destroy C"}},
		"a post id used as a key, and a key used as a post id": {[]stream.Op{streamtest.Created("B"), streamtest.About(stream.AuthorGone, streamtest.Person("B")), streamtest.Destroyed("key:author-of-B")}, []string{"create B"}},
		"two posts, one after the other":                       {[]stream.Op{worded("A", "secret words"), streamtest.Created("B"), streamtest.Destroyed("B"), streamtest.Destroyed("A"), streamtest.Created("C")}, []string{"destroy B", "destroy A", "create C"}},
		"an unknown post and an unknown author":                {[]stream.Op{streamtest.Created("A"), streamtest.Destroyed("X"), streamtest.About(stream.AuthorGone, streamtest.Person("nobody"))}, []string{"create A"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "new.ndjson")
			text := recordedBy(t, path, test.ops...)
			if strings.Contains(text, "secret") || strings.Contains(text, `"reposted_by":{"key":"key:author-of-A"`) {
				t.Errorf("still in the file:\n%s", text)
			}
			if diff := cmp.Diff(test.want, replayed(t, path)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A post that is shown again gets the id A~. The ids A~ and A~~ here are those of other posts,
// which must not be erased.
func TestRecorder_ErasesAPostUnderItsSecondIDAndNoOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.ndjson")
	text := recordedBy(t, path, streamtest.Reposted("R", "A", "Ann"), streamtest.Destroyed("R"), worded("A", "secret words"), worded("A~", "kept"),
		worded("A~~", "kept too"), streamtest.Destroyed("A"))
	if strings.Contains(text, "secret") || strings.Count(text, "kept") != 2 {
		t.Errorf("got\n%s", text)
	}
}

func TestRecorder_ErasesPostsOfEarlierRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.ndjson")
	before := recordedBy(t, path, worded("A", "secret words"), worded("B", "secret too"), streamtest.Created("C"))
	after := recordedBy(t, path, streamtest.Destroyed("A"), streamtest.About(stream.AuthorGone, streamtest.Person("author-of-B")), streamtest.Created("D"))
	if strings.Contains(after, "secret") || strings.Count(after[:len(before)], "\n") != 3 {
		t.Errorf("the file was\n%s\nand is now\n%s", before, after)
	}
	if diff := cmp.Diff([]string{"create C", "destroy A", "destroy B", "create D"}, replayed(t, path)); diff != "" {
		t.Error(diff)
	}
	recordedBy(t, path, streamtest.Created("E")) // a file whose first line was erased can still be opened
}

func TestRecorder_ErasesAtTheStartPostsThatALaterLineDeletes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.ndjson")
	var old strings.Builder
	for _, op := range []stream.Op{worded("A", "secret words"), streamtest.Created("B"), streamtest.Destroyed("A")} {
		line, err := Encode(op)
		if err != nil {
			t.Fatal(err)
		}
		old.Write(line)
	}
	old.WriteString("no record\n")
	if err := os.WriteFile(path, []byte(old.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if text := recordedBy(t, path); strings.Contains(text, "secret") || len(text) != old.Len() || !strings.Contains(text, `"B"`) {
		t.Errorf("the file is now\n%s", text)
	}
}

func TestRecorder_ErasesPostsEvenOnAFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.ndjson")
	r := recorderAt(t, path)
	whole, err := Encode(worded("A", "secret words"))
	if err != nil {
		t.Fatal(err)
	}
	r.file = &faulty{r.file.(*os.File), len(whole)}
	for _, op := range []stream.Op{worded("A", "secret words"), streamtest.Created("B")} {
		r.Record(op)
	}
	r.Erase(streamtest.Destroyed("B")) // this write fails, because the disk is full
	r.Erase(streamtest.Destroyed("A"))
	if err := r.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want %v", err, syscall.ENOSPC)
	}
	if got := contents(t, path); strings.TrimSpace(got) != "" || len(got) != len(whole) {
		t.Errorf("the file is %q, want a blank line", got)
	}
	r.Erase(streamtest.Destroyed("A")) // on a closed recorder, Erase does nothing
}

func TestIndex_FindsTheNewestLinesOnly(t *testing.T) {
	x := newIndex(10)
	for n := range 1_000 {
		op := streamtest.Created(fmt.Sprint("post ", n))
		op.Post.Author = streamtest.Person(fmt.Sprint("author ", n%3))
		x.add(op, int64(n), 1)
	}
	for n := range 1_000 {
		if found := x.find(content{fmt.Sprint("post ", n), shown}); len(found) > 1 || (len(found) == 1) != (n >= 990) {
			t.Errorf("post %d: %d lines", n, len(found))
		}
	}
	var at []int64
	for _, line := range x.find(content{"key:author 0", author}) {
		at = append(at, line.at)
	}
	if diff := cmp.Diff([]int64{999, 996, 993, 990}, at); diff != "" {
		t.Error(diff)
	}
	if len(x.lines) != 10 || len(x.newest) != 13 {
		t.Errorf("it holds %d lines and %d parts, want 10 and 13", len(x.lines), len(x.newest))
	}
}
