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

// document is a rendered page in the forms in which it is sent.
type document struct {
	plain, gzipped, tag []byte
	unlisted            bool // search engines must not list it
}

func newDocument(html []byte) *document {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write(html) // writing to a Buffer can't fail
	w.Close()
	sum := sha256.Sum256(html)
	// The tag is weak, because it stands for the plain and the compressed form (RFC 9110, section 8.8.1).
	return &document{plain: html, gzipped: zipped.Bytes(), tag: []byte(`W/"` + hex.EncodeToString(sum[:9]) + `"`)}
}

func (d *document) send(w http.ResponseWriter, r *http.Request) {
	header, body := w.Header(), d.plain
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-cache, no-transform")
	header.Set("Vary", "Accept-Encoding, Accept-Language, Cookie")
	header.Set("ETag", string(d.tag))
	// The server's time in ms, from which the script computes ages: it can read no other header of its page.
	header.Set("Server-Timing", "now;dur="+strconv.FormatInt(time.Now().UnixMilli(), 10))
	if d.unlisted {
		header.Set(robotsTag, "noindex")
	}
	if static.AcceptsGzip(r) {
		header.Set("Content-Encoding", "gzip")
		body = d.gzipped
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
