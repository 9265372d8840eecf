package bluesky

import (
	"cmp"
	"slices"
	"time"
)

const (
	// mostQuoting is how many emitted posts that quote are remembered: as many as the reconciler
	// can update.
	mostQuoting = 1000
	// quoteDelay is the time until the quote of a post is requested. The API indexes most new
	// posts within a second. If it hasn't, the wait is doubled.
	quoteDelay = time.Second
	// mostQuoteTries is how often the quote of a post is requested while the API doesn't know the
	// post: for about a minute.
	mostQuoteTries = 6
	// quoteLifetime is the time until a quote that is shown is requested again. Its author may
	// have deleted the post or detached it, and the stream doesn't report that for each author.
	quoteLifetime = 10 * time.Minute
)

// quotingPost is an emitted post that quotes. After the quoted post is shown, it remains, because
// the quote is requested again.
type quotingPost struct {
	heldPost               // as last emitted
	number   uint64        // in the order of arrival
	quoted   string        // address of the quoted post
	due      time.Time     // when the quote is requested
	wait     time.Duration // until the next request, if the API doesn't know the post
	tries    int           // requests to which the API did not know the post
	asking   bool          // a request is in progress
}

// quoteLookup stores the newest posts that quote, and decides which quotes are requested next and
// when. It makes no requests itself.
type quoteLookup struct {
	pacer
	posts map[string]*quotingPost // by address
	last  uint64                  // number of the newest post
}

func newQuoteLookup() *quoteLookup {
	return &quoteLookup{pacer: pacer{batchSize: lookupSize}, posts: map[string]*quotingPost{}}
}

// put adds a post, and replaces an older version. If there are too many posts, it drops the
// oldest.
func (p *quoteLookup) put(uri string, q *quotingPost) {
	p.last++
	q.number = p.last
	p.posts[uri] = q
	if len(p.posts) <= mostQuoting {
		return
	}
	oldest := uri
	for uri, q := range p.posts {
		if q.number < p.posts[oldest].number {
			oldest = uri
		}
	}
	delete(p.posts, oldest)
}

// removeBy removes the posts of an author.
func (p *quoteLookup) removeBy(did string) {
	for uri, q := range p.posts {
		if q.did == did {
			delete(p.posts, uri)
		}
	}
}

// next returns the addresses of the posts whose quotes to request; nil if no request is due.
func (p *quoteLookup) next(now time.Time) []string {
	if len(p.posts) == 0 || !p.ready(now) {
		return nil
	}
	var due []string
	for uri, q := range p.posts {
		if !q.asking && !q.due.After(now) {
			due = append(due, uri)
		}
	}
	if len(due) == 0 {
		return nil
	}
	slices.SortFunc(due, func(a, b string) int {
		return cmp.Or(p.posts[a].due.Compare(p.posts[b].due), cmp.Compare(p.posts[a].number, p.posts[b].number))
	})
	due = due[:min(len(due), p.batchSize)]
	for _, uri := range due {
		p.posts[uri].asking = true
	}
	p.inFlight++
	return due
}

// failed applies a request without a usable answer. If the service refuses the request, and it
// was about a single post, that post is not asked about again.
func (p *quoteLookup) failed(batch []string, refused bool, wanted time.Duration, now time.Time) {
	p.putBack(batch)
	if !refused {
		p.pause(wanted, now)
		return
	}
	p.refused(len(batch), wanted, now)
	if len(batch) == 1 {
		delete(p.posts, batch[0])
	}
}

// putBack makes the posts of an aborted request due again.
func (p *quoteLookup) putBack(batch []string) {
	p.inFlight--
	for _, uri := range batch {
		if q := p.posts[uri]; q != nil {
			q.asking = false
		}
	}
}

// later makes the quote due after another wait. It returns false if it was requested often
// enough.
func (q *quotingPost) later(now time.Time) bool {
	if q.tries++; q.tries >= mostQuoteTries {
		return false
	}
	q.wait *= 2
	q.due = now.Add(q.wait)
	return true
}
