package twitter

import (
	"encoding/json"
	"time"

	"nagare/stream"
)

// twitterPoll is in the text's entities, and only in what X sells to enterprises.
type poll struct {
	EndsAt  string `json:"end_datetime"`
	Options []struct {
		Text string `json:"text"`
	} `json:"options"`
}

func (b *statusText) poll() *stream.Poll {
	polls := listOf[poll](b.Entities.Polls)
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

// listOf reads a list that is rarely there.
func listOf[T any](raw json.RawMessage) (list []T) {
	if len(raw) > 0 {
		_ = json.Unmarshal(raw, &list) // what can be read is, and the rest isn't missed
	}
	return list
}
