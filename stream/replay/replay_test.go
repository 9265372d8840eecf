package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/networks"
	"nagare/stream/recording"
	"nagare/stream/streamtest"
)

// replayOf makes a replay of a file with that text.
func replayOf(text string) *Replay {
	return &Replay{
		Name:     "test",
		Open:     func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil },
		Speed:    1,
		Log:      streamtest.Quiet,
		Decoders: func() []stream.Decoder { return networks.Decoders("") },
	}
}

// heard is an op and the time when it was emitted.
type heard struct {
	stream.Op
	when time.Time
}

// listen plays r until its end, or until it has emitted enough ops.
func listen(t *testing.T, r *Replay, enough int) (got []heard) {
	t.Helper()
	err := r.Stream(t.Context(), func(op stream.Op) error {
		if op.Kind == stream.Status {
			return nil
		}
		if got = append(got, heard{op, time.Now()}); len(got) == enough {
			return streamtest.ErrEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, streamtest.ErrEnough) {
		t.Fatal(err)
	}
	return got
}

func ids(ops []heard) (ids []string) {
	for _, op := range ops {
		ids = append(ids, string(op.Kind)+" "+op.ID)
	}
	return ids
}

func TestReplay_KeepsTheRecordedPace(t *testing.T) {
	for _, speed := range []float64{0.5, 1, 3, 1000} {
		t.Run(fmt.Sprint(speed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var file strings.Builder
				for n := range 101 {
					file.WriteString(streamtest.Line(n, time.Duration(n)*700*time.Millisecond))
				}
				r := replayOf(file.String())
				r.Speed = speed
				got := listen(t, r, 0)
				took, want := got[100].when.Sub(got[0].when).Seconds(), 70/speed
				if math.Abs(took-want) > want/20 {
					t.Errorf("70 s at speed %v took %.3f s, want %.3f", speed, took, want)
				}
			})
		})
	}
}

func TestReplay_CatchesUpAfterDelaysOfEmit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var file strings.Builder
		for n := range 61 {
			file.WriteString(streamtest.Line(n, time.Duration(n)*time.Second))
		}
		began := time.Now()
		err := replayOf(file.String()).Stream(t.Context(), func(stream.Op) error { return stream.Sleep(t.Context(), 500*time.Millisecond) })
		if took := time.Since(began); err != nil || took != 60*time.Second+500*time.Millisecond {
			t.Errorf("a minute took %v, %v", took, err)
		}
	})
}

func TestReplay_MovesAllTimesToThePresent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		update := `{"op":"update","at":"2026-10-03T09:00:10Z","id":"a","tweet":{"id":"a","created_at":"2026-10-03T09:00:00Z","edited_at":"2026-10-03T09:00:09Z",` +
			`"quote":{"tweet":{"id":"q","created_at":"2026-10-03T08:00:00Z"}}}}`
		r := replayOf(streamtest.Line(1, 0) + update)
		r.Speed = 2
		began := time.Now()
		got := listen(t, r, 0)[1]
		now := began.Add(5 * time.Second)
		for name, test := range map[string]struct{ got, want time.Time }{
			"emitted":           {got.when, now},
			"at":                {got.At, now},
			"created_at":        {got.Post.CreatedAt, now.Add(-10 * time.Second)},
			"edited_at":         {got.Post.EditedAt, now.Add(-time.Second)},
			"the quote's":       {got.Post.Quote.Post.CreatedAt, now.Add(-time.Hour - 10*time.Second)},
			"the quote's edits": {got.Post.Quote.Post.EditedAt, time.Time{}},
		} {
			if !test.got.Equal(test.want) {
				t.Errorf("%s: got %v, want %v", name, test.got, test.want)
			}
		}
	})
}

func TestReplay_EmitsItsLeadAtOnceDatedInThePast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := replayOf(streamtest.Line(0, 0) + streamtest.Line(10, 10*time.Second) + streamtest.Line(30, 30*time.Second))
		r.Lead = 20 * time.Second
		began := time.Now()
		got := listen(t, r, 0)
		for i, want := range []struct{ emitted, dated time.Duration }{{0, -20 * time.Second}, {0, -10 * time.Second}, {10 * time.Second, 10 * time.Second}} {
			if emitted, dated := got[i].when.Sub(began), got[i].At.Sub(began); emitted != want.emitted || dated != want.dated {
				t.Errorf("op %d: emitted after %v and dated %v, want %v and %v", i, emitted, dated, want.emitted, want.dated)
			}
		}
	})
}

