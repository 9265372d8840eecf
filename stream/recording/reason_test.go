package recording

import (
	"strings"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestRecorder_RecordsTheReasonOfEachDeletion(t *testing.T) {
	path := t.TempDir() + "/new.ndjson"
	gone := streamtest.About(stream.AuthorGone, streamtest.Person("author-of-B"))
	gone.Reason = stream.ByNetwork
	text := recordedBy(t, path, streamtest.Created("A"), streamtest.Created("B"), stream.Op{Kind: stream.Destroy, At: streamtest.Recorded, ID: "A", Reason: stream.ByAuthor}, gone)
	for _, want := range []string{`"id":"A","reason":"author"`, `"id":"B","reason":"network"`} {
		if !strings.Contains(text, want) {
			t.Errorf("want %s in\n%s", want, text)
		}
	}
	after := recordedBy(t, path, streamtest.Created("C")) // the next run will erase this post
	erased := recordedBy(t, path, stream.Op{Kind: stream.Destroy, At: streamtest.Recorded, ID: "C", Reason: stream.Expired})
	if want := `"id":"C","reason":"expired"`; !strings.Contains(after, `"id":"C"`) || !strings.Contains(erased, want) {
		t.Errorf("want %s in\n%s", want, erased)
	}
}
