package x

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"nagare/stream"
)

const mostShown = 6000 // posts are kept in mind, several times what a page shows

// xShowing is what is shown of X: posts, what they repost, and what they quote.
type shownPosts struct {
	mu    sync.Mutex
	posts map[string]shownPost // by key; guarded by mu
}

type shownPost struct {
	at   time.Time // when it was last told
	paid string    // the day (UTC) for which it was paid: X bills a post once a day
}

// note follows what is emitted.
func (s *shownPosts) note(op stream.Op) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch op.Kind {
	case stream.Destroy:
		delete(s.posts, op.ID)
	case stream.Create, stream.Update:
		for _, id := range op.Earlier {
			delete(s.posts, id)
		}
		paid := op.At.UTC().Format(time.DateOnly)
		s.put(op.ID, shownPost{at: op.At, paid: paid})
		s.put(op.Post.ID, shownPost{at: op.At, paid: s.posts[op.Post.ID].paid})
		if q := op.Post.Quote; q != nil && q.Post != nil {
			s.put(q.ID, shownPost{at: op.At, paid: s.posts[q.ID].paid})
		}
	}
}

// put adds one. When there are too many, the oldest sixth is forgotten.
func (s *shownPosts) put(id string, seen shownPost) {
	if s.posts == nil {
		s.posts = map[string]shownPost{}
	}
	s.posts[id] = seen
	if len(s.posts) <= mostShown {
		return
	}
	for _, id := range s.oldestFirst()[:mostShown/6] {
		delete(s.posts, id)
	}
}

func (s *shownPosts) oldestFirst() []string {
	return slices.SortedFunc(maps.Keys(s.posts), func(a, b string) int {
		return cmp.Or(s.posts[a].at.Compare(s.posts[b].at), cmp.Compare(a, b))
	})
}

// since returns the keys of the posts that came before a time, and of those that came
// later, both oldest first.
func (s *shownPosts) since(at time.Time) (before, after []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.oldestFirst()
	n := 0
	for n < len(all) && s.posts[all[n]].at.Before(at) {
		n++
	}
	return all[:n], all[n:]
}

// unpaid returns which of the posts X would bill on that day.
func (s *shownPosts) unpaid(ids []string, day string) (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if seen, known := s.posts[id]; known && seen.paid != day {
			out = append(out, id)
		}
	}
	return out
}

// pay notes that X has billed posts on that day.
func (s *shownPosts) pay(ids []string, day string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if seen, known := s.posts[id]; known {
			s.posts[id] = shownPost{at: seen.at, paid: day}
		}
	}
}
