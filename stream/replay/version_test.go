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

// The edit of a post and a quote of the post's older version are two hours apart. At a
// speed other than the recorded one, their times are shifted by different amounts.
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
	for name, pace := range map[string]struct{ speed, rate float64 }{"as recorded": {1, 0}, "slow": {0.1, 0}, "fast": {1000, 0}, "at a rate": {1, 0.001}, "without waits": {1, math.Inf(1)}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				page := streamtest.NewPage(t)
				r := &Replay{Name: "test", Speed: pace.speed, Rate: pace.rate, Log: streamtest.Quiet, Open: func() (io.ReadCloser, error) {
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
