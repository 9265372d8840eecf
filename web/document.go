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

// document is a page ready to be sent.
type document struct{ plain, gzipped, tag []byte }

func newDocument(html []byte) *document {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write(html) // writing to a Buffer can't fail
	w.Close()
	sum := sha256.Sum256(html)
	// Weak, because one tag stands for the plain and the compressed form (RFC 9110, section 8.8.1).
	return &document{html, zipped.Bytes(), []byte(`W/"` + hex.EncodeToString(sum[:9]) + `"`)}
}

func (d *document) send(w http.ResponseWriter, r *http.Request) {
	header, body := w.Header(), d.plain
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-cache, no-transform")
	header.Set("Vary", "Accept-Encoding, Accept-Language, Cookie")
	header.Set("ETag", string(d.tag))
	// The server's clock, in ms, for the ages of posts: a script can read no other header of its page.
	header.Set("Server-Timing", "now;dur="+strconv.FormatInt(time.Now().UnixMilli(), 10))
	if static.AcceptsGzip(r) {
		header.Set("Content-Encoding", "gzip")
		body = d.gzipped
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
