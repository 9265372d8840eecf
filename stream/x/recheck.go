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

const lookupSize = 100 // posts are looked up in one request

// every is the time between two rounds. Posts have to be taken away in time also
// where they are seldom looked up, or never.
func (x *Source) every() time.Duration {
	if x.Recheck <= 0 {
		return defaultRecheck
	}
	return min(x.Recheck, longestStay/4)
}

// mind takes away, for as long as ctx lives, what may no longer be shown.
func (x *Source) recheckLoop(ctx context.Context, api apiClient, tell func(stream.Op) error) {
	every := x.every()
	if x.round.IsZero() {
		x.round = time.Now()
	}
	for stream.Sleep(ctx, time.Until(x.round.Add(every))) == nil {
		x.round = time.Now()
		if err := x.recheck(ctx, api, tell); err != nil && ctx.Err() == nil {
			x.log().Warn("posts could not be looked up", "err", err)
		}
	}
}

// lookRound takes away what has been shown for a day, and what X says is gone.
func (x *Source) recheck(ctx context.Context, api apiClient, tell func(stream.Op) error) error {
	old, young := x.showing.since(time.Now().Add(x.every() - longestStay))
	for _, id := range old {
		if err := tell(stream.Op{Kind: stream.Destroy, At: time.Now(), ID: id, Reason: stream.Expired}); err != nil {
			return err
		}
	}
	if x.Recheck < 0 {
		return nil
	}
	slices.Reverse(young) // if not all can be paid, then those that are on the page
	for part := range slices.Chunk(young, lookupSize) {
		if part = x.payable(part); len(part) == 0 {
			continue
		}
		if err := x.lookUp(ctx, api, part, tell); err != nil {
			return err
		}
	}
	return nil
}

// payable leaves out what the budget doesn't allow to look up. X bills a post once a
// day, however often it is read.
func (x *Source) payable(ids []string) []string {
	now := time.Now()
	day := now.UTC().Format(time.DateOnly)
	unpaid := x.showing.unpaid(ids, day)
	granted := x.spent.grant(x, now, len(unpaid))
	x.showing.pay(unpaid[:granted], day)
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(unpaid[granted:], id) })
}

// lookUp asks for posts, only to hear which of them may not be shown, here or elsewhere.
func (x *Source) lookUp(ctx context.Context, api apiClient, keys []string, tell func(stream.Op) error) error {
	var ids []string
	for _, key := range keys {
		ids = append(ids, strings.TrimPrefix(key, keyOf("")))
	}
	var answer struct {
		message
		Data []post `json:"data"`
	}
	query := url.Values{
		"ids": {strings.Join(ids, ",")}, "tweet.fields": {"author_id,withheld"},
		"expansions": {"author_id"}, "user.fields": {"protected,withheld"},
	}
	if err := api.ask(ctx, http.MethodGet, lookupPath, query, nil, &answer); err != nil {
		return err
	}
	v := viewOf(answer.message, time.Now(), x.Country)
	for _, p := range answer.Data {
		op, hidden := v.hides(p)
		if where := v.withheldIn(p); !hidden && len(where) > 0 {
			op = stream.Op{Kind: stream.Withheld, At: v.at, ID: keyOf(p.ID), Where: where}
		}
		if op.Kind != "" {
			if err := tell(op); err != nil {
				return err
			}
		}
	}
	for _, id := range ids {
		if v.gone[id] {
			if err := tell(v.destroy(id, stream.Unavailable)); err != nil {
				return err
			}
		}
	}
	return nil
}
