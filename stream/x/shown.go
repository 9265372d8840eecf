package x

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"nagare/stream"
)

const mostShown = 6000 // several times the number of posts on a page

// shownPosts are the posts that may be on a page, and the posts that they repost or quote. If
// there are more than mostShown, the oldest are dropped.
type shownPosts struct {
	mu    sync.Mutex
	posts map[string]shownPost // by key; guarded by mu
}

type shownPost struct {
	at     time.Time // time of the last op about the post
	billed string    // the last day (UTC) on which X billed the post
}

// record applies an op that is being emitted.
func (s *shownPosts) record(op stream.Op) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch op.Kind {
	case stream.Destroy:
		delete(s.posts, op.ID)
	case stream.Create, stream.Update:
		for _, id := range op.Earlier {
			delete(s.posts, id)
		}
		s.put(op.ID, shownPost{at: op.At, billed: op.At.UTC().Format(time.DateOnly)})
		s.put(op.Post.ID, shownPost{at: op.At, billed: s.posts[op.Post.ID].billed})
		if q := op.Post.Quote; q != nil && q.Post != nil {
			s.put(q.ID, shownPost{at: op.At, billed: s.posts[q.ID].billed})
		}
	}
}

// put adds a post. If there are then more than mostShown, it drops the oldest sixth.
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

// since returns the keys of the posts that came before the time at, and of those that came at or
// after it. Both lists begin with the oldest post.
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

// unbilled returns those of the posts that X has not billed on that day.
func (s *shownPosts) unbilled(ids []string, day string) (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if post, known := s.posts[id]; known && post.billed != day {
			out = append(out, id)
		}
	}
	return out
}

// setBilled records that X bills the posts on that day.
func (s *shownPosts) setBilled(ids []string, day string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if post, known := s.posts[id]; known {
			s.posts[id] = shownPost{at: post.at, billed: day}
		}
	}
}
