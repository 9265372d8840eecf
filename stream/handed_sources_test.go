package stream

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// takenBy runs src behind a queue for a listener who takes ten ops a second, until the
// program is stopped, and returns what he has taken. Look is called while an op is in
// his hands: what is saved then is what a crash leaves.
func takenBy(t *testing.T, src Source, stop time.Duration, look func(op Op)) (taken []Op) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), stop)
	defer cancel()
	err := Run(ctx, quiet, Buffered(src), func(op Op) error {
		if op.Notice != nil {
			return nil
		}
		look(op)
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
		taken = append(taken, op)
		return nil
	})
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	return taken
}

func TestBluesky_WhatWasQueuedWhenItStoppedComesAgain(t *testing.T) {
	inBskyTime(t, func(t *testing.T) {
		const events = 500
		began := time.Now()
		at := func(i int) time.Time { return began.Add(time.Duration(i) * 20 * time.Millisecond) }
		message := func(i int) string {
			if i%10 == 9 {
				return bskyCommit("delete", mio, "p"+strconv.Itoa(i-9), at(i), "")
			}
			return bskyCommit("create", mio, "p"+strconv.Itoa(i), at(i), bskyRecordOf("x", ""))
		}
		f := &fakeJetstream{play: func(n int, c *fakeConn) {
			from, _ := strconv.ParseInt(c.asked.Get("cursor"), 10, 64)
			for i := range events {
				if at(i).UnixMicro() >= from {
					c.say(message(i))
				}
			}
			c.stay()
		}}
		saved := new(Saved)
		cursor := func() int64 {
			text, err := saved.Get("bluesky.cursor")
			c, wrong := parseCursor(text, time.Now())
			if err != nil || wrong != nil {
				t.Fatal(err, wrong)
			}
			return c.us
		}
		first := f.overPipes(t, &Bluesky{Hold: -1, Saved: saved})
		n := 0
		taken := takenBy(t, first, 4150*time.Millisecond, func(Op) {
			if us := cursor(); us >= at(n).UnixMicro() || n > 20 && us < at(n-15).UnixMicro() {
				t.Fatalf("while event %d is taken, the saved cursor is at event %d", n, (us-began.UnixMicro())/20_000)
			}
			n++
		})
		if want := at(len(taken) - 1).UnixMicro(); cursor() != want || len(taken) != 41 {
			t.Errorf("%d were taken, and the cursor is off by %d events", len(taken), (cursor()-want)/20_000)
		}
		again := &Bluesky{Hold: -1, Saved: saved, Hosts: first.Hosts, Profiles: first.Profiles, Client: first.Client, Log: quiet}
		for _, op := range takenBy(t, again, time.Minute, func(Op) {}) {
			if !slices.ContainsFunc(taken, func(known Op) bool { return known.Kind == op.Kind && known.ID == op.ID }) {
				taken = append(taken, op)
			}
		}
		if len(taken) != events {
			t.Errorf("%d of %d events were taken in the end", len(taken), events)
		}
	})
}

func TestMastodon_WhatWasQueuedWhenItStoppedComesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeMasto{}
		f.play = func(n int, s *mastoWire) {
			if n == 1 {
				f.publishMany(1, 80)
				for id := 1; id <= 80; id++ {
					s.update(mastoPost(id))
				}
				s.event("delete", "1")
				f.mu.Lock()
				f.posts = f.posts[1:]
				f.mu.Unlock()
			}
			s.stay()
		}
		saved := new(Saved)
		first := f.overPipes(t)
		first.Saved = saved
		taken := takenBy(t, first, 4150*time.Millisecond, func(Op) {})
		again := &Mastodon{Server: first.Server, Client: first.Client, Token: mastoToken, Log: quiet, Saved: saved}
		taken = append(taken, takenBy(t, again, time.Minute, func(Op) {})...)
		var want []string
		for id := 1; id <= 80; id++ {
			want = append(want, "create "+strconv.Itoa(id))
		}
		if d := cmp.Diff(append(want, "destroy 1"), story(taken)); d != "" {
			t.Error(d)
		}
	})
}
