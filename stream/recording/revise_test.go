package recording

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestRecorder_ErasesContentThatAnEditReplaced(t *testing.T) {
	renamed := streamtest.Person("author-of-A")
	renamed.Name, renamed.Avatar = "Emma", "https://example.com/a-long-address-of-an-avatar"
	secretive := worded("A", "words")
	secretive.Post.Author.Name, secretive.Post.Author.Avatar = "secret name", "https://example.com/secret"
	for name, test := range map[string]struct {
		ops  []stream.Op
		want []string // kind, text and author of each op in the file
	}{
		"an edit that is shorter": {[]stream.Op{worded("A", "secret words"), streamtest.Edited("A", "new")}, []string{"create new by author-of-A", "update new by author-of-A"}},
		"an edit that is longer":  {[]stream.Op{worded("A", "secret"), streamtest.Edited("A", "words that take more room")}, []string{"create  by author-of-A", "update words that take more room by author-of-A"}},
		"two edits":               {[]stream.Op{worded("A", "secret"), streamtest.Edited("A", "secret again"), streamtest.Edited("A", "new")}, []string{"create new by author-of-A", "update new by author-of-A"}},
		"an edit that arrives again": {[]stream.Op{editedAt(1, "secret"), editedAt(2, "words that take more room"), editedAt(1, "secret")},
			[]string{"create  by author-of-A", "update words that take more room by author-of-A"}},
		"a new name of the author":   {[]stream.Op{secretive, streamtest.About(stream.AuthorUpdate, renamed)}, []string{"create words by ", "update words by Emma"}},
		"an edit of the quoted post": {[]stream.Op{quoting("secret words"), streamtest.Edited("A", "new")}, []string{"create text by author-of-Q", "update text by author-of-Q quotes new"}},
		"an undone repost": {[]stream.Op{streamtest.Created("A"), streamtest.Reposted("R", "A", "secret"), streamtest.Destroyed("R")},
			[]string{"create text by author-of-A", "update text by author-of-A"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "new.ndjson")
			text := recordedBy(t, path, test.ops...)
			if strings.Contains(text, "secret") {
				t.Errorf("still in the file:\n%s", text)
			}
			var got []string
			for line := range strings.Lines(text) {
				if line = strings.TrimSpace(line); line == "" {
					continue
				}
				op, err := Decode([]byte(line))
				if err != nil {
					t.Fatalf("%v in %s", err, line)
				}
				told := string(op.Kind) + " " + stream.PlainText(op.Post.Text) + " by " + op.Post.Author.Name
				if q := op.Post.Quoted(); q != nil {
					told += " quotes " + stream.PlainText(q.Text)
				}
				got = append(got, told)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if again := recordedBy(t, path); again != text { // opening the file again changes nothing
				t.Errorf("the file was\n%s\nand is now\n%s", text, again)
			}
		})
	}
}

// editedAt returns the version of post A of that minute, as a network reports it that gives each
// version an id of its own.
func editedAt(minute int, words string) stream.Op {
	op := worded("A", words)
	op.Post.EditedAt = op.Post.CreatedAt.Add(time.Duration(minute) * time.Minute)
	return op
}

func quoting(words string) stream.Op {
	op := streamtest.Quoting("Q", "A")
	op.Post.Quote.Post.Text[0].Text = words
	return op
}

// An update reads all lines of its post. However often the post changes, these are two.
func TestRecorder_KeepsAtMostTwoLinesOfAnEditedPost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.ndjson")
	ops := []stream.Op{streamtest.Created("A")}
	for range 100 {
		ops = append(ops, streamtest.Edited("A", strings.Repeat("longer ", len(ops))))
	}
	recordedBy(t, path, ops...)
	if diff := cmp.Diff([]string{"create A", "update A"}, replayed(t, path)); diff != "" {
		t.Error(diff)
	}
}
