package reconcile

import (
	"fmt"
	"runtime"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// postAt is post number i. Its ids are those of Bluesky, the longest of all networks.
func postAt(i int) stream.Op {
	op := streamtest.Created(fmt.Sprintf("bluesky:at://did:plc:%024d/app.bsky.feed.post/%013d", i/3, i))
	op.Post.Author = stream.Author{Key: fmt.Sprintf("bluesky:did:plc:%024d", i/3), Handle: "someone.example"}
	return op
}

func BenchmarkReconciler_Emit(b *testing.B) {
	l := New(streamtest.Ignore, nil)
	ops := make([]stream.Op, 200_000)
	for i := range ops {
		ops[i] = postAt(i)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		l.Emit(ops[i%len(ops)])
		i++
	}
}

func BenchmarkReconciler_EmitDestroyOfAnUnknownPost(b *testing.B) {
	l := New(streamtest.Ignore, nil)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		l.Emit(streamtest.Destroyed(fmt.Sprintf("bluesky:at://did:plc:x/app.bsky.feed.post/%013d", i)))
		i++
	}
}

// The reconciler keeps the id of an old post and the key of its author, and the id of a
// destroyed post. Their memory is measured.
func TestReconciler_TakesAboutHalfAKilobyteForAnOldPost(t *testing.T) {
	for name, test := range map[string]struct {
		op   func(int) stream.Op
		most int64
	}{
		"post":    {postAt, 550},
		"destroy": {func(i int) stream.Op { return streamtest.Destroyed(postAt(i).ID) }, 50},
	} {
		t.Run(name, func(t *testing.T) {
			l := New(streamtest.Ignore, nil)
			l.limits.known = knownPosts
			before := int64(streamtest.Heap())
			for i := range knownPosts {
				l.Emit(test.op(i))
			}
			each := (int64(streamtest.Heap()) - before) / knownPosts // below 0 if other memory was released
			t.Logf("%d bytes for a %s", each, name)
			if each > test.most {
				t.Errorf("%d bytes for a %s, want at most %d", each, name, test.most)
			}
			runtime.KeepAlive(l)
		})
	}
}
