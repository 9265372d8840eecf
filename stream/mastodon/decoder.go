package mastodon

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"nagare/stream"
)

// Decoder decodes recorded events. An event is an object with the field event and either
// payload, as in a WebSocket stream, or data. The decoder remembers the posts, because a delete
// has only a post's local id. It is not safe for concurrent use.
type Decoder struct {
	index  *statusIndex // nil before the first event
	domain string       // of the server; empty until a post shows it
}

// Owns reports whether m is an event.
func (d *Decoder) Owns(m stream.Message) bool { return m.Has("event") }

// Decode decodes an event.
func (d *Decoder) Decode(m stream.Message) (stream.Op, error) {
	if d.index == nil {
		d.index = newStatusIndex(mostIndexed)
	}
	data := m.Fields.Get("payload")
	if data == nil {
		data = m.Fields.Get("data")
	}
	var name string
	_ = json.Unmarshal(m.Fields.Get("event"), &name) // if the name is no string, the event is unknown
	e, err := decodeEvent(name, data)
	switch {
	case err != nil && !errors.Is(err, errWrongType):
		return stream.Op{}, err
	case e.kind == stream.Destroy:
		if key, ok := d.index.delete(statusID(e.deleted), stream.ByAuthor); ok {
			return stream.Op{Kind: stream.Destroy, ID: key, Reason: stream.ByAuthor}, nil
		}
		return stream.Op{}, stream.ErrNoOp
	case e.status == nil:
		return stream.Op{}, stream.ErrNoOp
	}
	return d.status(e.kind, e.status, m.Before)
}

func (d *Decoder) status(kind stream.Kind, s *status, before time.Time) (stream.Op, error) {
	d.domain = cmp.Or(serverDomain(s), d.domain)
	v := view{domain: d.domain, now: parseTime(s.CreatedAt)}
	if kind == stream.Update {
		v.now = parseTime(s.EditedAt)
	}
	if v.now.IsZero() {
		v.now = before
	}
	if v.now.IsZero() { // an edit without a time, at the beginning of the recording
		v.now = parseTime(s.CreatedAt)
	}
	withdrawn := v.withdraw(d.index, s)
	op, ok := v.op(kind, s)
	switch {
	case len(withdrawn) > 0: // one op ends all of them; a post that quotes one is not worth keeping that one
		return stream.Op{Kind: stream.Destroy, At: v.now, ID: withdrawn[0], Earlier: withdrawn[1:], Reason: stream.Unavailable}, nil
	case !ok:
		return stream.Op{}, stream.ErrNoOp
	}
	quoted := v.quotedStatus(cmp.Or(s.Reblog, s))
	for _, part := range s.parts() {
		switch gone := v.isPublic(part) && d.index.add(part.ID, v.key(part), part.EditedAt) != ""; {
		case gone && part == quoted:
			op.Post.Quote = &stream.Quote{}
		case gone:
			return stream.Op{}, stream.ErrNoOp
		}
	}
	return op, nil
}

// serverDomain is the domain of the server that sent a post. The server omits its domain from
// the handles of its own users, but the address of such a user contains it. The result is empty
// if the post has no such user.
func serverDomain(s *status) string {
	if s.Reblog != nil {
		if domain := serverDomain(s.Reblog); domain != "" {
			return domain
		}
	}
	if domain := localDomain(s.Account.Acct, s.Account.URL); domain != "" {
		return domain
	}
	for _, m := range s.Mentions {
		if domain := localDomain(m.Acct, m.URL); domain != "" {
			return domain
		}
	}
	return ""
}

func localDomain(acct, address string) string {
	u, err := url.Parse(address)
	if err != nil || acct == "" || strings.Contains(acct, "@") {
		return ""
	}
	return u.Hostname()
}
