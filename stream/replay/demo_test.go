package replay

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/recording"
	"nagare/stream/streamtest"
)

// demoOps returns the ops in the file of the demo.
func demoOps(t *testing.T) (ops []stream.Op) {
	t.Helper()
	for line := range strings.Lines(demo) {
		op, err := recording.Decode([]byte(line))
		if err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		ops = append(ops, op)
	}
	return ops
}

// demoPosts returns all posts of the demo. An edited post is in it in each version.
func demoPosts(t *testing.T) (posts []*stream.Post) {
	t.Helper()
	for _, op := range demoOps(t) {
		if op.Post != nil {
			posts = append(posts, op.Post)
		}
	}
	return posts
}

// demoRounds plays the demo twice through a reconciler, and returns the ops that the
// reconciler emits.
func demoRounds(t *testing.T) (told []heard) {
	t.Helper()
	replay, rounds := Demo(), 0
	open := replay.Open
	replay.Open = func() (io.ReadCloser, error) {
		if rounds++; rounds > 2 {
			return nil, streamtest.ErrEnough
		}
		return open()
	}
	reconciler := reconcile.New(func(op stream.Op) error {
		told = append(told, heard{op, time.Now()})
		return nil
	}, nil)
	if err := replay.Stream(t.Context(), reconciler.Emit); !errors.Is(err, streamtest.ErrEnough) {
		t.Fatal(err)
	}
	return told
}

func TestDemo_ShowsNoPostTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shown, addresses := map[string]bool{}, map[string]int{}
		for _, op := range demoRounds(t) {
			if op.Kind != stream.Create {
				continue
			}
			if shown[op.ID] {
				t.Errorf("%s is created twice", op.ID)
			}
			shown[op.ID] = true
			if addresses[op.Post.URL]++; addresses[op.Post.URL] > 2 {
				t.Errorf("%s: %q is on more than one card of a round", op.ID, op.Post.URL)
			}
		}
		for address, cards := range addresses {
			if cards != 2 {
				t.Errorf("%q is on %d cards in two rounds", address, cards)
			}
		}
	})
}

func TestDemo_RepostsJoinTheCardOfTheirPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		created, reposts := map[string]time.Time{}, map[string]int{}
		for _, op := range demoRounds(t) {
			switch {
			case op.Kind == stream.Create && op.Post.RepostedBy != nil:
				t.Errorf("%s appears as a repost", op.ID)
			case op.Kind == stream.Create:
				created[op.ID] = op.when
			case op.Kind == stream.Update && op.Post.Reposts > reposts[op.ID]:
				reposts[op.ID] = op.Post.Reposts
				if late := op.when.Sub(created[op.ID]); late > demoInView {
					t.Errorf("%s is reposted after %v, when it is out of view", op.ID, late)
				}
			}
		}
		several := 0
		for _, n := range reposts {
			if n >= 3 {
				several++
			}
		}
		if len(reposts) < 2*15 || several < 2*6 {
			t.Errorf("%d cards in two rounds are reposted, %d by three or more people", len(reposts), several)
		}
	})
}

// demoInView is how long a post stays in view, at the least: until some ten shorter posts have
// arrived above it.
const demoInView = 20 * time.Second

func TestDemo_FillsAPageAtOnceAndThenAllowsTimeToRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var live []time.Time
		atOnce := 0
		for _, op := range demoRounds(t) {
			switch {
			case op.Kind == stream.Create && op.when.Equal(began):
				if atOnce++; op.At.After(began) || began.Sub(op.At) > demoLead {
					t.Errorf("%s is dated %v", op.ID, op.At)
				}
			case op.Kind == stream.Create:
				live = append(live, op.when)
			}
		}
		if atOnce < 28 || atOnce > 34 {
			t.Errorf("%d posts at once, want about 30", atOnce)
		}
		live = live[:(len(live)-atOnce)/2] // the first round
		if round := live[len(live)-1].Sub(began).Round(time.Second); round < 9*time.Minute || round > 12*time.Minute {
			t.Errorf("a round takes %v, want about ten minutes", round)
		}
		if gap := median(gaps(live, 1)); gap < 1900*time.Millisecond || gap > 3*time.Second {
			t.Errorf("the median time between two posts is %v, want two to three seconds", gap)
		}
		if view := median(gaps(live, 7)); view < 8*time.Second {
			t.Errorf("a card is among the first seven for a median of %v, want 8s or more", view)
		}
		if n := bursts(live); n < 4 {
			t.Errorf("%d bursts, want 4 or more", n)
		}
	})
}

// gaps returns the time from each post to the n-th post after it.
func gaps(posts []time.Time, n int) (all []time.Duration) {
	for i := range len(posts) - n {
		all = append(all, posts[i+n].Sub(posts[i]))
	}
	return all
}

func median(all []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(all))[len(all)/2]
}

// bursts returns how often 12 posts or more came within 3 seconds.
func bursts(posts []time.Time) (n int) {
	for i := 0; i+11 < len(posts); i++ {
		if posts[i+11].Sub(posts[i]) <= 3*time.Second {
			n++
			i += 20 // go on after this burst
		}
	}
	return n
}

func TestDemo_EditsAndDeletesPostsWhileTheyAreInView(t *testing.T) {
	created, last := map[string]time.Time{}, time.Time{}
	for _, op := range demoOps(t) {
		if op.At.Before(last) {
			t.Errorf("%s goes back in time", op.ID)
		}
		last = op.At
		at, known := created[op.ID]
		switch {
		case op.Kind == stream.AuthorUpdate:
		case op.Kind == stream.Create && known:
			t.Errorf("%s is created twice", op.ID)
		case op.Kind == stream.Create:
			created[op.ID] = op.At
		case !known:
			t.Errorf("%s of %s, which was never created", op.Kind, op.ID)
		case op.At.Sub(at) > demoInView:
			t.Errorf("%s of %s comes after %v, when it is out of view", op.Kind, op.ID, op.At.Sub(at))
		}
	}
}

func TestDemo_PollsReceiveVotesAndCloseWhileTheyAreInView(t *testing.T) {
	began, versions, closed := map[string]time.Time{}, map[string]int{}, map[string]bool{}
	for _, op := range demoOps(t) {
		if op.Post == nil || op.Post.Poll == nil || op.ID != op.Post.ID {
			continue
		}
		if versions[op.ID]++; op.Kind == stream.Create {
			began[op.ID] = op.At
		}
		if !op.Post.Poll.Closed {
			continue
		}
		closed[op.ID] = true
		if late := op.At.Sub(op.Post.Poll.EndsAt).Abs(); late > 2*time.Second || op.At.Sub(began[op.ID]) > demoInView {
			t.Errorf("%s closes %v beside its time, %v after it began", op.ID, late, op.At.Sub(began[op.ID]))
		}
	}
	for id, n := range versions {
		if !closed[id] || n < 4 {
			t.Errorf("%s: closed %v after %d updates", id, closed[id], n-1)
		}
	}
}
