package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"nagare/static"
)

// document is a page, or data for other sites, in the forms in which it is sent.
type document struct {
	plain, gzipped, tag []byte
	unlisted            bool // search engines must not list it
}

func newDocument(text []byte) *document {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write(text) // writing to a Buffer can't fail
	w.Close()
	sum := sha256.Sum256(text)
	// The tag is weak, because it stands for the plain and the compressed form (RFC 9110, section 8.8.1).
	return &document{plain: text, gzipped: zipped.Bytes(), tag: []byte(`W/"` + hex.EncodeToString(sum[:9]) + `"`)}
}

// send sends a page.
func (d *document) send(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Vary", "Accept-Language, Cookie")
	setServerTime(header)
	if d.unlisted && header.Get(robotsTag) == "" {
		header.Set(robotsTag, "noindex")
	}
	d.serve(w, r, "text/html; charset=utf-8")
}

// setServerTime sets the server's time in ms, from which the script computes ages: it can read no other
// header of its page.
func setServerTime(header http.Header) {
	header.Set("Server-Timing", "now;dur="+strconv.FormatInt(time.Now().UnixMilli(), 10))
}

// serve sends a document of a media type. A cache must ask each time whether it is still the same,
// because a post in it may have been deleted.
func (d *document) serve(w http.ResponseWriter, r *http.Request, kind string) {
	header, body := w.Header(), d.plain
	header.Set("Content-Type", kind)
	header.Set("Cache-Control", "no-cache, no-transform")
	header.Add("Vary", "Accept-Encoding")
	header.Set("ETag", string(d.tag))
	if static.AcceptsGzip(r) {
		header.Set("Content-Encoding", "gzip")
		body = d.gzipped
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
