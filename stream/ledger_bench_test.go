package stream

import (
	"fmt"
	"runtime"
	"testing"
)

// postAt is a post as Bluesky's are, whose ids are the longest.
func postAt(i int) Op {
	op := created(fmt.Sprintf("bluesky:at://did:plc:%024d/app.bsky.feed.post/%013d", i/3, i))
	op.Post.Author = Author{Key: fmt.Sprintf("bluesky:did:plc:%024d", i/3), Handle: "someone.example"}
	return op
}

func BenchmarkLedger_Emit(b *testing.B) {
	l := NewLedger(ignore, nil)
	ops := make([]Op, 200_000)
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

func BenchmarkLedger_EmitDestroyOfAnUnknownPost(b *testing.B) {
	l := NewLedger(ignore, nil)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		l.Emit(destroyed(fmt.Sprintf("bluesky:at://did:plc:x/app.bsky.feed.post/%013d", i)))
		i++
	}
}

// TestLedger_TakesHalfAKilobyteForAPost measures what is kept of a post whose Post
// is long forgotten, with the id and the author's key themselves, and of a destroy.
func TestLedger_TakesHalfAKilobyteForAPost(t *testing.T) {
	for name, test := range map[string]struct {
		op   func(int) Op
		most int64
	}{
		"post":    {postAt, 550},
		"destroy": {func(i int) Op { return destroyed(postAt(i).ID) }, 50},
	} {
		t.Run(name, func(t *testing.T) {
			l := NewLedger(ignore, nil)
			l.limits.known = knownPosts
			before := int64(heap())
			for i := range knownPosts {
				l.Emit(test.op(i))
			}
			each := (int64(heap()) - before) / knownPosts // below 0 if others have let go of more
			t.Logf("%d bytes for a %s", each, name)
			if each > test.most {
				t.Errorf("%d bytes for a %s, want at most %d", each, name, test.most)
			}
			runtime.KeepAlive(l)
		})
	}
}

func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first has found in pools goes with the second
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
