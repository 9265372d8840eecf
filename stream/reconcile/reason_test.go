package reconcile

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// reasons returns the reasons of the destroys that a reconciler emits for ops.
func reasons(ops ...stream.Op) (out []stream.Reason) {
	l := New(func(op stream.Op) error {
		if op.Kind == stream.Destroy {
			out = append(out, op.Reason)
		}
		return nil
	}, nil)
	for _, op := range ops {
		l.Emit(op)
	}
	return out
}

// When the last repost of a post is undone, its card is destroyed, but the author hasn't
// deleted the post.
func TestReason_UndoingTheLastRepostIsNoDeletionOfThePost(t *testing.T) {
	ended := func(why stream.Reason) stream.Op {
		return stream.Op{Kind: stream.Destroy, At: streamtest.Recorded, ID: "R", Reason: why}
	}
	gone := streamtest.About(stream.AuthorGone, streamtest.Person("Ann"))
	gone.Reason = stream.ByAuthor
	for name, test := range map[string]struct {
		ops  []stream.Op
		want []stream.Reason
	}{
		"undone":                   {[]stream.Op{streamtest.Reposted("R", "A", "Ann"), ended(stream.ByAuthor)}, []stream.Reason{stream.Unwanted}},
		"the reposter is gone":     {[]stream.Op{streamtest.Reposted("R", "A", "Ann"), gone}, []stream.Reason{stream.Unwanted}},
		"its day is over":          {[]stream.Op{streamtest.Reposted("R", "A", "Ann"), ended(stream.Expired)}, []stream.Reason{stream.Expired}},
		"the post is deleted":      {[]stream.Op{streamtest.Reposted("R", "A", "Ann"), {Kind: stream.Destroy, At: streamtest.Recorded, ID: "A", Reason: stream.ByAuthor}}, []stream.Reason{stream.ByAuthor}},
		"two cards become one":     {[]stream.Op{streamtest.Created("A"), streamtest.Created("B"), streamtest.Version("C", "A", "B")}, []stream.Reason{stream.Unwanted}},
		"an edit of a deleted one": {[]stream.Op{streamtest.Created("A"), {Kind: stream.Destroy, At: streamtest.Recorded, ID: "B", Reason: stream.ByAuthor}, streamtest.Version("B", "A")}, []stream.Reason{stream.Unavailable}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(test.want, reasons(test.ops...)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestReason_AnUnknownReasonInARecordingBecomesUnavailable(t *testing.T) {
	gone := streamtest.About(stream.AuthorGone, streamtest.Person("author-of-A"))
	gone.Reason = stream.ByModerator
	for name, test := range map[string]struct {
		end  stream.Op
		want stream.Reason
	}{
		"a known reason":    {stream.Op{Kind: stream.Destroy, At: streamtest.Recorded, ID: "A", Reason: stream.Expired}, stream.Expired},
		"a removed author":  {gone, stream.ByModerator},
		"no reason":         {streamtest.Destroyed("A"), stream.Unavailable},
		"an unknown reason": {stream.Op{Kind: stream.Destroy, At: streamtest.Recorded, ID: "A", Reason: "a court"}, stream.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff([]stream.Reason{test.want}, reasons(streamtest.Created("A"), test.end)); d != "" {
				t.Error(d)
			}
		})
	}
}
