package web

import (
	"nagare/hub"
	"nagare/stream/query"
)

// Filter is [hub.Options.Filter] for channels of posts: clients follow with a query.
func Filter(_, text string) (canonical string, match func(hub.Event) bool, err error) {
	q, err := query.Parse(text)
	if err != nil {
		return "", nil, err
	}
	return q.String(), func(ev hub.Event) bool {
		x := ev.Index
		return x != nil && q.Matches(x.Text, x.Terms)
	}, nil
}
