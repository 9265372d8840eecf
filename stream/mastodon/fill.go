package mastodon

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"nagare/stream"
)

const (
	mostPages        = 5               // how many are read of what was missed
	mostTries        = 3               // for each
	longestRetryWait = 5 * time.Minute // the longest wait between two
)

// errManyMissed is why there is a gap though the server answers.
var errTooManyMissed = errors.New("more was missed than is looked up")

// fill looks up what was missed between a place and the beginning of the connection,
// which was then by the server's clock: first the posts, then what became of others.
// What can't be had is announced as a gap.
func (f *connection) backfill(ctx context.Context, api *apiClient, from cursor, began time.Time) {
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
	if err != nil && f.emitGap(to.at, began, err) != nil {
		return
	}
	f.backfilled(to, true)
	f.recheck(ctx, api, from.at)
}

// pages emits the timeline from a place upwards, and returns how far it came. It
// doesn't ask for the newest page: that would leave a hole below it.
func (f *connection) pages(ctx context.Context, api *apiClient, at cursor, began time.Time) (cursor, error) {
	full := false
	for range mostPages {
		page, err := f.page(ctx, api, at.id)
		if err != nil {
			return at, err
		}
		if len(page) == 0 || !at.id.before(page[len(page)-1].ID) || !f.insert(page) {
			return at, nil
		}
		last := page[len(page)-1]
		if at.id = last.ID; parseTime(last.CreatedAt).After(at.at) {
			at.at = parseTime(last.CreatedAt)
		}
		f.backfilled(at, false)
		if full = len(page) >= pageSize; !full && at.at.After(began) { // from here on the stream has it
			return at, nil
		}
	}
	if full {
		return at, errTooManyMissed
	}
	return at, nil
}

// page asks for the posts next to a place, a few times if it must, and returns them in
// the order of their ids.
func (f *connection) page(ctx context.Context, api *apiClient, after statusID) ([]*status, error) {
	query := url.Values{"min_id": {string(after)}, "limit": {strconv.Itoa(pageSize)}}
	for key, values := range api.timeline.pageQuery {
		query[key] = values
	}
	var docs []json.RawMessage
	err := retry(ctx, f.m.Waits(), func() error {
		return api.get(ctx, "/api/v1/timelines/"+api.timeline.pages, query, &docs)
	})
	if err != nil {
		return nil, err
	}
	page := f.statuses(docs)
	slices.SortFunc(page, func(a, b *status) int {
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
func retry(ctx context.Context, rules stream.Waits, do func() error) error {
	pauses := stream.Backoff{Waits: rules}
	for try := 1; ; try++ {
		err := do()
		if err == nil || stream.IsPermanent(err) || try == mostTries {
			return err
		}
		pause := pauses.Next(err, 0)
		if pause > longestRetryWait || stream.Sleep(ctx, pause) != nil {
			return err
		}
	}
}

// statuses are those of some documents that can be read.
func (f *connection) statuses(docs []json.RawMessage) []*status {
	var page []*status
	for _, doc := range docs {
		event, err := decodePost(stream.Create, doc)
		if err != nil {
			f.mu.Lock()
			f.note(err.Error(), "")
			f.mu.Unlock()
		}
		if event.status != nil {
			page = append(page, event.status)
		}
	}
	return page
}

// insert emits posts, and reports whether it may go on.
func (f *connection) insert(page []*status) bool {
	for _, s := range page {
		f.mu.Lock()
		err := f.post(stream.Create, s)
		f.mu.Unlock()
		if err != nil {
			return false
		}
	}
	return true
}

func (f *connection) emitGap(from, to time.Time, why error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.emitOp(stream.NewNotice(f.m, stream.Gap, stream.Notice{From: from, To: to, Reason: why.Error()}))
}
