package replay

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/recording"
	"nagare/stream/streamtest"
)

func TestRecorder_WritesAFileThatAReplayPlays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.ndjson")
	r, err := recording.Open(path, streamtest.Quiet)
	if err != nil {
		t.Fatal(err)
	}
	l := reconcile.New(func(op stream.Op) error { r.Record(op); return nil }, nil)
	for _, op := range []stream.Op{
		streamtest.Created("A"), streamtest.Created("B"), streamtest.Edited("A", "new"), {Kind: stream.Lost, Notice: &stream.Notice{Count: 7}}, streamtest.Reposted("R", "C", "Ann"),
		streamtest.Destroyed("B"), streamtest.Destroyed("R"), streamtest.Created("D"), streamtest.About(stream.AuthorGone, streamtest.Person("author-of-D")),
	} {
		l.Emit(op)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{"create A", "update A", "destroy B", "destroy C", "destroy D"}
	played := File(path)
	played.Log, played.Speed = streamtest.Quiet, 1e9
	if diff := cmp.Diff(want, ids(listen(t, played, 0))); diff != "" || played.Skipped() > 0 {
		t.Error(diff)
	}
	page := streamtest.NewPage(t)
	again := reconcile.New(page.Emit, nil)
	replay := File(path)
	replay.Speed = 1e9
	if err := replay.Stream(t.Context(), again.Emit); err != nil || page.String() != "A=new" {
		t.Errorf("the replay shows %q, %v, want what is left at the end", page, err)
	}
}
