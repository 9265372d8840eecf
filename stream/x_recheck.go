package stream

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const xLookup = 100 // posts are looked up in one request

// every is the time between two rounds. Posts have to be taken away in time also
// where they are seldom looked up, or never.
func (x *X) every() time.Duration {
	if x.Recheck <= 0 {
		return xChecks
	}
	return min(x.Recheck, xStay/4)
}

// mind takes away, for as long as ctx lives, what may no longer be shown.
func (x *X) mind(ctx context.Context, api xAPI, tell func(Op) error) {
	every := x.every()
	if x.round.IsZero() {
		x.round = time.Now()
	}
	for sleep(ctx, time.Until(x.round.Add(every))) == nil {
		x.round = time.Now()
		if err := x.lookRound(ctx, api, tell); err != nil && ctx.Err() == nil {
			x.log().Warn("posts could not be looked up", "err", err)
		}
	}
}

// lookRound takes away what has been shown for a day, and what X says is gone.
func (x *X) lookRound(ctx context.Context, api xAPI, tell func(Op) error) error {
	old, young := x.showing.since(time.Now().Add(x.every() - xStay))
	for _, id := range old {
		if err := tell(Op{Kind: Destroy, At: time.Now(), ID: id, Reason: Expired}); err != nil {
			return err
		}
	}
	if x.Recheck < 0 {
		return nil
	}
	slices.Reverse(young) // if not all can be paid, then those that are on the page
	for part := range slices.Chunk(young, xLookup) {
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
func (x *X) payable(ids []string) []string {
	now := time.Now()
	day := now.UTC().Format(time.DateOnly)
	unpaid := x.showing.unpaid(ids, day)
	granted := x.spent.grant(x, now, len(unpaid))
	x.showing.pay(unpaid[:granted], day)
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(unpaid[granted:], id) })
}

// lookUp asks for posts, only to hear which of them may not be shown, here or elsewhere.
func (x *X) lookUp(ctx context.Context, api xAPI, keys []string, tell func(Op) error) error {
	var ids []string
	for _, key := range keys {
		ids = append(ids, strings.TrimPrefix(key, xKey("")))
	}
	var answer struct {
		xMessage
		Data []xPost `json:"data"`
	}
	query := url.Values{
		"ids": {strings.Join(ids, ",")}, "tweet.fields": {"author_id,withheld"},
		"expansions": {"author_id"}, "user.fields": {"protected,withheld"},
	}
	if err := api.ask(ctx, http.MethodGet, xLookupPath, query, nil, &answer); err != nil {
		return err
	}
	v := viewX(answer.xMessage, time.Now(), x.Country)
	for _, p := range answer.Data {
		op, hidden := v.hides(p)
		if where := v.withheldIn(p); !hidden && len(where) > 0 {
			op = Op{Kind: Withheld, At: v.at, ID: xKey(p.ID), Where: where}
		}
		if op.Kind != "" {
			if err := tell(op); err != nil {
				return err
			}
		}
	}
	for _, id := range ids {
		if v.gone[id] {
			if err := tell(v.destroy(id, Unavailable)); err != nil {
				return err
			}
		}
	}
	return nil
}
