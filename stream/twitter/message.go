package twitter

import (
	"encoding/json"
	"errors"
	"fmt"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// message is a decoded line of the stream.
type message struct {
	kind        string    // what kind of message it is, for the log
	op          stream.Op // its Kind is "" if the message has no op
	dropped     uint64    // posts that the server has dropped since the connection was opened
	percentFull int       // how full the server's queue for this client is
	end         error     // why the server is about to close the connection; nil: it is not
}

// streamLine has the fields of all kinds of messages. Which fields are set shows the kind of
// the line.
type streamLine struct {
	status
	Delete *struct {
		Status        target          `json:"status"`
		DirectMessage json.RawMessage `json:"direct_message"`
		TimestampMs   number          `json:"timestamp_ms"`
	} `json:"delete"`
	StatusWithheld *target `json:"status_withheld"`
	UserWithheld   *target `json:"user_withheld"`
	Limit          *struct {
		Track number `json:"track"`
	} `json:"limit"`
	Warning *struct {
		PercentFull number `json:"percent_full"`
	} `json:"warning"`
	Disconnect *disconnect `json:"disconnect"`

	// Fields of messages that are ignored. The first five occur only in streams of a single
	// user, and are private.

	DirectMessage json.RawMessage `json:"direct_message"`
	ForUser       json.RawMessage `json:"for_user"`
	Recipient     json.RawMessage `json:"recipient"` // marks a direct message that is not inside of direct_message
	Friends       json.RawMessage `json:"friends"`
	Event         json.RawMessage `json:"event"`
	Control       json.RawMessage `json:"control"`
	ScrubGeo      json.RawMessage `json:"scrub_geo"` // asks to delete locations, which are never stored
}

// target is the post or the author that a notice is about.
type target struct {
	ID                  number   `json:"id"`
	IDStr               number   `json:"id_str"`
	WithheldInCountries []string `json:"withheld_in_countries"`
	TimestampMs         number   `json:"timestamp_ms"`
}

func (t target) key() string { return keyOf(t.IDStr, t.ID) }

// decode decodes a line of the stream for an audience in country. If the message has a time,
// the op has it too.
func decode(line []byte, country string) (message, error) {
	var l streamLine
	var typed *json.UnmarshalTypeError
	// A field of an unexpected type is ignored, and the other fields are used.
	if err := json.Unmarshal(line, &l); err != nil && (!errors.As(err, &typed) || typed.Field == "") {
		return message{}, err
	}
	if kind := l.ignoredKind(); kind != "" {
		return message{kind: kind}, nil
	}
	switch {
	case l.Delete != nil:
		return keyed("delete", stream.Op{Kind: stream.Destroy, ID: l.Delete.Status.key(), At: l.Delete.TimestampMs.time(), Reason: stream.ByAuthor})
	case l.StatusWithheld != nil:
		return l.StatusWithheld.withheld("status_withheld", country, stream.Op{Kind: stream.Destroy, ID: l.StatusWithheld.key(), Reason: stream.ByNetwork})
	case l.UserWithheld != nil:
		return l.UserWithheld.withheld("user_withheld", country, stream.Op{Kind: stream.AuthorGone, Author: &stream.Author{Key: l.UserWithheld.key()}, Reason: stream.ByNetwork})
	case l.Limit != nil:
		return message{kind: "limit", dropped: l.Limit.Track.count()}, nil
	case l.Warning != nil:
		return message{kind: "warning", percentFull: int(min(l.Warning.PercentFull.count(), 100))}, nil
	case l.Disconnect != nil:
		return message{kind: "disconnect", end: l.Disconnect.reason()}, nil
	case l.User == nil:
		return message{kind: "unknown"}, nil
	}
	op, err := l.op(country)
	return message{kind: "post", op: op}, err
}

// withheld returns removal if the target is withheld in country. If the target is withheld
// elsewhere, it returns an op that only lists the countries.
func (t target) withheld(kind, country string, removal stream.Op) (message, error) {
	op := removal
	if !text.WithheldIn(t.WithheldInCountries, country) {
		op.Kind, op.Reason, op.Where = stream.Withheld, "", text.Countries(t.WithheldInCountries)
	}
	op.At = t.TimestampMs.time()
	return keyed(kind, op)
}

// keyed returns a message with op, or an error if op names neither a post nor an author.
func keyed(kind string, op stream.Op) (message, error) {
	if op.ID == "" && (op.Author == nil || op.Author.Key == "") {
		return message{}, fmt.Errorf("%s without an id", kind)
	}
	return message{kind: kind, op: op}, nil
}

// ignoredKind returns the kind of a message that must not be shown; "" if the message is
// another.
func (l *streamLine) ignoredKind() string {
	set := func(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
	switch {
	case set(l.DirectMessage), set(l.Recipient), l.Delete != nil && set(l.Delete.DirectMessage):
		return "direct_message"
	case set(l.ForUser):
		return "for_user"
	case set(l.Friends):
		return "friends"
	case set(l.Event):
		return "event"
	case set(l.Control):
		return "control"
	case set(l.ScrubGeo):
		return "scrub_geo"
	}
	return ""
}

// disconnect is the last message before the server closes the connection.
type disconnect struct {
	Code   number `json:"code"`
	Reason string `json:"reason"`
}

// reason returns the error of a disconnect. The error is permanent if the account may no longer
// read the stream.
func (d disconnect) reason() error {
	switch code := d.Code.count(); code {
	case 2:
		return stream.Permanent(stream.WithFault(stream.FaultLimited, errors.New("told to disconnect, code 2: the same account has opened another stream, and may have one; end the other program, then start again")))
	case 6:
		return stream.Permanent(stream.WithFault(stream.FaultRefused, errors.New("told to disconnect, code 6: the access token was revoked; make a new one")))
	case 7:
		return stream.Permanent(stream.WithFault(stream.FaultRefused, errors.New("told to disconnect, code 7: the account was logged out by an administrator; make a new access token")))
	default:
		return stream.WithFault(stream.FaultUnreachable, fmt.Errorf("told to disconnect, code %d: %s", code, text.OneLine(d.Reason)))
	}
}