func TestReplay_DoesNotWaitWhereRecordedTimeGoesBackwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := replayOf(streamtest.Line(1, time.Hour) + streamtest.Line(2, 0) + streamtest.Line(3, time.Second))
		began := time.Now()
		got := listen(t, r, 0)
		if waited := got[1].when.Sub(began); waited != 0 {
			t.Errorf("waited %v where recorded time went back an hour", waited)
		}
		if waited := got[2].when.Sub(began); waited != time.Second {
			t.Errorf("the third came after %v, want the recorded second", waited)
		}
	})
}

func TestReplay_WaitsADayAtMostForAWrongDate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := replayOf(streamtest.Line(1, 0) + streamtest.Line(2, 200*365*24*time.Hour))
		began := time.Now()
		if got := listen(t, r, 0)[1].when.Sub(began); got != longestGap {
			t.Errorf("waited %v, want %v", got, longestGap)
		}
	})
}

func TestReplay_UsesNewIDsInEachRoundOfALoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := replayOf(streamtest.Line(1, 0) + streamtest.Line(2, 4*time.Second) +
			`{"op":"update","at":"2026-10-03T09:00:06Z","id":"replay:2","tweet":{"id":"replay:2","created_at":"2026-10-03T09:00:04Z","quote":{"tweet":{"id":"replay:1"}}}}` + "\n" +
			`{"op":"destroy","at":"2026-10-03T09:00:06Z","id":"replay:1"}`)
		r.Loop = true
		got := listen(t, r, 9)
		want := []string{
			"create replay:1", "create replay:2", "update replay:2", "destroy replay:1",
			"create replay:1~2", "create replay:2~2", "update replay:2~2", "destroy replay:1~2",
			"create replay:1~3",
		}
		if diff := cmp.Diff(want, ids(got)); diff != "" {
			t.Error(diff)
		}
		again := got[6].Post
		if again.ID != "replay:2~2" || again.Quote.Post.ID != "replay:1~2" {
			t.Errorf("round 2 has the post %s that quotes %s", again.ID, again.Quote.Post.ID)
		}
		if pause := got[4].when.Sub(got[3].when); pause != 2*time.Second {
			t.Errorf("paused %v between rounds, want the usual gap of 2s", pause)
		}
	})
}

func TestReplay_TheIDsOfANamedRunContainItsName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := replayOf(streamtest.Line(1, 0) + `{"op":"destroy","at":"2026-10-03T09:00:06Z","id":"replay:1"}`)
		r.Loop, r.Run = true, "b"
		want := []string{"create replay:1~b", "destroy replay:1~b", "create replay:1~b~2"}
		if diff := cmp.Diff(want, ids(listen(t, r, 3))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestReplay_PausesBetweenTheRoundsOfASinglePost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := replayOf(streamtest.Line(1, 0))
		r.Loop = true
		got := listen(t, r, 10)
		if took := got[9].when.Sub(got[0].when); took != 9*shortestPause {
			t.Errorf("10 rounds took %v, want %v", took, 9*shortestPause)
		}
	})
}

func TestReplay_StopsAtOnceInTheMiddleOfAFile(t *testing.T) {
	for name, r := range map[string]*Replay{
		"waiting":            replayOf(streamtest.Line(1, 0) + streamtest.Line(2, 20*time.Hour)),
		"in an endless line": {Name: "test", Speed: 1, Open: func() (io.ReadCloser, error) { return io.NopCloser(endless{}), nil }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				stopped := make(chan error)
				go func() { stopped <- stream.Run(ctx, streamtest.Quiet, r, streamtest.Ignore) }()
				began := time.Now()
				cancel()
				if err := <-stopped; err != nil {
					t.Errorf("got %v, want nil", err)
				}
				if took := time.Since(began); took != 0 {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestReplay_StopsAtOnceBetweenPostsThatFollowWithoutPause(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := replayOf(strings.Repeat(streamtest.Line(1, 0), 10_000))
	r.Speed, r.Loop = 1e9, true
	posts := 0
	err := stream.Run(ctx, streamtest.Quiet, r, func(op stream.Op) error {
		if op.Kind == stream.Create {
			posts++
		}
		if posts == 500 {
			cancel()
		}
		return nil
	})
	if err != nil || posts != 500 {
		t.Errorf("told %d posts, %v, want none after it was stopped at 500", posts, err)
	}
}

// endless is a line without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func BenchmarkReplay(b *testing.B) {
	op := []byte(streamtest.Line(1, 0))
	b.SetBytes(int64(len(op)))
	b.ReportAllocs()
	for b.Loop() {
		got, err := recording.Decode(op)
		if err != nil {
			b.Fatal(err)
		}
		shifted(withRound(got, "", 2), streamtest.Recorded)
	}
}
