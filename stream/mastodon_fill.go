package stream

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"
)

const (
	mastoPages = 5               // how many are read of what was missed
	mastoTries = 3               // for each
	mastoRest  = 5 * time.Minute // the longest wait between two
)

// errManyMissed is why there is a gap though the server answers.
var errManyMissed = errors.New("more was missed than is looked up")

// fill looks up what was missed between a place and the beginning of the connection,
// which was then by the server's clock: first the posts, then what became of others.
// What can't be had is announced as a gap.
func (f *mastoFeed) fill(ctx context.Context, api *mastoAPI, from mastoCursor, began time.Time) {
	if from.at.IsZero() { // nothing was told yet
		return
	}
	err := errors.New("no post came before, from which to go on")
	to := from
	if from.id != "" {
		to, err = f.pages(ctx, api, from, began)
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil && f.gap(to.at, began, err) != nil {
		return
	}
	f.filled(to, true)
	f.recheck(ctx, api, from.at)
}

// pages emits the timeline from a place upwards, and returns how far it came. It
// doesn't ask for the newest page: that would leave a hole below it.
func (f *mastoFeed) pages(ctx context.Context, api *mastoAPI, at mastoCursor, began time.Time) (mastoCursor, error) {
	full := false
	for range mastoPages {
		page, err := f.page(ctx, api, at.id)
		if err != nil {
			return at, err
		}
		if len(page) == 0 || !at.id.before(page[len(page)-1].ID) || !f.insert(page) {
			return at, nil
		}
		last := page[len(page)-1]
		if at.id = last.ID; mastoTime(last.CreatedAt).After(at.at) {
			at.at = mastoTime(last.CreatedAt)
		}
		f.filled(at, false)
		if full = len(page) >= mastoPage; !full && at.at.After(began) { // from here on the stream has it
			return at, nil
		}
	}
	if full {
		return at, errManyMissed
	}
	return at, nil
}

// page asks for the posts next to a place, a few times if it must, and returns them in
// the order of their ids.
func (f *mastoFeed) page(ctx context.Context, api *mastoAPI, after mastoID) ([]*mastoStatus, error) {
	query := url.Values{"min_id": {string(after)}, "limit": {strconv.Itoa(mastoPage)}}
	for key, values := range api.timeline.pageQuery {
		query[key] = values
	}
	var docs []json.RawMessage
	err := retried(ctx, f.m.waits(), func() error {
		return api.get(ctx, "/api/v1/timelines/"+api.timeline.pages, query, &docs)
	})
	if err != nil {
		return nil, err
	}
	page := f.statuses(docs)
	slices.SortFunc(page, func(a, b *mastoStatus) int {
		switch {
		case a.ID.before(b.ID):
			return -1
		case b.ID.before(a.ID):
			return 1
		}
		return 0
	})
	return page, nil
}

// retried does something again if it fails in a way that may pass.
func retried(ctx context.Context, rules waits, do func() error) error {
	pauses := backoff{waits: rules}
	for try := 1; ; try++ {
		err := do()
		if err == nil || isPermanent(err) || try == mastoTries {
			return err
		}
		pause := pauses.next(err, 0)
		if pause > mastoRest || sleep(ctx, pause) != nil {
			return err
		}
	}
}

// statuses are those of some documents that can be read.
func (f *mastoFeed) statuses(docs []json.RawMessage) []*mastoStatus {
	var page []*mastoStatus
	for _, doc := range docs {
		event, err := decodeMastoPost(Create, doc)
		if err != nil {
			f.mu.Lock()
			f.strange(err.Error(), "")
			f.mu.Unlock()
		}
		if event.status != nil {
			page = append(page, event.status)
		}
	}
	return page
}

// insert emits posts, and reports whether it may go on.
func (f *mastoFeed) insert(page []*mastoStatus) bool {
	for _, s := range page {
		f.mu.Lock()
		err := f.post(Create, s)
		f.mu.Unlock()
		if err != nil {
			return false
		}
	}
	return true
}

func (f *mastoFeed) gap(from, to time.Time, why error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tell(notice(f.m, Gap, Notice{From: from, To: to, Reason: why.Error()}))
}
