package stream

import (
	"encoding/json"
	"errors"
	"fmt"
)

// twitterMessage is what a line of the stream says.
type twitterMessage struct {
	kind string // for the log
	op   Op     // its Kind is "" if there is nothing to tell
	lost uint64 // posts left out since the connection began
	full int    // percent of the server's queue for us
	end  error  // the connection is about to end, and why
}

// twitterLine is every kind of message in one: which it is shows in what is set.
type twitterLine struct {
	twitterStatus
	Delete *struct {
		Status        twitterTarget   `json:"status"`
		DirectMessage json.RawMessage `json:"direct_message"`
		TimestampMs   twitterNumber   `json:"timestamp_ms"`
	} `json:"delete"`
	StatusWithheld *twitterTarget `json:"status_withheld"`
	UserWithheld   *twitterTarget `json:"user_withheld"`
	Limit          *struct {
		Track twitterNumber `json:"track"`
	} `json:"limit"`
	Warning *struct {
		PercentFull twitterNumber `json:"percent_full"`
	} `json:"warning"`
	Disconnect *twitterDisconnect `json:"disconnect"`

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
type twitterTarget struct {
	ID                  twitterNumber `json:"id"`
	IDStr               twitterNumber `json:"id_str"`
	WithheldInCountries []string      `json:"withheld_in_countries"`
	TimestampMs         twitterNumber `json:"timestamp_ms"`
}

func (t twitterTarget) key() string { return twitterKey(t.IDStr, t.ID) }

// decodeTwitter reads a line of the stream, for a page that is shown in country.
// The op has the time that the message gives, if it gives one.
func decodeTwitter(line []byte, country string) (twitterMessage, error) {
	var l twitterLine
	var typed *json.UnmarshalTypeError
	// A field of the wrong type is left out, and the others are read.
	if err := json.Unmarshal(line, &l); err != nil && (!errors.As(err, &typed) || typed.Field == "") {
		return twitterMessage{}, err
	}
	if kind := l.passedOver(); kind != "" {
		return twitterMessage{kind: kind}, nil
	}
	switch {
	case l.Delete != nil:
		return keyed("delete", Op{Kind: Destroy, ID: l.Delete.Status.key(), At: l.Delete.TimestampMs.time(), Reason: ByAuthor})
	case l.StatusWithheld != nil:
		return l.StatusWithheld.withheld("status_withheld", country, Op{Kind: Destroy, ID: l.StatusWithheld.key(), Reason: ByNetwork})
	case l.UserWithheld != nil:
		return l.UserWithheld.withheld("user_withheld", country, Op{Kind: AuthorGone, Author: &Author{Key: l.UserWithheld.key()}, Reason: ByNetwork})
	case l.Limit != nil:
		return twitterMessage{kind: "limit", lost: l.Limit.Track.count()}, nil
	case l.Warning != nil:
		return twitterMessage{kind: "warning", full: int(min(l.Warning.PercentFull.count(), 100))}, nil
	case l.Disconnect != nil:
		return twitterMessage{kind: "disconnect", end: l.Disconnect.reason()}, nil
	case l.User == nil:
		return twitterMessage{kind: "unknown"}, nil
	}
	op, err := l.op(country)
	return twitterMessage{kind: "post", op: op}, err
}

// withheld is a message that takes away what target is about where it may not be
// shown, and elsewhere marks it.
func (t twitterTarget) withheld(kind, country string, gone Op) (twitterMessage, error) {
	op := gone
	if !withheldIn(t.WithheldInCountries, country) {
		op.Kind, op.Reason, op.Where = Withheld, "", countries(t.WithheldInCountries)
	}
	op.At = t.TimestampMs.time()
	return keyed(kind, op)
}

// keyed is a message whose op says whom it is about.
func keyed(kind string, op Op) (twitterMessage, error) {
	if op.ID == "" && (op.Author == nil || op.Author.Key == "") {
		return twitterMessage{}, fmt.Errorf("%s without an id", kind)
	}
	return twitterMessage{kind: kind, op: op}, nil
}

// passedOver names the kind of a message that must not be shown, or says nothing.
func (l *twitterLine) passedOver() string {
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
type twitterDisconnect struct {
	Code   twitterNumber `json:"code"`
	Reason string        `json:"reason"`
}

// reason is Permanent where the account itself has lost its right to the stream.
func (d twitterDisconnect) reason() error {
	switch code := d.Code.count(); code {
	case 2:
		return Permanent(WithFault(FaultLimited, errors.New("told to disconnect, code 2: the same account has opened another stream, and may have one; end the other program, then start again")))
	case 6:
		return Permanent(WithFault(FaultRefused, errors.New("told to disconnect, code 6: the access token was revoked; make a new one")))
	case 7:
		return Permanent(WithFault(FaultRefused, errors.New("told to disconnect, code 7: the account was logged out by an administrator; make a new access token")))
	default:
		return WithFault(FaultUnreachable, fmt.Errorf("told to disconnect, code %d: %s", code, oneLine(d.Reason)))
	}
}
