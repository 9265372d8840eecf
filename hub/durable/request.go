package durable

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"nagare/hub"
)

// cut is the number whose multiples are the offsets at which chunks end.
const cut = 100

// The ways to read.
const (
	catchUp  = ""
	longPoll = "long-poll"
	events   = "sse"
)

// start says where a request begins to read.
type start int

const (
	fromOffset start = iota
	fromOldest
	fromTail
)

// request is a GET request.
type request struct {
	from   start
	after  hub.Position // the position where it begins, which handler.chunk sets unless from is fromOffset
	live   string       // catchUp, longPoll or events
	filter string       // empty: all events
	cursor cursor
}

func parse(r *http.Request) (q request, err error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, errors.New("query: want parameters such as offset=-1&live=sse")
	}
	if q.live = values.Get("live"); values.Has("live") && !slices.Contains([]string{longPoll, events}, q.live) || len(values["live"]) > 1 {
		return q, errors.New("live: want long-poll or sse")
	}
	q.filter = values.Get("q")
	if err := q.parseOffset(values["offset"]); err != nil {
		return q, err
	}
	return q, q.parseCursor(values["cursor"])
}

func (q *request) parseOffset(values []string) (err error) {
	switch {
	case len(values) == 0 && q.live == catchUp:
		q.from = fromOldest
	case len(values) != 1:
		return errors.New("offset: want one")
	case values[0] == "-1":
		q.from = fromOldest
	case values[0] == "now":
		q.from = fromTail
	default:
		q.after, err = parseOffset(values[0])
	}
	return err
}

func (q *request) parseCursor(values []string) error {
	if len(values) == 0 {
		return nil
	}
	n, err := strconv.ParseUint(values[0], 10, 53)
	if err != nil || len(values) > 1 {
		return errors.New("cursor: want the Stream-Cursor of a response")
	}
	q.cursor = newCursor(n, q.live != catchUp)
	return nil
}
