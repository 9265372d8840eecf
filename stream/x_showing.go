package stream

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"
)

const xShown = 6000 // posts are kept in mind, several times what a page shows

// xShowing is what is shown of X: posts, what they repost, and what they quote.
type xShowing struct {
	mu    sync.Mutex
	posts map[string]xSeen // by key; guarded by mu
}

type xSeen struct {
	at   time.Time // when it was last told
	paid string    // the day (UTC) for which it was paid: X bills a post once a day
}

// note follows what is emitted.
func (s *xShowing) note(op Op) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch op.Kind {
	case Destroy:
		delete(s.posts, op.ID)
	case Create, Update:
		for _, id := range op.Earlier {
			delete(s.posts, id)
		}
		paid := op.At.UTC().Format(time.DateOnly)
		s.put(op.ID, xSeen{at: op.At, paid: paid})
		s.put(op.Post.ID, xSeen{at: op.At, paid: s.posts[op.Post.ID].paid})
		if q := op.Post.Quote; q != nil && q.Post != nil {
			s.put(q.ID, xSeen{at: op.At, paid: s.posts[q.ID].paid})
		}
	}
}

// put adds one. When there are too many, the oldest sixth is forgotten.
func (s *xShowing) put(id string, seen xSeen) {
	if s.posts == nil {
		s.posts = map[string]xSeen{}
	}
	s.posts[id] = seen
	if len(s.posts) <= xShown {
		return
	}
	for _, id := range s.oldestFirst()[:xShown/6] {
		delete(s.posts, id)
	}
}

func (s *xShowing) oldestFirst() []string {
	return slices.SortedFunc(maps.Keys(s.posts), func(a, b string) int {
		return cmp.Or(s.posts[a].at.Compare(s.posts[b].at), cmp.Compare(a, b))
	})
}

// since returns the keys of the posts that came before a time, and of those that came
// later, both oldest first.
func (s *xShowing) since(at time.Time) (before, after []string) {
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
func (s *xShowing) unpaid(ids []string, day string) (out []string) {
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
func (s *xShowing) pay(ids []string, day string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if seen, known := s.posts[id]; known {
			s.posts[id] = xSeen{at: seen.at, paid: day}
		}
	}
}
