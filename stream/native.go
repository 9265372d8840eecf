package stream

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// native reads what was recorded as a network sends it, by the decoders that read
// the network itself. It looks up nothing: an author of Bluesky has no name.
type native struct {
	country string // ISO 3166; what is withheld there isn't shown

	at    time.Time   // of the message before; zero if none had a time
	told  uint64      // of Twitter: how many posts were left out since it was connected
	local *mastoIndex // of Mastodon; nil before the first of its messages
	home  string      // of Mastodon: the server's domain, once it is known
}

// shape is what tells the forms of a line apart.
type shape struct {
	Op   json.RawMessage `json:"op"`   // ours
	Kind json.RawMessage `json:"kind"` // a Jetstream's, with DID
	DID  json.RawMessage `json:"did"`

	Event   json.RawMessage `json:"event"` // Mastodon's
	Payload json.RawMessage `json:"payload"`
	Data    json.RawMessage `json:"data"` // X's or, with an Event, as Payload

	Errors []json.RawMessage `json:"errors"` // X's too
	Title  json.RawMessage   `json:"title"`

	User, Delete, Limit, Warning, Disconnect json.RawMessage // Twitter's, as all below
	StatusWithheld                           json.RawMessage `json:"status_withheld"`
	UserWithheld                             json.RawMessage `json:"user_withheld"`
	ScrubGeo                                 json.RawMessage `json:"scrub_geo"`
}

func (s *shape) isTwitter() bool {
	for _, part := range []json.RawMessage{s.User, s.Delete, s.Limit, s.Warning, s.Disconnect, s.StatusWithheld, s.UserWithheld, s.ScrubGeo} {
		if part != nil {
			return true
		}
	}
	return false
}

// errNothing is about a message that does nothing, as many do. It is no fault.
var errNothing = errors.New("nothing in it to replay")

// decode reads a line of any form.
func (n *native) decode(line []byte) (Op, error) {
	op, err := n.decodeAny(line)
	return op, plainFault(err, line)
}

// plainFault describes an error of the JSON decoder without the words of Go.
func plainFault(err error, line []byte) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	broken, typed := errors.As(err, &syntax), errors.As(err, &kind)
	switch {
	case (broken || typed) && bytes.HasPrefix(line, []byte("[")):
		return errors.New("a JSON array, want one JSON object per line: jq -c '.[]' makes them")
	case broken && bytes.HasPrefix(line, []byte("{")):
		return errors.New("an incomplete JSON object, want each object on a line of its own: jq -c . makes them")
	case broken, typed && kind.Field == "":
		return errors.New("not a JSON object, want one per line")
	case typed:
		return fmt.Errorf("the field %s is a %s", kind.Field, kind.Value)
	}
	return err
}

func (n *native) decodeAny(line []byte) (Op, error) {
	if bytes.HasPrefix(line, []byte(recordStart)) {
		return decode(line)
	}
	var s shape
	if err := json.Unmarshal(line, &s); err != nil {
		var wrong *json.UnmarshalTypeError
		if !errors.As(err, &wrong) || wrong.Field == "" {
			return Op{}, err
		}
	}
	switch {
	case s.Op != nil:
		return decode(line)
	case s.Kind != nil && s.DID != nil:
		return n.dated(n.bluesky(line))
	case s.Event != nil && s.Payload == nil:
		return n.dated(n.mastodon(word(s.Event), s.Data))
	case s.Event != nil:
		return n.dated(n.mastodon(word(s.Event), s.Payload))
	case s.Data != nil || s.Errors != nil || s.Title != nil:
		return n.dated(n.x(line))
	case s.isTwitter():
		return n.dated(n.twitter(line))
	}
	return decode(line)
}

// dated gives an op without a time that of the one before it, or else of its post, and
// a post without one that of its op.
func (n *native) dated(op Op, err error) (Op, error) {
	if err != nil {
		return Op{}, err
	}
	if op.At.IsZero() {
		op.At = n.at
	}
	if op.At.IsZero() && op.Post != nil {
		op.At = op.Post.CreatedAt
	}
	if n.at = op.At; op.Post != nil {
		op.Post.CreatedAt = earliest(op.Post.CreatedAt, op.At)
		if op.Post.CreatedAt.IsZero() {
			return Op{}, errors.New("no time")
		}
	}
	return op, nil
}

func (n *native) twitter(line []byte) (Op, error) {
	m, err := decodeTwitter(line, n.country)
	switch {
	case err != nil:
		return Op{}, err
	case m.kind == "limit" && m.lost != n.told:
		if m.lost < n.told { // of another connection
			n.told = 0
		}
		m.op = Op{Kind: Lost, Notice: &Notice{Source: "twitter", Count: m.lost - n.told}}
		n.told = m.lost
	case m.op.Kind == "":
		return Op{}, errNothing
	}
	return m.op, nil
}

func (n *native) x(line []byte) (Op, error) {
	m, _, err := decodeX(line)
	switch {
	case err != nil:
		return Op{}, err
	case !m.Data.valid():
		return Op{}, errNothing
	}
	at, err := time.Parse(time.RFC3339, m.Data.CreatedAt)
	if err != nil {
		at = xIDTime(m.Data.ID)
	}
	return viewX(m, at, n.country).op(m.Data), nil
}

func (n *native) bluesky(line []byte) (Op, error) {
	e, err := decodeBluesky(line)
	if e == nil {
		return Op{}, err
	}
	op, ok, err := e.op(e.time().UTC())
	switch {
	case ok && (op.Post != nil || op.Kind != Create && op.Kind != Update):
		return op, nil
	case err != nil:
		return Op{}, err
	}
	return Op{}, errNothing
}

// word is a text of JSON, or nothing.
func word(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}
