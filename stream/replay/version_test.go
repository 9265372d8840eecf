package replay

import (
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/streamtest"
)

// The edit of a post and a quote of the post's older version are two hours apart. At another
// speed than the recorded one, their times are moved by different spans.
func TestReplay_AnOlderVersionDoesNotReplaceANewerOneAtAnySpeed(t *testing.T) {
	at := func(hours int) time.Time { return streamtest.Recorded.Add(time.Duration(hours) * time.Hour) }
	version := func(id, text string, edited time.Time) stream.Op {
		op := streamtest.Created(id)
		op.Post.Text[0].Text, op.Post.EditedAt = text, edited
		return op
	}
	first, edit, quote := version("A", "oldest", time.Time{}), version("A", "new", at(2)), streamtest.Quoting("Q", "A")
	first.At, edit.At, quote.At = at(0), at(2), at(4)
	quote.Post.Quote.Post = version("A", "older", at(1)).Post
	var lines strings.Builder
	for _, op := range []stream.Op{first, edit, quote} {
		line, err := json.Marshal(op)
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(line, '\n'))
	}
	for name, pace := range map[string]Replay{"as recorded": {Speed: 1}, "slow": {Speed: 0.1}, "fast": {Speed: 1000}, "at a rate": {Speed: 1, Rate: 0.001}, "without waits": {Speed: 1, Rate: math.Inf(1)}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				page := streamtest.NewPage(t)
				r := &Replay{Name: "test", Speed: pace.Speed, Rate: pace.Rate, Log: streamtest.Quiet, Open: func() (io.ReadCloser, error) {
					return io.NopCloser(strings.NewReader(lines.String())), nil
				}}
				reconciler := reconcile.New(func(op stream.Op) error {
					if op.Notice != nil {
						return nil
					}
					return page.Emit(op)
				}, nil)
				if err := r.Stream(t.Context(), reconciler.Emit); err != nil {
					t.Fatal(err)
				}
				if got, want := page.String(), "A=new, Q=text quotes new"; got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			})
		})
	}
}
