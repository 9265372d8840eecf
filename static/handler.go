package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"time"
)

// Forever is the Cache-Control of a file whose address contains a hash of it.
const Forever = "public, max-age=31536000, immutable"

const anHour = "public, max-age=3600"

// types maps file extensions to media types. The tables of operating systems differ.
var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".png": "image/png",
}

// asset is a file that is ready to be sent.
type asset struct {
	body, gzipped []byte // gzipped is nil if compression saves less than a tenth
	kind          string
	cache         string
	tag           string
}

// Handler serves everything under [Root].
func Handler() http.Handler { return handler(assets) }

type handler map[string]asset // by path under Root; read only

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, found := h[strings.TrimPrefix(r.URL.Path, Root)]
	switch {
	case !found:
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	default:
		a.send(w, r)
	}
}

func (a asset) send(w http.ResponseWriter, r *http.Request) {
	header, body, tag := w.Header(), a.body, a.tag
	if a.gzipped != nil {
		header.Set("Vary", "Accept-Encoding")
		if AcceptsGzip(r) {
			header.Set("Content-Encoding", "gzip")
			body, tag = a.gzipped, a.tag+"-gzip"
		}
	}
	header.Set("Content-Type", a.kind)
	header.Set("Cache-Control", a.cache)
	header.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// File serves one file, at an address without a hash.
func File(name string) http.Handler {
	a := assets[path(version, name)]
	a.cache = anHour
	return http.HandlerFunc(a.send)
}

// AcceptsGzip reports whether Accept-Encoding (RFC 9110, section 12.5.3) names gzip with a
// weight other than zero.
func AcceptsGzip(r *http.Request) bool {
	for entry := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(entry, " ", "")), ";")
		if coding == "gzip" {
			return strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != "" || weight == ""
		}
	}
	return false
}

// load prepares all files for sending. Each key is the path of a file under Root.
func load(files fs.FS, version string) handler {
	h := handler{}
	for _, name := range names(files) {
		body := read(files, name)
		h[path(version, name)] = asset{
			body:    body,
			gzipped: compress(body),
			kind:    types[filepath.Ext(name)],
			cache:   lifetime(name),
			tag:     fingerprint(body),
		}
	}
	return h
}

func lifetime(name string) string {
	if strings.HasPrefix(name, "demo/") {
		return anHour
	}
	return Forever
}

func fingerprint(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}

// compress returns body in gzip format, or nil if that saves less than a tenth, as for most pictures.
func compress(body []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // can fail only for an invalid level
	w.Write(body)                                           // writing to a Buffer never fails
	w.Close()
	if out.Len() >= len(body)*9/10 {
		return nil
	}
	return out.Bytes()
}
