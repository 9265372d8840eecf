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

// MastodonDecoder reads recorded events of a stream, as a server sends them or as JSON.
type Decoder struct {
	known *statusIndex // nil before the first event
	home  string       // the server's domain, once it is known
}

// Owns reports whether m is an event.
func (d *Decoder) Owns(m stream.Message) bool { return m.Has("event") }

// Decode reads an event.
func (d *Decoder) Decode(m stream.Message) (stream.Op, error) {
	if d.known == nil {
		d.known = newStatusIndex(mostIndexed)
	}
	data := m.Fields["payload"]
	if data == nil {
		data = m.Fields["data"]
	}
	var name string
	_ = json.Unmarshal(m.Fields["event"], &name) // a name that is no text is unknown
	e, err := decodeEvent(name, data)
	switch {
	case err != nil && !errors.Is(err, errOddField):
		return stream.Op{}, err
	case e.kind == stream.Destroy:
		if key, ok := d.known.delete(statusID(e.deleted), stream.ByAuthor); ok {
			return stream.Op{Kind: stream.Destroy, ID: key, Reason: stream.ByAuthor}, nil
		}
		return stream.Op{}, stream.ErrNoOp
	case e.status == nil:
		return stream.Op{}, stream.ErrNoOp
	}
	return d.status(e.kind, e.status, m.Before)
}

func (d *Decoder) status(kind stream.Kind, s *status, before time.Time) (stream.Op, error) {
	if home := homeOf(s); home != "" {
		d.home = home
	}
	view := view{domain: d.home, now: parseTime(s.CreatedAt)}
	if kind == stream.Update {
		view.now = parseTime(s.EditedAt)
	}
	if view.now.IsZero() {
		view.now = before
	}
	op, ok := view.op(kind, s)
	if !ok {
		if key, was := view.withdrawn(d.known, s); was {
			return stream.Op{Kind: stream.Destroy, At: view.now, ID: key, Reason: stream.Unavailable}, nil
		}
		return stream.Op{}, stream.ErrNoOp
	}
	gone := d.known.add(s.ID, view.key(s))
	if s.Reblog != nil {
		gone = cmp.Or(d.known.add(s.Reblog.ID, view.key(s.Reblog)), gone)
	}
	if gone != "" {
		return stream.Op{}, stream.ErrNoOp
	}
	return op, nil
}

// homeOf is the domain of the server that tells of a post: that of an author whom it
// names without one.
func homeOf(s *status) string {
	if s.Reblog != nil {
		if home := homeOf(s.Reblog); home != "" {
			return home
		}
	}
	if home := domainOf(s.Account.Acct, s.Account.URL); home != "" {
		return home
	}
	for _, m := range s.Mentions {
		if home := domainOf(m.Acct, m.URL); home != "" {
			return home
		}
	}
	return ""
}

func domainOf(acct, address string) string {
	u, err := url.Parse(address)
	if err != nil || acct == "" || strings.Contains(acct, "@") {
		return ""
	}
	return u.Hostname()
}
