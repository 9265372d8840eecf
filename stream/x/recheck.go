package x

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"nagare/stream"
)

const lookupSize = 100 // posts in one request

// recheckInterval is the time between two rounds. If no posts are to be looked up, there are
// rounds nevertheless, because they remove the posts that are too old.
func (x *Source) recheckInterval() time.Duration {
	if x.Recheck <= 0 {
		return defaultRecheck
	}
	return min(x.Recheck, longestStay/4)
}

// recheckLoop runs a round after each interval, until ctx ends.
func (x *Source) recheckLoop(ctx context.Context, api apiClient, emit func(stream.Op) error) {
	recheckInterval := x.recheckInterval()
	if x.lastRecheck.IsZero() {
		x.lastRecheck = time.Now()
	}
	for stream.Sleep(ctx, time.Until(x.lastRecheck.Add(recheckInterval))) == nil {
		x.lastRecheck = time.Now()
		if err := x.recheck(ctx, api, emit); err != nil && ctx.Err() == nil {
			x.log().Warn("posts could not be looked up", "err", err)
		}
	}
}

// recheck is one round. It removes the posts that would become a day old before the next round,
// and those that X reports as deleted or hidden.
func (x *Source) recheck(ctx context.Context, api apiClient, emit func(stream.Op) error) error {
	old, recent := x.shown.since(x.clock.Now().Add(x.recheckInterval() - longestStay))
	for _, id := range old {
		if err := emit(stream.Op{Kind: stream.Destroy, At: x.clock.Now(), ID: id, Reason: stream.Expired}); err != nil {
			return err
		}
	}
	if x.Recheck < 0 {
		return nil
	}
	slices.Reverse(recent) // if the budget is too small for all, the newest are looked up
	for part := range slices.Chunk(recent, lookupSize) {
		if part = x.affordable(part); len(part) == 0 {
			continue
		}
		if err := x.lookUp(ctx, api, part, emit); err != nil {
			return err
		}
	}
	return nil
}

// affordable returns the posts that may be looked up within the budget. A post that X has
// billed today costs nothing, because X bills a post once a day.
func (x *Source) affordable(ids []string) []string {
	day := x.clock.Now().Format(time.DateOnly)
	unbilled := x.shown.unbilled(ids, day)
	allowed := x.usage.spendOnRechecks(x, time.Now(), len(unbilled))
	x.shown.setBilled(unbilled[:allowed], day)
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(unbilled[allowed:], id) })
}

// lookUp requests posts. It removes those that X reports as deleted, protected or withheld from
// the audience, and marks those that are withheld in other countries.
func (x *Source) lookUp(ctx context.Context, api apiClient, keys []string, emit func(stream.Op) error) error {
	var ids []string
	for _, key := range keys {
		ids = append(ids, strings.TrimPrefix(key, keyOf("")))
	}
	v, posts, err := x.request(ctx, api, ids)
	if err != nil {
		return err
	}
	for _, p := range posts {
		if op, changed := v.recheck(p); changed {
			if err := emit(op); err != nil {
				return err
			}
		}
	}
	for _, id := range ids {
		if v.gone[id] {
			if err := emit(v.destroy(id, stream.Unavailable)); err != nil {
				return err
			}
		}
	}
	return nil
}

// request returns the posts with these ids that X still has, with the view of the answer.
func (x *Source) request(ctx context.Context, api apiClient, ids []string) (view, []post, error) {
	var answer struct {
		message
		Data []post `json:"data"`
	}
	query := url.Values{
		"ids": {strings.Join(ids, ",")}, "tweet.fields": {"author_id,withheld"},
		"expansions": {"author_id"}, "user.fields": {"protected,withheld"},
	}
	if err := api.ask(ctx, http.MethodGet, lookupPath, query, nil, &answer); err != nil {
		return view{}, nil, err
	}
	return newView(answer.message, x.clock.Now(), x.Country), answer.Data, nil
}

// recheck returns the op for a post that was looked up, and false if nothing has to change.
func (v view) recheck(p post) (stream.Op, bool) {
	if op, hidden := v.removal(p); hidden {
		return op, true
	}
	where := v.withheldIn(p)
	return stream.Op{Kind: stream.Withheld, At: v.at, ID: keyOf(p.ID), Where: where}, len(where) > 0
}
