package web

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"nagare/hub"
	"nagare/stream"
)

// maxBody is the limit for the body of a POST, in bytes.
const maxBody = 16 << 10

// errNotPublished is returned if a post with a new id didn't reach the timeline.
var errNotPublished = errors.New("the timeline did not publish it")

// post publishes the post in the body of the request.
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
	post, err := form.post()
	if err != nil {
		return outcome{}, err
	}
	return in.publish(post)
}

// publish publishes a post. If the id was published before, it returns the position of that post,
// so that a client can safely repeat a request that got no answer.
func (in *ingest) publish(post *stream.Post) (outcome, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	at, known, err := in.published(post.ID)
	switch {
	case err != nil:
		return outcome{}, err
	case known:
		return outcome{http.StatusOK, post.ID, at.created, ""}, nil
	}
	if err := in.emit(stream.Op{Kind: stream.Create, At: post.CreatedAt, ID: post.ID, Post: post}); err != nil {
		return outcome{}, err
	}
	if at, known, err = in.published(post.ID); err != nil {
		return outcome{}, err
	}
	if !known {
		return in.accepted(post.ID)
	}
	return outcome{http.StatusCreated, post.ID, at.created, ""}, nil
}

// accepted returns the outcome for a post that moderators have to look at first.
func (in *ingest) accepted(id string) (outcome, error) {
	held, err := in.held(id)
	if err == nil && held == "" {
		err = errNotPublished
	}
	return outcome{http.StatusAccepted, id, hub.Position{}, held}, err
}

// held returns why a post is held, or "" if it isn't.
func (in *ingest) held(id string) (stream.Held, error) {
	if in.desk == nil {
		return "", nil
	}
	records, err := in.desk.find(id)
	if err != nil {
		return "", refuse(http.StatusServiceUnavailable, "store", storeAway)
	}
	for _, r := range records {
		var post HeldPost
		if !r.Erased && json.Unmarshal(r.Data, &post) == nil && post.Held != "" {
			return post.Held, nil
		}
	}
	return "", nil
}

// published returns the positions of a published post. If the store can't be read, the request is
// refused for now: a 404 would say that there is nothing to delete.
func (in *ingest) published(id string) (at positions, known bool, err error) {
	if at, known, err = in.timeline.published(id); err != nil {
		err = refuse(http.StatusServiceUnavailable, "store", storeAway)
	}
	return at, known, err
}

// delete deletes a post that was published here. A repeated request gets the same position as the
// first.
func (in *ingest) delete(_ http.ResponseWriter, r *http.Request) (outcome, error) {
	id := r.PathValue("id")
	in.mu.Lock()
	defer in.mu.Unlock()
	at, known, err := in.published(id)
	if err != nil {
		return outcome{}, err
	}
	held, err := in.held(id)
	if err != nil {
		return outcome{}, err
	}
	if !known && held == "" || !strings.HasPrefix(id, postSource+":") {
		return outcome{}, refuse(http.StatusNotFound, "unknown", "no post of that id was published here")
	}
	if at.gone() && held == "" {
		return outcome{http.StatusOK, id, at.destroyed, ""}, nil
	}
	if err := in.emit(stream.Op{Kind: stream.Destroy, At: time.Now(), ID: id, Reason: stream.ByAuthor}); err != nil {
		return outcome{}, err
	}
	if held != "" { // it has no public position, or one of before it was hidden
		return outcome{http.StatusOK, id, at.destroyed, held}, nil
	}
	if at, _, err = in.published(id); err != nil {
		return outcome{}, err
	}
	if !at.gone() {
		return outcome{}, errNotPublished
	}
	return outcome{http.StatusOK, id, at.destroyed, ""}, nil
}

// parserFor returns the parser for the media type of the request.
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
