package twitter

import (
	"encoding/json"
	"errors"
	"fmt"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// twitterMessage is what a line of the stream says.
type message struct {
	kind string    // for the log
	op   stream.Op // its Kind is "" if there is nothing to tell
	lost uint64    // posts left out since the connection began
	full int       // percent of the server's queue for us
	end  error     // the connection is about to end, and why
}

// twitterLine is every kind of message in one: which it is shows in what is set.
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

	// What is passed over. The first five come from streams of one user, and are private.
	DirectMessage json.RawMessage `json:"direct_message"`
	ForUser       json.RawMessage `json:"for_user"`
	Recipient     json.RawMessage `json:"recipient"` // a direct message without its envelope
	Friends       json.RawMessage `json:"friends"`
	Event         json.RawMessage `json:"event"`
	Control       json.RawMessage `json:"control"`
	ScrubGeo      json.RawMessage `json:"scrub_geo"` // no place is ever kept
}

// twitterTarget is what a notice is about.
type target struct {
	ID                  number   `json:"id"`
	IDStr               number   `json:"id_str"`
	WithheldInCountries []string `json:"withheld_in_countries"`
	TimestampMs         number   `json:"timestamp_ms"`
}

func (t target) key() string { return keyOf(t.IDStr, t.ID) }

// decodeTwitter reads a line of the stream, for a page that is shown in country.
// The op has the time that the message gives, if it gives one.
func decode(line []byte, country string) (message, error) {
	var l streamLine
	var typed *json.UnmarshalTypeError
	// A field of the wrong type is left out, and the others are read.
	if err := json.Unmarshal(line, &l); err != nil && (!errors.As(err, &typed) || typed.Field == "") {
		return message{}, err
	}
	if kind := l.passedOver(); kind != "" {
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
		return message{kind: "limit", lost: l.Limit.Track.count()}, nil
	case l.Warning != nil:
		return message{kind: "warning", full: int(min(l.Warning.PercentFull.count(), 100))}, nil
	case l.Disconnect != nil:
		return message{kind: "disconnect", end: l.Disconnect.reason()}, nil
	case l.User == nil:
		return message{kind: "unknown"}, nil
	}
	op, err := l.op(country)
	return message{kind: "post", op: op}, err
}

// withheld is a message that takes away what target is about where it may not be
// shown, and elsewhere marks it.
func (t target) withheld(kind, country string, gone stream.Op) (message, error) {
	op := gone
	if !text.WithheldIn(t.WithheldInCountries, country) {
		op.Kind, op.Reason, op.Where = stream.Withheld, "", text.Countries(t.WithheldInCountries)
	}
	op.At = t.TimestampMs.time()
	return keyed(kind, op)
}

// keyed is a message whose op says whom it is about.
func keyed(kind string, op stream.Op) (message, error) {
	if op.ID == "" && (op.Author == nil || op.Author.Key == "") {
		return message{}, fmt.Errorf("%s without an id", kind)
	}
	return message{kind: kind, op: op}, nil
}

// passedOver names the kind of a message that must not be shown, or says nothing.
func (l *streamLine) passedOver() string {
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

// twitterDisconnect is the server's last message.
type disconnect struct {
	Code   number `json:"code"`
	Reason string `json:"reason"`
}

// reason is Permanent where the account itself has lost its right to the stream.
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
