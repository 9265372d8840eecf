package main

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/web"
)

// sharing is a process that shares the states of the sources.
type sharing struct {
	timeline *web.Timeline
	reads    *atomic.Bool
	stop     context.CancelFunc
	log      *console
}

// newSharing runs share until the test ends. The process has a source of its own if it has a name.
func newSharing(t *testing.T, st store.Store, source string) *sharing {
	ctx, stop := context.WithCancel(t.Context())
	s := &sharing{reads: new(atomic.Bool), stop: stop, log: newConsole()}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{ReplaceAttr: onlyMessage}))
	s.timeline = web.NewTimeline(hub.New(hub.Options{Store: st, Log: log}), channel, st, nil, log)
	if source != "" {
		s.reads.Store(true)
		s.becomes(t, source, stream.Live)
	}
	var running sync.WaitGroup
	running.Go(func() { share(ctx, st, s.timeline, s.reads, log) })
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return s
}

// becomes gives a source of the process a state.
func (s *sharing) becomes(t *testing.T, source string, state stream.State) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	stop() // nobody publishes the state
	_ = s.timeline.Emit(ctx, stream.Op{Kind: stream.Status, Notice: &stream.Notice{Source: source, Network: source, State: state}})
}

// states are the states that the page of the process shows.
func (s *sharing) states() (text string) {
	for _, source := range s.timeline.Sources() {
		text += source.Name + " " + string(source.State) + " "
	}
	return strings.TrimSpace(text)
}

func wantStates(t *testing.T, s *sharing, want string) {
	t.Helper()
	if got := s.states(); got != want {
		t.Errorf("the page says %q, want %q", got, want)
	}
}

func TestShare_TheStatesOfAReaderThatHasEndedAreUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(store.Memory)
		reader, other := newSharing(t, st, "bluesky"), newSharing(t, st, "")
		time.Sleep(time.Hour)
		wantStates(t, other, "bluesky live")
		reader.stop()
		time.Sleep(shareSilence - shareBeat - shareInterval)
		wantStates(t, other, "bluesky live") // another process can take over now
		time.Sleep(time.Hour)
		wantStates(t, other, "bluesky connecting")
		if want := "level=WARN msg=\"no process reads the sources\"\n"; !strings.HasSuffix(want, other.log.String()) || other.log.String() == "" {
			t.Errorf("the log says %s", other.log.String())
		}
		newSharing(t, st, "mastodon")
		time.Sleep(2 * shareInterval)
		wantStates(t, other, "mastodon live")
	})
}

// Two processes have INGEST=always.
func TestShare_OfTwoReadersTheStatesAreThoseOfTheOneThatBeganLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(store.Memory)
		first, other := newSharing(t, st, "bluesky"), newSharing(t, st, "")
		time.Sleep(time.Minute)
		second := newSharing(t, st, "mastodon")
		time.Sleep(2 * shareInterval)
		for range 100 {
			time.Sleep(shareInterval)
			first.becomes(t, "bluesky", stream.Silent)
			first.becomes(t, "bluesky", stream.Live)
			wantStates(t, other, "mastodon live")
		}
		if got := strings.Count(first.log.String(), "another process reads the sources, too"); got != 1 || second.log.String() != "" {
			t.Errorf("the log of the first says so %d times, the other log has %s", got, second.log.String())
		}
		second.stop()
		time.Sleep(2 * shareSilence)
		wantStates(t, other, "bluesky live")
	})
}

func TestShare_ATextThatIsNotReadableIsLoggedOnceAndReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(store.Memory)
		if err := st.Put(t.Context(), readerText, "not JSON"); err != nil {
			t.Fatal(err)
		}
		other := newSharing(t, st, "")
		time.Sleep(10 * shareInterval)
		if got := strings.Count(other.log.String(), "not readable"); got != 1 {
			t.Errorf("the log says so %d times", got)
		}
		newSharing(t, st, "bluesky")
		time.Sleep(2 * shareInterval)
		wantStates(t, other, "bluesky live")
		if err := st.Put(t.Context(), readerText, "not JSON"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * shareInterval)
		late := newSharing(t, st, "")
		time.Sleep(2 * shareInterval)
		wantStates(t, late, "bluesky live")
	})
}
