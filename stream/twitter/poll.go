package twitter

import (
	"encoding/json"
	"time"

	"nagare/stream"
)

// poll is an entity that only the enterprise products of X send.
type poll struct {
	EndsAt  string `json:"end_datetime"`
	Options []struct {
		Text string `json:"text"`
	} `json:"options"`
}

func (b *statusText) poll() *stream.Poll {
	polls := optionalList[poll](b.Entities.Polls)
	if len(polls) == 0 || len(polls[0].Options) == 0 {
		return nil
	}
	ends, err := time.Parse(time.RubyDate, polls[0].EndsAt)
	if err != nil || ends.Year() > 9999 {
		ends = time.Time{}
	}
	poll := &stream.Poll{EndsAt: ends}
	for _, o := range polls[0].Options {
		poll.Options = append(poll.Options, stream.PollOption{Title: o.Text})
	}
	return poll
}

// optionalList decodes a list that most posts don't have. Errors are ignored: what can't be
// decoded stays empty.
func optionalList[T any](raw json.RawMessage) (list []T) {
	if len(raw) > 0 {
		_ = json.Unmarshal(raw, &list)
	}
	return list
}
