package moderation

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
)

func TestModerator_HidesWhatAnAuthorPostsTooOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(new(desk), Settings{Mode: After, MostPosts: 2})
		hidden := func(p, before *stream.Post) bool { held, _ := m.Judge(p, before); return held == stream.Hidden }
		if hidden(post("ann", "1"), nil) || hidden(post("ann", "2"), nil) || !hidden(post("ann", "3"), nil) {
			t.Error("want only the third post of the minute to be hidden")
		}
		if hidden(post("ben", "1"), nil) || hidden(post("ann", "2 edited"), post("ann", "2")) {
			t.Error("another author or an edit was counted")
		}
		time.Sleep(ratePeriod)
		if hidden(post("ann", "4"), nil) {
			t.Error("a post was hidden after a minute")
		}
	})
}

func TestModerator_HidesWordsThatWerePostedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(new(desk), Settings{Mode: After, HideDuplicates: true})
		hidden := func(p, before *stream.Post) bool { held, _ := m.Judge(p, before); return held == stream.Hidden }
		if hidden(post("ann", "Buy  now, only today"), nil) || !hidden(post("ben", "BUY now, only today"), nil) {
			t.Error("want only the second one to be hidden")
		}
		if hidden(post("ann", "Good morning"), nil) || !hidden(post("ben", "good morning"), nil) || hidden(post("cy", "hello"), nil) || hidden(post("dee", "hello"), nil) {
			t.Error("want short texts to be shown however often")
		}
		time.Sleep(duplicatePeriod)
		if hidden(post("cy", "buy now, only today"), nil) {
			t.Error("want the words to be free after ten minutes")
		}
	})
}

func TestWindow_HoldsABoundedNumberOfTextsForItsPeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow(time.Minute)
		for i := range mostSeen + 10 {
			if n := w.add(fmt.Sprint("text ", i), time.Now()); n != 1 {
				t.Fatalf("text %d was seen %d times", i, n)
			}
		}
		if len(w.queue) != mostSeen || len(w.counts) != mostSeen {
			t.Errorf("%d texts, %d counts, want %d", len(w.queue), len(w.counts), mostSeen)
		}
		if n := w.add("text 20", time.Now()); n != 2 {
			t.Errorf("a text was seen %d times, want 2", n)
		}
		time.Sleep(time.Minute)
		if n := w.add("text 20", time.Now()); n != 1 || len(w.queue) != 1 || len(w.counts) != 1 {
			t.Errorf("after a minute: seen %d times, %d texts, %d counts, want 1", n, len(w.queue), len(w.counts))
		}
	})
}
