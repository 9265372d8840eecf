package hub

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

// FuzzQuery requests a stream with any query and any position. The request must be refused, or
// the stream must begin at a position of the log. It can claim recovery only if the requested
// position is one of that log.
func FuzzQuery(f *testing.F) {
	for _, query := range []string{
		"", "since=e:3", "since=e:3&last=2", "since=:3", "since=e:", "since=E:3", "since=e:-1", "since=e:9007199254740992",
		"last=0", "last=100", "last=101", "last=-1", "last=", "last=1e1", "wait=1", "wait=60", "wait=61", "wait=0", "wait=65537",
		"channel=streaming", "channel=other", "channel=", "since=e%3A3", "since=e:3&since=e:4", "%", "a;b", "last=5&last=x",
	} {
		f.Add(query, "")
		f.Add(query, "e:5")
		f.Add(query, "bogus")
	}
	ch := New(Options{}).Channel("streaming")
	f.Fuzz(func(t *testing.T, query, id string) {
		r := &http.Request{URL: &url.URL{RawQuery: query}, Header: http.Header{"Last-Event-Id": {id}}}
		s, wait, err := ch.parseQuery(r)
		if err != nil {
			return
		}
		if wait < 0 || wait > maxWait*time.Second || wait%time.Second != 0 {
			t.Errorf("waits %v", wait)
		}
		if s.last != nil && *s.last > 100 {
			t.Errorf("the newest %d", *s.last)
		}
		const tail, head = 3, 8
		reply := s.start(reading{log: newLog(ch, "e"), tail: tail, head: head}, ch.hub.limits)
		if reply.Offset < tail-1 || reply.Offset > head {
			t.Errorf("continues after %d, where %d to %d are held", reply.Offset, tail, head)
		}
		if whole := reply.Recovered; (whole != nil) != (s.since != nil) || whole != nil && *whole != (reply.Reason == "") {
			t.Errorf("since %v: %+v", s.since, reply)
		}
		position, err := ParsePosition(id)
		if id != "" && *reply.Recovered && (err != nil || position != Position{"e", reply.Offset}) {
			t.Errorf("everything since %q is said to come after %d", id, reply.Offset)
		}
	})
}
