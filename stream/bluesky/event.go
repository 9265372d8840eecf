package bluesky

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"nagare/stream"
)

// The collections that a Jetstream is asked for.
const (
	postCollection    = "app.bsky.feed.post"
	profileCollection = "app.bsky.actor.profile"
)

// event is a message of a Jetstream, with the fields that are used.
type event struct {
	DID    string `json:"did"`
	TimeUS int64  `json:"time_us"` // microseconds, by the server's clock
	Kind   string `json:"kind"`
	Commit struct {
		Operation  string `json:"operation"`
		Collection string `json:"collection"`
		RKey       string `json:"rkey"`
		Record     record `json:"record"`
	} `json:"commit"`
	Account struct {
		Active *bool  `json:"active"`
		Status string `json:"status"`
	} `json:"account"`
}

// record is a post or a profile. One type for both lets a message be decoded in one pass.
type record struct {
	Type   string `json:"$type"`
	Labels labels `json:"labels"`

	Text      string   `json:"text"`
	CreatedAt string   `json:"createdAt"`
	Langs     []string `json:"langs"`
	Tags      []string `json:"tags"`
	Facets    []facet  `json:"facets"`
	Embed     *embed   `json:"embed"`
	Reply     *struct {
		Parent reference `json:"parent"`
	} `json:"reply"`

	DisplayName string `json:"displayName"`
	Avatar      blob   `json:"avatar"`
}

type facet struct {
	Index struct {
		Start int `json:"byteStart"`
		End   int `json:"byteEnd"`
	} `json:"index"`
	Features []struct {
		Type string `json:"$type"`
		URI  string `json:"uri"`
		DID  string `json:"did"`
		Tag  string `json:"tag"`
	} `json:"features"`
}

type reference struct {
	URI string `json:"uri"`
}

// blob is a file, named by its CID. In the oldest posts the CID is outside of ref.
type blob struct {
	Ref struct {
		Link string `json:"$link"`
	} `json:"ref"`
	CID string `json:"cid"`
}

// decode decodes a message. A field of the wrong type is skipped and reported as an error,
// together with the event: users write the records, and no server validates them.
func decode(message []byte) (*event, error) {
	e := new(event)
	err := json.Unmarshal(message, e)
	var odd *json.UnmarshalTypeError
	if err != nil && (!errors.As(err, &odd) || e.Kind == "") {
		return nil, fmt.Errorf("a message that can't be read: %w", stream.Plain(err))
	}
	if !isDID(e.DID) {
		return nil, errors.New("a message without an author")
	}
	if e.Kind == "commit" && !isRecordKey(e.Commit.RKey) {
		return nil, errors.New("a commit without a key")
	}
	return e, err
}

// isOtherCollection reports whether a message is a commit to a collection that was not asked
// for. It doesn't decode the message, which would be too slow: a server may send all
// collections, and most commits are likes. It looks for the text "collection":"…" instead.
// Inside a JSON string these quotation marks would be escaped, so each occurrence is a field,
// of the commit or of the record. If a field names a wanted collection, or if there is any
// doubt, the result is false.
func isOtherCollection(message []byte) bool {
	rest := message
	for {
		_, value, ok := bytes.Cut(rest, []byte(`"collection":"`))
		if !ok {
			break
		}
		name, _, ok := bytes.Cut(value, []byte(`"`))
		if !ok || bytes.IndexByte(name, '\\') >= 0 || string(name) == postCollection || string(name) == profileCollection {
			return false
		}
		rest = value
	}
	return len(rest) < len(message) && bytes.Contains(message, []byte(`"kind":"commit"`))
}

// time is the time of the event, by the server's clock.
func (e *event) time() time.Time { return time.UnixMicro(e.TimeUS) }

// uri is the address of the record.
func (e *event) uri() string {
	return "at://" + e.DID + "/" + e.Commit.Collection + "/" + e.Commit.RKey
}

// op converts the event; now is its time of arrival, by the clock of the network. ok is false if
// the event changes no post and no author. The error describes unexpected data; the op is still valid if ok is true.
func (e *event) op(now time.Time) (op stream.Op, ok bool, err error) {
	switch {
	case e.Kind == "account":
		return e.accountOp(now)
	case e.Kind == "identity":
		return stream.Op{}, false, nil
	case e.Kind != "commit":
		return stream.Op{}, false, errors.New("an unknown kind of message")
	case e.Commit.Collection != postCollection:
		return stream.Op{}, false, nil
	}
	op = stream.Op{At: now, ID: "bluesky:" + e.uri()}
	why, hidden := e.Commit.Record.Labels.hide()
	switch {
	case e.Commit.Operation == "delete":
		op.Kind, op.Reason = stream.Destroy, stream.ByAuthor
		return op, true, nil
	case e.Commit.Operation == "update" && hidden:
		op.Kind, op.Reason = stream.Destroy, why
		return op, true, nil
	case hidden:
		return stream.Op{}, false, nil
	case e.Commit.Record.Type != postCollection:
		return stream.Op{}, false, errors.New("a record that is not a post")
	case e.Commit.Operation == "create":
		op.Kind = stream.Create
	case e.Commit.Operation == "update":
		op.Kind = stream.Update
	default:
		return stream.Op{}, false, errors.New("an unknown operation")
	}
	op.Post, err = e.post(op.ID, now)
	return op, true, err
}

// accountOp converts a change of an account's state. A state that only reports a problem of the
// author's server has no effect.
func (e *event) accountOp(now time.Time) (stream.Op, bool, error) {
	op := stream.Op{Kind: stream.AuthorGone, At: now, Author: &stream.Author{Key: "bluesky:" + e.DID}}
	switch e.Account.Status {
	case "desynchronized", "throttled":
		return stream.Op{}, false, nil
	}
	if e.Account.Active == nil {
		return stream.Op{}, false, errors.New("an account without a state")
	}
	if *e.Account.Active {
		op.Kind = stream.AuthorBack
		return op, true, nil
	}
	op.Reason = accountReason(e.Account.Status)
	return op, true, nil
}

// accountReason is the reason why an account with that status is not active.
func accountReason(status string) stream.Reason {
	switch status {
	case "deleted", "deactivated":
		return stream.ByAuthor
	case "takendown", "suspended":
		return stream.ByNetwork
	}
	return stream.Unavailable
}
