package durable

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"nagare/hub"
)

// Names and values of headers.
const (
	nextOffset = "Stream-Next-Offset"
	upToDate   = "Stream-Up-To-Date"
	nextCursor = "Stream-Cursor"
	jsonType   = "application/json"

	keptLong    = "public, max-age=20, must-revalidate" // by each cache between the hub and a reader
	keptBriefly = "public, max-age=1, must-revalidate"  // so that a cache collapses requests
)

// answer is a response. Its body is in pieces that are shared with other responses.
type answer struct {
	status int
	header http.Header
	body   [][]byte
}

// found is the answer with the events of a chunk.
func (q *request) found(chunk hub.Chunk) answer {
	a := answer{http.StatusOK, q.position(chunk), array(chunk.Lines)}
	a.header.Set("Content-Type", jsonType)
	a.header.Set("Cache-Control", q.kept(chunk))
	if q.from != fromTail {
		a.header.Set("ETag", a.tag())
	}
	return a
}

// nothing is the answer to a long poll for which no events have come.
func (q *request) nothing(at hub.Position) answer {
	a := answer{status: http.StatusNoContent, header: q.position(hub.Chunk{Next: at, AtTip: true})}
	a.header.Set("Cache-Control", q.kept(hub.Chunk{}))
	return a
}

// gone is the answer to a reader whose position the log doesn't hold.
func gone() answer {
	return answer{http.StatusGone, http.Header{
		"Content-Type":  {"text/plain; charset=utf-8"},
		"Cache-Control": {keptBriefly},
	}, [][]byte{[]byte("offset: not held any more, want a request without an offset\n")}}
}

// position returns the headers with the position at which an answer ends.
func (q *request) position(chunk hub.Chunk) http.Header {
	header := http.Header{nextOffset: {format(chunk.Next)}, nextCursor: {q.cursor.next(chunk.Next)}}
	if chunk.AtTip {
		header.Set(upToDate, "true")
	}
	return header
}

// kept returns the Cache-Control of an answer with a chunk. See "Chunks and caches" in the package
// comment.
func (q *request) kept(chunk hub.Chunk) string {
	complete := q.live == longPoll || chunk.Next.Offset%cut == 0
	switch {
	case q.from == fromTail:
		return "no-store"
	case q.from == fromOffset && len(chunk.Lines) > 0 && complete:
		return keptLong
	}
	return keptBriefly
}

// array returns a JSON array in pieces. A line feed ends each line, which JSON permits.
func array(lines [][]byte) [][]byte {
	pieces := make([][]byte, 0, 2*len(lines)+2)
	between := []byte("[")
	for _, line := range lines {
		pieces = append(pieces, between, line)
		between = []byte(",")
	}
	if len(lines) == 0 {
		pieces = append(pieces, between)
	}
	return append(pieces, []byte("]"))
}

// tag returns the answer's ETag. It changes when an event is rewritten.
func (a answer) tag() string {
	sum := sha256.New()
	fmt.Fprintln(sum, a.header.Get(nextOffset), a.header.Get(upToDate))
	for _, piece := range a.body {
		sum.Write(piece)
	}
	return `"` + hex.EncodeToString(sum.Sum(nil)[:12]) + `"`
}

// send sends the answer through the HTTP server.
func (a answer) send(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	for name, values := range a.header {
		header[name] = values
	}
	if tag := header.Get("ETag"); tag != "" && has(r.Header.Values("If-None-Match"), tag) {
		header.Del("Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Length", strconv.Itoa(a.size()))
	w.WriteHeader(a.status)
	for _, piece := range a.body {
		if _, err := w.Write(piece); err != nil {
			return // the client has left
		}
	}
}

func (a answer) size() (n int) {
	for _, piece := range a.body {
		n += len(piece)
	}
	return n
}

// has reports whether an If-None-Match header has a tag. The comparison is weak (RFC 9110, section
// 13.1.2): a proxy that compresses the response makes the tag a weak one.
func has(headers []string, tag string) bool {
	return slices.ContainsFunc(strings.Split(strings.Join(headers, ","), ","), func(t string) bool {
		t = strings.TrimSpace(t)
		return t == "*" || strings.TrimPrefix(t, "W/") == tag
	})
}

// encode returns the answer as bytes, for a connection that was taken over from the HTTP server.
// common has the headers that all answers have.
func (a answer) encode(common http.Header) []byte {
	header := common.Clone()
	for name, values := range a.header {
		header[name] = values
	}
	header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	header.Set("Connection", "close")
	if a.body != nil { // otherwise it is a 204, or the head of an event stream
		header.Set("Content-Length", strconv.Itoa(a.size()))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", a.status, http.StatusText(a.status))
	header.Write(&b)
	b.WriteString("\r\n")
	for _, piece := range a.body {
		b.Write(piece)
	}
	return b.Bytes()
}
