package web

import (
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"nagare/hub"
	"nagare/stream"
)

// The limits of POST /streaming.
const (
	maxBody      = 16 << 10 // bytes
	postsASecond = 64       // for each token …
	postsAtOnce  = 128      // … and so many in a burst
)

// ingest serves POST /streaming: it publishes one post. What the sender may do, it
// may do by its token alone; no cookie counts, and no page of another origin gets
// here.
type ingest struct {
	origins  Origins
	timeline *Timeline
	log      *slog.Logger
	keys     keys
	failures *failures

	mu   sync.Mutex // held from asking whether an id was seen to publishing it
	seen *seen
}

func newIngest(c Config) *ingest {
	return &ingest{origins: c.Origins, timeline: c.Timeline, log: c.Log, keys: newKeys(c.Tokens), failures: newFailures(), seen: newSeen(seenIDs)}
}

// refusal is why a request is not done.
type refusal struct {
	status int
	word   string // for machines
	reason string // for people
}

func (e *refusal) Error() string { return e.reason }

func refuse(status int, word, reason string) error { return &refusal{status, word, reason} }

func (in *ingest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	place, status, id, err := in.serve(w, r)
	var no *refusal
	switch {
	case errors.As(err, &no):
		if no.status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "6")
		}
		if no.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="streaming"`)
		}
		reply(w, no.status, map[string]string{"error": no.word, "reason": no.reason})
	case err != nil:
		in.log.Error("post not published", "source", "post", "err", err, "request_id", w.Header().Get(requestID))
		reply(w, http.StatusInternalServerError, map[string]string{"error": "internal", "reason": "see the log"})
	default:
		reply(w, status, map[string]any{"id": id, "epoch": place.Epoch, "offset": place.Offset})
	}
}

// serve checks the sender, then the post, and publishes it.
func (in *ingest) serve(w http.ResponseWriter, r *http.Request) (place hub.Position, status int, id string, err error) {
	if err := in.admit(r); err != nil {
		return hub.Position{}, 0, "", err
	}
	parse, err := parserFor(r)
	if err != nil {
		return hub.Position{}, 0, "", err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return hub.Position{}, 0, "", bodyError(err)
	}
	form, err := parse(body)
	if err != nil {
		return hub.Position{}, 0, "", err
	}
	tweet, err := form.tweet()
	if err != nil {
		return hub.Position{}, 0, "", err
	}
	place, status, err = in.publish(r, tweet)
	return place, status, tweet.ID, err
}

// admit lets the right sender through. A sender with a right token is never held up
// by somebody else's failures, not even from the same address.
func (in *ingest) admit(r *http.Request) error {
	if !in.origins.Allow(r) {
		return refuse(http.StatusForbidden, "origin", "a page of another origin may not post")
	}
	limit := in.keys.find(bearer(r))
	switch {
	case limit == nil && !in.failures.allow(peerOf(r)):
		return refuse(http.StatusTooManyRequests, "too_many_failures", "too many wrong tokens; wait a minute")
	case limit == nil:
		return refuse(http.StatusUnauthorized, "unauthorized", "want Authorization: Bearer and the token")
	case !limit.Allow():
		return refuse(http.StatusTooManyRequests, "too_many_posts", "more than 64 posts a second")
	}
	return nil
}

// publish sends the post out, or says where that was done if its id has been seen.
func (in *ingest) publish(r *http.Request, tweet *stream.Post) (hub.Position, int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if place, found := in.seen.places[tweet.ID]; found {
		return place, http.StatusOK, nil
	}
	op := stream.Op{Kind: stream.Create, At: tweet.CreatedAt, ID: tweet.ID, Post: tweet}
	place, err := in.timeline.publish(r.Context(), op)
	if err == nil {
		in.seen.add(tweet.ID, place)
	}
	return place, http.StatusCreated, err
}

// parserFor chooses by what the request says about its body.
func parserFor(r *http.Request) (func([]byte) (form, error), error) {
	if r.Header.Get("Content-Encoding") != "" {
		return nil, refuse(http.StatusUnsupportedMediaType, "content_encoding", "want the body as it is, not compressed")
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err == nil && (charset == "" || strings.EqualFold(charset, "utf-8")) {
		switch kind {
		case "application/x-www-form-urlencoded":
			return parseForm, nil
		case "application/json":
			return parseJSON, nil
		}
	}
	return nil, refuse(http.StatusUnsupportedMediaType, "content_type",
		"want application/x-www-form-urlencoded or application/json, in UTF-8")
}

func bodyError(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return refuse(http.StatusRequestEntityTooLarge, "too_large", "want at most 16 KiB")
	}
	return refuse(http.StatusBadRequest, "body", "the body ended early")
}

// bearer is the token of the request; empty if there is none.
func bearer(r *http.Request) string {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func newLimit() *rate.Limiter { return rate.NewLimiter(postsASecond, postsAtOnce) }

// failuresAMinute is how many wrong tokens an address may send.
const failuresAMinute = 10

func newFailureLimit() *rate.Limiter {
	return rate.NewLimiter(rate.Every(time.Minute/failuresAMinute), failuresAMinute)
}
