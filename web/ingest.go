package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"nagare/hub"
	"nagare/stream"
)

// ingest serves POST /streaming, which publishes a post, and DELETE /streaming/ID, which deletes
// that post. Only a token authorizes a request: cookies are ignored. Requests from pages of other
// origins are refused.
type ingest struct {
	// Set once.
	allowOrigin func(*http.Request) bool // also logs a refusal
	emit        func(stream.Op) error
	degraded    func() error // returns an error while the store can't take events
	log         *slog.Logger
	keys        keys

	// Each has a lock of its own.
	timeline *Timeline
	desk     *Timeline // of the posts that are held; nil: none is
	failures *failures

	mu sync.Mutex // held from the lookup of an id until the event with that id is published
}

func newIngest(c Config) *ingest {
	in := &ingest{
		allowOrigin: c.Origins.Reported(c.Log), emit: c.Emit, log: c.Log, keys: newKeys(c.Tokens),
		degraded: func() error { return result(c.Degraded) }, timeline: c.Timeline, desk: c.Desk, failures: newFailures(),
	}
	if in.emit == nil {
		in.emit = func(op stream.Op) error { return c.Timeline.Emit(context.Background(), op) }
	}
	return in
}

// outcome is the result of a successful request.
type outcome struct {
	status int
	id     string
	at     hub.Position // zero if the post is held
	held   stream.Held  // the post is for moderators only; empty: it is public
}

// refusal is the error for a request that is refused, with the status of the answer.
type refusal struct {
	status int
	code   string // identifies the reason to programs
	reason string // explains the reason to people
}

func (e *refusal) Error() string { return e.reason }

// storeAway is the reason of a refusal while the store can't be used.
const storeAway = "the store can't take posts at present; try again"

func refuse(status int, code, reason string) error { return &refusal{status, code, reason} }

// handler checks a request with admit, and answers with the result of do.
func (in *ingest) handler(do func(http.ResponseWriter, *http.Request) (outcome, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := in.admit(r)
		var done outcome
		if err == nil {
			done, err = do(w, r)
		}
		in.answer(w, r, done, err)
	})
}

func (in *ingest) answer(w http.ResponseWriter, r *http.Request, done outcome, err error) {
	var no *refusal
	switch {
	case errors.As(err, &no):
		if no.status == http.StatusTooManyRequests || no.status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "6")
		}
		if no.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="streaming"`)
		}
		reply(w, no.status, map[string]string{"error": no.code, "reason": no.reason})
	case err != nil:
		in.log.Error("request failed", "source", postSource, "method", r.Method, "err", err, "request_id", w.Header().Get(requestID))
		reply(w, http.StatusInternalServerError, map[string]string{"error": "internal", "reason": "see the log"})
	case done.held != "":
		reply(w, done.status, map[string]any{"id": done.id, "held": done.held})
	default:
		reply(w, done.status, map[string]any{"id": done.id, "epoch": done.at.Epoch, "offset": done.at.Offset})
	}
}

// admit checks the origin, the token and the rate of a request. Wrong tokens from one sender don't
// slow down another sender that has a valid token, even if both have the same address.
func (in *ingest) admit(r *http.Request) error {
	if !in.allowOrigin(r) {
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
	case in.degraded() != nil:
		return refuse(http.StatusServiceUnavailable, "store", storeAway)
	}
	return nil
}

// bearer returns the bearer token of the request, or "" if it has none.
func bearer(r *http.Request) string {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
