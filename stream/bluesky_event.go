package stream

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// What we ask a Jetstream for.
const (
	bskyPosts    = "app.bsky.feed.post"
	bskyProfiles = "app.bsky.actor.profile"
)

// bskyEvent is a message of a Jetstream, as far as it matters here.
type bskyEvent struct {
	DID    string `json:"did"`
	TimeUS int64  `json:"time_us"` // microseconds, by the server's clock
	Kind   string `json:"kind"`
	Commit struct {
		Operation  string     `json:"operation"`
		Collection string     `json:"collection"`
		RKey       string     `json:"rkey"`
		Record     bskyRecord `json:"record"`
	} `json:"commit"`
	Account struct {
		Active *bool  `json:"active"`
		Status string `json:"status"`
	} `json:"account"`
}

// bskyRecord is a post or a profile: one type for both, so that a message is
// decoded in one go.
type bskyRecord struct {
	Type   string     `json:"$type"`
	Labels bskyLabels `json:"labels"`

	Text      string      `json:"text"`
	CreatedAt string      `json:"createdAt"`
	Langs     []string    `json:"langs"`
	Tags      []string    `json:"tags"`
	Facets    []bskyFacet `json:"facets"`
	Embed     *bskyEmbed  `json:"embed"`
	Reply     *struct {
		Parent bskyRef `json:"parent"`
	} `json:"reply"`

	DisplayName string   `json:"displayName"`
	Avatar      bskyBlob `json:"avatar"`
}

type bskyFacet struct {
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

type bskyRef struct {
	URI string `json:"uri"`
}

// bskyBlob is a file, named by its content. The first posts had the name outside of ref.
type bskyBlob struct {
	Ref struct {
		Link string `json:"$link"`
	} `json:"ref"`
	CID string `json:"cid"`
}

// bskyLabels are what an author says himself of his post or profile.
type bskyLabels struct {
	Values []bskyLabel `json:"values"`
}

type bskyLabel struct {
	Val string `json:"val"`
	Neg bool   `json:"neg"` // takes an earlier one back
}

// decodeBluesky reads a message. A field of the wrong type is left out, and told as
// an error beside an event that can be used: records are written by users, and no
// server looks into them.
func decodeBluesky(message []byte) (*bskyEvent, error) {
	e := new(bskyEvent)
	err := json.Unmarshal(message, e)
	var odd *json.UnmarshalTypeError
	if err != nil && (!errors.As(err, &odd) || e.Kind == "") {
		return nil, fmt.Errorf("a message that can't be read: %w", err)
	}
	if !isDID(e.DID) {
		return nil, errors.New("a message without an author")
	}
	if e.Kind == "commit" && !isRecordKey(e.Commit.RKey) {
		return nil, errors.New("a commit without a key")
	}
	return e, err
}

// bskyElsewhere reports whether a message is a commit to a collection that we did
// not ask for, without decoding it: a server may send them all, likes above all. If
// in doubt it says no. Inside of a JSON string a quote is escaped, so what looks
// like a member here is one, though perhaps one of the record.
func bskyElsewhere(message []byte) bool {
	rest := message
	for {
		_, value, ok := bytes.Cut(rest, []byte(`"collection":"`))
		if !ok {
			break
		}
		name, _, ok := bytes.Cut(value, []byte(`"`))
		if !ok || bytes.IndexByte(name, '\\') >= 0 || string(name) == bskyPosts || string(name) == bskyProfiles {
			return false
		}
		rest = value
	}
	return len(rest) < len(message) && bytes.Contains(message, []byte(`"kind":"commit"`))
}

// time is when the server told it.
func (e *bskyEvent) time() time.Time { return time.UnixMicro(e.TimeUS) }

// uri is the address of the record.
func (e *bskyEvent) uri() string {
	return "at://" + e.DID + "/" + e.Commit.Collection + "/" + e.Commit.RKey
}

// op is what the event does to posts and authors, as of now. It reports false for
// what does nothing to them; an error says what was odd about it.
func (e *bskyEvent) op(now time.Time) (op Op, ok bool, err error) {
	switch {
	case e.Kind == "account":
		return e.accountOp(now)
	case e.Kind == "identity":
		return Op{}, false, nil
	case e.Kind != "commit":
		return Op{}, false, errors.New("an unknown kind of message")
	case e.Commit.Collection != bskyPosts:
		return Op{}, false, nil
	}
	op = Op{At: now, ID: "bluesky:" + e.uri()}
	why, hidden := e.Commit.Record.Labels.hide()
	switch {
	case e.Commit.Operation == "delete":
		op.Kind, op.Reason = Destroy, ByAuthor
		return op, true, nil
	case e.Commit.Operation == "update" && hidden:
		op.Kind, op.Reason = Destroy, why
		return op, true, nil
	case hidden:
		return Op{}, false, nil
	case e.Commit.Record.Type != bskyPosts:
		return Op{}, false, errors.New("a record that is no post")
	case e.Commit.Operation == "create":
		op.Kind = Create
	case e.Commit.Operation == "update":
		op.Kind = Update
	default:
		return Op{}, false, errors.New("an unknown operation")
	}
	op.Post, err = e.tweet(op.ID, now)
	return op, true, err
}

// accountOp tells authors who are gone from those whose server has a bad day.
func (e *bskyEvent) accountOp(now time.Time) (Op, bool, error) {
	op := Op{Kind: AuthorGone, At: now, Author: &Author{Key: "bluesky:" + e.DID}}
	switch e.Account.Status {
	case "desynchronized", "throttled":
		return Op{}, false, nil
	}
	if e.Account.Active == nil {
		return Op{}, false, errors.New("an account without a state")
	}
	if *e.Account.Active {
		op.Kind = AuthorBack
		return op, true, nil
	}
	op.Reason = bskyAccountEnd(e.Account.Status)
	return op, true, nil
}

// bskyAccountEnd is why an account with that status is not active.
func bskyAccountEnd(status string) Reason {
	switch status {
	case "deleted", "deactivated":
		return ByAuthor
	case "takendown", "suspended":
		return ByNetwork
	}
	return Unavailable
}
