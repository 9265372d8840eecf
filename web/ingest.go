package web

import (
	"context"
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

// ingest serves POST /streaming, which publishes one post, and DELETE /streaming/ID,
// which takes it away. A request is authorized by its token alone; no cookie counts, and
// no page of another origin gets here.
type ingest struct {
	fromHere func(*http.Request) bool // the origin of its page is the site's
	posted   *posted
	emit     func(stream.Op) error
	log      *slog.Logger
	keys     keys
	failures *failures

	mu sync.Mutex // held from looking up an id to publishing it
}

func newIngest(c Config) *ingest {
	in := &ingest{fromHere: c.Origins.Reported(c.Log), posted: c.Timeline.posted, emit: c.Emit, log: c.Log, keys: newKeys(c.Tokens), failures: newFailures()}
	if in.emit == nil {
		in.emit = func(op stream.Op) error { return c.Timeline.Emit(context.Background(), op) }
	}
	return in
}

// outcome is what became of a request.
type outcome struct {
	status int
	id     string
	at     hub.Position
}

// refusal is why a request is not done.
type refusal struct {
	status int
	word   string // for machines
	reason string // for people
}

func (e *refusal) Error() string { return e.reason }

func refuse(status int, word, reason string) error { return &refusal{status, word, reason} }

// handler answers with what do returns.
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
		if no.status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "6")
		}
		if no.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="streaming"`)
		}
		reply(w, no.status, map[string]string{"error": no.word, "reason": no.reason})
	case err != nil:
		in.log.Error("request failed", "source", postSource, "method", r.Method, "err", err, "request_id", w.Header().Get(requestID))
		reply(w, http.StatusInternalServerError, map[string]string{"error": "internal", "reason": "see the log"})
	default:
		reply(w, done.status, map[string]any{"id": done.id, "epoch": done.at.Epoch, "offset": done.at.Offset})
	}
}

// post checks a post and publishes it.
func (in *ingest) post(w http.ResponseWriter, r *http.Request) (outcome, error) {
	parse, err := parserFor(r)
	if err != nil {
		return outcome{}, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return outcome{}, bodyError(err)
	}
	form, err := parse(body)
	if err != nil {
		return outcome{}, err
	}
	post, err := form.tweet()
	if err != nil {
		return outcome{}, err
	}
	return in.publish(post)
}

// admit lets the right sender through. A sender with a right token is never held up
// by somebody else's failures, not even from the same address.
func (in *ingest) admit(r *http.Request) error {
	if !in.fromHere(r) {
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

var errNotPublished = errors.New("the timeline did not take it")

// publish sends the post out, or says where that was done if its id is known.
func (in *ingest) publish(post *stream.Post) (outcome, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if at, known := in.posted.get(post.ID); known {
		return outcome{http.StatusOK, post.ID, at.created}, nil
	}
	if err := in.emit(stream.Op{Kind: stream.Create, At: post.CreatedAt, ID: post.ID, Post: post}); err != nil {
		return outcome{}, err
	}
	at, known := in.posted.get(post.ID)
	if !known {
		return outcome{}, errNotPublished
	}
	return outcome{http.StatusCreated, post.ID, at.created}, nil
}

// delete takes a post away that was published here, or says where that was done.
func (in *ingest) delete(_ http.ResponseWriter, r *http.Request) (outcome, error) {
	id := r.PathValue("id")
	in.mu.Lock()
	defer in.mu.Unlock()
	at, known := in.posted.get(id)
	if !known {
		return outcome{}, refuse(http.StatusNotFound, "unknown", "no post of that id was published here")
	}
	if at.gone() {
		return outcome{http.StatusOK, id, at.destroyed}, nil
	}
	if err := in.emit(stream.Op{Kind: stream.Destroy, At: time.Now(), ID: id, Reason: stream.ByAuthor}); err != nil {
		return outcome{}, err
	}
	if at, _ = in.posted.get(id); !at.gone() {
		return outcome{}, errNotPublished
	}
	return outcome{http.StatusOK, id, at.destroyed}, nil
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
